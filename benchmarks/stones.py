"""How well stones are seen on `coronal_ct`: halves told apart, stones found, by exam, 5 folds.

The locked exams (`benchmarks.locked`) are left out. Everything that is learnt is learnt inside the
training folds. Supervision is a column of each row.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks.harness import Target, main, real_data
from benchmarks.locked import is_locked, locked_groups
from ksfeat.image import StoneImage
from ksfeat.metrics.froc import froc_sensitivity
from ksfeat.models.candidate_table import Proposing, hits, propose, propose_all
from ksfeat.models.detector import StoneDetector
from ksfeat.splits import make_split
from ksfeat.splits.split import Split

_FOLDS = 5
_RATES = (0.25, 0.5, 1.0, 2.0)
_DRAWS = 1000
_COPIES = {"boxes": 3, "labels": 1}
_QUICK_EXAMS = 12


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Return a row a task, and what was aimed at."""
    data = real_data()
    if data is None:
        return [{"task": "coronal_ct", "supervision": "skipped: no real images"}], []
    boxes, halves = _unlocked(data / "coronal_ct", quick)
    rows = [_halves(data / "coronal_ct", boxes, halves, "boxes", seed)]
    rows.append(_slices(data / "coronal_ct", boxes, seed))
    rows.append(_halves(data / "coronal_ct", boxes, halves, "labels", seed))
    rows.append(_time(data / "coronal_ct", boxes))
    return rows, _targets(rows)


