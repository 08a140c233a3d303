"""RTSTRUCT contours to a mask: a pixel belongs to a ROI if an odd number of contours holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np
import pydicom

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.header import one_line, text
from ksfeat.io.dicom.placement import OFF_GRID, Placement, placement_of

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
_MAX_CROSSINGS = 20_000_000  # a drawn ROI crosses a few thousand rows
_ON_EDGE = 1e-3  # of a pixel; positions are written with few digits


def rois_of(dataset: pydicom.Dataset) -> dict[int, str]:
    """Return the number and name of each region of interest."""
    items = dataset.get("StructureSetROISequence") or []
    return {int(item.ROINumber): one_line(item.get("ROIName")) for item in items}


def contour_mask(
    dataset: pydicom.Dataset, image: StoneImage, name: str, roi: int | str | None = None
) -> np.ndarray:
    """Return one region of interest on the grid of an image.

    A pixel belongs to it if its centre lies on a contour or inside of an odd number of those on
    its slice (even-odd): a contour inside of another one is a hole. Many programs draw from centre
    to centre of the outermost pixels, so that a contour of one pixel's width holds no area.

    Parameters
    ----------
    dataset : pydicom.Dataset
        An RTSTRUCT file.
    image : StoneImage
        A DICOM slice or volume.
    name : str
        How to call the file in an error.
    roi : int or str, optional
        Its number or name; may be left out where there is only one.

    Returns
    -------
    ndarray of bool
        In the shape of the image.

    Raises
    ------
    InputError
        If there is no such ROI, none was named among several, or it was drawn elsewhere.
    """
    number = _chosen(rois_of(dataset), roi, name)
    placement = placement_of(image, _reference(dataset, number), name)
    drawn: dict[tuple[int, int], list[np.ndarray]] = defaultdict(list)
    for points in _contours(dataset, number):
        across, place, polygon = _on_slice(points, placement)
        if place is not None:
            drawn[across, place].append(polygon)
    mask = np.zeros(placement.grid.shape, dtype=bool)
    for (across, place), polygons in drawn.items():
        plane = np.moveaxis(mask, across, 0)[place]
        plane |= inside_of(polygons, plane.shape, name)
    if not mask.any():
        raise InputError(
            f"{name}: no pixel of ROI {number} on this image; expected closed contours on it, "
            "drawn on this series, or a slice that they lie on"
        )
    return mask.reshape(image.shape)


def inside_of(polygons: Iterable[np.ndarray], shape: tuple[int, ...], name: str) -> np.ndarray:
    """Return the pixels whose centre an odd number of polygons holds, or one goes through.

    Parameters
    ----------
    polygons : iterable of ndarray of shape (n, 2)
        Row and column of each corner; the last one is joined to the first.
    shape : tuple of int
        Rows and columns of the image.
    name : str
        How to call the file in an error.

    Returns
    -------
    ndarray of bool

    Examples
    --------
    >>> square = np.array([[0.5, 0.5], [0.5, 2.5], [2.5, 2.5], [2.5, 0.5]])
    >>> line = np.array([[3, 0], [3, 1]])
    >>> inside_of([square, line], (4, 4), "a").astype(int)
    array([[0, 0, 0, 0],
           [0, 1, 1, 0],
           [0, 1, 1, 0],
           [1, 1, 0, 0]])
    """
    rows, columns = shape
    # How many edges cross a row at or left of a pixel, and right of the one before it.
    crossings = np.zeros((rows, columns + 1), dtype=np.int64)
    outline = np.zeros(shape, dtype=bool)
    for polygon in polygons:
        row, place = _crossings(polygon, rows, name)
        first_right = np.clip(np.ceil(place), 0, columns).astype(np.int64)
        np.add.at(crossings, (row, first_right), 1)
        # Along its longer side, an edge meets each line of pixels once: first rows, then columns.
        for view, corners in ((outline, polygon), (outline.T, polygon[:, ::-1])):
            view[_on_steep_edges(corners, view.shape, name)] = True
    return outline | (np.cumsum(crossings, axis=1)[:, :columns] % 2 == 1)


def _crossings(polygon: np.ndarray, rows: int, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return each row that an edge crosses, and the column where it does."""
    start, end = polygon, np.roll(polygon, -1, axis=0)
    # Half open, so that a row through a corner is crossed by one of its two edges.
    edge, row = _whole_numbers(start[:, 0], end[:, 0], rows, name)
    part = (row - start[edge, 0]) / (end[edge, 0] - start[edge, 0])
    return row, start[edge, 1] + part * (end[edge, 1] - start[edge, 1])


