"""`scan_volume`: a patient's whole volume, axial, or cut coronally from thin slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ksfeat.errors import InputError
from ksfeat.phantom.scanner.acquire import scan_slices
from ksfeat.phantom.scanner.scan import Scan

if TYPE_CHECKING:
    from ksfeat.phantom.anatomy import Patient
    from ksfeat.phantom.stones import Stone


def scan_volume(  # noqa: PLR0913 - who, with what, where and how
    patient: Patient,
    stones: Sequence[Stone],
    look_alikes: Sequence[Stone],
    scan: Scan,
    rng: np.random.Generator,
    span: tuple[float, float] | None = None,
    rows: tuple[int, int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Scan a volume.

    Parameters
    ----------
    patient, stones, look_alikes
        As in `scan_slices`.
    scan : Scan
        How the patient is scanned; its plane tells which slices come back.
    rng : Generator
        Source of the noise and the motion.
    span : tuple of float, optional
        Lowest and highest z in mm; the patient's own `span` if not given.
    rows : tuple of int, optional
        As in `scan_slices`: the rows of the axial slices, from front to back, that are scanned.

    Returns
    -------
    hu : ndarray of int16, shape (beams, Z, rows, size) or (beams, Y, Z, size)
        Axial: slices from the feet to the head, next to each other. Coronal: slices from front to
        back with the head in row 0; pixels are square, and as many of them are averaged from front
        to back as come nearest to the slice thickness.
    mask : ndarray of bool, shape of one beam
        Where stones are.

    Raises
    ------
    InputError
        If the span holds no slice.
    """
    low, high = patient.span if span is None else span
    step = scan.thickness_mm if scan.plane == "axial" else scan.pixel_mm
    number = int((high - low) / step) if np.isfinite(high - low) else 0
    if number < 1:
        raise InputError(f"span={low}..{high} mm; expected at least {step:.3g} mm, low end first")
    heights = low + step * (np.arange(number) + 0.5)
    thin = replace(scan, thickness_mm=max(step, 0.5))
    first, last = rows or (0, scan.size)
    if not 0 <= first < last <= scan.size:
        raise InputError(f"rows={rows}; expected two of 0 to {scan.size}, the first one first")
    hu = np.empty((len(scan.beams), number, last - first, scan.size), dtype=np.int16)
    mask = np.empty(hu.shape[1:], dtype=bool)
    for place, shown in enumerate(
        scan_slices(patient, stones, look_alikes, heights.tolist(), thin, rng, rows)
    ):
        hu[:, place], mask[place] = shown
    return (hu, mask) if scan.plane == "axial" else _cut(hu, mask, rows_averaged(scan))


def rows_averaged(scan: Scan) -> int:
    """Return how many rows of pixels make up a coronal slice."""
    return max(round(scan.thickness_mm / scan.pixel_mm), 1)


def _cut(hu: np.ndarray, mask: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray]:
    beams, heights, deep, wide = hu.shape
    slices = deep // rows
    shape = (heights, slices, rows, wide)
    cut = np.empty((beams, slices, heights, wide), dtype=np.int16)
    for beam in range(beams):  # one at a time: the sum takes four times the memory
        thick = hu[beam, :, : slices * rows].reshape(shape).mean(axis=2, dtype=np.float32)
        cut[beam] = np.rint(thick).astype(np.int16).transpose(1, 0, 2)[:, ::-1]
    share = mask[:, : slices * rows].reshape(shape).mean(axis=2, dtype=np.float32)
    share = share.transpose(1, 0, 2)[:, ::-1]
    fullest = share.max(axis=(1, 2), keepdims=True)
    return cut, (share > 0) & (share >= 0.5 * fullest)
