"""From shapes and stones to a CT slice: partial volume, blur, correlated noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ksfeat.phantom.anatomy import Patient
from ksfeat.phantom.shapes import Shape, ellipse_depth
from ksfeat.phantom.stones import Stone

FIELD_MM = 365.0  # 1.9 mm a pixel at 192 pixels
THICKNESS_MM = 3.0
HU_RANGE = (-1000, 3071)  # what 12 bits hold
WINDOW_HU = (-400.0, 1600.0)  # a wide bone window: of the stones only apatite reaches its end
_LAYERS = 3  # sub-slices of the anatomy
_FINE = 4  # sub-pixels and sub-slices of a stone
_TEXTURE_STEP_MM = 30.0
_MARGIN_MM = 12.0  # the warp may move a shape this far out of its straight window


@dataclass(frozen=True)
class Grid:
    """The pixel grid: side in pixels, and where its points lie in the patient's frame, in mm."""

    size: int
    pixel_mm: float
    x: np.ndarray
    y: np.ndarray
    patient: Patient

    def window(self, x: float, y: float, reach: float) -> tuple[slice, slice]:
        """Return the rows and columns that hold a disc around a point of the patient."""
        cos, sin = np.cos(self.patient.rotation), np.sin(self.patient.rotation)
        column = (cos * x - sin * y + self.patient.offset_mm[0]) / self.pixel_mm
        row = (sin * x + cos * y + self.patient.offset_mm[1]) / self.pixel_mm
        half = (reach + _MARGIN_MM) / self.pixel_mm
        return self._between(row, half), self._between(column, half)

    def _between(self, position: float, half: float) -> slice:
        middle = position + (self.size - 1) / 2
        start, stop = int(np.floor(middle - half)), int(np.ceil(middle + half)) + 1
        return slice(min(max(start, 0), self.size), min(max(stop, 0), self.size))


def make_grid(patient: Patient, size: int) -> Grid:
    """Lay a grid over a patient who lies off centre, a little turned and not quite elliptic."""
    pixel_mm = FIELD_MM / size
    axis = (np.arange(size, dtype=np.float32) - (size - 1) / 2) * np.float32(pixel_mm)
    across = axis[None, :] - np.float32(patient.offset_mm[0])
    down = axis[:, None] - np.float32(patient.offset_mm[1])
    cos, sin = np.float32(np.cos(patient.rotation)), np.float32(np.sin(patient.rotation))
    x = cos * across + sin * down + _stretch(patient.warp_mm[0], size)
    y = cos * down - sin * across + _stretch(patient.warp_mm[1], size)
    return Grid(size, pixel_mm, x, y, patient)


