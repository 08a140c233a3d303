"""How large and how dense a stone in a scan is: measured on its own voxels, not on resampled ones.

Blur makes a small stone wider and paler. Both are undone by what the same blur does to a ball.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from scipy import ndimage

from ksfeat.errors import InputError
from ksfeat.features.stone_blur import BLUR_MM, PLATEAU, blur_of
from ksfeat.image import StoneImage

_WINDOWS = (12.0, 24.0, 48.0)  # mm to each side; a larger one where a stone touches the edge
_PIXEL_MM, _SLICE_MM = 0.85, 3.0  # where spacing is unknown, windows are reckoned in these
_FINE = 4  # sub-pixels along a side
_ROUND = 4  # pixels that the ring of background is wide, after one of
_GAP = 2
_TURNS = 3  # of region, background and plateau


class StoneSize(NamedTuple):
    """What was measured of one stone.

    Parameters
    ----------
    diameter : float
        Largest axial diameter, in mm, or pixels where the scan has no spacing.
    extent : float
        From the first to the last slice at half height, in mm, or slices.
    volume : float
        In mm3, or voxels.
    mean : float
        Mean density, blur undone where spacing is known; in the image's unit.
    maximum : float
        Of its voxels.
    background : float
        Median of what surrounds it.
    in_mm : bool
        Whether lengths are in mm.
    """

    diameter: float
    extent: float
    volume: float
    mean: float
    maximum: float
    background: float
    in_mm: bool


class _Outline(NamedTuple):
    levels: np.ndarray  # of the window
    mine: np.ndarray  # bool: nearer to no other stone
    region: np.ndarray  # bool: above half height, in one piece
    background: float
    plateau: float  # of its clearest slice


def measure_stone(
    scan: StoneImage,
    place: tuple[float, float, float],
    others: np.ndarray | None = None,
    blur_mm: float = BLUR_MM,
) -> StoneSize:
    """Measure what is bright at a place in a scan.

    Parameters
    ----------
    scan : StoneImage
        A volume, in HU or grey.
    place : tuple of float
        Slice, x and y in pixels, as `CandidateVolumes.places` has them.
    others : ndarray of shape (n, 3), optional
        Places of other stones: a voxel that is nearer to one of them is not this one's.
    blur_mm : float, default=1.3
        Full width at half maximum of the scanner's point spread in the slice; 0 to correct nothing.

    Returns
    -------
    StoneSize

    Raises
    ------
    InputError
        If the image is no volume, or the place lies outside.

    Examples
    --------
    >>> pixels = np.full((9, 40, 40), 20.0)
    >>> pixels[3:6, 18:24, 18:24] = 800.0
    >>> scan = StoneImage(pixels, unit="HU", spacing_mm=(2.0, 1.0, 1.0), volume=True)
    >>> size = measure_stone(scan, (4.0, 21.0, 21.0), blur_mm=0)
    >>> round(size.extent), round(size.diameter), size.maximum
    (6, 8, 800.0)
    """
    if not scan.volume:
        raise InputError(f"{scan.name}: one slice; expected a volume")
    at = (round(place[0]), int(place[2]), int(place[1]))
    if not all(0 <= index < size for index, size in zip(at, scan.shape, strict=True)):
        raise InputError(f"{scan.name}: place {place}; expected one in {scan.shape}")
    spacing = scan.spacing_mm or (_SLICE_MM, _PIXEL_MM, _PIXEL_MM)
    found = []
    for window in _WINDOWS:
        low, levels = _cropped(scan, at, window, spacing)
        mine = _nearest(low, levels.shape, place, others, spacing)
        found.append(_outlined(levels, mine, tuple(np.subtract(at, low))))
    return _sized(_whole(found), scan, blur_mm)


def _whole(found: list[_Outline]) -> _Outline:
    """Return the outline in the smallest window that holds a stone and what surrounds it."""
    rises = [one.plateau - one.background for one in found]
    for one, rise in zip(found, rises, strict=True):
        # A window inside a large stone sees its unevenness only.
        if rise >= max(rises) / 2 and not _touches(one.region):
            return one
    return found[-1]


def _cropped(
    scan: StoneImage, at: tuple[int, ...], window: float, spacing: tuple[float, ...]
) -> tuple[tuple[int, ...], np.ndarray]:
    reach = [int(np.ceil(window / step)) for step in spacing]
    low = tuple(max(index - far, 0) for index, far in zip(at, reach, strict=True))
    part = tuple(
        slice(first, index + far + 1) for first, index, far in zip(low, at, reach, strict=True)
    )
    return low, scan.pixels[part].astype(np.float32)


def _nearest(
    low: tuple[int, ...],
    shape: tuple[int, ...],
    place: tuple[float, float, float],
    others: np.ndarray | None,
    spacing: tuple[float, ...],
) -> np.ndarray:
    """Return which voxels are no nearer to another place."""
    mine = np.ones(shape, dtype=bool)
    if others is None or len(others) == 0:
        return mine
    axes = [(np.arange(size) + first) for size, first in zip(shape, low, strict=True)]
    grid = np.meshgrid(axes[0], axes[1] + 0.5, axes[2] + 0.5, indexing="ij")

    def away(spot: np.ndarray) -> np.ndarray:
        middle = (spot[0], spot[2], spot[1])
        return sum(
            ((one - where) * step) ** 2
            for one, where, step in zip(grid, middle, spacing, strict=True)
        )

    own = away(np.asarray(place))
    for other in np.asarray(others):
        mine &= own <= away(other)
    return mine


def _outlined(levels: np.ndarray, mine: np.ndarray, at: tuple[int, ...]) -> _Outline:
    """Return the piece above half height that holds a voxel: of plateau and background in turns."""
    at = _summit(levels, mine, at)
    background, plateau = float(np.median(levels[at[0]])), float(levels[at])
    for _ in range(_TURNS):
        half = (background + plateau) / 2
        pieces, _ = ndimage.label((levels > half) & mine)
        region = pieces == pieces[at] if pieces[at] else np.zeros_like(mine)
        region[at] = True
        background = _background(levels, region)
        above = np.where(region, levels - background, 0).sum(axis=(1, 2))
        best = int(np.where(region.any(axis=(1, 2)), above, -np.inf).argmax())
        top = float(np.percentile(levels[best][region[best]], PLATEAU))
        plateau = max(top, background + 1.0)
    return _Outline(levels, mine, region, background, plateau)


def _summit(levels: np.ndarray, mine: np.ndarray, at: tuple[int, ...]) -> tuple[int, ...]:
    """Return the highest voxel beside a place: the middle of a blob need not be it."""
    near = tuple(slice(max(index - reach, 0), index + reach + 1)
                 for index, reach in zip(at, (1, 2, 2), strict=True))  # fmt: skip
    part = np.where(mine[near], levels[near], -np.inf)
    found = np.unravel_index(int(part.argmax()), part.shape)
    return tuple(int(place) + one.start for place, one in zip(found, near, strict=True))


def _background(levels: np.ndarray, region: np.ndarray) -> float:
    """Return the median of a ring round a region, in its own slices."""
    disc = ndimage.generate_binary_structure(3, 1)
    disc[0] = disc[2] = False
    inner = ndimage.binary_dilation(region, disc, iterations=_GAP)
    ring = ndimage.binary_dilation(inner, disc, iterations=_ROUND) & ~inner
    return float(np.median(levels[ring])) if ring.any() else float(np.median(levels))


def _touches(region: np.ndarray) -> bool:
    return bool(region[:, [0, -1]].any() or region[:, :, [0, -1]].any())


def _sized(outline: _Outline, scan: StoneImage, blur_mm: float) -> StoneSize:
    levels, mine, region, background, plateau = outline
    spacing = scan.spacing_mm or (1.0, 1.0, 1.0)
    half = (background + plateau) / 2
    wide, as_disc = max(
        _across(levels[at], region[at], mine[at], half, spacing[1:])
        for at in np.flatnonzero(region.any(axis=(1, 2)))
    )
    grown = ndimage.binary_dilation(region, ndimage.generate_binary_structure(3, 3)) & mine
    excess = np.where(grown, levels - background, 0)
    wider, kept = 0.0, 1.0
    if scan.spacing_mm is not None and blur_mm > 0:
        wider, kept = blur_of(as_disc, _off(excess) * spacing[0], blur_mm, spacing[0])
    rise = (plateau - background) / kept
    return StoneSize(
        max(wide - wider, wide / 4),
        _extent(excess.max(axis=(1, 2)), spacing[0]),
        max(float(excess.sum() * np.prod(spacing)) / rise, 0.0),
        background + rise,
        float(levels[region].max()),
        background,
        scan.spacing_mm is not None,
    )


def _off(excess: np.ndarray) -> float:
    """Return how far a stone's middle is from that of the nearest slice, in slices, up to 1/2."""
    profile = np.maximum(excess.sum(axis=(1, 2)), 0)
    middle = float(profile @ np.arange(len(profile)) / max(profile.sum(), 1e-9))
    return abs(middle - round(middle))


