"""Texture from zones: connected pixels of one grey level (IBSI family 9SAK)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ksfeat.features import sizes
from ksfeat.features.aggregation import DEFAULT, Aggregation, suffix
from ksfeat.features.identity import Family
from ksfeat.features.sizes import Row
from ksfeat.features.texture_limits import check_counted
from ksfeat.features.textures import Textures, textures_of
from ksfeat.roi import Region
from ksfeat.roi.discretise import Discretisation

_ROWS: tuple[Row, ...] = (
    ("small_zone_emphasis", "weight of small zones", "voxel^-2", "5QRC"),
    ("large_zone_emphasis", "weight of large zones", "voxel^2", "48P8"),
    ("low_grey_level_emphasis", "weight of dark zones", "level^-2", "XMSY"),
    ("high_grey_level_emphasis", "weight of bright zones", "level^2", "5GN9"),
    (
        "small_zone_low_grey_level_emphasis",
        "weight of small zones, dark",
        "level^-2 voxel^-2",
        "5RAI",
    ),
    (
        "small_zone_high_grey_level_emphasis",
        "weight of small zones, bright",
        "level^2 voxel^-2",
        "HW1V",
    ),
    (
        "large_zone_low_grey_level_emphasis",
        "weight of large zones, dark",
        "level^-2 voxel^2",
        "YH51",
    ),
    (
        "large_zone_high_grey_level_emphasis",
        "weight of large zones, bright",
        "level^2 voxel^2",
        "J17V",
    ),
    ("grey_level_non_uniformity", "how unevenly zones share the grey levels", "1", "JNSA"),
    (
        "grey_level_non_uniformity_normalised",
        "the same, relative to the number of zones",
        "1",
        "Y1RO",
    ),
    ("zone_size_non_uniformity", "how unevenly zones differ in size", "1", "4JP3"),
    (
        "zone_size_non_uniformity_normalised",
        "the same, relative to the number of zones",
        "1",
        "VB3A",
    ),
    ("zone_percentage", "zones per pixel", "1", "P30P"),
    ("grey_level_variance", "variance of the grey levels of zones", "level^2", "BYLV"),
    ("zone_size_variance", "variance of the size", "voxel^2", "3NSA"),
    ("zone_size_entropy", "entropy of grey level and size", "bit", "GU8N"),
)


def compute(
    region: Region, levels: int | Discretisation, aggregation: Aggregation = DEFAULT
) -> np.ndarray:
    """Return the 16 IBSI features of the zones of a region.

    Pixels are connected to all 8 neighbours in a slice, 26 in a volume.

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int or Discretisation
        How grey levels are made; a whole number is a fixed number of bins.
    aggregation : Aggregation, default="2d_mrg"
        Whether zones are those of slices, averaged or merged over slices, or of the volume.

    Returns
    -------
    ndarray of float64, shape (16,)
        In the order of `family`'s features.

    References
    ----------
    .. [1] G. Thibault et al., "Texture indexes and gray level size zone matrix: application to
           cell nuclei classification", Pattern Recognition and Information Processing (2009).

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[0.0, 0.0, 1.0]])))
    >>> round(float(compute(region, 2)[12]), 6)  # two zones of three pixels
    0.666667
    """
    return describe(textures_of(region, levels, aggregation), aggregation)


def describe(textures: Textures, aggregation: Aggregation = DEFAULT) -> np.ndarray:
    """Return the 16 features from counted textures."""
    check_counted(aggregation, textures.dimensions)
    zones = textures.zones
    return sizes.describe(zones.sizes, textures.voxels, aggregation, zones.large)[:16]


def family(levels: int | Discretisation, aggregation: Aggregation = DEFAULT) -> Family:
    """Return the family `glszm` for a discretisation and an aggregation."""
    rest = f"{suffix(aggregation, directional=False)}_{Discretisation.of(levels).suffix}"
    calculate = partial(compute, levels=levels, aggregation=aggregation)
    return Family("glszm", sizes.features("glszm", _ROWS, rest), calculate)