def acquire(
    grid: Grid,
    stones: tuple[Stone, ...],
    look_alikes: tuple[Stone, ...],
    z: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Scan one slice.

    Parameters
    ----------
    grid : Grid
        Where the pixels lie.
    stones, look_alikes : tuple of Stone
        What is dense: inside the kidneys, and outside.
    z : float
        Height of the slice's middle, in mm.
    rng : Generator
        Source of the noise.

    Returns
    -------
    hu : ndarray of int16, shape (size, size)
        Hounsfield units.
    mask : ndarray of bool, shape (size, size)
        Pixels that a stone fills by at least half as much as its fullest pixel.
    """
    patient = grid.patient
    layers = z + THICKNESS_MM * ((np.arange(_LAYERS) + 0.5) / _LAYERS - 0.5)
    hu = np.mean([_paint_anatomy(grid, float(layer)) for layer in layers], axis=0)
    hu += np.where(hu > -150, _texture(grid, z), 0)
    mask = np.zeros(hu.shape, dtype=bool)
    for stone in look_alikes:
        _add_stone(hu, grid, stone, z)
    for stone in stones:
        window, share = _add_stone(hu, grid, stone, z)
        mask[window] |= (share > 0) & (share >= 0.5 * share.max(initial=0))
    hu = cv2.GaussianBlur(hu, (0, 0), patient.psf_mm / grid.pixel_mm)
    hu += _noise(grid, rng)
    return np.clip(np.rint(hu), *HU_RANGE).astype(np.int16), mask


def to_bytes(hu: np.ndarray) -> np.ndarray:
    """Window Hounsfield units to 8 bits: `WINDOW_HU` becomes 0 to 255."""
    low, high = WINDOW_HU
    return np.rint(np.clip((hu - low) / (high - low), 0, 1) * 255).astype(np.uint8)


def _paint_anatomy(grid: Grid, z: float) -> np.ndarray:
    hu = np.zeros((grid.size, grid.size), dtype=np.float32)
    for shape in grid.patient.shapes:
        _paint(hu, grid, shape, z)
    return hu


def _paint(hu: np.ndarray, grid: Grid, shape: Shape, z: float) -> None:
    section = shape.section(z)
    if section is None:
        return
    x, y, a, b = section
    everywhere = (slice(None), slice(None))
    window = everywhere if shape.outside else grid.window(x, y, max(a, b))
    depth = ellipse_depth(grid.x[window], grid.y[window], section, shape.angle)
    share = np.clip(0.5 + depth / np.float32(grid.pixel_mm), 0, 1)
    share = 1 - share if shape.outside else share
    hu[window] += share * (np.float32(shape.hu) - hu[window])


def _add_stone(
    hu: np.ndarray, grid: Grid, stone: Stone, z: float
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Mix a stone into the slice by the share of each voxel that it fills."""
    x, y, middle = stone.centres[0]
    window = grid.window(x, y, stone.reach)
    share = np.zeros(hu[window].shape, dtype=np.float32)
    if abs(z - middle) < stone.reach + THICKNESS_MM / 2 and share.size:
        share = _filled(grid.x[window], grid.y[window], stone, z)
        hu[window] += share * (np.float32(stone.hu) - hu[window])
    return window, share


def _filled(x: np.ndarray, y: np.ndarray, stone: Stone, z: float) -> np.ndarray:
    """Return the share of each voxel inside the stone, by counting sub-voxels."""
    rows, columns = x.shape
    fine = (columns * _FINE, rows * _FINE)
    fine_x, fine_y = cv2.resize(x, fine), cv2.resize(y, fine)
    inside = np.zeros(fine_x.shape, dtype=np.float32)
    near = (fine_x - stone.centres[0, 0]) ** 2 + (fine_y - stone.centres[0, 1]) ** 2
    chosen = near < stone.reach**2
    for layer in (np.arange(_FINE) + 0.5) / _FINE - 0.5:
        height = np.full(int(chosen.sum()), z + THICKNESS_MM * layer)
        inside[chosen] += stone.contains(fine_x[chosen], fine_y[chosen], height)
    return inside.reshape(rows, _FINE, columns, _FINE).mean(axis=(1, 3)) / _FINE


def _texture(grid: Grid, z: float) -> np.ndarray:
    """Return the patient's smooth unevenness at a height, in HU: it changes slowly along z."""
    fields = grid.patient.texture_hu
    position = np.clip(z / _TEXTURE_STEP_MM + (len(fields) - 1) / 2, 0, len(fields) - 1.001)
    below = int(position)
    share = np.float32(position - below)
    return _stretch((1 - share) * fields[below] + share * fields[below + 1], grid.size)


def _noise(grid: Grid, rng: np.random.Generator) -> np.ndarray:
    """Return noise in HU: a band of frequencies, as filtered back-projection leaves it."""
    white = rng.standard_normal((grid.size, grid.size), dtype=np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), 1.2 / grid.pixel_mm)
    band = soft - np.float32(0.7) * cv2.GaussianBlur(white, (0, 0), 4.0 / grid.pixel_mm)
    # Rays through the middle cross the most tissue, so that the noise is strongest there.
    middle = np.exp(-(grid.x**2 + grid.y**2) / np.float32(2 * 90.0**2))
    return band * (np.float32(grid.patient.noise_hu) / band.std()) * (0.6 + 0.5 * middle)


def _stretch(field: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(field, (size, size), interpolation=cv2.INTER_CUBIC)