def _across(
    level: np.ndarray, region: np.ndarray, mine: np.ndarray, half: float, step: tuple[float, ...]
) -> tuple[float, float]:
    """Return the largest diameter of what is above half height in a slice, to a part of a pixel.

    And that of a disc of its area.
    """
    around = ndimage.binary_dilation(region, iterations=2) & mine
    size = (level.shape[1] * _FINE, level.shape[0] * _FINE)
    fine = cv2.resize(level, size, interpolation=cv2.INTER_CUBIC)
    inside = (fine > half) & (
        cv2.resize(around.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    )
    rows, columns = np.nonzero(inside)
    if len(rows) == 0:
        return float(max(step)) / _FINE, float(max(step)) / _FINE
    points = np.stack([columns, rows], axis=1).astype(np.float32)
    hull = cv2.convexHull(points)[:, 0] * (np.array([step[1], step[0]]) / _FINE)
    between = hull[:, None] - hull[None]
    area = len(rows) * float(np.prod(step)) / _FINE**2
    feret = np.sqrt((between**2).sum(axis=2).max()) + np.mean(step) / _FINE
    return float(feret), float(np.sqrt(4 / np.pi * area))


def _extent(profile: np.ndarray, step: float) -> float:
    """Return how far a profile along the slices is above half its height, between slices too."""
    half, top = profile.max() / 2, int(profile.argmax())
    ends = []
    for side in (profile[top:], profile[top::-1]):
        below = np.flatnonzero(side < half)
        if len(below) == 0:
            ends.append(len(side) - 0.5)
            continue
        end = int(below[0])
        ends.append(end - 1 + (side[end - 1] - half) / (side[end - 1] - side[end]))
    return float(sum(ends) * step)
