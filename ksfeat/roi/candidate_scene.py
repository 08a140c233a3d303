"""A slice as a search for stones sees it: levels of soft tissue, bone, and what is dark."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage

GRID_MM = 0.85  # side of a working pixel, where the image says how large its own are
SIGMAS = (0.9, 1.5, 2.5, 4.2, 7.0, 11.6, 19.1)  # working pixels
_FINE = 4  # of them are blurred on every pixel
HU_PER_LEVEL = 1.5  # makes fat as far below soft tissue as in an abdominal window of 8 bits
_TISSUE_HU = 40.0
_LEVELS = (-130.0, 2040.0)  # beyond, air is air; what HU can say of a stone's density stays
_BRIGHTEST = 400.0  # for the search: brighter things are not more prominent
_FLOOR = -20.0  # fat and gas are one background: their own edges are no blobs
_SAME = 1.1  # pixel sizes that are nearer than this are not resampled
_BONE_LEVEL, _BONE_AREA = 45.0, 1500  # of smoothed levels; working pixels
_DENSE_LEVEL, _DENSE_AREA = 150.0, 250  # where HU tell the shells of bones from enhanced organs
_DARK = -70.0
_SATURATED = 0.92  # of the maximum: after JPEG, white is not one value
_CLOSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))


class Scene(NamedTuple):
    """What candidates are looked for in, and measured against.

    Lengths are in working pixels: of 0.85 mm where the image has a spacing, else the image's own.
    """

    levels: (
        np.ndarray
    )  # float32 (H, W): 0 is soft tissue; a level is 1.5 HU or one grey value of 256
    smooth: np.ndarray  # float32 (7, H, W): levels above a floor, blurred by `SIGMAS`
    labels: np.ndarray  # int32 (H, W): components of what is bright
    stats: np.ndarray  # of these components, as OpenCV gives them
    large: np.ndarray  # bool: which components are too large for a small stone
    bone: np.ndarray  # uint8 (H, W): the large ones, small gaps closed
    bone_distance: np.ndarray  # float32 (H, W)
    dark_distance: np.ndarray  # float32 (H, W): to fat, gas, or what lies outside the body
    scale: tuple[float, float]  # image pixels a working pixel, down and across


def scene_of(image: StoneImage) -> Scene:
    """Prepare a slice for the search.

    Raises
    ------
    InputError
        If the image is a volume.
    """
    if image.volume:
        raise InputError(f"{image.name}: a volume; expected one slice; take image.slice(index)")
    values, scale = _on_grid(_windowed(image), image.spacing_mm)
    levels = values - _tissue(values, image.unit)
    np.clip(levels, *_LEVELS, out=levels)
    searched = np.minimum(levels, np.float32(_BRIGHTEST))
    smooth = _blurred(np.maximum(searched, np.float32(_FLOOR)))
    level, area = (_DENSE_LEVEL, _DENSE_AREA) if image.unit == "HU" else (_BONE_LEVEL, _BONE_AREA)
    bright = (smooth[0] > level).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bright, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] > area
    large[0] = False
    bone = cv2.morphologyEx(large[labels].astype(np.uint8), cv2.MORPH_CLOSE, _CLOSE)
    dark = (cv2.blur(levels, (5, 5)) < _DARK).astype(np.uint8)
    return Scene(
        *(levels, smooth, labels, stats, large, bone),
        *(_distance_to(bone), _distance_to(dark), scale),
    )


def _windowed(image: StoneImage) -> np.ndarray:
    """Return levels whose zero is not soft tissue yet."""
    grey = image.grey()
    if image.unit == "HU":
        return (grey / HU_PER_LEVEL).astype(np.float32)
    if image.pixels.dtype == np.uint8:
        return grey.astype(np.float32)
    low, high = np.quantile(grey, (0.001, 0.999))
    span = high - low if high > low else 1.0
    return (255 * np.clip((grey - low) / span, 0, 1)).astype(np.float32)


def _on_grid(
    values: np.ndarray, spacing_mm: tuple[float, ...] | None
) -> tuple[np.ndarray, tuple[float, float]]:
    if spacing_mm is None or all(1 / _SAME < s / GRID_MM < _SAME for s in spacing_mm):
        return values, (1.0, 1.0)
    height, width = values.shape
    rows = max(round(height * spacing_mm[0] / GRID_MM), 1)
    columns = max(round(width * spacing_mm[1] / GRID_MM), 1)
    how = cv2.INTER_AREA if rows < height else cv2.INTER_LINEAR
    resized = cv2.resize(values, (columns, rows), interpolation=how)
    return resized, (height / rows, width / columns)


def _tissue(values: np.ndarray, unit: str) -> np.float32:
    """Return the level of soft tissue: known in HU, else the commonest of what is not dark."""
    if unit == "HU":
        return np.float32(_TISSUE_HU / HU_PER_LEVEL)
    whole = np.clip(values, 0, 255).astype(np.uint8)
    unsaturated = whole[whole < _SATURATED * whole.max()]
    if unsaturated.size == 0:
        return np.float32(whole.max())
    threshold, _ = cv2.threshold(unsaturated, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    counts = np.bincount(unsaturated, minlength=256).astype(float)
    counts = np.convolve(counts, np.bartlett(11), mode="same")
    first = int(threshold) + 1
    return np.float32(first + counts[first:].argmax())


def _blurred(levels: np.ndarray) -> np.ndarray:
    smooth = np.empty((len(SIGMAS), *levels.shape), dtype=np.float32)
    source, before = levels, 0.0
    for number in range(_FINE):
        # Gaussians add up in variance: each is blurred from the one before, with a smaller kernel.
        _blur(source, SIGMAS[number], before, smooth[number])
        source, before = smooth[number], SIGMAS[number]
    # What is smooth enough is seen as well, and faster, on every second pixel.
    half = (max(levels.shape[1] // 2, 1), max(levels.shape[0] // 2, 1))
    source, before = cv2.resize(source, half, interpolation=cv2.INTER_AREA), before / 2
    for number in range(_FINE, len(SIGMAS)):
        source, before = _blur(source, SIGMAS[number] / 2, before), SIGMAS[number] / 2
        cv2.resize(source, levels.shape[::-1], dst=smooth[number])
    return smooth


def _blur(
    source: np.ndarray, sigma: float, before: float, out: np.ndarray | None = None
) -> np.ndarray:
    """Blur further what was blurred before; both in pixels of the source."""
    step = float(np.sqrt(sigma**2 - before**2))
    reach = 2 * int(np.ceil(2.5 * step)) + 1
    return cv2.GaussianBlur(source, (reach, reach), step, dst=out)


def _distance_to(what: np.ndarray) -> np.ndarray:
    """Return the distance to the nearest marked pixel; the image's diagonal where none is."""
    if not what.any():
        return np.full(what.shape, np.hypot(*what.shape), dtype=np.float32)
    return cv2.distanceTransform(1 - what, cv2.DIST_L2, cv2.DIST_MASK_3)
