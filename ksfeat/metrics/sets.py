"""How often conformal sets hold the truth, and how often they give a clear answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ksfeat.metrics.bootstrap import bootstrap, percentiles
from ksfeat.metrics.predictions import read_labels
from ksfeat.metrics.scores import Score

Labels = Sequence[str] | np.ndarray


def score_sets(
    labels: Labels,
    sets: np.ndarray,
    classes: Sequence[str],
    *,
    groups: Labels | None = None,
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> tuple[Score, ...]:
    """Score sets of classes, each group weighing the same, with intervals over groups.

    Parameters
    ----------
    labels : sequence of str, length n
        True classes.
    sets : ndarray of bool, shape (n, n_classes)
        Whether each class stands in the set of each image.
    classes : sequence of str
        In the order of the columns.
    groups : sequence of str, optional
        What is drawn; by default each image is its own.
    n_bootstrap, random_state : int
        Replicates and seed of the bootstrap.

    Returns
    -------
    tuple of Score
        ``coverage`` in all and of each class (the share of sets that hold the truth), ``clear`` (of
        one class), ``abstained`` (of several) and ``empty``; NaN of a class that is absent.

    Raises
    ------
    InputError
        If a label is none of the classes or the lengths differ.

    Examples
    --------
    >>> found = score_sets(["a", "b"], np.array([[True, False], [True, True]]), ["a", "b"])
    >>> [(score.name, score.of, score.value) for score in found][:4]
    [('coverage', None, 1.0), ('coverage', 'a', 1.0), ('coverage', 'b', 1.0), ('clear', None, 0.5)]
    """
    names = [str(name) for name in classes]
    table = np.asarray(sets, dtype=float)
    codes, member = read_labels(labels, table, names, groups)
    held = table[np.arange(len(codes)), codes]
    sizes = table.sum(axis=1)
    facts = np.column_stack([held, sizes == 1, sizes > 1, sizes == 0])

    def statistic(weight: np.ndarray) -> np.ndarray:
        everything = by_group(facts, member, weight)
        of_class = [
            by_group(held[:, None], member, weight * (codes == code))[0]
            for code in range(len(names))
        ]
        return np.array([everything[0], *of_class, *everything[1:]])

    value, draws = bootstrap(
        statistic, codes, member, n_bootstrap=n_bootstrap, random_state=random_state
    )
    keys: list[tuple[str, str | None]] = [("coverage", None), *(("coverage", of) for of in names)]
    keys += [(name, None) for name in ("clear", "abstained", "empty")]
    columns = zip(keys, value.tolist(), *map(np.ndarray.tolist, percentiles(draws)), strict=True)
    return tuple(Score(name, of, point, low, high) for (name, of), point, low, high in columns)


def by_group(facts: np.ndarray, member: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the mean of each column over groups' own means, (k,); a weight is a group's draws.

    Examples
    --------
    >>> by_group(np.array([[0.0], [0.0], [1.0]]), np.array([0, 0, 1]), np.ones(3)).tolist()
    [0.5]
    """
    seen = weight > 0
    if not seen.any():
        return np.full(facts.shape[1], np.nan)
    images = np.bincount(member[seen], minlength=member.max() + 1)
    share = weight[seen] / images[member[seen]]
    return np.asarray(share @ facts[seen] / share.sum())
