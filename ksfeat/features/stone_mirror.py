"""The mirrored place on the other side of a whole slice: bone comes in pairs, stones do not."""

from __future__ import annotations

import cv2
import numpy as np

from ksfeat.features.identity import Feature
from ksfeat.roi.candidates import Candidates

_REACH = 9  # working pixels; how far from the mirrored place its partner may lie
_BODY_LEVEL = -60.0
_ROWS = (
    ("level", "highest level near the mirrored place", "level"),
    ("level_difference", "level less the highest near the mirrored place", "level"),
    ("tissue_difference", "level smoothed by 7 px less that of the mirrored place", "level"),
    ("bone_distance", "distance to bone there", "px"),
    ("bone_distance_difference", "distance to bone here less there", "px"),
    ("axis_distance", "distance to the axis of the body", "px"),
)
_SMOOTH, _WIDE = 1, 4  # places in `SIGMAS`


def mirror_features() -> tuple[Feature, ...]:
    """Return the identities of the columns of `describe_mirrored`."""
    return tuple(Feature(f"stones_mirror_{name}", "stones", t, u, None) for name, t, u in _ROWS)


def describe_mirrored(candidates: Candidates) -> np.ndarray:
    """Describe the mirrored place of each candidate, on the other side of the body's axis.

    For whole slices only: of two halves, each would tell what the other one holds.

    Returns
    -------
    ndarray of float64, shape (n, 6)
        In the order of `mirror_features`.
    """
    scene = candidates.scene
    rows, columns = candidates.points.T
    width = scene.levels.shape[1]
    axis = _axis(scene.levels)
    other = np.clip(np.rint(2 * axis - columns), 0, width - 1).astype(np.intp)
    highest = cv2.dilate(scene.smooth[_SMOOTH], np.ones((2 * _REACH + 1,) * 2, np.uint8))
    here, wide = scene.smooth[_SMOOTH][rows, columns], scene.smooth[_WIDE]
    there = highest[rows, other]
    bone = scene.bone_distance
    return np.column_stack(
        [
            there,
            here - there,
            wide[rows, columns] - wide[rows, other],
            bone[rows, other],
            bone[rows, columns] - bone[rows, other],
            np.abs(columns - axis),
        ]
    ).astype(np.float64)


def _axis(levels: np.ndarray) -> float:
    """Return the column in the middle of the body: the median over the rows that hold any."""
    body = cv2.blur(levels, (9, 9)) > _BODY_LEVEL
    filled = body.any(axis=1)
    if not filled.any():
        return (levels.shape[1] - 1) / 2
    first = body[filled].argmax(axis=1)
    last = levels.shape[1] - 1 - body[filled, ::-1].argmax(axis=1)
    return float(np.median((first + last) / 2))
