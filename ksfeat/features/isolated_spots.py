"""Compact bright things that stand apart from bone: how a stone differs from ribs and spine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from scipy.ndimage import binary_fill_holes

from ksfeat.features.identity import Family, Feature
from ksfeat.roi import Region
from ksfeat.roi.body import above_otsu

_BRIGHT = 0.5  # of the way from the median of the foreground to the maximum
_SMALLEST = 3  # px; below, noise
_LARGEST = 0.01  # of the image; above, bone
_MOST = 64  # spots that are looked at, the largest first: bounds the time on noise
_RING = 4  # px; how far the surroundings of a spot reach, its own blurred edge left out
_CLOSE = np.ones((9, 9), dtype=np.uint8)  # joins the thin parts of a body's outline
_NOISE = 0.01  # of the contrast range: keeps clarity finite in perfectly even surroundings
_CLEAR = (2, 4, 8)

_NONE = "there is no isolated spot"
_PICKS = ("clearest", "deepest", "largest")
# name, title, unit; of each picked spot
_OF_SPOT = (
    ("area_px", "area", "px^2"),
    ("contrast", "mean less that of its surroundings, over the contrast range", "1"),
    ("unrest", "standard deviation of its surroundings, over the contrast range", "1"),
    ("clarity", "contrast over unrest", "1"),
    ("depth_px", "distance to the edge of the body", "px"),
    ("bone_distance_px", "distance to the nearest large bright structure", "px"),
    ("fill", "area over that of its bounding box", "1"),
)
_AREA, _CLARITY, _DEPTH = 0, 3, 4


class _Scene(NamedTuple):
    """What every spot of one region is measured against."""

    scaled: np.ndarray  # 0 at the foreground's median, 1 at the maximum
    mask: np.ndarray
    labels: np.ndarray  # bright components
    depth: np.ndarray
    bone_distance: np.ndarray | None  # None where nothing large is bright


def compute(region: Region) -> np.ndarray:
    """Return how many isolated bright spots a region has, and what the foremost are like.

    A spot is an 8-connected component brighter than halfway from the median of the foreground
    (above Otsu's threshold) to the maximum, of 3 pixels to 1 % of the region, that does not touch
    the region's edge. What is larger counts as bone. In a region that somebody drew, all of it is
    foreground and nothing is bone. Intensities are taken on that range, so that the numbers do not
    depend on brightness or contrast of the image.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (26,)
        5 counts and areas, then 7 numbers each of the clearest spot, of the one of most depth times
        clarity, and of the largest. Counts are 0 and the others NaN where there is no spot; depth
        is NaN too where the body fills the image.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> pixels = np.zeros((40, 40))
    >>> pixels[4:36, 4:36] = 100.0
    >>> pixels[18:21, 18:21] = 400.0
    >>> values = dict(zip(family().columns, compute(Region.of(StoneImage(pixels)))))
    >>> float(values["isolated_spots_count"]), float(values["isolated_spots_largest_area_px"])
    (1.0, 9.0)
    """
    spots = np.empty((0, len(_OF_SPOT)))
    if not region.is_flat:
        foreground = region.mask if region.has_mask else above_otsu(region.pixels)
        low, high = np.median(region.pixels[foreground]), region.sorted_values[-1]
        if high > low:
            spots = _spots(region, foreground, (region.pixels - low) / (high - low))
    counts = [float((spots[:, _CLARITY] > limit).sum()) for limit in _CLEAR]
    summary = [float(len(spots)), *counts, spots[:, _AREA].sum()]
    if len(spots) == 0:
        return np.array([*summary, *[np.nan] * (len(_PICKS) * len(_OF_SPOT))])
    clarity = spots[:, _CLARITY]
    # In a body without an edge, all spots are equally deep.
    ranks = (clarity, np.nan_to_num(spots[:, _DEPTH], nan=1.0) * clarity, spots[:, _AREA])
    return np.array([*summary, *np.concatenate([spots[rank.argmax()] for rank in ranks])])


def _spots(region: Region, foreground: np.ndarray, scaled: np.ndarray) -> np.ndarray:
    bright = (scaled > _BRIGHT) & region.mask
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bright.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    large = areas > (np.inf if region.has_mask else _LARGEST * region.mask.size)
    outside = _outside(region)
    scene = _Scene(
        scaled, region.mask, labels, _depth(region, foreground), _distance_to(large[labels])
    )
    touching = np.unique(labels[cv2.dilate(outside, np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0])
    usable = (areas >= _SMALLEST) & ~large
    usable[touching] = False
    chosen = np.flatnonzero(usable)
    chosen = np.sort(chosen[np.argsort(-areas[chosen], kind="stable")[:_MOST]])
    rows = list(_measured(scene, chosen, stats))
    return np.array(rows).reshape(-1, len(_OF_SPOT))


def _outside(region: Region) -> np.ndarray:
    """Return what is not the region, with a frame of one pixel round it."""
    return np.pad((~region.mask).astype(np.uint8), 1, constant_values=1)


def _depth(region: Region, foreground: np.ndarray) -> np.ndarray:
    closed = cv2.morphologyEx(foreground.astype(np.uint8), cv2.MORPH_CLOSE, _CLOSE)
    body = (binary_fill_holes(closed) & region.mask).astype(np.uint8)
    # The edge of an image cuts through a body and is none of its own; that of a mask is.
    framed = np.pad(body, 1, mode="constant" if region.has_mask else "edge")
    if framed.all():  # OpenCV would measure the distance to nothing as 1.8e19
        return np.full(body.shape, np.nan, dtype=np.float32)
    return cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]


def _distance_to(bone: np.ndarray) -> np.ndarray | None:
    if not bone.any():
        return None
    return cv2.distanceTransform((~bone).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def _measured(scene: _Scene, chosen: np.ndarray, stats: np.ndarray) -> Iterator[list[float]]:
    height, width = scene.labels.shape
    for label in chosen:
        left, top, across, down, area = stats[label]
        rows = slice(max(top - _RING, 0), min(top + down + _RING, height))
        columns = slice(max(left - _RING, 0), min(left + across + _RING, width))
        spot = scene.labels[rows, columns] == label
        values = scene.scaled[rows, columns]
        ring = _ring(spot) & scene.mask[rows, columns]
        around = values[ring] if ring.any() else values[spot]
        contrast = float(values[spot].mean() - around.mean())
        unrest = float(around.std())
        bone = scene.bone_distance
        yield [
            float(area),
            contrast,
            unrest,
            contrast / (unrest + _NOISE),
            float(scene.depth[rows, columns][spot].mean()),
            float("nan") if bone is None else float(bone[rows, columns][spot].mean()),
            float(area / (across * down)),
        ]


def _ring(spot: np.ndarray) -> np.ndarray:
    near = cv2.dilate(spot.astype(np.uint8), np.ones((3, 3), np.uint8))
    far = cv2.dilate(spot.astype(np.uint8), np.ones((2 * _RING + 1, 2 * _RING + 1), np.uint8))
    return (far > 0) & (near == 0)


def family() -> Family:
    """Return the family `isolated_spots`."""
    rows = [("count", "number of isolated bright spots", "1", "")]
    rows += [
        (f"count_clearer_{limit}", f"number of isolated spots of clarity above {limit}", "1", "")
        for limit in _CLEAR
    ]
    rows += [("total_area_px", "area of all isolated spots", "px^2", "")]
    rows += [
        (f"{pick}_{name}", f"{title} of the {pick} isolated spot", unit, _undefined(name))
        for pick in _PICKS
        for name, title, unit in _OF_SPOT
    ]
    features = tuple(
        Feature(f"isolated_spots_{name}", "isolated_spots", title, unit, None, undefined)
        for name, title, unit, undefined in rows
    )
    return Family("isolated_spots", features, compute)


def _undefined(name: str) -> str:
    also = {
        "bone_distance_px": "nothing large is bright",
        "depth_px": "the body fills the image and has no edge in it",
    }
    return f"{_NONE}, or {also[name]}" if name in also else _NONE
