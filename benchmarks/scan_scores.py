"""Free-response scores of scans: by size of the stone, with intervals from whole patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

SIZES = {"all": (0.0, np.inf), "< 3 mm": (0.0, 3.0), "3-5 mm": (3.0, 5.0), "> 5 mm": (5.0, np.inf)}
_DRAWS = 1000


@dataclass(frozen=True)
class Scored:
    """What a detector said of one patient.

    Parameters
    ----------
    false : ndarray of shape (m,)
        Scores of what hits no stone.
    stones : ndarray of shape (k,)
        Highest score of what hits each stone; -inf where nothing does.
    diameters : ndarray of shape (k,)
        True ones, in mm.
    """

    false: np.ndarray
    stones: np.ndarray
    diameters: np.ndarray


def threshold_at(patients: Sequence[Scored], rate: float) -> float:
    """Return the score that as many false alarms a patient exceed, at most."""
    false = np.sort(np.concatenate([one.false for one in patients]))[::-1]
    allowed = int(np.floor(rate * len(patients) + 1e-9))
    return float(false[allowed]) if allowed < len(false) else -np.inf


def sensitivity(
    patients: Sequence[Scored], rate: float, within: tuple[float, float] = SIZES["all"]
) -> float:
    """Return the share of stones of some sizes found at a rate of false alarms; NaN of none."""
    limit = threshold_at(patients, rate)
    stones = np.concatenate([one.stones for one in patients])
    diameters = np.concatenate([one.diameters for one in patients])
    asked = (diameters >= within[0]) & (diameters < within[1])
    return float((stones[asked] > limit).mean()) if asked.any() else float("nan")


def auroc(positive: Sequence[np.ndarray], negative: Sequence[np.ndarray]) -> float:
    """Return the AUROC of scores, given by patient; NaN where a class is absent."""
    high, low = np.concatenate(list(positive)), np.concatenate(list(negative))
    if not len(high) or not len(low):
        return float("nan")
    scores = np.concatenate([high, low])
    lowest = scores[np.isfinite(scores)].min(initial=0.0) - 1
    truth = np.arange(len(scores)) < len(high)
    return float(roc_auc_score(truth, np.where(np.isfinite(scores), scores, lowest)))


def with_interval(statistic: Callable[[list[int]], float], n_patients: int, seed: int) -> str:
    """Return a statistic of all patients, and its 95 % interval from draws of patients."""
    rng = np.random.default_rng(seed)
    draws = [statistic(rng.integers(0, n_patients, n_patients).tolist()) for _ in range(_DRAWS)]
    value = statistic(list(range(n_patients)))
    low, high = np.nanquantile(draws, (0.025, 0.975)) if np.isfinite(value) else (np.nan, np.nan)
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"
