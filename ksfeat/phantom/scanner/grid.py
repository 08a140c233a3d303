"""`Grid`: where the points of a slice lie in a patient who is turned, off centre and uneven."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from ksfeat.phantom.anatomy import Patient

# The warp fades before the table, which is straight.
_WARPED_TO_MM, _FADING_MM = 115.0, 25.0
FIELD_STEP_MM = 30.0  # from one field of a patient to the next, along z


@dataclass(frozen=True)
class Grid:
    """Points of a slice in the patient's frame.

    Parameters
    ----------
    step_mm : float
        Distance of neighbouring points.
    points : ndarray of float32, shape (2, m, n)
        Their x and y, in mm.
    frame : ndarray of float64, shape (7,)
        Cosine and sine of the patient's rotation, the offset along x and y in mm, the step in mm,
        by how much the warp stretches at most, and in which row the middle of the field lies: what
        the kernels need.
    """

    step_mm: float
    points: np.ndarray
    frame: np.ndarray

    def band(self, top: int, bottom: int) -> Grid:
        """Return the rows from top to bottom, half-open."""
        frame = self.frame.copy()
        frame[6] -= top
        return Grid(self.step_mm, np.ascontiguousarray(self.points[:, top:bottom]), frame)


def make_grid(patient: Patient, size: int, step_mm: float, z: float = 0.0) -> Grid:
    """Lay points over a patient at a height, `size` along each side, the middle at the origin."""
    line = (np.arange(size) - (size - 1) / 2) * step_mm
    across, down = line[None, :] - patient.offset_mm[0], line[:, None] - patient.offset_mm[1]
    cos, sin = np.cos(patient.rotation), np.sin(patient.rotation)
    warp = np.stack([stretched(field, size) for field in at_height(patient.warp_mm, z)])
    warp *= np.clip((_WARPED_TO_MM - down) / _FADING_MM, 0, 1).astype(np.float32)
    straight = np.stack([cos * across + sin * down, cos * down - sin * across])
    strain = sum(float(np.abs(np.diff(warp, axis=axis)).max()) for axis in (1, 2)) / step_mm
    frame = np.array([cos, sin, *patient.offset_mm, step_mm, 2 * strain, (size - 1) / 2])
    return Grid(step_mm, straight.astype(np.float32) + warp, frame)


def at_height(fields: np.ndarray, z: float) -> np.ndarray:
    """Return what lies between the fields below and above a height; they stand 30 mm apart.

    The first half of them lies towards the feet; beyond the ends the last one goes on.
    """
    place = np.clip(z / FIELD_STEP_MM + (len(fields) - 1) / 2, 0, len(fields) - 1)
    below = min(int(place), max(len(fields) - 2, 0))
    share = np.float32(place - below)
    above = min(below + 1, len(fields) - 1)
    return (1 - share) * fields[below] + share * fields[above]


def stretched(field: np.ndarray, size: int) -> np.ndarray:
    """Return a coarse field smoothly drawn out over a slice."""
    coarse = np.asarray(field, dtype=np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
