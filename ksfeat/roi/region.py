"""`Region`: the pixels that features describe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.discretise import Discretisation


@dataclass(frozen=True, eq=False)
class Region:
    """The pixels to describe, cut out at the bounding box of their mask.

    What several families need (values, grey levels) is worked out once and kept.

    Parameters
    ----------
    pixels : ndarray of float64, shape (H, W) or (Z, H, W)
        Intensities; those outside `mask` must not matter to any feature.
    mask : ndarray of bool, in the shape of `pixels`
        All True where the image came without a mask. The IBSI's intensity mask.
    unit : {"HU", "grey", "rgb"}
        Unit of the image; "rgb" pixels are given here as luminance.
    spacing_mm : tuple of float, optional
        Pixel spacing in axis order, in millimetres.
    has_mask : bool
        Whether somebody drew the region, or it is the whole image.
    second : ndarray of float64, in the shape of `pixels`, optional
        Intensities at a second energy.
    drawn : ndarray of bool, optional
        The mask as it was drawn, where re-segmentation left out some of it: `outline`.
    source : StoneImage, optional
        The image around the region, which only the local intensity may look at.
    place : tuple of int, optional
        Where the region begins in `source`.
    limits : tuple of float
        Lowest and highest intensity that re-segmentation allows.

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
    second: np.ndarray | None = None
    drawn: np.ndarray | None = None
    source: StoneImage | None = None
    place: tuple[int, ...] | None = None
    limits: tuple[float, float] = (-np.inf, np.inf)
    _levels: dict[Discretisation, np.ndarray] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, image: StoneImage) -> Region:
        """Return the region of an image: its mask, or all of it.

        Raises
        ------
        InputError
            If its mask is empty.
        """
        grey, second = image.grey(), image.second_energy
        if second is not None:
            second = second.astype(np.float64)
        if image.mask is None:
            mask = np.ones(grey.shape, dtype=bool)
            return cls(grey, mask, image.unit, image.spacing_mm, second=second, source=image)
        require_region(image)
        box = bounding_box(image.mask)
        return cls(
            np.ascontiguousarray(grey[box]),
            np.ascontiguousarray(image.mask[box]),
            image.unit,
            image.spacing_mm,
            has_mask=True,
            second=None if second is None else np.ascontiguousarray(second[box]),
            source=image,
            place=tuple(part.start for part in box),
        )

    @property
    def outline(self) -> np.ndarray:
        """The mask as it was drawn, without re-segmentation: the IBSI's morphological mask."""
        return self.mask if self.drawn is None else self.drawn

    @property
    def is_volume(self) -> bool:
        """Whether the region is one of a volume, (Z, H, W)."""
        return self.pixels.ndim == 3

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

    def levels(
        self,
        how: int | Discretisation,
        apply: Callable[
            [Discretisation, np.ndarray, np.ndarray], np.ndarray
        ] = Discretisation.apply,
    ) -> np.ndarray:
        """Return grey levels from 1, 0 outside the mask, as uint16.

        Parameters
        ----------
        how : int or Discretisation
            A whole number is a fixed number of bins.
        apply : callable, optional
            What works them out where they are not known yet: `Discretisation.apply`, or what
            gives the same faster.
        """
        key = Discretisation.of(how)
        if key not in self._levels:
            self._levels[key] = apply(key, self.pixels, self.mask)
        return self._levels[key]

    def level_count(self, how: int | Discretisation) -> int:
        """Return the number of grey levels N: of the bins asked for, or up to the highest one."""
        key = Discretisation.of(how)
        return int(key.value if key.method == "fbn" else self.levels(key).max())


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