def _on_steep_edges(
    polygon: np.ndarray, shape: tuple[int, ...], name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels through whose centre an edge goes that crosses more rows than columns."""
    start, span = polygon, np.roll(polygon, -1, axis=0) - polygon
    steep = np.abs(span[:, 0]) >= np.abs(span[:, 1])
    start, span = start[steep], span[steep]
    reach = np.copysign(_ON_EDGE, span[:, 0])
    edge, row = _whole_numbers(
        start[:, 0] - reach, start[:, 0] + span[:, 0] + reach, shape[0], name
    )
    length = np.where(span[:, 0] == 0, 1.0, span[:, 0])
    part = np.clip((row - start[edge, 0]) / length[edge], 0, 1)
    place = start[edge, 1] + part * span[edge, 1]
    column = np.rint(place).astype(np.int64)
    hit = (np.abs(place - column) <= _ON_EDGE) & (column >= 0) & (column < shape[1])
    return row[hit], column[hit]


def _whole_numbers(
    start: np.ndarray, end: np.ndarray, length: int, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the edge, and the number, of all from the lower end of an edge to below the upper."""
    first = np.clip(np.ceil(np.minimum(start, end)), 0, length).astype(np.int64)
    count = np.clip(np.ceil(np.maximum(start, end)), 0, length).astype(np.int64) - first
    total = int(count.sum())
    if total > _MAX_CROSSINGS:
        raise InputError(
            f"{name}: a contour that crosses lines of pixels {total:,} times; "
            f"expected at most {_MAX_CROSSINGS:,}; it is no drawing"
        )
    edge = np.repeat(np.arange(len(start)), count)
    return edge, np.arange(total) - np.repeat(np.cumsum(count) - count, count) + first[edge]


def _chosen(known: dict[int, str], roi: int | str | None, name: str) -> int:
    if roi is None and len(known) == 1:
        return next(iter(known))
    found = [number for number, word in known.items() if roi is not None and roi in (number, word)]
    if len(found) == 1:
        return found[0]
    # By number: a name is free text, and may be a person's.
    listed = ", ".join(map(str, known)) or "none"
    asked = "several ROIs" if roi is None else f"{len(found) or 'no'} ROI {roi!r}"
    raise InputError(f"{name}: {asked}; expected the number of one of {listed}")


def _reference(dataset: pydicom.Dataset, number: int) -> object:
    for item in dataset.get("StructureSetROISequence") or []:
        if int(item.ROINumber) == number:
            return item.get("ReferencedFrameOfReferenceUID")
    return None


def _contours(dataset: pydicom.Dataset, number: int) -> Iterator[np.ndarray]:
    for item in dataset.get("ROIContourSequence") or []:
        if int(item.ReferencedROINumber) != number:
            continue
        for contour in item.get("ContourSequence") or []:
            if text(contour.get("ContourGeometricType")) in _CLOSED:
                yield np.array(contour.ContourData, dtype=float).reshape(-1, 3)


def _on_slice(points: np.ndarray, placement: Placement) -> tuple[int, int | None, np.ndarray]:
    """Return the axis across which a contour lies flat, its slice, and its corners on it."""
    if not np.isfinite(points).all():
        raise InputError(f"{placement.name}: a contour with points that are no numbers; damaged")
    places = placement.indices(points)
    across = int(np.ptp(places, axis=0).argmin())
    if np.ptp(places[:, across]) > OFF_GRID:
        raise InputError(
            f"{placement.name}: a contour oblique to the image's slices; "
            "expected contours drawn on this series"
        )
    place = placement.slice_at(float(places[:, across].mean()), across)
    return across, place, np.delete(places, across, axis=1)
