"""The pixels that texture is timed on: real ones where they are at hand, else simulated."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from benchmarks.harness import real_data
from ksfeat.io import read_image
from ksfeat.phantom.make import phantom_slices

_NOISE = 8  # of 256 grey levels: a slice that was made larger is too smooth to be a fair test


@dataclass(frozen=True, eq=False)
class Case:
    """What is timed.

    Parameters
    ----------
    name : str
        Such as "512 px, 32 levels".
    pixels : ndarray of float64, shape (H, W) or (Z, H, W)
        Intensities.
    levels : int
        Grey levels (fixed bin number).
    source : str
        Where the pixels are from.
    """

    name: str
    pixels: np.ndarray
    levels: int
    source: str

    @property
    def dimensions(self) -> int:
        """2 for a slice, 3 for a volume."""
        return self.pixels.ndim


def slice_case(size: int, levels: int, seed: int) -> Case:
    """Return an axial CT slice of 256 grey levels, resampled to a square, with noise added."""
    slice_, source = _slice()
    resized = cv2.resize(slice_, (size, size), interpolation=cv2.INTER_CUBIC).astype(np.float64)
    noise = np.random.default_rng(seed).normal(0, _NOISE, resized.shape)
    pixels = np.rint(np.clip(resized + noise, 0, 255))  # whole numbers, as the peers are given
    return Case(f"{size} px, {levels} levels", pixels, levels, source)


def volume_case(levels: int) -> Case | None:
    """Return 64x64x32 voxels in the middle of the IBSI CT phantom, or None where it is absent."""
    folder = real_data()
    path = folder / "ibsi" / "ct_phantom" / "phantom.nii.gz" if folder else None
    if path is None or not path.is_file():
        return None
    pixels = read_image(path).pixels
    depth, height, width = (size // 2 for size in pixels.shape)
    box = pixels[depth - 16 : depth + 16, height - 32 : height + 32, width - 32 : width + 32]
    return Case(f"64x64x32, {levels} levels", np.ascontiguousarray(box, np.float64), levels, "IBSI")


def _slice() -> tuple[np.ndarray, str]:
    folder = real_data()
    images = sorted((folder / "ct_kidney" / "images").rglob("*.*")) if folder else []
    if images:
        return read_image(images[0]).grey().astype(np.float32), "ct_kidney, first slice"
    hu = next(phantom_slices()).pixels
    return ((np.clip(hu, -160, 240) + 160) / 400 * 255).astype(np.float32), "simulated"
