"""What a model file says of the detector that stands before a table classifier, and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xgboost as xgb

from ksfeat.errors import ArtifactError
from ksfeat.models.image_scores import N_SUMMARY, Logistic
from ksfeat.models.instances import margins
from ksfeat.models.soundness import check_trees, known_classes
from ksfeat.models.staged import StagedClassifier
from ksfeat.models.stone_candidates import CANDIDATES
from ksfeat.models.stone_features import StoneFeatures
from ksfeat.models.supervision import SUPERVISIONS
from ksfeat.models.table_classifier import TableClassifier

_MOST = 1e12  # of a weight of a curve


def names_seen(names: list[str], stage: StoneFeatures | None) -> list[str]:
    """Return the columns that a table classifier sees, from those of the extractor."""
    if stage is None:
        return names
    return [name for name in names if name != CANDIDATES] + stage.get_feature_names_out().tolist()


def describe_stones(stones: StoneFeatures) -> dict[str, Any]:
    """Return plain values that tell of fitted `StoneFeatures`."""
    detector = stones.detector_
    trees = detector.booster_
    return {
        "supervision": detector.supervision_,
        "classes": detector.classes_.tolist(),
        "candidate_curve": detector.curve_.to_list(),
        "image_curve": detector.image_curve_.to_list(),
        "trees": None if trees is None else json.loads(trees.save_raw("json")),
    }


def rebuild_staged(
    model: TableClassifier, stage: StoneFeatures, record: dict[str, Any]
) -> StagedClassifier:
    """Return a classifier that sees stones first, as `describe_stones` told of it.

    Parameters
    ----------
    model : TableClassifier
        Fitted.
    stage : StoneFeatures
        Not fitted.
    record : dict
        Of a model file, which may lie.

    Raises
    ------
    ArtifactError
        If a value is none that `describe_stones` writes.
    """
    supervision = record["supervision"]
    if supervision not in SUPERVISIONS[1:]:
        raise ArtifactError(f"stones learnt from {supervision!r:.40}; fit it again")
    if (record["trees"] is None) != (supervision == "prominence"):
        raise ArtifactError("stones with supervision and without trees, or the reverse")
    stones = StoneFeatures(**stage.get_params())
    detector = stones.new_detector(supervision)
    detector.supervision_ = supervision
    detector.classes_ = known_classes(record["classes"])
    detector.curve_ = _curve(record["candidate_curve"], 1)
    detector.image_curve_ = _curve(record["image_curve"], N_SUMMARY)
    detector.booster_ = None
    if record["trees"] is not None:
        detector.booster_ = _trees(record["trees"], len(stage.proposing(0).columns))
    stones.detector_ = detector
    staged = StagedClassifier(model, stage)
    staged.stones_, staged.model_, staged.classes_ = stones, model, model.classes_
    return staged


def _curve(values: list[float], n_weights: int) -> Logistic:
    numbers = np.array(values, dtype=float)
    if numbers.shape != (n_weights + 1,) or not (np.abs(numbers) <= _MOST).all():
        raise ArtifactError("a curve of the stones' scores is none; fit it again")
    return Logistic(numbers[:-1], float(numbers[-1]))


def _trees(document: dict[str, Any], n_columns: int) -> xgb.Booster:
    check_trees(document, n_columns, 2)
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(bytearray(json.dumps(document).encode()))
    for row in (np.zeros((1, n_columns)), np.full((1, n_columns), np.nan)):
        if not np.isfinite(margins(booster, row)).all():
            raise ArtifactError("the trees of the stones give no numbers; fit it again")
    return booster