def _unlocked(folder: Path, quick: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    boxes, halves = pd.read_csv(folder / "boxes.csv"), pd.read_csv(folder / "halves.csv")
    locked = locked_groups(boxes["group"])
    boxes = boxes[~is_locked(boxes["group"], locked)]
    halves = halves[~is_locked(halves["group"], locked)]
    if quick:
        few = sorted(halves["group"].unique())[:_QUICK_EXAMS]
        boxes, halves = boxes[boxes["group"].isin(few)], halves[halves["group"].isin(few)]
    return boxes.reset_index(drop=True), halves.reset_index(drop=True)


def _slice(folder: Path, path: str, boxes: pd.DataFrame) -> StoneImage:
    pixels = cv2.imread(str(folder / path), cv2.IMREAD_GRAYSCALE)
    own = boxes.loc[boxes["path"] == path, ["x0", "y0", "x1", "y1"]].to_numpy()
    return StoneImage(pixels, boxes=own, key=path)


def _halves(
    folder: Path, boxes: pd.DataFrame, halves: pd.DataFrame, supervision: str, seed: int
) -> dict[str, Any]:
    columns = ["path", "x0", "y0", "x1", "y1"]
    images = [
        _slice(folder, path, boxes).crop(tuple(box))
        for path, *box in halves[columns].itertuples(index=False)
    ]
    labels, groups = halves["label"].to_numpy(), halves["group"].to_numpy()
    split = make_split(labels, groups, n_folds=_FOLDS, random_state=seed)
    copies = _COPIES[supervision]
    detector = StoneDetector(supervision=supervision, copies=copies, random_state=seed)
    proposed = propose_all(images, Proposing(detector.most, False, copies, seed))
    margin = np.empty(len(images))
    for train, test in split:
        rows = (train[:, None] * (1 + copies) + np.arange(1 + copies)).ravel()
        detector.fit_proposed([proposed[row] for row in rows], labels[train], groups[train])
        margin[test] = detector.image_margins([proposed[row * (1 + copies)] for row in test])
    truth = labels == "stone"
    draws = [roc_auc_score(truth[r], margin[r]) for r in _resampled(groups, seed)]
    row = _row(f"halves, {len(np.unique(groups))} exams", supervision, split)
    row |= {"auroc": _told(roc_auc_score(truth, margin), draws)}
    left, right = _pairs(halves, margin)
    return row | {"paired_accuracy": round(float((left > right).mean()), 4)}


def _pairs(halves: pd.DataFrame, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the margins of the half with and of the half without a stone of each slice."""
    table = halves.assign(margin=margin).pivot_table("margin", "path", "label")
    return table["stone"].to_numpy(), table["nostone"].to_numpy()


def _slices(folder: Path, boxes: pd.DataFrame, seed: int) -> dict[str, Any]:
    table = boxes.groupby("path", sort=True)["group"].first()
    images = [_slice(folder, path, boxes) for path in table.index]
    groups = table.to_numpy()
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    fold = pd.Series(np.arange(len(order)) % _FOLDS, index=order)[groups].to_numpy()
    split = Split(fold, tuple(table.index), len(order))
    detector = StoneDetector(mirror=True, copies=_COPIES["boxes"], random_state=seed)
    views = 1 + detector.copies
    proposed = propose_all(images, Proposing(detector.most, True, detector.copies, seed))
    hit: list[np.ndarray] = [np.empty((0, 0))] * len(images)
    scores: list[np.ndarray] = [np.empty(0)] * len(images)
    for train, test in split:
        rows = (train[:, None] * views + np.arange(views)).ravel()
        detector.fit_proposed([proposed[row] for row in rows], None, groups[train])
        for row in test:
            found = detector.detect(proposed[row * views])
            hit[row] = hits(found.centres, np.asarray(images[row].boxes))
            scores[row] = found.scores
    draws = np.array(
        [
            froc_sensitivity([hit[i] for i in chosen], [scores[i] for i in chosen], _RATES)
            for chosen in _resampled(groups, seed)
        ]
    )
    point = froc_sensitivity(hit, scores, _RATES)
    exams = [_of_exam(hit, scores, groups == name, hit, scores) for name in order]
    row = _row(f"boxes, {len(order)} exams", "boxes", split)
    row |= {
        f"sensitivity_at_{rate:g}": _told(point[place], draws[:, place])
        for place, rate in enumerate(_RATES)
    }
    row |= {"mean_of_exams_at_1": round(float(np.mean(exams)), 4)}
    proposals = [
        hits(one.centres, np.asarray(image.boxes)).any(axis=0)
        for one, image in zip(proposed[::views], images, strict=True)
    ]
    return row | {"proposed": round(float(np.concatenate(proposals).mean()), 4)}


def _of_exam(
    hit: list[np.ndarray],
    scores: list[np.ndarray],
    own: np.ndarray,
    every_hit: list[np.ndarray],
    every_score: list[np.ndarray],
) -> float:
    """Return the share of one exam's stones found at the threshold of 1 false positive a slice."""
    pairs = zip(every_hit, every_score, strict=True)
    false = np.sort(np.concatenate([s[~h.any(axis=1)] for h, s in pairs]))
    limit = false[::-1][len(every_hit)]
    best = [np.where(hit[i], scores[i][:, None], -np.inf).max(axis=0) for i in np.flatnonzero(own)]
    return float((np.concatenate(best) > limit).mean())


def _time(folder: Path, boxes: pd.DataFrame) -> dict[str, Any]:
    cv2.setNumThreads(1)
    how = Proposing(120, False)
    images = [_slice(folder, path, boxes) for path in sorted(boxes["path"].unique())[:50]]
    propose(images[0], how)
    spent = []
    for image in images:
        start = time.perf_counter()
        propose(image, how)
        spent.append(time.perf_counter() - start)
    return {"task": "time a slice, ms", "supervision": "", "ms": round(1e3 * np.median(spent), 2)}


def _resampled(groups: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return rows of exams that are drawn with replacement."""
    members = {name: np.flatnonzero(groups == name) for name in np.unique(groups)}
    rng = np.random.default_rng(seed)
    names = list(members)
    return [
        np.concatenate([members[names[i]] for i in rng.integers(0, len(names), len(names))])
        for _ in range(_DRAWS)
    ]


def _row(task: str, supervision: str, split: Split) -> dict[str, Any]:
    return {"task": task, "supervision": supervision, "split": split.hash}


def _told(value: float, draws: Any) -> str:
    low, high = np.quantile(np.asarray(draws), (0.025, 0.975))
    return f"{value:.4f} [{low:.4f}, {high:.4f}]"


def _targets(rows: list[dict[str, Any]]) -> list[Target]:
    wanted = (
        ("halves, boxes: AUROC", rows[0]["auroc"], 0.993),
        ("stones at 0.25 false positives a slice", rows[1]["sensitivity_at_0.25"], 0.90),
        ("stones at 1 false positive a slice", rows[1]["sensitivity_at_1"], 0.95),
        ("halves, labels only: AUROC", rows[2]["auroc"], 0.98),
    )
    targets = [
        Target(what, float(text.split()[0]), f">= {least}", float(text.split()[0]) >= least)
        for what, text, least in wanted
    ]
    spent = rows[3]["ms"]
    return [*targets, Target("ms a slice, proposals and descriptors", spent, "<= 10", spent <= 10)]


if __name__ == "__main__":
    main("stones", __doc__, measure)
