"""Texture from zones and how deep in the region they lie (IBSI family VMDZ)."""

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
    ("small_distance_emphasis", "weight of shallow zones", "step^-2", "0GBI"),
    ("large_distance_emphasis", "weight of deep zones", "step^2", "MB4I"),
    ("low_grey_level_emphasis", "weight of dark zones", "level^-2", "S1RA"),
    ("high_grey_level_emphasis", "weight of bright zones", "level^2", "K26C"),
    (
        "small_distance_low_grey_level_emphasis",
        "weight of shallow zones, dark",
        "level^-2 step^-2",
        "RUVG",
    ),
    (
        "small_distance_high_grey_level_emphasis",
        "weight of shallow zones, bright",
        "level^2 step^-2",
        "DKNJ",
    ),
    (
        "large_distance_low_grey_level_emphasis",
        "weight of deep zones, dark",
        "level^-2 step^2",
        "A7WM",
    ),
    (
        "large_distance_high_grey_level_emphasis",
        "weight of deep zones, bright",
        "level^2 step^2",
        "KLTH",
    ),
    ("grey_level_non_uniformity", "how unevenly zones share the grey levels", "1", "VFT7"),
    (
        "grey_level_non_uniformity_normalised",
        "the same, relative to the number of zones",
        "1",
        "7HP3",
    ),
    ("zone_distance_non_uniformity", "how unevenly zones differ in distance", "1", "V294"),
    (
        "zone_distance_non_uniformity_normalised",
        "the same, relative to the number of zones",
        "1",
        "IATH",
    ),
    ("zone_percentage", "zones per pixel", "1", "VIWW"),
    ("grey_level_variance", "variance of the grey levels of zones", "level^2", "QK93"),
    ("zone_distance_variance", "variance of the distance", "step^2", "7WT1"),
    ("zone_distance_entropy", "entropy of grey level and distance", "bit", "GBDU"),
)


def compute(
    region: Region, levels: int | Discretisation, aggregation: Aggregation = DEFAULT
) -> np.ndarray:
    """Return the 16 IBSI features of the depths of zones of a region.

    The depth of a zone is that of its pixel nearest to the border of the region, in steps along
    the axes; a pixel at the border has depth 1, and so has one at the edge of the image.

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int or Discretisation
        How grey levels are made; a whole number is a fixed number of bins.
    aggregation : Aggregation, default="2d_mrg"
        Whether zones and borders are those of slices or of the volume.

    Returns
    -------
    ndarray of float64, shape (16,)
        In the order of `family`'s features.

    References
    ----------
    .. [1] G. Thibault, J. Angulo, F. Meyer, "Advanced statistical matrices for texture
           characterization: application to cell classification", IEEE Trans. Biomed. Eng. 61 (2014)
           630-637.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> board = np.zeros((5, 5))
    >>> board[2, 2] = 1  # a zone of depth 3 in one of depth 1
    >>> float(compute(Region.of(StoneImage(board)), 2)[1])
    5.0
    """
    return describe(textures_of(region, levels, aggregation), aggregation)


def describe(textures: Textures, aggregation: Aggregation = DEFAULT) -> np.ndarray:
    """Return the 16 features from counted textures."""
    check_counted(aggregation, textures.dimensions)
    return sizes.describe(textures.depths, textures.voxels, aggregation)[:16]


def family(levels: int | Discretisation, aggregation: Aggregation = DEFAULT) -> Family:
    """Return the family `gldzm` for a discretisation and an aggregation."""
    rest = f"{suffix(aggregation, directional=False)}_{Discretisation.of(levels).suffix}"
    calculate = partial(compute, levels=levels, aggregation=aggregation)
    return Family("gldzm", sizes.features("gldzm", _ROWS, rest), calculate)
