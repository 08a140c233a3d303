"""The tasks of `benchmarks.stones`: halves told apart and stones found, each exam out of its fold.

The locked exams are a fold of their own, whose training part is all others. Everything that is
learnt is learnt inside the training folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from benchmarks.locked import is_locked, locked_groups
from ksfeat.image import StoneImage
from ksfeat.models.candidate_table import Proposing, hits, propose_all
from ksfeat.models.detections import Detections
from ksfeat.models.detector import StoneDetector
from ksfeat.splits import make_split
from ksfeat.splits.split import Split

N_FOLDS = 5
COPIES = {"boxes": 3, "labels": 1}
_QUICK_EXAMS, _QUICK_TREES = 8, 20
Fold = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Material:
    """Exams of `coronal_ct`.

    Parameters
    ----------
    folder : Path
    boxes : DataFrame
        One row a stone.
    halves : DataFrame
        One row a half slice.
    locked : frozenset of str
        Exams that no work on the detector has opened.
    trees : int
        Of the detectors.
    """

    folder: Path
    boxes: pd.DataFrame
    halves: pd.DataFrame
    locked: frozenset[str]
    trees: int

    def slice(self, path: str) -> StoneImage:
        """Return a slice with its boxes."""
        pixels = cv2.imread(str(self.folder / path), cv2.IMREAD_GRAYSCALE)
        own = self.boxes.loc[self.boxes["path"] == path, ["x0", "y0", "x1", "y1"]].to_numpy()
        return StoneImage(pixels, boxes=own, key=path)

    def half(self, row: int) -> StoneImage:
        """Return one half slice, with the boxes in it."""
        path, *box = self.halves.loc[row, ["path", "x0", "y0", "x1", "y1"]]
        return self.slice(path).crop(tuple(box))


def material(folder: Path, quick: bool) -> Material:
    """Read what there is; of a quick run, some exams and none of the locked ones."""
    boxes, halves = pd.read_csv(folder / "boxes.csv"), pd.read_csv(folder / "halves.csv")
    locked = locked_groups(boxes["group"])
    if quick:
        known = sorted(set(halves["group"]) - locked)[:_QUICK_EXAMS]
        boxes, halves = (table[table["group"].isin(known)] for table in (boxes, halves))
        return Material(folder, boxes, halves.reset_index(drop=True), frozenset(), _QUICK_TREES)
    return Material(folder, boxes, halves, locked, 300)


@dataclass(frozen=True, eq=False)
class Halves:
    """Half slices and how likely each holds a stone, by a detector that did not see its exam."""

    table: pd.DataFrame  # path, label, group, locked, margin
    split: Split  # of the exams that are not locked


def score_halves(of: Material, supervision: str, seed: int) -> Halves:
    """Score half slices, learnt from boxes or from labels alone."""
    table, copies = of.halves, COPIES[supervision]
    labels, groups = table["label"].to_numpy(), table["group"].to_numpy()
    locked = is_locked(groups, of.locked)
    split = make_split(labels[~locked], groups[~locked], n_folds=N_FOLDS, random_state=seed)
    detector = _detector(of, supervision, False, seed)
    images = [of.half(row) for row in table.index]
    proposed = propose_all(images, Proposing(detector.most, False, copies, seed))
    margin = np.full(len(table), np.nan)
    for train, test in _folds(list(split), locked):
        rows = (train[:, None] * (1 + copies) + np.arange(1 + copies)).ravel()
        detector.fit_proposed([proposed[row] for row in rows], labels[train], groups[train])
        margin[test] = detector.image_margins([proposed[row * (1 + copies)] for row in test])
    told = {"locked": locked, "margin": margin}
    return Halves(table[["path", "label", "group"]].assign(**told), split)


@dataclass(frozen=True, eq=False)
class Slices:
    """Slices with stones, and what a detector that did not see their exam found in each."""

    paths: list[str]
    groups: np.ndarray
    locked: np.ndarray
    found: list[Detections]
    hit: list[np.ndarray]  # which detection hits which stone
    proposed: list[np.ndarray]  # which stones have a candidate at all
    split: Split


def score_slices(of: Material, seed: int) -> Slices:
    """Find the stones of whole slices, learnt from boxes."""
    table = of.boxes.groupby("path", sort=True)["group"].first()
    groups, copies = table.to_numpy(), COPIES["boxes"]
    locked = is_locked(groups, of.locked)
    split = _split_of(table[~locked], seed)
    images = [of.slice(path) for path in table.index]
    detector = _detector(of, "boxes", True, seed)
    views = 1 + copies
    proposed = propose_all(images, Proposing(detector.most, True, copies, seed))
    found: list[Detections] = [_NOTHING] * len(images)
    for train, test in _folds(list(split), locked):
        rows = (train[:, None] * views + np.arange(views)).ravel()
        detector.fit_proposed([proposed[row] for row in rows], None, groups[train])
        for row in test:
            found[row] = detector.detect(proposed[row * views])
    drawn = [np.asarray(image.boxes) for image in images]
    return Slices(
        list(table.index),
        groups,
        locked,
        found,
        [hits(one.centres, boxes) for one, boxes in zip(found, drawn, strict=True)],
        [
            hits(one.centres, boxes).any(axis=0)
            for one, boxes in zip(proposed[::views], drawn, strict=True)
        ],
        split,
    )


_NOTHING = Detections(np.zeros((0, 2)), np.zeros((0, 4)), np.zeros(0), np.zeros(0))


def _detector(of: Material, supervision: str, mirror: bool, seed: int) -> StoneDetector:
    return StoneDetector(
        supervision=supervision,
        mirror=mirror,
        copies=COPIES[supervision],
        n_estimators=of.trees,
        random_state=seed,
    )


def _folds(split: Sequence[Fold], locked: np.ndarray) -> list[Fold]:
    """Return folds of all rows: those of the split, and the locked exams as one more."""
    known = np.flatnonzero(~locked)
    folds = [(known[train], known[test]) for train, test in split]
    return [*folds, (known, np.flatnonzero(locked))] if locked.any() else folds


def _split_of(groups: pd.Series, seed: int) -> Split:
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    fold = pd.Series(np.arange(len(order)) % N_FOLDS, index=order)[groups].to_numpy()
    return Split(fold, tuple(groups.index), len(order))
