"""Filtered images that feed the intensity and texture families."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np

from ksfeat.features.filters import without_rounding
from ksfeat.features.identity import Family
from ksfeat.features.surroundings import surroundings
from ksfeat.roi import Discretisation, Region


@dataclass(frozen=True)
class Filter:
    """One filter that turns an image into an image.

    Parameters
    ----------
    name : str
        What stands in a column's name: "lh", "s2".
    title : str
        What it is, in plain words.
    reach : int
        How many pixels away it reads.
    respond : callable
        From an array with a margin of `reach` and the axes to filter, to the array without it.
    """

    name: str
    title: str
    reach: int
    respond: Callable[[np.ndarray, tuple[int, ...]], np.ndarray]


@dataclass(frozen=True)
class FilterBank:
    """Filters whose responses are described together.

    Parameters
    ----------
    name : str
        What its families begin with.
    filters : tuple of Filter
        In the order of the columns.
    axes : tuple of int
        Axes that are filtered: those of a slice, or all three of a volume.
    """

    name: str
    filters: tuple[Filter, ...]
    axes: tuple[int, ...]


# Relative to a mean or to quartiles that a filter brings to 0: what is left of them is rounding.
_LEFT_OUT = ("first_order_cov", "first_order_qcod")

_kept: WeakKeyDictionary[Region, dict[str, tuple[Region, ...]]] = WeakKeyDictionary()


def subbands(region: Region, bank: FilterBank) -> tuple[Region, ...]:
    """Return a region as each filter of a bank leaves it, filtered once for all families.

    The image is filtered, not the region alone: near its edge a region sees what lies outside
    within reach, as the image has it; the image is mirrored at its own edge. Re-segmentation and
    the mask stay as the unfiltered image had them.

    Parameters
    ----------
    region : Region
        What to describe.
    bank : FilterBank
        The filters.

    Returns
    -------
    tuple of Region
        Those of a region filtered are the region's mask with other intensities.
    """
    kept = _kept.setdefault(region, {})
    key = f"{bank.name} {bank.axes}"
    if key not in kept:
        kept[key] = tuple(_filtered(region, each, bank.axes) for each in bank.filters)
    return kept[key]


def _filtered(region: Region, each: Filter, axes: tuple[int, ...]) -> Region:
    read = surroundings(region, each.reach, axes)
    pixels = without_rounding(each.respond(read, axes), read)
    return replace(region, pixels=pixels, source=None, place=None, limits=(-np.inf, np.inf))


def feed(bank: FilterBank, family: Family) -> Family:
    """Return the family that describes each filter's response as another describes the image.

    Parameters
    ----------
    bank : FilterBank
        The filters.
    family : Family
        What describes each response.

    Returns
    -------
    Family
        Named after both: ``wavelet_glcm``, with columns ``wavelet_glcm_lh_contrast_d1_fbn32``.
        Without the coefficients of variation and dispersion of the intensities, which have no
        meaning where a filter brings the mean to 0.
    """
    kept = [n for n, feature in enumerate(family.features) if feature.name not in _LEFT_OUT]
    name = f"{bank.name}_{family.name}"
    features = tuple(
        replace(
            feature,
            name=f"{name}_{each.name}_{feature.name.removeprefix(f'{family.name}_')}",
            family=name,
            title=f"{feature.title}, {each.title}",
            ibsi_id=None,  # it stands for the feature of the image as it is
        )
        for each in bank.filters
        for feature in (family.features[n] for n in kept)
    )
    compute = partial(_describe, bank=bank, family=family, kept=kept)
    return Family(name, features, compute, dimensions=family.dimensions)


def _describe(region: Region, bank: FilterBank, family: Family, kept: list[int]) -> np.ndarray:
    return np.concatenate([family.compute(band)[kept] for band in subbands(region, bank)])


def without_start(levels: int | Discretisation) -> Discretisation:
    """Let bins of a fixed size begin at a response's lowest value, whatever the image's range.

    Examples
    --------
    >>> without_start(Discretisation("fbs", 25, start=-1000)).start is None
    True
    """
    how = Discretisation.of(levels)
    return how if how.start is None else replace(how, start=None)
