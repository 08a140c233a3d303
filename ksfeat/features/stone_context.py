"""Where a candidate lies in the body, and among the other candidates."""

from __future__ import annotations

import cv2
import numpy as np

from ksfeat.roi.candidate_scene import SIGMAS
from ksfeat.roi.candidates import LARGE, Candidates

_BODY_LEVEL = -60.0  # above: body, fat left out
_BAND, _WIDE = 41, 121  # working pixels: how far up and down, and to a side, bone is looked for
_NEAR, _FAR = 15.0, 40.0  # working pixels; neighbours
_REACH, _STRIP = 60, 31  # working pixels; where a spine is looked for
# name, title, unit
CONTEXT = (
    ("scale", "scale at which it is most prominent; the last one for large things", "1"),
    ("prominence", "how fast levels fall on all sides", "level"),
    ("rank", "rank by prominence, 0 the most prominent", "1"),
    ("level_rank", "rank by level, 0 the highest", "1"),
    ("share", "prominence over the highest in the image", "1"),
    ("count", "candidates in the image", "1"),
    ("nearest", "distance to the nearest other candidate", "px"),
    ("near_brighter", "brighter candidates within 15 px", "1"),
    ("near", "candidates within 15 px", "1"),
    ("around", "candidates within 40 px", "1"),
    ("around_prominence", "mean prominence of candidates within 40 px over its own", "1"),
    ("side", "distance to the nearer side of the body, over its width", "1"),
    ("depth", "distance to the nearer side of the body", "px"),
    ("height_in_body", "place from the top (0) to the bottom (1) of the image", "1"),
    ("bone_left", "share of bone to the left or the right: the smaller one", "1"),
    ("bone_right", "share of bone to the left or the right: the larger one", "1"),
    ("bone_above", "share of bone within 60 px up", "1"),
    ("bone_below", "share of bone within 60 px down", "1"),
    ("spine_distance", "distance to the column of most bone within 60 px up and down", "px"),
    ("spine_strength", "share of bone in a strip of 31 px there", "1"),
    ("component_area", "area of the bright component it is in", "px^2"),
    ("component_extent", "longer side of its bounding box", "px"),
    ("component_outside", "whether that touches the image's edge", "1"),
    ("noise", "median step between neighbouring pixels of soft tissue in the image", "level"),
    ("tissue_share", "share of the image that is not dark", "1"),
)

# Through these, one candidate tells of the others in its image.
AMONG_OTHERS = frozenset(
    {
        *("rank", "level_rank", "share", "count", "nearest", "near_brighter"),
        *("near", "around", "around_prominence", "noise", "tissue_share"),
    }
)


def describe_context(candidates: Candidates) -> np.ndarray:
    """Return the columns `CONTEXT` for each candidate, an ndarray of float64."""
    if len(candidates) == 0:
        return np.empty((0, len(CONTEXT)))
    scene = candidates.scene
    levels = scene.smooth[0][tuple(candidates.points.T)].astype(np.float64)
    blob = candidates.scales != LARGE
    prominence = np.where(blob, candidates.prominence, candidates.responses)
    best = max(float(prominence[blob].max(initial=1.0)), 1.0)
    n = len(candidates)
    return np.column_stack(
        [
            np.array(SIGMAS)[candidates.scales],
            prominence,
            _rank(prominence),
            _rank(levels),
            prominence / best,
            np.full(n, float(n)),
            _neighbours(candidates.points, levels, prominence),
            _place(candidates),
            _bone(candidates),
            _spine(candidates),
            _component(candidates),
            np.tile(_whole(scene.levels), (n, 1)),
        ]
    )


def _rank(values: np.ndarray) -> np.ndarray:
    rank = np.empty(len(values))
    rank[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return rank


def _neighbours(points: np.ndarray, levels: np.ndarray, prominence: np.ndarray) -> np.ndarray:
    rows, columns = points.astype(np.float64).T
    distance = np.hypot(rows[:, None] - rows, columns[:, None] - columns)
    np.fill_diagonal(distance, np.inf)
    near, far = distance < _NEAR, distance < _FAR
    brighter = levels > levels[:, None] + 5
    mean = (far * prominence).sum(axis=1) / np.maximum(far.sum(axis=1), 1)
    return np.column_stack(
        [
            np.minimum(distance.min(axis=1), 100.0),
            (near & brighter).sum(axis=1),
            near.sum(axis=1),
            far.sum(axis=1),
            mean / np.maximum(prominence, 1.0),
        ]
    )


def _place(candidates: Candidates) -> np.ndarray:
    scene = candidates.scene
    body = cv2.blur(scene.levels, (9, 9)) > _BODY_LEVEL
    rows, columns = candidates.points.T
    height, width = body.shape
    first = np.where(body.any(axis=1), body.argmax(axis=1), 0)[rows]
    last = np.where(body.any(axis=1), width - 1 - body[:, ::-1].argmax(axis=1), width - 1)[rows]
    depth = np.minimum(columns - first, last - columns).astype(np.float64)
    return np.column_stack([depth / np.maximum(last - first, 1), depth, rows / height])


def _bone(candidates: Candidates) -> np.ndarray:
    bone = cv2.integral(candidates.scene.bone)
    height, width = candidates.scene.bone.shape
    rows, columns = candidates.points.T

    def share(up: int, down: int, left: int, right: int) -> np.ndarray:
        top, bottom = np.clip(rows - up, 0, height), np.clip(rows + down, 0, height)
        first, last = np.clip(columns - left, 0, width), np.clip(columns + right, 0, width)
        total = bone[bottom, last] - bone[top, last] - bone[bottom, first] + bone[top, first]
        return total / ((up + down) * (left + right))

    half, side, far = _BAND // 2, _BAND // 4, _WIDE // 2
    left, right = share(half, half, _WIDE, 0), share(half, half, 0, _WIDE)
    return np.column_stack(
        [
            np.minimum(left, right),
            np.maximum(left, right),
            share(far, 0, side, side),
            share(0, far, side, side),
        ]
    )


def _spine(candidates: Candidates) -> np.ndarray:
    bone = cv2.integral(candidates.scene.bone)
    height, width = candidates.scene.bone.shape
    rows, columns = candidates.points.T
    top, bottom = np.maximum(rows - _REACH, 0), np.minimum(rows + _REACH, height)
    left = np.clip(np.arange(width) - _STRIP // 2, 0, width)
    right = np.clip(np.arange(width) + _STRIP // 2 + 1, 0, width)
    band = bone[bottom] - bone[top]
    filled = band[:, right] - band[:, left]
    place = filled.argmax(axis=1)
    share = filled[np.arange(len(rows)), place] / ((bottom - top) * _STRIP)
    return np.column_stack([np.abs(columns - place), share])


def _component(candidates: Candidates) -> np.ndarray:
    scene = candidates.scene
    height, width = scene.labels.shape
    stats = scene.stats.astype(np.float64)
    stats[0] = 0  # not bright
    left, top, across, down, area = stats[scene.labels[tuple(candidates.points.T)]].T
    outside = (left <= 0) | (top <= 0) | (left + across >= width) | (top + down >= height)
    return np.column_stack([area, np.maximum(across, down), (area > 0) & outside])


def _whole(levels: np.ndarray) -> np.ndarray:
    inside = levels[::2, ::2]
    step = np.abs(inside[:, 1:] - inside[:, :-1])
    soft = np.abs(inside[:, 1:]) < 30
    noise = float(np.median(step[soft])) if soft.any() else 0.0
    return np.array([noise, float((inside > _BODY_LEVEL).mean())])
