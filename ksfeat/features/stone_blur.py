"""What the blur of a scanner does to a stone: it is tried on balls, whose true size is known."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

BLUR_MM = 1.3  # full width at half maximum of a soft kernel's point spread
PLATEAU = 75.0  # percentile of the inside that stands for a stone's own level
_STEP_MM = 0.1  # of the ball that blur is tried on
_OFF = (0.0, 0.25, 0.5)  # of a slice: how far off its middle those balls lie
_BALLS = np.concatenate([np.arange(0.5, 6.0, 0.25), np.arange(6.0, 21.0, 1.0)])


def blur_of(wide: float, off_mm: float, blur_mm: float, slice_mm: float) -> tuple[float, float]:
    """Return by how much blur widens a ball, and which share of its height it leaves.

    Parameters
    ----------
    wide : float
        Diameter at half height, as it is seen, in mm.
    off_mm : float
        How far its middle lies from that of the nearest slice.
    blur_mm : float
        Full width at half maximum of the point spread in the slice.
    slice_mm : float
        Thickness of a slice.

    Examples
    --------
    >>> wider, kept = blur_of(20.0, 0.0, 1.3, 1.0)
    >>> abs(wider) < 0.3, kept > 0.95
    (True, True)
    """
    shares = np.array([_seen(blur_mm, slice_mm, off) for off in _OFF])
    seen, height = (
        np.array([np.interp(off_mm / slice_mm, _OFF, column) for column in table.T])
        for table in (shares[:, 0], shares[:, 1])
    )
    if wide >= seen[-1]:
        return float(seen[-1] - _BALLS[-1]), float(height[-1])
    true = float(np.interp(wide, np.maximum.accumulate(seen), _BALLS))
    return wide - true, float(np.interp(true, _BALLS, height))


@cache
def _seen(blur_mm: float, slice_mm: float, off: float) -> np.ndarray:
    """Return width and plateau, over the true one, of balls of `_BALLS` seen by a scanner, (2, n).

    Their middles lie as many slices as `off` from that of the slice.
    """
    return np.array([_ball(diameter, blur_mm, slice_mm, off * slice_mm) for diameter in _BALLS]).T


def _ball(diameter: float, blur_mm: float, slice_mm: float, off_mm: float) -> tuple[float, float]:
    line = np.arange(0, diameter / 2 + 3 * blur_mm, _STEP_MM)
    line = np.concatenate([-line[:0:-1], line])
    away = np.hypot(line[:, None], line[None])
    chord = np.sqrt(np.maximum((diameter / 2) ** 2 - away**2, 0))
    top = np.minimum(chord, off_mm + slice_mm / 2)
    share = np.maximum(top - np.maximum(-chord, off_mm - slice_mm / 2), 0) / slice_mm
    sigma = blur_mm / (2 * np.sqrt(2 * np.log(2)) * _STEP_MM)
    image = cv2.GaussianBlur(share, (0, 0), sigma)
    plateau = float(np.percentile(image[image > image.max() / 2], PLATEAU))
    return float(np.sqrt(4 / np.pi * (image > plateau / 2).sum()) * _STEP_MM), plateau
