"""How much of a score on `ct_kidney` is the stone: by group, as is, blanked, and brightness alone.

Its normal series are often enhanced by contrast and its series with stones are not. A detector that
is fitted to the labels is tested on the images as they are, and with every spot that it believes in
painted over by what lies round it; and the brightness of places near the spine is tested by itself.
These places are found by rule, not by segmentation: "aorta" is the brightest smooth spot beside
the spine, "cortex" the brighter tissue further out.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pandas as pd

from benchmarks.harness import Target, main, real_data
from benchmarks.stones import auroc_with_interval
from ksfeat import load_dataset
from ksfeat.evaluation.crossval import split_dataset
from ksfeat.image import StoneImage
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.staged import StagedClassifier
from ksfeat.models.stone_candidates import CANDIDATES, StoneCandidates
from ksfeat.models.stone_features import StoneFeatures
from ksfeat.roi.candidate_scene import scene_of

_BELIEVED = 0.1  # probability from which on a candidate is painted over
_ROOM = 2.0  # pixels round its box
_AORTA, _CORTEX = (0, 25), (15, 70)  # working pixels to both sides of the spine
_FAR_FROM_BONE = 4.0
_QUICK = 160


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Return a row a way to tell stone from normal."""
    data = real_data()
    if data is None:
        return [{"told by": "skipped: no real images"}], []
    dataset = load_dataset(data / "ct_kidney" / "manifest.csv")
    if quick:
        rng = np.random.default_rng(seed)
        dataset = dataset.select(np.sort(rng.permutation(len(dataset))[:_QUICK]))
    images = [source.read() for source in dataset.images]
    truth, groups = dataset.known_labels() == "stone", dataset.known_groups()
    split = split_dataset(dataset, random_state=seed)
    as_is, blanked = np.empty(len(truth)), np.empty(len(truth))
    stage = StoneFeatures(supervision="labels", n_estimators=20 if quick else 200)
    extractor = StoneCandidates(stage)
    cells = pd.DataFrame(extractor.fit_transform(images), columns=[CANDIDATES])
    for train, test in split:
        model = StagedClassifier(XGBoostClassifier(), stage)
        model.fit(cells.iloc[train], truth[train], groups[train])
        as_is[test] = model.decision_function(cells.iloc[test])
        painted = [_painted(images[row], cells[CANDIDATES][row][0], model) for row in test]
        again = pd.DataFrame(extractor.transform(painted), columns=[CANDIDATES])
        blanked[test] = model.decision_function(again)
    aorta, cortex = np.array([_brightness(image) for image in images]).T
    rows = []
    for name, score, learnt in (
        ("stones/xgboost", as_is, "labels"),
        ("the same, believed spots painted over", blanked, "labels"),
        ("brightness beside the spine (aorta, by rule): darker is stone", -aorta, "none"),
        ("brightness further out (cortex, by rule): darker is stone", -cortex, "none"),
    ):
        told = auroc_with_interval(truth, score, groups, seed)
        rows.append({"told by": name, "supervision": learnt, "auroc": told, "split": split.hash})
    return rows, []


def _painted(image: StoneImage, one: Any, model: StagedClassifier) -> StoneImage:
    """Return an image without the spots that a fitted detector believes in."""
    found = model.stones_.detector_.detect(one).above(_BELIEVED)
    mask = np.zeros(image.shape, dtype=np.uint8)
    for x0, y0, x1, y1 in found.boxes:
        top, left = max(int(y0 - _ROOM), 0), max(int(x0 - _ROOM), 0)
        mask[top : int(y1 + _ROOM) + 1, left : int(x1 + _ROOM) + 1] = 1
    pixels = cv2.inpaint(np.asarray(image.pixels), mask, 3, cv2.INPAINT_TELEA)
    return image.with_(pixels=pixels)


def _brightness(image: StoneImage) -> tuple[float, float]:
    """Return the level of the brightest smooth spot beside the spine, and of tissue further out."""
    scene = scene_of(image)
    spine = int(scene.bone.sum(axis=0, dtype=np.int64).argmax())
    away = np.abs(np.arange(scene.levels.shape[1]) - spine)
    free = (scene.bone_distance > _FAR_FROM_BONE) & (scene.dark_distance > 1)

    def within(reach: tuple[int, int]) -> np.ndarray:
        return free & ((away >= reach[0]) & (away < reach[1]))

    near, far = scene.smooth[2][within(_AORTA)], scene.smooth[1][within(_CORTEX)]
    return (
        float(near.max(initial=0.0)),
        float(np.percentile(far, 90)) if len(far) else 0.0,
    )


if __name__ == "__main__":
    main("stones_kidney", __doc__, measure)
