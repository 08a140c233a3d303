"""What is in a simulated scan, by the phantom's own records: never by what a detector says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.phantom_scans import View
from ksfeat.phantom.make.case import Case
from ksfeat.phantom.scanner.grid import make_grid
from ksfeat.phantom.stones import CORE, OUTSIDE, Stone


class _Steps(NamedTuple):
    fine: int  # points along a pixel
    mm: float  # along z


_MEASURED = _Steps(5, 0.25)
_PLACED = _Steps(2, 1.0)  # of look-alikes of many grains, of which only the place is asked
_GRAINS = 30  # parts of a thing, above which it is no stone
_FULL = 0.5  # of its fullest voxel: what a voxel must hold to be in an outline
_TUBE_MM = 7.0  # from a middle line of the collecting system: contrast there


@dataclass(frozen=True)
class Thing:
    """One stone or look-alike as the scanner saw it.

    Parameters
    ----------
    kind : str
        "stone", or the kind of look-alike.
    location : str
        Where it lies.
    low, high : ndarray of shape (3,)
        Box in slices, rows and columns, half-open, in fractions of voxels.
    diameter_mm, extent_mm, volume_mm3, hu : float
        Largest axial diameter, height, volume, and mean density of its matter.
    outline : tuple of ndarray
        Slices, rows and columns of the voxels that it fills by half as much as the fullest.
    fill : float
        Share of its fullest voxel that it fills.
    """

    kind: str
    location: str
    low: np.ndarray
    high: np.ndarray
    diameter_mm: float
    extent_mm: float
    volume_mm3: float
    hu: float
    outline: tuple[np.ndarray, np.ndarray, np.ndarray]
    fill: float

    def hit_by(self, places: np.ndarray, grown: float = 2.0) -> np.ndarray:
        """Return which places (slice, x, y) lie in its box grown by pixels and half a slice."""
        spots = places[:, [0, 2, 1]] + [0.5, 0.0, 0.0]
        margin = np.array([0.5, grown, grown])
        return ((spots >= self.low - margin) & (spots <= self.high + margin)).all(axis=1)


def things(case: Case, view: View) -> list[Thing]:
    """Return all that is calcified within a scan, stones first."""
    rows = [("stone", one) for one in case.shown]
    rows += [(one.composition, one) for one in case.look_alikes]
    found = (_thing(kind, one, case, view) for kind, one in rows)
    return [thing for thing in found if thing is not None]


def _thing(kind: str, stone: Stone, case: Case, view: View) -> Thing | None:
    steps = _MEASURED if len(stone.centres) <= _GRAINS else _PLACED
    heights = _heights(stone, view, steps.mm)
    corner, points = _points(stone, case, view, heights, steps.fine)
    if points is None:
        return None
    layer = np.array([stone.layer(*points, np.full(points[0].shape, z)) for z in heights])
    filled = layer > OUTSIDE
    if not filled.any():
        return None
    levels, down, across = (
        np.flatnonzero(filled.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))
    )
    slices = (heights - view.span_mm[0]) / view.scan.thickness_mm
    low, high = (corner + np.array([down[at], across[at]]) / steps.fine for at in (0, -1))
    step, beam = view.scan.pixel_mm / steps.fine, view.scan.beams[0]
    core = float((layer == CORE).sum() / filled.sum())
    return Thing(
        kind,
        stone.location,
        np.array([slices[levels[0]], *low]),
        np.array([slices[levels[-1]], *(high + 1 / steps.fine)]),
        max(_feret(part) for part in filled[levels]) * step,
        (levels[-1] - levels[0] + 1) * steps.mm,
        float(filled.sum()) * step**2 * steps.mm,
        core * stone.matter.core.hu(beam) + (1 - core) * stone.matter.shell.hu(beam),
        *_outline(filled, slices, corner, steps.fine),
    )


def _heights(stone: Stone, view: View, step_mm: float) -> np.ndarray:
    """Return the heights, within the scan, at which a stone is looked at."""
    count = int((view.span_mm[1] - view.span_mm[0]) / view.scan.thickness_mm)
    base, top = view.span_mm[0], view.span_mm[0] + count * view.scan.thickness_mm
    low, high = stone.span
    relief = 0.2 * (high - low)
    heights = np.arange(low - relief, high + relief, step_mm)
    return heights[(heights > base) & (heights < top)]


def _points(
    stone: Stone, case: Case, view: View, heights: np.ndarray, fine: int
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return first row and column of a window round a stone, and the patient's x and y in it."""
    if len(heights) == 0:
        return np.zeros(2), None
    grid = _grid(case, view, float(np.mean(heights)))
    middle = (stone.centres - stone.radii).min(axis=0) + (stone.centres + stone.radii).max(axis=0)
    away = np.abs(grid - (middle[:2] / 2)[:, None, None]).max(axis=0)
    rows, columns = np.nonzero(away <= 0.65 * stone.diameter_mm + 2 * view.scan.pixel_mm)
    if len(rows) == 0:
        return np.zeros(2), None
    top, left = int(rows.min()), int(columns.min())
    part = grid[:, top : rows.max() + 1, left : columns.max() + 1]
    size = (part.shape[2] * fine, part.shape[1] * fine)
    drawn = [cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in part]
    return np.array([top, left]), np.array(drawn, dtype=float)


def _outline(
    filled: np.ndarray, slices: np.ndarray, corner: np.ndarray, fine: int
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], float]:
    """Return the voxels of a stone, and the share of the fullest that it fills."""
    number = np.floor(slices).astype(int)
    share = filled.reshape(len(filled), filled.shape[1] // fine, fine, -1, fine).mean(axis=(2, 4))
    voxels = np.zeros((number[-1] - number[0] + 1, *share.shape[1:]))
    np.add.at(voxels, number - number[0], share)
    voxels *= float(np.diff(slices).mean()) if len(slices) > 1 else 1.0
    at = np.nonzero(voxels >= _FULL * voxels.max())
    places = (at[0] + number[0], at[1] + int(corner[0]), at[2] + int(corner[1]))
    return places, min(float(voxels.max()), 1.0)


def _feret(part: np.ndarray) -> float:
    points = np.argwhere(part)
    if len(points) < 2:
        return 1.0
    hull = cv2.convexHull(points.astype(np.float32)[:, ::-1])[:, 0]
    return float(np.sqrt(((hull[:, None] - hull[None]) ** 2).sum(axis=2).max())) + 1.0


def in_collecting_system(case: Case, view: View, places: np.ndarray) -> np.ndarray:
    """Return which places (slice, x, y) lie in calyces, pelvis or ureter, or beside them."""
    lines = np.concatenate(
        [
            np.concatenate([kidney.ureter, [kidney.pelvis], [c.centre for c in kidney.calyces]])
            for kidney in case.patient.kidneys
            if kidney.ureter is not None
        ]
    )
    found = np.zeros(len(places), dtype=bool)
    for number, (index, x, y) in enumerate(places):
        z = view.span_mm[0] + (index + 0.5) * view.scan.thickness_mm
        spot = np.array([*_grid(case, view, z)[:, int(y), int(x)], z])
        found[number] = np.linalg.norm(lines - spot, axis=1).min() <= _TUBE_MM
    return found


def _grid(case: Case, view: View, z: float) -> np.ndarray:
    """Return the patient's x and y of each pixel that is seen."""
    grid = make_grid(case.patient, view.scan.size, view.scan.pixel_mm, z).points
    return grid[:, slice(*view.rows)]
