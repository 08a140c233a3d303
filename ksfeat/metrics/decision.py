"""What a decision gains: predictive values at a stated prevalence, net benefit, subgroups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ksfeat.errors import InputError
from ksfeat.metrics.bootstrap import bootstrap, percentiles
from ksfeat.metrics.predictions import read_labels, score_predictions
from ksfeat.metrics.probabilities import require_distributions
from ksfeat.metrics.scores import Score

Labels = Sequence[str] | np.ndarray
THRESHOLDS = np.linspace(0.01, 0.99, 99)


def predictive_values(  # noqa: PLR0913 - what is drawn has a name of its own
    labels: Labels,
    called: Labels,
    positive: str,
    prevalence: float,
    *,
    groups: Labels | None = None,
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> tuple[Score, Score]:
    """Return the predictive values where one class is as frequent as is said.

    The share of a class in a data set is seldom its share in a clinic; sensitivity and specificity
    carry over, predictive values do not.

    Parameters
    ----------
    labels, called : sequence of str, length n
        True classes, and those that a model calls.
    positive : str
        The class that is looked for.
    prevalence : float
        Its share where the model is used, above 0 and below 1.
    groups : sequence of str, optional
        What is drawn; by default each image is its own.
    n_bootstrap, random_state : int
        Replicates and seed of the bootstrap.

    Returns
    -------
    tuple of Score
        ``ppv`` and ``npv``; NaN where nothing, or everything, is called positive.

    Raises
    ------
    InputError
        If `prevalence` is no share, no label is `positive`, or all are.

    Examples
    --------
    >>> truth, called = ["s"] * 10 + ["n"] * 10, ["s"] * 9 + ["n"] * 10 + ["s"]
    >>> ppv, npv = predictive_values(truth, called, "s", 0.1)
    >>> round(ppv.value, 3), round(npv.value, 3)
    (0.5, 0.988)
    """
    if not 0 < prevalence < 1:
        raise InputError(f"prevalence {prevalence}; expected a share above 0 and below 1")
    truth = np.asarray(labels, dtype=str) == positive
    said = np.asarray(called, dtype=str) == positive
    if truth.all() or not truth.any():
        raise InputError(f"all labels or none are {positive!r}; expected it and others")
    codes, member = read_labels(truth.astype(str), np.eye(2)[said * 1], ["False", "True"], groups)

    def values(weight: np.ndarray) -> np.ndarray:
        sensitivity = np.average(said[truth], weights=weight[truth])
        specificity = np.average(~said[~truth], weights=weight[~truth])
        return np.array(at_prevalence(sensitivity, specificity, prevalence))

    point, draws = bootstrap(
        values, codes, member, n_bootstrap=n_bootstrap, random_state=random_state
    )
    low, high = percentiles(draws)
    ppv, npv = (
        Score(name, positive, float(point[place]), float(low[place]), float(high[place]))
        for place, name in enumerate(("ppv", "npv"))
    )
    return ppv, npv


def at_prevalence(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """Return the positive and the negative predictive value, by Bayes' theorem.

    Examples
    --------
    >>> [round(value, 3) for value in at_prevalence(0.9, 0.9, 0.1)]
    [0.5, 0.988]
    """
    found, false = sensitivity * prevalence, (1 - specificity) * (1 - prevalence)
    cleared, missed = specificity * (1 - prevalence), (1 - sensitivity) * prevalence
    ppv = found / (found + false) if found + false > 0 else np.nan
    npv = cleared / (cleared + missed) if cleared + missed > 0 else np.nan
    return float(ppv), float(npv)


def decision_curve(  # noqa: PLR0913 - what is drawn has a name of its own
    labels: Labels,
    probabilities: np.ndarray,
    classes: Sequence[str],
    positive: str,
    *,
    groups: Labels | None = None,
    thresholds: Sequence[float] | np.ndarray = THRESHOLDS,
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the net benefit of acting on a probability, at each threshold.

    Parameters
    ----------
    labels, probabilities, classes, groups, n_bootstrap, random_state
        As in `score_probabilities`.
    positive : str
        The class that is acted on.
    thresholds : sequence of float
        Probabilities from which on one acts, above 0 and below 1.

    Returns
    -------
    DataFrame
        threshold, model (net benefit: true positives less false ones at the odds of the threshold,
        an image), low and high (95 % interval over groups), all (act on everyone); acting on nobody
        is 0.

    Raises
    ------
    InputError
        As `score_probabilities`, or if a threshold is out of its range.

    References
    ----------
    .. [1] A. J. Vickers, E. B. Elkin, "Decision curve analysis: a novel method for evaluating
           prediction models", Medical Decision Making 26 (2006) 565-574.

    Examples
    --------
    >>> chances = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]])
    >>> curve = decision_curve(["a", "b", "b", "b"], chances, ["a", "b"], "b", thresholds=[0.5])
    >>> curve[["model", "all"]].to_numpy().tolist()
    [[0.5, 0.5]]
    """
    names = [str(name) for name in classes]
    table = np.asarray(probabilities, dtype=float)
    codes, member = read_labels(labels, table, names, groups, what="probability")
    require_distributions(table)
    levels = np.asarray(thresholds, dtype=float)
    if positive not in names or not ((levels > 0) & (levels < 1)).all():
        raise InputError(
            f"class {positive!r}, thresholds from {levels.min():g} to {levels.max():g}; expected "
            f"one of {', '.join(names)} and thresholds above 0 and below 1"
        )
    truth = codes == names.index(positive)
    acted = table[:, names.index(positive)][:, None] >= levels
    # An unnecessary act costs the odds of the threshold.
    worth = np.where(truth[:, None], 1.0, -levels / (1 - levels))
    gained = acted * worth

    def benefit(weight: np.ndarray) -> np.ndarray:
        return np.asarray(weight @ gained / weight.sum())

    value, draws = bootstrap(
        benefit, codes, member, n_bootstrap=n_bootstrap, random_state=random_state
    )
    low, high = percentiles(draws)
    return pd.DataFrame(
        {"threshold": levels, "model": value, "low": low, "high": high, "all": worth.mean(axis=0)}
    )


