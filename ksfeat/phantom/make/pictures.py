"""From a case to slices that show it: where they lie, and what the scanner makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.phantom.make.case import Case
from ksfeat.phantom.make.parameters import kvp_of
from ksfeat.phantom.scanner import Scan, scan_slices, scan_volume
from ksfeat.phantom.scanner.grid import make_grid

_POLE = 0.15  # share of a stone left out at each end: a sliver fills next to nothing of a slice
_MARGIN_MM = 15.0  # below a stone at the mouth of a ureter
_AXIAL = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])  # across, down and along rows
_CORONAL = np.array([[0, 1, 0], [0, 0, -1], [1, 0, 0]])
_FRAME = "phantom"


@dataclass(frozen=True)
class Picture:
    """A slice at each energy.

    Parameters
    ----------
    hu : ndarray of int16, shape (beams, H, W)
        Hounsfield units.
    mask : ndarray of bool, shape (H, W)
        The stones.
    origin_mm : tuple of float
        Centre of the first pixel, to the patient's left, back and head.
    step_mm : float
        How far it is to the next one.
    """

    hu: np.ndarray
    mask: np.ndarray
    origin_mm: tuple[float, float, float]
    step_mm: float


def scan_case(case: Case, scan: Scan, slices: int) -> Iterator[Picture]:
    """Yield slices, evenly spaced through the main stone, each of which shows it."""
    if scan.plane == "coronal":
        return _coronal(case, scan, slices)
    return _axial(case, scan, slices)


def even_places(low: float, high: float, slices: int) -> tuple[np.ndarray, float]:
    """Return places evenly spaced between the ends of a stone but for its poles, and the step.

    Examples
    --------
    >>> places, step = even_places(0.0, 10.0, 3)
    >>> places.round(2).tolist(), round(step, 2)
    ([2.67, 5.0, 7.33], 2.33)
    """
    length = (1 - 2 * _POLE) * (high - low)
    step = length / slices
    return low + _POLE * (high - low) + step * (np.arange(slices) + 0.5), step


def image_of(case: Case, scan: Scan, picture: Picture, key: str) -> StoneImage:
    """Return a slice as a `StoneImage`; its second energy where there is one."""
    return StoneImage(
        picture.hu[0],
        unit="HU",
        spacing_mm=(scan.pixel_mm, scan.pixel_mm),
        mask=picture.mask if case.shown else None,
        direction=_CORONAL if scan.plane == "coronal" else _AXIAL,
        origin_mm=np.array(picture.origin_mm),
        frame_of_reference=_FRAME,
        kvp=kvp_of(scan.beams[0]),
        second_energy=picture.hu[1] if len(scan.beams) > 1 else None,
        modality="CT",
        key=key,
    )


def edge_mm(scan: Scan) -> float:
    """Return where the first pixel of a row lies: the field's middle is at 0."""
    return -(scan.size - 1) / 2 * scan.pixel_mm


def top_mm(low: float, scan: Scan, rows: int) -> float:
    """Return the height of the first row of a coronal slice above its lowest edge."""
    return low + (rows - 0.5) * scan.pixel_mm


def stack(case: Case, scan: Scan, pictures: list[Picture]) -> StoneImage:
    """Return slices as a volume that runs to head, back and left."""
    first = image_of(case, scan, pictures[0], case.name)
    coronal = scan.plane == "coronal"
    hu = np.stack([picture.hu for picture in pictures], axis=1)
    mask = np.stack([picture.mask for picture in pictures])
    assert first.origin_mm is not None
    origin, step, pixel = first.origin_mm.copy(), pictures[0].step_mm, scan.pixel_mm
    if coronal:  # from back, down, left
        hu, mask = hu.transpose(0, 2, 1, 3)[:, ::-1], mask.transpose(1, 0, 2)[::-1]
        origin[2] -= pixel * (len(mask) - 1)
    return first.with_(
        pixels=hu[0],
        mask=mask if case.shown else None,
        second_energy=hu[1] if len(hu) > 1 else None,
        spacing_mm=(pixel, step, pixel) if coronal else (step, pixel, pixel),
        direction=_AXIAL,
        origin_mm=origin,
        volume=True,
    )


