"""Where slices lie in the patient, and how a stack of them becomes a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pydicom

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.header import attribute, text
from ksfeat.io.orientation import Grid

_SQUARE = 0.01  # how far direction cosines may be from unit length and right angles
_SAME = 1e-3  # in direction cosines (0.06 degrees) and relative spacing
_TILT_DEGREES = 1.0
_COINCIDE_MM = 0.01
_UNEVEN = 0.1  # of the spacing; and 0.05 mm for positions rounded to a tenth
_ROUNDING_MM = 0.05


@dataclass(frozen=True, eq=False)
class Plane:
    """Where one slice lies, in millimetres to the patient's left, back and head.

    Parameters
    ----------
    position : ndarray of shape (3,)
        Centre of the first pixel.
    along : ndarray of shape (2, 3)
        Unit vectors down a column and along a row: the axes of the pixels.
    spacing_mm : tuple of float
        Distance of neighbours along each of them.
    """

    position: np.ndarray
    along: np.ndarray
    spacing_mm: tuple[float, float]

    @property
    def normal(self) -> np.ndarray:
        """Unit vector to which slices are sorted: row direction x column direction."""
        (a, b, c), (d, e, f) = self.along[1], self.along[0]
        return np.array([b * f - c * e, c * d - a * f, a * e - b * d])  # np.cross takes 30 us

    def grid(self, shape: tuple[int, int], step_mm: float = 1.0) -> Grid:
        """Return the grid of a stack that begins here, of which the slice is the first."""
        steps = np.vstack([self.normal * step_mm, self.along * np.array(self.spacing_mm)[:, None]])
        return Grid((1, *shape), steps, self.position)


def numbers_of(value: Any, count: int) -> tuple[float, ...] | None:
    """Return `count` finite numbers, or None."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        return None
    if len(value) != count or any(text(item) == "" for item in value):
        return None
    numbers = tuple(float(item) for item in value)
    return numbers if all(map(math.isfinite, numbers)) else None


def spacing_of(dataset: pydicom.Dataset, frame: int = 0) -> tuple[float, float] | None:
    """Return millimetres in the patient along columns and rows; None where they are not known.

    ImagerPixelSpacing is none of them: it is measured at the detector, magnified.
    """
    spacing = numbers_of(attribute(dataset, "PixelSpacing", frame), 2)
    return None if spacing is None else (spacing[0], spacing[1])


def plane_of(dataset: pydicom.Dataset, frame: int = 0) -> Plane | None:
    """Return where a frame lies, or None where the file does not say it, or no sense of it."""
    position = numbers_of(attribute(dataset, "ImagePositionPatient", frame), 3)
    cosines = numbers_of(attribute(dataset, "ImageOrientationPatient", frame), 6)
    spacing = spacing_of(dataset, frame)
    if position is None or cosines is None or spacing is None or min(spacing) <= 0:
        return None
    along = np.array([cosines[3:], cosines[:3]])
    products = along @ along.T
    if np.abs(products - np.eye(2)).max() > _SQUARE:
        return None
    along /= np.sqrt(products.diagonal())[:, None]
    return Plane(np.array(position), along, spacing)


def stack(planes: Sequence[Plane], shape: tuple[int, int], name: str) -> tuple[np.ndarray, Grid]:
    """Put slices in order by their place along the normal.

    Parameters
    ----------
    planes : sequence of Plane
        At least two, in any order.
    shape : tuple of int
        Of a slice.
    name : str
        How to call the series in an error.

    Returns
    -------
    order : ndarray of int
        Which slice comes first, second and so on.
    grid : Grid
        Of the slices in this order, (Z, H, W).

    Raises
    ------
    InputError
        If slices differ in orientation or spacing, coincide, leave a gap, lie unevenly, or are
        shifted against their normal by more than 1 degree (a tilted gantry).
    """
    first = planes[0]
    _require_parallel(planes, name)
    positions = np.array([plane.position for plane in planes])
    along_normal = positions @ first.normal
    order = np.argsort(along_normal, kind="stable")
    step = _even_step(along_normal[order], name)
    _require_upright(positions[order], first.normal, name)
    grid = planes[order[0]].grid(shape, step)
    return order, Grid((len(planes), *shape), grid.steps, grid.origin_mm)


def grid_of(image: StoneImage) -> Grid | None:
    """Return where the pixels of an image lie, a slice being a volume of one; None if unknown."""
    if image.origin_mm is None or image.direction is None or image.spacing_mm is None:
        return None
    spacing = np.array([1.0, 1.0, 1.0])
    spacing[-len(image.spacing_mm) :] = image.spacing_mm
    shape = (1, *image.shape)[-3:]
    return Grid(shape, image.direction * spacing[:, None], image.origin_mm)


def _require_parallel(planes: Sequence[Plane], name: str) -> None:
    along = np.array([plane.along for plane in planes])
    if np.abs(along - along[0]).max() > _SAME:
        raise InputError(
            f"{name}: slices of different orientation; expected parallel ones; "
            "keep those of one series"
        )
    spacing = np.array([plane.spacing_mm for plane in planes])
    if np.abs(spacing / spacing[0] - 1).max() > _SAME:
        raise InputError(
            f"{name}: pixels of {spacing.min():g} to {spacing.max():g} mm; expected one pixel "
            "spacing; keep the slices of one series"
        )


def _even_step(places: np.ndarray, name: str) -> float:
    """Return the distance of neighbours among sorted places along the normal."""
    gaps = np.diff(places)
    close = int(gaps.argmin())
    if gaps[close] < _COINCIDE_MM:
        raise InputError(
            f"{name}: {int((gaps < _COINCIDE_MM).sum()) + 1} or more slices at one position "
            f"({places[close]:g} mm along the normal); expected one; keep one series, phase or copy"
        )
    usual, wide = float(np.median(gaps)), int(gaps.argmax())
    if gaps[wide] > 1.5 * usual:
        raise InputError(
            f"{name}: a gap of {gaps[wide]:g} mm from {places[wide]:g} to {places[wide + 1]:g} mm "
            f"along the normal; expected slices every {usual:g} mm; add the missing ones"
        )
    step = float((places[-1] - places[0]) / (len(places) - 1))
    off = np.abs(places - places[0] - step * np.arange(len(places))).max()
    if off > _UNEVEN * step + _ROUNDING_MM:
        raise InputError(
            f"{name}: slices {gaps.min():g} to {gaps.max():g} mm apart; expected even distances; "
            "resample the series, or keep one part of it"
        )
    return step


def _require_upright(positions: np.ndarray, normal: np.ndarray, name: str) -> None:
    """Refuse a sheared stack: on a grid of right angles its slices would not lie above another."""
    shift = positions - positions[0]
    sideways = np.linalg.norm(shift - np.outer(shift @ normal, normal), axis=1)
    tilt = np.degrees(np.arctan2(sideways[1:], shift[1:] @ normal)).max()
    if tilt > _TILT_DEGREES and sideways.max() > _ROUNDING_MM:
        raise InputError(
            f"{name}: slices shifted by {tilt:.1f} degrees against their normal (a tilted gantry); "
            f"expected at most {_TILT_DEGREES:g}; resample the series to right angles"
        )
