"""`Recipe`: how one image becomes numbers; what workers are sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from ksfeat.errors import InputError
from ksfeat.features.aggregation import DEFAULT as PLANAR
from ksfeat.features.aggregation import Aggregation, dimensions_of
from ksfeat.features.identity import Family
from ksfeat.features.needs import first_unmet
from ksfeat.features.registry import AGGREGATED, families_of
from ksfeat.image import StoneImage
from ksfeat.io import ImageLike
from ksfeat.io.sequences import image_at
from ksfeat.roi import Region, parse_chain, resize_longest, window
from ksfeat.roi.transformers import ImageTransformer
from ksfeat.roi.window import TO_HU

SMALLEST_SIDE = 8
_NO_FORCE = "; --force does not help: its features cannot be computed"
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
    masked : bool
        Whether it was read with a mask.
    """

    values: dict[str, np.ndarray] = field(default_factory=dict)
    lacks: dict[str, str] = field(default_factory=dict)
    unit: str = "grey"
    masked: bool = False

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
    size, window, levels, aggregation
        As in `FeatureExtractor`.
    steps : tuple of ImageTransformer
        What is done to the image before all else.
    units : tuple of str, optional
        Units that an image may have; any by default.
    masks : {"all", "none", "some"}, optional
        Which of the training images had a mask, so that this one needs one ("all") or may have
        none ("none"): a region and a whole image are described by other values.
    chain : str, optional
        As in `FeatureExtractor`.
    forced : bool, default=False
        Describe images of one colour too, and coloured ones by their luminance where grey ones are
        expected.
    """

    names: tuple[str, ...]
    required: frozenset[str]
    size: int | None
    window: str | None
    levels: int | str
    steps: tuple[ImageTransformer, ...] = ()
    units: tuple[str, ...] | None = None
    masks: str | None = None
    aggregation: Aggregation | None = None
    chain: str | None = None
    forced: bool = False

    def describe(self, item: tuple[int, ImageLike]) -> Outcome:
        """Return the values of one image, given with its position; an error is returned too."""
        try:
            found = self._read(*item)
            image = self._prepared(found)
            lacks = self._lacks(image)
            values = self._compute(image, lacks)
            return Described(values, lacks, unit_of(found), found.mask is not None)
        except InputError as error:
            return InputError(f"{error}{_NO_FORCE}") if self.forced else error

    def inspect(self, item: tuple[int, ImageLike]) -> Outcome:
        """Read and check one image without computing anything."""
        try:
            found = self._read(*item)
            image = self._prepared(found)
            lacks = self._lacks(image)
            self._region(image)
            return Described({}, lacks, unit_of(found), found.mask is not None)
        except InputError as error:
            return error

    def _read(self, position: int, source: ImageLike) -> StoneImage:
        image = image_at(position, source)
        if self.forced and self.units is not None:
            image = _as_grey(image, self.units)
        if self.units is not None and unit_of(image) not in self.units:
            raise InputError(_other_unit(image, self.units))
        if self.masks == ("all" if image.mask is None else "none"):
            raise InputError(_other_mask(image))
        _check(image, forced=self.forced)
        return image

    def _prepared(self, image: StoneImage) -> StoneImage:
        for step in self.steps:
            image = step.apply(image)
        if (chain := parse_chain(self.chain)) is not None:
            image = chain.interpolated(image)
        if (self.steps or chain) and image.mask is None:
            _check_size(image)  # a crop or an interpolation may have left too little
        return image

    def _families(self) -> list[Family]:
        table = families_of(self.levels, self.aggregation, self.chain)
        return [table[name] for name in self.names]

    def _lacks(self, image: StoneImage) -> dict[str, str]:
        lacks = {}
        for family in self._families():
            found = self._lack(family, image)
            if found is None:
                continue
            lacks[family.name], mend = found
            if family.name in self.required:
                raise InputError(
                    f"{image.name}: {family.name!r} cannot be computed: {lacks[family.name]}; "
                    f"{mend}, or leave {family.name!r} out"
                )
        return lacks

    def _lack(self, family: Family, image: StoneImage) -> tuple[str, str] | None:
        """Return what an image lacks for a family and the mend, None where it lacks nothing."""
        if (need := first_unmet(family.needs, image)) is not None:
            return need.reason(image), need.mend
        if (3 if image.volume else 2) not in family.dimensions:
            described, given = ("slices", "a volume") if image.volume else ("volumes", "a slice")
            mend = "give slices" if image.volume else "give volumes (volume='region')"
            return f"it describes {described}, and {image.name} is {given}", mend
        return self._lack_of_aggregation(image) if family.name in AGGREGATED else None

    def _lack_of_aggregation(self, image: StoneImage) -> tuple[str, str] | None:
        if image.volume and self.aggregation is None:
            reason = f"{image.name} is a volume, which needs an aggregation, such as '3d_mrg'"
            return f"{reason} (--aggregation 3d_mrg)", "name it"
        if not image.volume and dimensions_of(self.aggregation or PLANAR) == 3:
            return (
                f"aggregation {self.aggregation!r} needs a volume, and {image.name} is a slice",
                "give volumes (volume='region'), or leave the aggregation out",
            )
        return None

    def _compute(self, image: StoneImage, lacks: dict[str, str]) -> dict[str, np.ndarray]:
        region = self._region(image)
        # A window clips, so families that measure density see the image without it.
        measured = region if self.window is None else self._region(image, windowed=False)
        try:
            return {
                family.name: family.compute(measured if "HU" in family.needs else region)
                for family in self._families()
                if family.name not in lacks
            }
        except InputError as error:  # a region knows no name
            raise InputError(f"{image.name}: {error}") from None

    def _region(self, image: StoneImage, windowed: bool = True) -> Region:
        prepared = image
        if self.window is not None and windowed:
            prepared = window(prepared, self.window)
        if self.size is not None:
            prepared = resize_longest(prepared, self.size)
        if (chain := parse_chain(self.chain)) is not None:
            return replace(chain, spacing_mm=None).apply(prepared)  # it is interpolated
        return Region.of(prepared)


def unit_of(image: StoneImage) -> str:
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


def _other_mask(image: StoneImage) -> str:
    if image.mask is None:
        return (
            f"{image.name}: no mask; expected one, as each image had that the model was fitted on; "
            "give a manifest with the column mask, or put the mask beside the image (NAME_seg)"
        )
    return (
        f"{image.name}: a mask; expected none, as no image had one that the model was fitted on; "
        "leave the column mask out of the manifest, or move the mask from beside the image"
    )


def _as_grey(image: StoneImage, units: tuple[str, ...]) -> StoneImage:
    """Return the luminance of a coloured image where grey ones are known, and no coloured ones."""
    if unit_of(image) == "rgb" and "grey" in units and "rgb" not in units:
        return image.with_(pixels=image.grey(), unit="grey")
    return image


def _check(image: StoneImage, *, forced: bool = False) -> None:
    energies = (
        [image.pixels] if image.second_energy is None else [image.pixels, image.second_energy]
    )
    largest = max(abs(float(edge)) for values in energies for edge in (values.min(), values.max()))
    if largest > _LARGEST_VALUE:
        raise InputError(
            f"{image.name}: pixel values up to {largest:.1e}; "
            f"expected less than {_LARGEST_VALUE:.0e}; rescale it"
        )
    if image.mask is None:
        _check_size(image)
        if not forced and (image.pixels == image.pixels[(0,) * len(image.shape)]).all():
            raise InputError(
                f"{image.name}: an image of one colour; expected something to describe; "
                "export it again, or leave it out"
            )


def _check_size(image: StoneImage) -> None:
    height, width = image.shape[-2:]
    if min(height, width) < SMALLEST_SIDE:
        raise InputError(
            f"{image.name}: an image of {width}x{height} pixels; "
            f"expected at least {SMALLEST_SIDE}x{SMALLEST_SIDE}; use a larger image or crop"
        )