def _axial(case: Case, scan: Scan, slices: int) -> Iterator[Picture]:
    heights, step = even_places(*case.main.span, slices)
    shown = scan_slices(
        case.patient, case.shown, case.look_alikes, heights.tolist(), scan, case.noise()
    )
    for height, (hu, mask) in zip(heights, shown, strict=True):
        edge = edge_mm(scan)
        if case.shown and not mask.any():
            mask = _mark(mask, *_middle_of_main(case, scan))
        yield Picture(hu, mask, (edge, edge, float(height)), step)


def _coronal(case: Case, scan: Scan, slices: int) -> Iterator[Picture]:
    """Yield the means of rows of a thin axial volume, at any place between front and back."""
    pixel = scan.pixel_mm
    first, last = _rows_of_main(case, scan)
    places, step = even_places(first, last + 1.0, slices)  # in rows
    thin = replace(scan, plane="axial", thickness_mm=max(pixel, 0.5))
    span = _whole_rows(case, pixel)
    rows = max(scan.thickness_mm / pixel, 1.0)
    covers = [_cover(place, rows, scan.size) for place in places]
    needed = np.flatnonzero(np.sum(covers, axis=0))
    band = (int(needed[0]), int(needed[-1]) + 1)  # of each axial slice, only what the cuts need
    hu, mask = scan_volume(
        case.patient, case.shown, case.look_alikes, thin, case.noise(), span, band
    )
    for place, cover in zip(places, covers, strict=True):
        weights = cover[slice(*band)]
        cut = np.tensordot(hu, weights, axes=(2, 0))[:, ::-1]
        share = np.tensordot(mask, weights, axes=(1, 0))[::-1]
        full = (share > 0) & (share >= 0.5 * share.max())
        if case.shown and not full.any():
            height = np.clip((np.mean(case.main.span) - span[0]) / pixel, 0, len(full) - 1)
            full = _mark(full, len(full) - 1 - int(height), _middle_of_main(case, scan)[1])
        origin = (
            edge_mm(scan),
            float(place - scan.size / 2) * pixel,
            top_mm(span[0], scan, len(full)),
        )
        yield Picture(np.rint(cut).astype(np.int16), full, origin, step * pixel)


def _whole_rows(case: Case, pixel: float) -> tuple[float, float]:
    """Return the span that is scanned, of a whole number of pixels; the main stone is in it."""
    low = min(case.patient.span[0], case.main.span[0] - _MARGIN_MM)
    high = max(case.patient.span[1], case.main.span[1] + _MARGIN_MM)
    return low, low + (int((high - low) / pixel) + 0.01) * pixel


def _rows_of_main(case: Case, scan: Scan) -> tuple[int, int]:
    """Return the first and last row of an axial slice through the middle of the main stone."""
    axial = replace(scan, plane="axial", motion_mm=0.0)
    middle = float(np.mean(case.main.span))
    stones = (case.main,)
    _, mask = next(scan_slices(case.patient, stones, (), [middle], axial, case.noise()))
    if not mask.any():
        mask = _mark(mask, *_middle_of_main(case, scan))
    rows = np.flatnonzero(mask.any(axis=1))
    return int(rows[0]), int(rows[-1])


def _middle_of_main(case: Case, scan: Scan) -> tuple[int, int]:
    """Return the row and the column of an axial slice at which the main stone has its middle."""
    points = make_grid(case.patient, scan.size, scan.pixel_mm).points
    middle = case.main.centres[:, :2].mean(axis=0)
    nearest = np.square(points - middle[:, None, None]).sum(axis=0).argmin()
    row, column = divmod(int(nearest), scan.size)
    return row, column


def _mark(mask: np.ndarray, row: int, column: int) -> np.ndarray:
    """Return a mask with one pixel: of a stone that is too small to be counted, or was moved."""
    marked = mask.copy()
    marked[row, column] = True
    return marked


def _cover(place: float, rows: float, size: int) -> np.ndarray:
    """Return the share of each row in a slice of some rows' thickness about a place."""
    low, high = place - rows / 2, place + rows / 2
    edges = np.arange(size)
    cover = np.clip(np.minimum(edges + 1, high) - np.maximum(edges, low), 0, None)
    return (cover / cover.sum()).astype(np.float32)
