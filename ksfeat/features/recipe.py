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
from ksfeat.roi.window import TO_HU

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
    unit : str
        Of the image as it was read.
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)
    lacks: dict[str, str] = field(default_factory=dict)
    unit: str = "grey"

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
    units : tuple of str, optional
        Units that an image may have; any by default.
    """

    names: tuple[str, ...]
    required: frozenset[str]
    size: int | None
    window: str | None
    levels: int
    steps: tuple[ImageTransformer, ...] = ()
    units: tuple[str, ...] | None = None

    def describe(self, item: tuple[int, ImageLike]) -> Outcome:
        """Return the values of one image, given with its position; an error is returned too."""
        try:
            found = self._read(*item)
            image = self._prepared(found)
            lacks = self._lacks(image)
            return Described(self._compute(image, lacks), lacks, _unit(found))
        except InputError as error:
            return error

    def inspect(self, item: tuple[int, ImageLike]) -> Outcome:
        """Read and check one image without computing anything."""
        try:
            found = self._read(*item)
            image = self._prepared(found)
            lacks = self._lacks(image)
            self._region(image)
            return Described(lacks=lacks, unit=_unit(found))
        except InputError as error:
            return error

    def _read(self, position: int, source: ImageLike) -> StoneImage:
        image = image_at(position, source)
        if self.units is not None and _unit(image) not in self.units:
            raise InputError(_other_unit(image, self.units))
        _check(image)
        return image

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
                f"{TO_HU}, or ask for features='auto'"
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


def _unit(image: StoneImage) -> str:
    """Return the unit of an image; colours that are all grey are grey, as readers say of files."""
    pixels = image.pixels
    grey = image.unit == "rgb" and (pixels == pixels[..., :1]).all()
    return "grey" if grey else image.unit


def _other_unit(image: StoneImage, units: tuple[str, ...]) -> str:
    mend = (
        TO_HU
        if image.unit == "grey" and "HU" in units
        else "give images of that unit, or fit it on such as this one"
    )
    return (
        f"{image.name}: an image of unit {image.unit!r}; "
        f"expected {' or '.join(map(repr, units))}, which the model was fitted on; {mend}"
    )


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