def score_subgroups(  # noqa: PLR0913 - as `score_predictions`, and by what
    labels: Labels,
    margins: np.ndarray,
    classes: Sequence[str],
    subgroup: Labels,
    *,
    groups: Labels | None = None,
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Score predictions in each part of the data, such as each sex or scanner.

    Parameters
    ----------
    labels, margins, classes, groups, n_bootstrap, random_state
        As in `score_predictions`.
    subgroup : sequence of str, length n
        The part that each image belongs to.

    Returns
    -------
    DataFrame
        The rows of `Scores.to_frame` with the columns subgroup, images and units before them.

    Raises
    ------
    InputError
        As `score_predictions`, or if the lengths differ.

    Examples
    --------
    >>> table = score_subgroups(["a", "b"] * 2, [-1.0, 1, 1, 1], ["a", "b"], ["f", "f", "m", "m"])
    >>> table[(table["score"] == "accuracy")][["subgroup", "value"]].to_numpy().tolist()
    [['f', 1.0], ['m', 0.5]]
    """
    truth, parts = np.asarray(labels, dtype=str), np.asarray(subgroup, dtype=str)
    if len(parts) != len(truth):
        raise InputError(f"{len(parts)} subgroups for {len(truth)} labels; expected one a label")
    units = np.arange(len(truth)) if groups is None else np.asarray(groups)
    tables = []
    for name in np.unique(parts).tolist():
        rows = np.flatnonzero(parts == name)
        scores = score_predictions(
            truth[rows],
            np.asarray(margins, dtype=float)[rows],
            classes,
            groups=units[rows],
            n_bootstrap=n_bootstrap,
            random_state=random_state,
        )
        frame = scores.to_frame()
        frame.insert(0, "units", scores.n_units)
        frame.insert(0, "images", len(rows))
        frame.insert(0, "subgroup", name)
        tables.append(frame)
    return pd.concat(tables, ignore_index=True)
