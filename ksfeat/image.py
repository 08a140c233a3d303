"""`StoneImage`: one image with what is known about it, and nothing that is guessed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ksfeat.errors import InputError

UNITS = ("HU", "grey", "rgb")
AXES = ("axial", "coronal", "sagittal")  # in the order of a volume's axes
_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, as JPEG and OpenCV use it


@dataclass(frozen=True, eq=False)
class StoneImage:
    """One image: pixels, their unit, and optional geometry and annotations.

    Parameters
    ----------
    pixels : ndarray
        (H, W) for one slice; (H, W, 3) for unit "rgb"; (Z, H, W) with ``volume=True``.
    unit : {"HU", "grey", "rgb"}
        What a pixel value means. Nothing becomes HU by guessing.
    spacing_mm : tuple of float, optional
        Pixel spacing in axis order, in millimetres.
    mask : ndarray of bool, optional
        The region to describe, in the shape of the grid.
    boxes : ndarray of shape (n, 4), optional
        Half-open boxes x0, y0, x1, y1 in pixels.
    direction : ndarray of shape (3, 3), optional
        Unit vectors along the axes, one a row, to the patient's left, back and head; the first one
        of a slice is its normal.
    origin_mm : ndarray of shape (3,), optional
        Centre of the first pixel, to the patient's left, back and head.
    frame_of_reference : str, optional
        What tells apart the origins that positions are measured from; never an identity.
    kvp : float, optional
        Tube voltage.
    second_energy : ndarray, optional
        A registered image at a second energy, in the shape and unit of `pixels`.
    modality : str, optional
        DICOM modality, such as "CT" or "US".
    key : str, optional
        How the image is named to a reader: a path relative to the data, never an identity.
    volume : bool, default=False
        Whether a three-dimensional array is a volume.

    Raises
    ------
    InputError
        If the arrays do not fit each other, or a value is NaN or infinite.

    Examples
    --------
    >>> import numpy as np
    >>> image = StoneImage(np.arange(64, dtype=np.uint8).reshape(8, 8))
    >>> image.unit, image.shape
    ('grey', (8, 8))
    >>> image.crop((0, 0, 4, 8)).shape
    (8, 4)
    """

    pixels: np.ndarray
    unit: str = "grey"
    spacing_mm: tuple[float, ...] | None = None
    mask: np.ndarray | None = None
    boxes: np.ndarray | None = None
    direction: np.ndarray | None = None
    origin_mm: np.ndarray | None = None
    frame_of_reference: str | None = None
    kvp: float | None = None
    second_energy: np.ndarray | None = None
    modality: str | None = None
    key: str | None = None
    volume: bool = False

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels)
        self._check_pixels(pixels)
        object.__setattr__(self, "pixels", _read_only(pixels))
        if self.mask is not None:
            self._check_grid("mask", np.asarray(self.mask))
            object.__setattr__(self, "mask", _read_only(np.asarray(self.mask) != 0))
        if self.second_energy is not None:
            self._check_grid("second_energy", np.asarray(self.second_energy))
            object.__setattr__(self, "second_energy", _read_only(np.asarray(self.second_energy)))
        if self.boxes is not None:
            object.__setattr__(self, "boxes", _read_only(self._checked_boxes()))
        if self.spacing_mm is not None:
            object.__setattr__(self, "spacing_mm", self._checked_spacing())
        for field, shape in (("direction", (3, 3)), ("origin_mm", (3,))):
            if (given := getattr(self, field)) is not None:
                object.__setattr__(self, field, _read_only(self._checked(field, given, shape)))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the pixel grid, without the colour axis."""
        return self.pixels.shape[:2] if self.unit == "rgb" else self.pixels.shape

    def grey(self) -> np.ndarray:
        """Return the grid as float64: the values, or the luminance (BT.601) of colours."""
        pixels = self.pixels.astype(np.float64)
        return pixels @ _LUMINANCE if self.unit == "rgb" else pixels

    def crop(self, box: tuple[int, int, int, int]) -> StoneImage:
        """Return the part inside the half-open box x0, y0, x1, y1, in pixels."""
        x0, y0, x1, y1 = box
        height, width = self.shape[-2:]
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
            raise InputError(
                f"{self.name}: crop {x0},{y0},{x1},{y1} does not fit an image of {width}x{height}; "
                "expected 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height"
            )
        window = (Ellipsis, slice(y0, y1), slice(x0, x1))
        colour = (slice(y0, y1), slice(x0, x1))
        return replace(
            self,
            pixels=self.pixels[colour if self.unit == "rgb" else window],
            mask=None if self.mask is None else self.mask[window],
            second_energy=None if self.second_energy is None else self.second_energy[window],
            boxes=None if self.boxes is None else _shifted(self.boxes, box),
            origin_mm=self._origin_after(x0, y0),
        )

    def slice(self, index: int, axis: str = "axial") -> StoneImage:
        """Return one slice of a volume, as it is looked at.

        A volume's axes run to superior, posterior and left, whatever its file says. Axial slices
        show the patient's right on the left; coronal and sagittal ones have the head on top.

        Parameters
        ----------
        index : int
            Place along the axis: from inferior, from anterior or from right.
        axis : {"axial", "coronal", "sagittal"}, default="axial"
            Normal of the slice.
        """
        if not self.volume or axis not in AXES:
            raise InputError(
                f"{self.name}: slice {index} along {axis!r}; "
                f"expected a volume and one of {', '.join(AXES)}"
            )
        place = AXES.index(axis)
        if not 0 <= index < self.shape[place]:
            raise InputError(f"{self.name}: no {axis} slice {index}; it has {self.shape[place]}")
        spacing = None
        if self.spacing_mm is not None:
            spacing = tuple(s for number, s in enumerate(self.spacing_mm) if number != place)

        def cut(array: np.ndarray) -> np.ndarray:
            plane = np.take(array, index, axis=place)
            return plane if axis == "axial" else plane[::-1]

        return replace(
            self,
            pixels=cut(self.pixels),
            mask=None if self.mask is None else cut(self.mask),
            second_energy=None if self.second_energy is None else cut(self.second_energy),
            spacing_mm=spacing,
            direction=None,
            origin_mm=None,
            volume=False,
        )

    def with_(self, **changes: Any) -> StoneImage:
        """Return a copy with some fields replaced, checked anew."""
        return replace(self, **changes)

    @property
    def name(self) -> str:
        """`key`, or a neutral word for an image that has none."""
        return self.key or "image"

    def _check_pixels(self, pixels: np.ndarray) -> None:
        if self.unit not in UNITS:
            raise InputError(f"{self.name}: unit {self.unit!r}; expected one of {', '.join(UNITS)}")
        if pixels.dtype.kind not in "buif":
            raise InputError(f"{self.name}: pixels of type {pixels.dtype}; expected numbers")
        if self.unit == "rgb":
            fits, expected = pixels.ndim == 3 and pixels.shape[-1] == 3, "(H, W, 3) for colour"
        elif self.volume:
            fits, expected = pixels.ndim == 3, "(Z, H, W) for a volume"
        else:
            fits, expected = pixels.ndim == 2, "(H, W); say volume=True for (Z, H, W)"
        if not fits or pixels.size == 0:
            raise InputError(f"{self.name}: an array of shape {pixels.shape}; expected {expected}")
        if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
            raise InputError(
                f"{self.name}: NaN or infinite pixels; expected finite values; "
                "replace them, or leave them out with a mask"
            )

    def _check_grid(self, field: str, array: np.ndarray) -> None:
        if array.shape != self.shape:
            raise InputError(
                f"{self.name}: {field} of shape {array.shape}; expected the image's {self.shape}"
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise InputError(f"{self.name}: NaN or infinite values in {field}; replace them")

    def _checked(self, field: str, given: Any, shape: tuple[int, ...]) -> np.ndarray:
        array = np.asarray(given, dtype=float)
        if array.shape != shape or not np.isfinite(array).all():
            raise InputError(
                f"{self.name}: {field} of shape {array.shape}; "
                f"expected finite numbers of shape {shape}"
            )
        return array

    def _origin_after(self, x0: int, y0: int) -> np.ndarray | None:
        """Return where the first pixel lies once the columns and rows before it are cut off."""
        if self.origin_mm is None or self.direction is None or self.spacing_mm is None:
            return None
        steps = self.direction[1:] * np.array(self.spacing_mm[-2:])[:, None]
        return self.origin_mm + np.array([y0, x0]) @ steps

    def _checked_boxes(self) -> np.ndarray:
        boxes = np.asarray(self.boxes, dtype=float)
        if boxes.size and boxes.shape[-1] != 4:
            raise InputError(
                f"{self.name}: boxes of shape {boxes.shape}; expected (n, 4): x0, y0, x1, y1"
            )
        return boxes.reshape(-1, 4)

    def _checked_spacing(self) -> tuple[float, ...]:
        spacing = tuple(float(value) for value in self.spacing_mm or ())
        if len(spacing) != len(self.shape) or not all(0 < s < np.inf for s in spacing):
            raise InputError(
                f"{self.name}: spacing_mm {self.spacing_mm}; "
                f"expected {len(self.shape)} positive numbers"
            )
        return spacing


def from_array(array: Any, key: str | None = None) -> StoneImage:
    """Turn a bare array into a `StoneImage`: (H, W, 3) is colour, all else grey.

    Examples
    --------
    >>> import numpy as np
    >>> from_array(np.zeros((8, 8, 3), dtype=np.uint8)).unit
    'rgb'
    """
    pixels = np.asarray(array)
    colour = pixels.ndim == 3 and pixels.shape[-1] == 3
    return StoneImage(pixels, unit="rgb" if colour else "grey", key=key)


def handed_over(array: np.ndarray) -> np.ndarray:
    """Mark an array that its maker will not use again, so that `StoneImage` need not copy it.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = handed_over(np.zeros((8, 8)))
    >>> StoneImage(pixels).pixels is pixels
    True
    """
    part: Any = array
    while isinstance(part, np.ndarray):
        part.flags.writeable = False
        part = part.base
    return array


def _read_only(array: np.ndarray) -> np.ndarray:
    """Return what nobody can change: the array itself where it is so already, else a copy."""
    if not array.flags.writeable and (array.base is None or not _is_writeable(array.base)):
        return array
    own = np.array(array)
    own.flags.writeable = False
    return own


def _is_writeable(base: Any) -> bool:
    return not isinstance(base, np.ndarray) or bool(base.flags.writeable)


def _shifted(boxes: np.ndarray, crop: tuple[int, int, int, int]) -> np.ndarray:
    """Move boxes into the crop's frame, cut them at its edge and drop those outside."""
    x0, y0, x1, y1 = crop
    inside = np.clip(boxes, [x0, y0, x0, y0], [x1, y1, x1, y1]) - [x0, y0, x0, y0]
    return inside[(inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1])]


def unit_of(image: StoneImage) -> str:
    """Return the unit of an image; colours that are all grey are grey, as readers say of files."""
    pixels = image.pixels
    grey = image.unit == "rgb" and (pixels == pixels[..., :1]).all()
    return "grey" if grey else image.unit
