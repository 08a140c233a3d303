"""`Recipe`: how one image becomes numbers; what workers are sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from ksfeat.errors import InputError
from ksfeat.features.identity import Family
from ksfeat.features.registry import families
from ksfeat.image import StoneImage
from ksfeat.io import ImageLike
from ksfeat.io.sequences import image_at
from ksfeat.roi import Region, resize_longest, window
from ksfeat.roi.transformers import ImageTransformer

SMALLEST_SIDE = 8
_LARGEST_VALUE = 1e60  # fourth powers, summed over any image, stay finite


@dataclass(frozen=True)
class Described:
    """What came of one image.

    Parameters
    ----------
    values : dict of str to ndarray
        The values of each family.
    lacks : dict of str to str
        Families that could not be computed, and what the image lacks.
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)
    lacks: dict[str, str] = field(default_factory=dict)

    def row(self, names: tuple[str, ...]) -> np.ndarray:
        """Return the values of some families side by side."""
        return np.concatenate([self.values[name] for name in names])


Outcome: TypeAlias = Described | InputError


@dataclass(frozen=True)
class Recipe:
    """How an image is read, prepared and described.

    Parameters
    ----------
    names : tuple of str
        Families.
    required : frozenset of str
        Families for which an image that lacks what they need is an error.
    size, window, levels
        As in `FeatureExtractor`.
    steps : tuple of ImageTransformer
        What is done to the image before all else.
    """

    names: tuple[str, ...]
    required: frozenset[str]
    size: int | None
    window: str | None
    levels: int
    steps: tuple[ImageTransformer, ...] = ()

    def describe(self, item: tuple[int, ImageLike]) -> Outcome:
        """Return the values of one image, given with its position; an error is returned too."""
        try:
            image = self._prepared(_read(*item))
            lacks = self._lacks(image)
            return Described(self._compute(image, lacks), lacks)
        except InputError as error:
            return error

    def inspect(self, item: tuple[int, ImageLike]) -> Outcome:
        """Read and check one image without computing anything."""
        try:
            image = self._prepared(_read(*item))
            lacks = self._lacks(image)
            self._region(image)
            return Described(lacks=lacks)
        except InputError as error:
            return error

    def _prepared(self, image: StoneImage) -> StoneImage:
        for step in self.steps:
            image = step.apply(image)
        if self.steps and image.mask is None:
            _check_size(image)  # a crop may have left too little
        return image

    def _families(self) -> list[Family]:
        table = families(self.levels)
        return [table[name] for name in self.names]

    def _lacks(self, image: StoneImage) -> dict[str, str]:
        lacks = {
            family.name: f"it needs an image in HU, and {image.name} is of unit {image.unit!r}"
            for family in self._families()
            if "HU" in family.needs and image.unit != "HU"
        }
        for name in self.required & lacks.keys():
            reason = lacks[name]
            raise InputError(
                f"{image.name}: {name!r} cannot be computed: {reason}; "
                "read DICOM or NIfTI, or ask for features='auto'"
            )
        return lacks

    def _compute(self, image: StoneImage, lacks: dict[str, str]) -> dict[str, np.ndarray]:
        region = self._region(image)
        # A window clips, so families that measure density see the image without it.
        measured = region if self.window is None else self._region(image, windowed=False)
        return {
            family.name: family.compute(measured if family.needs else region)
            for family in self._families()
            if family.name not in lacks
        }

    def _region(self, image: StoneImage, windowed: bool = True) -> Region:
        prepared = image
        if self.window is not None and windowed:
            prepared = window(prepared, self.window)
        if self.size is not None:
            prepared = resize_longest(prepared, self.size)
        return Region.of(prepared)


def _read(position: int, source: ImageLike) -> StoneImage:
    image = image_at(position, source)
    _check(image)
    return image


def _check(image: StoneImage) -> None:
    if image.volume:
        raise InputError(
            f"{image.name}: a volume of {image.shape[0]} slices; expected one slice (H, W); "
            "give its slices one by one"
        )
    low, high = float(image.pixels.min()), float(image.pixels.max())
    if max(abs(low), abs(high)) > _LARGEST_VALUE:
        raise InputError(
            f"{image.name}: pixel values up to {max(abs(low), abs(high)):.1e}; "
            f"expected less than {_LARGEST_VALUE:.0e}; rescale it"
        )
    if image.mask is None:
        _check_size(image)
        if (image.pixels == image.pixels[0, 0]).all():
            raise InputError(
                f"{image.name}: an image of one colour; expected something to describe; "
                "export it again, or leave it out"
            )


def _check_size(image: StoneImage) -> None:
    height, width = image.shape
    if min(height, width) < SMALLEST_SIDE:
        raise InputError(
            f"{image.name}: an image of {width}x{height} pixels; "
            f"expected at least {SMALLEST_SIDE}x{SMALLEST_SIDE}; use a larger image or crop"
        )
