"""Calibration and conformal sets, judged where neither they nor the model have been fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
from ksfeat.evaluation.description import Copies, with_copies
from ksfeat.metrics import Score, reliability_curve, score_probabilities, score_sets
from ksfeat.metrics.scores import plain_scores
from ksfeat.models.certainty import Calibration, Certainty, fit_certainty
from ksfeat.models.conformal import COVERAGE
from ksfeat.models.linear import probabilities
from ksfeat.models.table_classifier import TableClassifier
from ksfeat.splits import Split, make_split

INNER_FOLDS = 3


@dataclass(frozen=True)
class CertaintyPlan:
    """How certainty is found, in each fold and for the final model.

    Parameters
    ----------
    calibrate : {"auto", "temperature", "platt", "isotonic", "none"}, default="auto"
        How margins become probabilities.
    coverage : float or None, default=0.9
        Of each class by the conformal sets; None for no sets.
    random_state : int, default=0
        Seed of the inner folds.
    """

    calibrate: Calibration = "auto"
    coverage: float | None = COVERAGE
    random_state: int = 0


@dataclass(frozen=True, eq=False)
class Judgement:
    """Probabilities and conformal sets of images outside of every fit.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes) or None
        Calibrated in each fold on inner folds by group; None where that was not possible.
    sets : ndarray of bool, shape (n, n_classes), or None
        Which classes stand in the set of each image.
    coverage : float or None
        What the sets were made for.
    scores : tuple of Score
        Of the probabilities (see `score_probabilities`) and the sets (see `score_sets`).
    uncalibrated : tuple of Score
        Of the logistic or softmax link of the margins, which is the model's own where it has one.
    curve : DataFrame or None
        What a reliability diagram draws.
    remarks : tuple of str
        What was not possible in a fold, and why.
    """

    probabilities: np.ndarray | None
    sets: np.ndarray | None
    coverage: float | None
    scores: tuple[Score, ...]
    uncalibrated: tuple[Score, ...]
    curve: pd.DataFrame | None
    remarks: tuple[str, ...]

    def score(self, name: str, of: str | None = None) -> Score | None:
        """Return a score by its name and class, or None where it was not found."""
        for score in self.scores:
            if (score.name, score.of) == (name, of):
                return score
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "coverage": self.coverage,
            "scores": plain_scores(self.scores),
            "uncalibrated": plain_scores(self.uncalibrated),
            "remarks": list(self.remarks),
        }


def certify(
    model: TableClassifier,
    table: pd.DataFrame,
    dataset: Dataset,
    plan: CertaintyPlan,
    copies: Copies | None = None,
) -> Certainty:
    """Fit calibration and sets for a fitted model to margins out of inner folds by group.

    Parameters
    ----------
    model : TableClassifier
        Fitted to the table; its hyper-parameters are kept, tuned or not.
    table : DataFrame of shape (n, d)
        The training rows.
    dataset : Dataset
        Their labels and groups.
    plan : CertaintyPlan
        What is asked for.
    copies : Copies, optional
        Augmented copies of the rows: they train where their original does.

    Returns
    -------
    Certainty
        Empty but for a remark where there are too few groups.

    Notes
    -----
    The inner models keep the model's hyper-parameters and the table's features. Where those were
    chosen on these rows, they were chosen on the inner test groups too, and margins may be too
    good: choosing anew in each inner fold would cost three more searches. Groups that are not among
    these rows, by which a fold is judged, have no part in it.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=12, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("density"), "linear")
    >>> table = classifier.fit_describe(data.images)
    >>> model = classifier.fit_described(table, data.labels).model_
    >>> certify(model, table, data, CertaintyPlan("platt")).calibrator.method
    'platt'
    """
    if plan.calibrate == "none" and plan.coverage is None:
        return Certainty()
    labels = dataset.known_labels()
    try:
        split = make_split(
            labels, dataset.groups, n_folds=INNER_FOLDS, random_state=plan.random_state
        )
    except InputError as error:
        return Certainty(remarks=(f"certainty is not told; inner folds: {error}",))
    margins = out_of_fold(model, table, labels, split, copies)
    return certainty_from(margins, labels, model.classes_, dataset.groups, plan)


def certainty_from(
    margins: np.ndarray,
    labels: np.ndarray,
    classes: np.ndarray,
    groups: np.ndarray | None,
    plan: CertaintyPlan,
) -> Certainty:
    """Fit what a plan asks for to out-of-fold margins."""
    return fit_certainty(
        margins,
        labels,
        classes,
        groups,
        calibrate=plan.calibrate,
        coverage=plan.coverage,
        random_state=plan.random_state,
    )


def out_of_fold(
    model: TableClassifier,
    table: pd.DataFrame,
    labels: np.ndarray,
    split: Split,
    copies: Copies | None = None,
) -> np.ndarray:
    """Return the margin of each row by a model that did not see its fold."""
    n_classes = len(np.unique(labels))
    margins = np.empty((len(table), *(() if n_classes == 2 else (n_classes,))))
    for train, test in split:
        among = None if copies is None else copies.among(train)
        own = labels[train]
        trained = own if among is None else np.concatenate([own, own[among.of]])
        fitted = clone(model).fit(with_copies(table.iloc[train], among), trained)
        margins[test] = fitted.decision_function(table.iloc[test])
    return margins


@dataclass(eq=False)
class Bench:
    """Where the folds of a cross-validation lay down what they find about certainty."""

    plan: CertaintyPlan
    n_images: int
    n_classes: int

    def __post_init__(self) -> None:
        shape = (self.n_images, self.n_classes)
        self.chances = np.full(shape, np.nan)
        self.sets = np.zeros(shape, dtype=bool)
        self.complete = {"probabilities": True, "sets": self.plan.coverage is not None}
        self.remarks: list[str] = []

    def add(self, test: np.ndarray, margins: np.ndarray, certainty: Certainty) -> None:
        """Lay down a fold: what its certainty says of the margins of its test rows."""
        if certainty.calibrator is None:
            self.complete["probabilities"] = False
        else:
            self.chances[test] = certainty.calibrator.probabilities(margins)
        if certainty.sets is None:
            self.complete["sets"] = False
        else:
            self.sets[test] = certainty.sets.of(margins)
        self.remarks += [line for line in certainty.remarks if line not in self.remarks]

    def judged(self, margins: np.ndarray, dataset: Dataset, classes: Sequence[str]) -> Judgement:
        """Score what all folds laid down."""
        return judge(
            dataset,
            margins,
            classes,
            chances=self.chances if self.complete["probabilities"] else None,
            sets=self.sets if self.complete["sets"] else None,
            plan=self.plan,
            remarks=tuple(self.remarks),
        )


def judge(  # noqa: PLR0913 - what is judged, and on what
    dataset: Dataset,
    margins: np.ndarray,
    classes: Sequence[str],
    *,
    chances: np.ndarray | None,
    sets: np.ndarray | None,
    plan: CertaintyPlan,
    remarks: tuple[str, ...] = (),
) -> Judgement:
    """Score probabilities and conformal sets of images outside of every fit.

    Parameters
    ----------
    dataset : Dataset
        Labels and groups.
    margins : ndarray of shape (n,) or (n, n_classes)
        What the probabilities were made from.
    classes : sequence of str
        In the order of the columns.
    chances : ndarray of shape (n, n_classes) or None
        Probabilities.
    sets : ndarray of bool, shape (n, n_classes), or None
        Conformal sets.
    plan : CertaintyPlan
        The coverage of the sets, and the seed of the bootstrap.
    remarks : tuple of str
        What was not possible, and why.
    """
    how: dict[str, Any] = {"groups": dataset.groups, "random_state": plan.random_state}
    labels = dataset.known_labels()
    found = Judgement(chances, sets, plan.coverage, (), (), None, remarks)
    if chances is not None:
        found = replace(
            found,
            scores=score_probabilities(labels, chances, classes, **how),
            uncalibrated=score_probabilities(labels, probabilities(margins), classes, **how),
            curve=reliability_curve(labels, chances, classes, **how),
        )
    if sets is not None:
        found = replace(found, scores=(*found.scores, *score_sets(labels, sets, classes, **how)))
    return found
