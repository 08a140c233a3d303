"""From millimetres in the patient to the pixels of an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.geometry import grid_of
from ksfeat.io.dicom.instance import frame_of_reference
from ksfeat.io.orientation import Grid

OFF_GRID = 0.2  # of a pixel; positions are written with few digits


@dataclass(frozen=True, eq=False)
class Placement:
    """An image's grid, to which drawings are brought.

    Parameters
    ----------
    grid : Grid
        Of the image; a slice is a volume of one, with a step of 1 mm along its normal.
    is_slice : bool
        Whether it is one slice: what lies beside it is none of its business.
    name : str
        How to call the drawing in an error.
    """

    grid: Grid
    is_slice: bool
    name: str

    def indices(self, points: np.ndarray) -> np.ndarray:
        """Return places (n, 3) in the patient as indices along the axes, not rounded."""
        assert self.grid.origin_mm is not None  # `placement_of` refuses images without
        return (points - self.grid.origin_mm) @ np.linalg.inv(self.grid.steps)

    def vectors(self, vectors: np.ndarray) -> np.ndarray:
        """Return steps (n, 3) in the patient as steps along the axes."""
        return vectors @ np.linalg.inv(self.grid.steps)

    def slice_at(self, place: float, axis: int) -> int | None:
        """Return the slice at an index along an axis, or None where it is not in the image.

        Raises
        ------
        InputError
            If it lies inside of a volume, but between two slices.
        """
        nearest, length = round(place), self.grid.shape[axis]
        outside = place < -0.5 or place > length - 0.5
        if abs(place - nearest) <= OFF_GRID:
            return nearest if 0 <= nearest < length else None
        if outside or self.is_slice:
            return None
        raise InputError(
            f"{self.name}: drawn between the slices of the image (at {place:.2f} of {length}); "
            "expected its own slices; draw or export it on this series"
        )


def placement_of(image: StoneImage, uid: object, name: str) -> Placement:
    """Return where an image lies, if a drawing in a frame of reference can be brought to it.

    Raises
    ------
    InputError
        If the image has no position, or the drawing is in another frame of reference.
    """
    grid = grid_of(image)
    if grid is None:
        raise InputError(
            f"{name}: drawn by position in the patient, which the image does not have; "
            "expected a DICOM slice or series with position and orientation"
        )
    reference = frame_of_reference(uid)
    if reference and image.frame_of_reference and reference != image.frame_of_reference:
        raise InputError(
            f"{name}: drawn in another frame of reference than the image's (another patient or "
            "scan); expected the one drawn on this series"
        )
    return Placement(grid, not image.volume, name)
