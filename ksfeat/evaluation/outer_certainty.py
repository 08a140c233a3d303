"""Certainty from margins out of the outer folds: of a final model, and of models dear to fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.evaluation.certainty import Bench, CertaintyPlan, certainty_from
from ksfeat.models.certainty import Calibration, with_novelty
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.stone_candidates import without_candidates
from ksfeat.splits import Split


def plan_for(
    classifier: StoneClassifier, calibrate: Calibration, coverage: float | None, random_state: int
) -> CertaintyPlan:
    """Return how certainty is found: of a CNN, whose logits are near enough, "auto" is one number.

    A choice among methods needs more margins than the outer folds of few images leave over.
    """
    if calibrate == "auto" and classifier.takes_pictures:
        calibrate = "temperature"
    return CertaintyPlan(calibrate, coverage, random_state)


def certify_across(bench: Bench, margins: np.ndarray, dataset: Dataset, split: Split) -> None:
    """Certify each outer fold by the margins out of the others: no model is fitted for it.

    Parameters
    ----------
    bench : Bench
        Takes what each fold says of its test rows.
    margins : ndarray of shape (n,) or (n, n_classes)
        Out of the outer folds.
    dataset : Dataset
        Labels and groups.
    split : Split
        The outer folds.

    Notes
    -----
    The models behind the other folds' margins were trained on this fold's images among others.
    What is learnt of them is one temperature, or a curve and limits a class, from margins of other
    groups; inner folds, which would be cleaner, cost three more trainings a fold.
    """
    labels, classes = dataset.known_labels(), np.array(dataset.classes)
    for train, test in split:
        groups = None if dataset.groups is None else np.asarray(dataset.groups)[train]
        certainty = certainty_from(margins[train], labels[train], classes, groups, bench.plan)
        bench.add(test, margins[test], certainty)


def tell_certainty(
    classifier: StoneClassifier,
    table: pd.DataFrame,
    dataset: Dataset,
    margins: np.ndarray,
    plan: CertaintyPlan,
) -> None:
    """Give a model of everything its certainty, from the margins that outer folds left over."""
    labels = dataset.known_labels()
    certainty = certainty_from(margins, labels, classifier.classes_, dataset.groups, plan)
    numbers = without_candidates(table)
    if classifier.takes_pictures or numbers.empty:
        remark = "novelty is not told: there is no feature by which an image could be strange"
        classifier.certainty_ = replace(certainty, remarks=(*certainty.remarks, remark))
        return
    classifier.certainty_ = with_novelty(
        certainty, numbers, dataset.groups, classifier.modalities_, plan.random_state
    )
