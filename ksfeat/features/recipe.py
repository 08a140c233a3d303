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
from ksfeat.image import StoneImage, unit_of
from ksfeat.io import ImageLike
from ksfeat.roi import Region, parse_chain, resize_longest, window
from ksfeat.roi.admission import Admission, check_size
from ksfeat.roi.transformers import ImageTransformer

_NO_FORCE = "; --force does not help: its features cannot be computed"


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
    units, masks, forced
        As in `Admission`.
    chain : str, optional
        As in `FeatureExtractor`.
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
        return Admission(self.units, self.masks, self.forced).read(position, source)

    def _prepared(self, image: StoneImage) -> StoneImage:
        for step in self.steps:
            image = step.apply(image)
        if (chain := parse_chain(self.chain)) is not None:
            image = chain.interpolated(image)
        if (self.steps or chain) and image.mask is None:
            check_size(image)  # a crop or an interpolation may have left too little
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
