"""What is in a simulated scan, by the phantom's own records: never by what a detector says."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from benchmarks.phantom_scans import View
from ksfeat.phantom.make.case import Case
from ksfeat.phantom.scanner.grid import make_grid
from ksfeat.phantom.stones import CORE, OUTSIDE, Stone

_FINE = 5  # points along a pixel
_STEP_MM = 0.25  # along z
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
    scan, span = view.scan, view.span_mm
    count = int((span[1] - span[0]) / scan.thickness_mm)
    base, top = span[0], span[0] + count * scan.thickness_mm
    low, high = stone.span
    heights = np.arange(low - 0.2 * (high - low), high + 0.2 * (high - low), _STEP_MM)
    heights = heights[(heights > base) & (heights < top)]
    if len(heights) == 0:
        return None
    window, points = _points(stone, case, view, float(np.mean(heights)))
    x, y = points
    layer = np.array([stone.layer(x, y, np.full(x.shape, z)) for z in heights])
    filled = layer > OUTSIDE
    if not filled.any():
        return None
    step = scan.pixel_mm / _FINE
    levels, down, across = (
        np.flatnonzero(filled.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))
    )
    slices = (heights - base) / scan.thickness_mm
    core = float((layer == CORE).sum() / filled.sum())
    edge = np.array([window[0], window[1]])
    outline, fill = _outline(filled, slices, edge)
    return Thing(
        kind,
        stone.location,
        np.array([slices[levels[0]], *(edge + np.array([down[0], across[0]]) / _FINE)]),
        np.array([slices[levels[-1]], *(edge + np.array([down[-1] + 1, across[-1] + 1]) / _FINE)]),
        max(_feret(part) for part in filled[levels]) * step,
        (levels[-1] - levels[0] + 1) * _STEP_MM,
        float(filled.sum()) * step**2 * _STEP_MM,
        core * stone.matter.core.hu(scan.beams[0])
        + (1 - core) * stone.matter.shell.hu(scan.beams[0]),
        outline,
        fill,
    )


def _points(stone: Stone, case: Case, view: View, z: float) -> tuple[tuple[int, int], np.ndarray]:
    """Return first row and column of a window round a stone, and the patient's x and y in it."""
    grid = _grid(case, view, z)
    middle = (stone.centres - stone.radii).min(axis=0) + (stone.centres + stone.radii).max(axis=0)
    away = np.abs(grid - (middle[:2] / 2)[:, None, None]).max(axis=0)
    reach = 0.65 * stone.diameter_mm + 2 * view.scan.pixel_mm
    rows, columns = np.nonzero(away <= reach)
    top, left = int(rows.min()), int(columns.min())
    part = grid[:, top : rows.max() + 1, left : columns.max() + 1]
    size = (part.shape[2] * _FINE, part.shape[1] * _FINE)
    fine = [cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in part]
    return (top, left), np.array(fine, dtype=float)


def _outline(
    filled: np.ndarray, slices: np.ndarray, edge: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], float]:
    """Return the voxels of a stone, and the share of the fullest that it fills."""
    number = np.floor(slices).astype(int)
    across = filled.reshape(len(filled), filled.shape[1] // _FINE, _FINE, -1, _FINE)
    share = across.mean(axis=(2, 4))
    per_slice = np.zeros((number[-1] - number[0] + 1, *share.shape[1:]))
    np.add.at(per_slice, number - number[0], share)
    per_slice /= max(1, round(1 / float(np.diff(slices).mean())) if len(slices) > 1 else 1)
    at = np.nonzero(per_slice >= _FULL * per_slice.max())
    return (at[0] + number[0], at[1] + int(edge[0]), at[2] + int(edge[1])), float(per_slice.max())


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


def truth_table(found: list[Thing], patient: str) -> pd.DataFrame:
    """Return the things of a patient as rows."""
    return pd.DataFrame(
        [
            {
                "patient": patient,
                "kind": thing.kind,
                "location": thing.location,
                "diameter_mm": thing.diameter_mm,
                "extent_mm": thing.extent_mm,
                "volume_mm3": thing.volume_mm3,
                "hu": thing.hu,
                "fill": thing.fill,
            }
            for thing in found
        ]
    )
