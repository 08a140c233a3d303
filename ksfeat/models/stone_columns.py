"""The scored candidates of one image as one row of numbers."""

from __future__ import annotations

from functools import cache

import numpy as np

from ksfeat.features.identity import Feature
from ksfeat.features.stone_context import AMONG_OTHERS
from ksfeat.features.stone_density import density_features
from ksfeat.features.stones import stone_features
from ksfeat.models.candidate_table import Proposed

_PROBABLE, _POSSIBLE = 0.0, -2.2  # log odds: even, and one in ten
_NONE, _UNKNOWN = "no probable stone", "no probable stone, or no spacing known"
# name, title, unit, when it is not defined
_WHOLE = (
    ("margin", "log odds that the image holds a stone", "1", ""),
    ("count", "stones more probable than not", "1", ""),
    ("possible", "stones of at least one in ten", "1", ""),
    ("burden_px2", "area of the probable stones", "px^2", ""),
    ("burden_mm2", "area of the probable stones", "mm^2", "no spacing known"),
    ("diameter_px", "largest diameter of the probable stones", "px", _NONE),
    ("diameter_mm", "largest diameter of the probable stones", "mm", _UNKNOWN),
)


@cache
def _alone() -> tuple[tuple[int, Feature], ...]:
    """Return place and identity of the columns that tell of a candidate by itself."""
    columns = enumerate((*stone_features(), *density_features()))
    return tuple((i, f) for i, f in columns if f.name.removeprefix("stones_") not in AMONG_OTHERS)


@cache
def column_features(top: int) -> tuple[Feature, ...]:
    """Return the identities of the columns of `stone_row`."""
    whole = [Feature(f"stones_{n}", "stones", t, u, None, w) for n, t, u, w in _WHOLE]
    ranked = [
        Feature(
            f"stones_margin_{rank}", "stones", f"log odds of candidate {rank}", "1", None, _NONE
        )
        for rank in range(1, top + 1)
    ]
    best = [
        Feature(
            f.name.replace("stones_", "stones_best_", 1),
            "stones",
            f"{f.title}, of the most probable candidate",
            f.unit,
            None,
            f.undefined or "no candidate",
        )
        for _, f in _alone()
    ]
    return (*whole, *ranked, *best)


def stone_row(
    one: Proposed, order: np.ndarray, log_odds: np.ndarray, margin: float, top: int
) -> np.ndarray:
    """Return what the candidates of one image say of it.

    Parameters
    ----------
    one : Proposed
        Candidates of the image.
    order : ndarray of int, shape (k,)
        Those that stand apart from each other, the most probable first.
    log_odds : ndarray of float64, shape (n,)
        Of all candidates.
    margin : float
        Log odds of the image.
    top : int
        How many candidates are told by their log odds.

    Returns
    -------
    ndarray of float64, shape (d,)
        In the order of `column_features`.
    """
    ranked = log_odds[order]
    probable = order[ranked > _PROBABLE]
    area = _area_px2(one)[probable].sum()
    mm = np.nan if one.pixel_mm is None else one.pixel_mm
    longest = one.diameters[probable].max() if len(probable) else np.nan
    margins = np.append(ranked, np.full(top, np.nan))[:top]
    places = [place for place, _ in _alone()]
    best = one.table[order[0], places] if len(order) else np.full(len(places), np.nan)
    found = (len(probable), (ranked > _POSSIBLE).sum(), area, area * mm**2, longest, longest * mm)
    return np.array([margin, *found, *margins, *best], dtype=np.float64)


def _area_px2(one: Proposed) -> np.ndarray:
    """Return areas in pixels of the image; in the table they are in working pixels."""
    names = [feature.name.removeprefix("stones_") for feature in stone_features()]
    area, major = (one.table[:, names.index(name)] for name in ("area", "major_axis"))
    return area * (one.diameters / np.maximum(major, 1e-6)) ** 2
