"""`Region`: the pixels that features describe."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.discretise import fixed_bin_number


@dataclass(frozen=True, eq=False)
class Region:
    """The pixels to describe, cut out at the bounding box of their mask.

    What several families need (values, grey levels) is worked out once and kept.

    Parameters
    ----------
    pixels : ndarray of float64, shape (H, W)
        Intensities; those outside `mask` must not matter to any feature.
    mask : ndarray of bool, shape (H, W)
        All True where the image came without a mask.
    unit : {"HU", "grey", "rgb"}
        Unit of the image; "rgb" pixels are given here as luminance.
    spacing_mm : tuple of float, optional
        Pixel spacing, in millimetres.
    has_mask : bool
        Whether somebody drew the region, or it is the whole image.

    Examples
    --------
    >>> pixels = np.arange(12).reshape(3, 4)
    >>> region = Region.of(StoneImage(pixels, mask=pixels > 9))
    >>> region.pixels.shape, region.values
    ((1, 2), array([10., 11.]))
    """

    pixels: np.ndarray
    mask: np.ndarray
    unit: str = "grey"
    spacing_mm: tuple[float, ...] | None = None
    has_mask: bool = False
    _levels: dict[int, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, image: StoneImage) -> Region:
        """Return the region of an image: its mask, or all of it.

        Raises
        ------
        InputError
            If the image is a volume or its mask is empty.
        """
        if image.volume:
            raise InputError(
                f"{image.name}: a volume of {image.shape[0]} slices; expected one slice (H, W); "
                "give its slices one by one"
            )
        if image.mask is None:
            grey = image.grey()
            mask = np.ones(grey.shape, dtype=bool)
            return cls(grey, mask, image.unit, image.spacing_mm)
        require_region(image)
        box = bounding_box(image.mask)
        grey = np.ascontiguousarray(image.grey()[box])
        mask = np.ascontiguousarray(image.mask[box])
        return cls(grey, mask, image.unit, image.spacing_mm, has_mask=True)

    @cached_property
    def values(self) -> np.ndarray:
        """Intensities inside the mask, row by row."""
        return self.pixels[self.mask]

    @cached_property
    def sorted_values(self) -> np.ndarray:
        """Intensities inside the mask, in rising order."""
        return np.sort(self.values)

    @property
    def is_flat(self) -> bool:
        """Whether the region has one grey level only."""
        return bool(self.sorted_values[0] == self.sorted_values[-1])

    def levels(self, number: int) -> np.ndarray:
        """Return grey levels 1..`number`, 0 outside the mask (fixed bin number)."""
        if number not in self._levels:
            self._levels[number] = fixed_bin_number(self.pixels, self.mask, number)
        return self._levels[number]


def require_region(image: StoneImage) -> None:
    """Raise an `InputError` if an image has a mask in which no pixel is drawn."""
    if image.mask is not None and not image.mask.any():
        raise InputError(
            f"{image.name}: an empty mask; expected at least one pixel in the region; "
            "draw it again, or leave the mask out to describe the whole image"
        )


def bounding_box(mask: np.ndarray) -> tuple[slice, ...]:
    """Return the smallest box around a mask that is not empty, one slice an axis.

    Examples
    --------
    >>> bounding_box(np.array([[0, 0, 0], [0, 1, 1]], dtype=bool))
    (slice(1, 2, None), slice(1, 3, None))
    """
    box = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        places = np.flatnonzero(mask.any(axis=others))
        box.append(slice(int(places[0]), int(places[-1]) + 1))
    return tuple(box)
