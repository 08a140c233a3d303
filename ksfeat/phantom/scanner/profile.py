"""The slice sensitivity profile: how much each height counts in a slice."""

from __future__ import annotations

import numpy as np


def sensitivity(z: np.ndarray, thickness_mm: float, collimation_mm: float) -> np.ndarray:
    """Return what heights count, from 0 to 1: a trapezoid.

    A detector row sees a slab of the collimation; the rows of a slice are added up. The full width
    at half maximum is the slice thickness.

    Parameters
    ----------
    z : ndarray
        Heights from the middle of the slice, in mm.
    thickness_mm, collimation_mm : float
        Slice thickness, and width of a detector row.
    """
    ramp = min(collimation_mm, thickness_mm)
    return np.clip((0.5 * (thickness_mm + ramp) - np.abs(z)) / ramp, 0.0, 1.0)


def sub_slices(thickness_mm: float, collimation_mm: float, step_mm: float) -> np.ndarray:
    """Return heights from the middle of a slice, at most `step_mm` apart, and their weights.

    Returns
    -------
    ndarray of float64, shape (m, 2)
        The weights, in the second column, add up to 1.
    """
    reach = thickness_mm + min(collimation_mm, thickness_mm)
    number = max(int(np.ceil(reach / step_mm)), 3)
    heights = reach * ((np.arange(number) + 0.5) / number - 0.5)
    weights = sensitivity(heights, thickness_mm, collimation_mm)
    return np.column_stack([heights, weights / weights.sum()])
