"""How well stones are seen on `coronal_ct`: halves told apart, stones found, by exam, 5 folds.

40 exams were locked before the work on the detector began (`benchmarks.locked`); they are scored
by a detector that was fitted to all others, and told apart. Supervision is a column of each row.
Against fine-tuned CNNs on the same folds: `benchmarks.cnn`. A whole run takes about half an hour of
one core.
"""

from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks.harness import RESULTS, ROOT, Target, main, real_data
from benchmarks.stones_pictures import draw_froc, draw_worst
from benchmarks.stones_tasks import Material, Slices, material, score_halves, score_slices
from ksfeat.metrics.bootstrap import draw_groups
from ksfeat.metrics.froc import froc_sensitivity
from ksfeat.models.candidate_table import Proposing, propose

_RATES = (0.25, 0.5, 1.0, 2.0)
_CURVE = tuple(np.round(np.geomspace(0.05, 8, 40), 3))
_DRAWS = 1000
_LOCKED = "locked exams, fitted to all others"


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Return a row a task, and what was aimed at."""
    data = real_data()
    if data is None:
        return [{"task": "coronal_ct", "supervision": "skipped: no real images"}], []
    of = material(data / "coronal_ct", quick)
    rows = [row for kind in ("boxes", "labels") for row in _halves(of, kind, seed)]
    slices = score_slices(of, seed)
    rows += _stones(slices, seed)
    rows.append(_time(of))
    if not quick:
        curve = _curve(slices)
        curve.to_csv(RESULTS / "stones_froc.csv", index=False)
        draw_froc(curve, ROOT / "docs" / "stones_froc.png")
        worst = draw_worst(of, slices, ROOT / "docs")
        worst.to_csv(RESULTS / "stones_worst.csv", index=False)
    return rows, _targets(rows)


def _halves(of: Material, supervision: str, seed: int) -> list[dict[str, Any]]:
    scored = score_halves(of, supervision, seed)
    rows = []
    for locked, part in scored.table.groupby("locked"):
        groups = part["group"].to_numpy()
        truth, margin = (part["label"] == "stone").to_numpy(), part["margin"].to_numpy()
        pairs = part.pivot_table("margin", "path", "label")
        rows.append(
            {
                **_row("halves", supervision, groups, locked, scored.split.hash),
                "auroc": auroc_with_interval(truth, margin, groups, seed),
                "paired_accuracy": round(float((pairs["stone"] > pairs["nostone"]).mean()), 4),
            }
        )
    return rows


def _stones(slices: Slices, seed: int) -> list[dict[str, Any]]:
    rows = []
    for locked in np.unique(slices.locked):
        own = np.flatnonzero(slices.locked == locked)
        groups = slices.groups[own]
        draws = np.array([_sensitivity(slices, own[r]) for r in _resampled(groups, seed)])
        point = _sensitivity(slices, own)
        told = zip(_RATES, point, draws.T, strict=True)
        rows.append(
            {
                **_row("stones in slices", "boxes", groups, locked, slices.split.hash),
                **{f"sensitivity_at_{rate:g}": _told(v, each) for rate, v, each in told},
                "mean_of_exams_at_1": round(_mean_of_exams(slices, own), 4),
                "proposed": round(
                    float(np.concatenate([slices.proposed[i] for i in own]).mean()), 4
                ),
            }
        )
    return rows


def _sensitivity(slices: Slices, own: np.ndarray, rates: tuple[float, ...] = _RATES) -> np.ndarray:
    scores = [slices.found[i].scores for i in own]
    return froc_sensitivity([slices.hit[i] for i in own], scores, rates)


def _mean_of_exams(slices: Slices, own: np.ndarray) -> float:
    """Return the mean over exams of the share of stones found at 1 false positive a slice."""
    false = [slices.found[i].scores[~slices.hit[i].any(axis=1)] for i in own]
    limit = np.sort(np.concatenate(false))[::-1][len(own)]
    best = {
        i: np.where(slices.hit[i], slices.found[i].scores[:, None], -np.inf).max(axis=0, initial=-1)
        for i in own
    }
    groups = slices.groups[own]
    shares = [
        (np.concatenate([best[i] for i in own[groups == name]]) > limit).mean()
        for name in np.unique(groups)
    ]
    return float(np.mean(shares))


def _curve(slices: Slices) -> pd.DataFrame:
    parts = []
    for locked in np.unique(slices.locked):
        own = np.flatnonzero(slices.locked == locked)
        found = _sensitivity(slices, own, _CURVE)
        told = {"exams": _exams(locked), "false_positives": _CURVE, "sensitivity": found.round(4)}
        parts.append(pd.DataFrame(told))
    return pd.concat(parts)


def _time(of: Material) -> dict[str, Any]:
    cv2.setNumThreads(1)
    how = Proposing(120, False)
    images = [of.slice(path) for path in sorted(of.boxes["path"].unique())[:50]]
    propose(images[0], how)
    spent = []
    for image in images:
        start = time.process_time()
        propose(image, how)
        spent.append(time.process_time() - start)
    return {
        "task": "time a slice",
        "supervision": "",
        "ms": round(float(1e3 * np.median(spent)), 2),
    }


def _resampled(groups: np.ndarray, seed: int, truth: np.ndarray | None = None) -> list[np.ndarray]:
    """Return rows of groups that are drawn with replacement, stratified by class."""
    member = np.unique(groups, return_inverse=True)[1]
    codes = np.zeros(len(groups), dtype=int) if truth is None else truth.astype(int)
    weights = draw_groups(codes, member, int(codes.max()) + 1, _DRAWS, seed)
    rows = np.arange(len(groups))
    return [np.repeat(rows, each[member].astype(int)) for each in weights]


def _exams(locked: bool) -> str:
    return _LOCKED if locked else "all others, 5 folds by exam"


def _row(
    task: str, supervision: str, groups: np.ndarray, locked: Any, split: str
) -> dict[str, Any]:
    return {
        "task": task,
        "supervision": supervision,
        "exams": _exams(bool(locked)),
        "n_exams": str(len(np.unique(groups))),  # beside a row without any, numbers would be floats
        "n_images": str(len(groups)),
        "split": split,
    }


def auroc_with_interval(
    truth: np.ndarray, margin: np.ndarray, groups: np.ndarray, seed: int
) -> str:
    """Return the AUROC of margins, with its 95 % interval from a bootstrap over groups."""
    draws = [roc_auc_score(truth[r], margin[r]) for r in _resampled(groups, seed, truth)]
    return _told(roc_auc_score(truth, margin), draws)


def _told(value: float, draws: Any) -> str:
    low, high = np.quantile(np.asarray(draws), (0.025, 0.975))
    return f"{value:.4f} [{low:.4f}, {high:.4f}]"


def _targets(rows: list[dict[str, Any]]) -> list[Target]:
    wanted = (
        ("halves", "labels", "auroc", 0.98),
        ("stones in slices", "boxes", "sensitivity_at_0.25", 0.90),
        ("stones in slices", "boxes", "sensitivity_at_1", 0.95),
    )
    targets = []
    for task, supervision, name, least in wanted:
        for row in rows:
            if (row["task"], row["supervision"]) == (task, supervision):
                value = float(row[name].split()[0])
                what = f"{task}, learnt from {supervision}, {row['exams']}: {name}"
                targets.append(Target(what, value, f">= {least}", bool(value >= least)))
    spent = rows[-1]["ms"]
    what = "CPU ms a slice, one thread: candidates and their descriptors"
    return [*targets, Target(what, spent, "<= 10", bool(spent <= 10))]


if __name__ == "__main__":
    main("stones", __doc__, measure)
