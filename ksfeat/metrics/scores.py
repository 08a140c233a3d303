"""What scores are: names, values, intervals, and what to know before they are believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

FEW_GROUPS = 30  # below this many, a bootstrap over groups is known to be too narrow


@dataclass(frozen=True)
class Score:
    """One score: its name, the class it is of (None for all), its value and interval."""

    name: str
    of: str | None
    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of one set of predictions.

    Parameters
    ----------
    scores : tuple of Score
        Accuracy, balanced accuracy, precision, recall, specificity, F1, AUROC and AUPRC, in all
        and by class.
    confusion : ndarray of int, shape (n_classes, n_classes)
        Rows are the true classes, columns the predicted ones.
    classes : tuple of str
        Class names in the order of `confusion`.
    n_images : int
    n_units : int
        What the bootstrap drew from.
    unit : str
        What it drew: "group", "proxy group" or "image".
    """

    scores: tuple[Score, ...]
    confusion: np.ndarray
    classes: tuple[str, ...]
    n_images: int
    n_units: int
    unit: str

    def __getitem__(self, name: str | tuple[str, str]) -> Score:
        """Return a score by its name, or by its name and class."""
        wanted = (name, None) if isinstance(name, str) else name
        for score in self.scores:
            if (score.name, score.of) == wanted:
                return score
        raise KeyError(name)

    @property
    def caution(self) -> str | None:
        """What to know before the intervals are believed."""
        words = []
        absent = [
            name for name, row in zip(self.classes, self.confusion, strict=True) if not row.any()
        ]
        if absent:
            words.append(
                f"no image of class {', '.join(absent)}: scores over all classes are not defined"
            )
        words += group_cautions(self.n_units, self.unit)
        return "; ".join(words) or None

    def to_frame(self) -> pd.DataFrame:
        """Return a table with a row a score: name, class, value, low and high end."""
        columns = {"name": "score", "of": "class", "value": "value", "low": "low", "high": "high"}
        return pd.DataFrame([vars(score) for score in self.scores]).rename(columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, ready for JSON."""
        return {
            "n_images": self.n_images,
            "bootstrap": {"unit": self.unit, "n_units": self.n_units},
            "classes": list(self.classes),
            "confusion": self.confusion.tolist(),
            "caution": self.caution,
            "scores": plain_scores(self.scores),
        }


def group_cautions(n_units: int, unit: str) -> list[str]:
    """Return what to know of intervals that were drawn from so many groups of such a kind.

    Examples
    --------
    >>> group_cautions(12, "group")
    ['12 groups only: the intervals are optimistic (too narrow)']
    """
    words = []
    if n_units < FEW_GROUPS:
        words.append(f"{n_units} {unit}s only: the intervals are optimistic (too narrow)")
    if unit == "proxy group":
        words.append(
            "proxy groups are found from pixels and are no patients: scores may be optimistic"
        )
    return words


def plain_scores(scores: Iterable[Score]) -> list[dict[str, Any]]:
    """Return scores as plain values, ready for JSON.

    Examples
    --------
    >>> plain_scores([Score("auroc", None, 0.5, 0.4, float("nan"))])
    [{'name': 'auroc', 'class': None, 'value': 0.5, 'ci95': [0.4, None]}]
    """
    return [
        {
            "name": score.name,
            "class": score.of,
            "value": _plain(score.value),
            "ci95": [_plain(score.low), _plain(score.high)],
        }
        for score in scores
    ]


def _plain(value: float) -> float | None:
    return round(value, 6) if np.isfinite(value) else None
