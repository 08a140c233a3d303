"""DICOM SEG to a mask: each frame is brought to its place in the patient, whatever its order."""

from __future__ import annotations

import numpy as np
import pydicom

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.frames import decode_frames, frame_count, require_size
from ksfeat.io.dicom.geometry import Plane
from ksfeat.io.dicom.header import attribute, one_line, text
from ksfeat.io.dicom.instance import planes_of_frames
from ksfeat.io.dicom.placement import OFF_GRID, Placement, placement_of


def segments_of(dataset: pydicom.Dataset) -> dict[int, str]:
    """Return the number and label of each segment."""
    items = dataset.get("SegmentSequence") or []
    return {int(item.SegmentNumber): one_line(item.get("SegmentLabel")) for item in items}


def segment_mask(
    dataset: pydicom.Dataset, image: StoneImage, name: str, segment: int | str | None = None
) -> np.ndarray:
    """Return one segment, or all of them, on the grid of an image.

    A frame may show the image's axes turned or flipped; nothing is resampled. A fractional
    segment is where its value is at least half of the largest.

    Parameters
    ----------
    dataset : pydicom.Dataset
        A DICOM SEG file.
    image : StoneImage
        A DICOM slice or volume.
    name : str
        How to call the file in an error.
    segment : int, optional
        Number of the segment.

    Returns
    -------
    ndarray of bool
        In the shape of the image.

    Raises
    ------
    InputError
        If there is no such segment, it lies outside of the image, or on another grid.
    """
    known = segments_of(dataset)
    if segment is not None and segment not in known:
        raise InputError(f"{name}: no segment {segment}; it holds {_listed(known)}")
    placement = placement_of(image, dataset.get("FrameOfReferenceUID"), name)
    require_size(dataset, name, 1)
    wanted = _frames_of(dataset, segment)
    planes = planes_of_frames(dataset, frame_count(dataset), name)
    mask = np.zeros(placement.grid.shape, dtype=bool)
    for frame, raw in zip(wanted, decode_frames(dataset, name, wanted), strict=True):
        _draw(mask, _marked(dataset, raw, segment), planes[frame], placement)
    if not mask.any():
        what = "segments" if segment is None else f"segment {segment}"
        raise InputError(
            f"{name}: no pixel of {what} on this image; "
            "expected the segmentation of this series, or a slice that it crosses"
        )
    return mask.reshape(image.shape)


def _frames_of(dataset: pydicom.Dataset, segment: int | str | None) -> list[int]:
    frames = range(frame_count(dataset))
    if segment is None or _is(dataset, "LABELMAP"):
        return list(frames)
    return [n for n in frames if attribute(dataset, "ReferencedSegmentNumber", n) == segment]


def _marked(dataset: pydicom.Dataset, raw: np.ndarray, segment: int | str | None) -> np.ndarray:
    if _is(dataset, "FRACTIONAL"):
        return 2 * raw.astype(np.int64) >= int(dataset.MaximumFractionalValue)
    if _is(dataset, "LABELMAP") and segment is not None:
        return raw == segment
    return raw != 0


def _draw(mask: np.ndarray, marked: np.ndarray, plane: Plane, placement: Placement) -> None:
    """Set the marked pixels of one frame, where they lie in the mask."""
    along = placement.vectors(plane.along * np.array(plane.spacing_mm)[:, None])
    start = placement.indices(plane.position[None])[0]
    steps = np.rint(along)
    # The whole frame must stay on the grid: a small difference of spacing adds up.
    drift = np.abs(along - steps) * np.array(marked.shape)[:, None]
    if np.abs(steps).sum() != 2 or (steps.any(axis=0).sum() != 2) or drift.max() > OFF_GRID:
        raise _other_grid(placement)
    across = int(np.flatnonzero(~steps.any(axis=0))[0])
    place = placement.slice_at(float(start[across]), across)
    if place is None:
        return
    first = np.rint(start)
    first[across] = place
    if np.abs(start - first).max() > OFF_GRID:
        raise _other_grid(placement)
    found = (np.argwhere(marked) @ steps + first).astype(np.int64)
    inside = ((found >= 0) & (found < mask.shape)).all(axis=1)
    mask[tuple(found[inside].T)] = True


def _other_grid(placement: Placement) -> InputError:
    return InputError(
        f"{placement.name}: drawn on another grid than the image's (pixel spacing, place or "
        "orientation); expected the segmentation of this series; resample it to the series"
    )


def _listed(segments: dict[int, str]) -> str:
    return ", ".join(map(str, segments))  # a label is free text, and may be a person's name


def _is(dataset: pydicom.Dataset, kind: str) -> bool:
    return text(dataset.get("SegmentationType")) == kind
