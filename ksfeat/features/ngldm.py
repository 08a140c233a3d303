"""Texture from how many neighbours are like a pixel (IBSI family REK0)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ksfeat.features import sizes
from ksfeat.features.aggregation import DEFAULT, Aggregation, suffix
from ksfeat.features.identity import Family
from ksfeat.features.sizes import Row
from ksfeat.features.texture_limits import check_counted, check_neighbours
from ksfeat.features.textures import Textures, textures_of
from ksfeat.roi import Region
from ksfeat.roi.discretise import Discretisation

_ROWS: tuple[Row, ...] = (
    ("low_dependence_emphasis", "weight of pixels with few like neighbours", "pixel^-2", "SODN"),
    ("high_dependence_emphasis", "weight of pixels with many like neighbours", "pixel^2", "IMOQ"),
    ("low_grey_level_count_emphasis", "weight of dark pixels", "level^-2", "TL9H"),
    ("high_grey_level_count_emphasis", "weight of bright pixels", "level^2", "OAE7"),
    (
        "low_dependence_low_grey_level_emphasis",
        "weight of pixels with few like neighbours, dark",
        "level^-2 pixel^-2",
        "EQ3F",
    ),
    (
        "low_dependence_high_grey_level_emphasis",
        "weight of pixels with few like neighbours, bright",
        "level^2 pixel^-2",
        "JA6D",
    ),
    (
        "high_dependence_low_grey_level_emphasis",
        "weight of pixels with many like neighbours, dark",
        "level^-2 pixel^2",
        "NBZI",
    ),
    (
        "high_dependence_high_grey_level_emphasis",
        "weight of pixels with many like neighbours, bright",
        "level^2 pixel^2",
        "9QMG",
    ),
    ("grey_level_non_uniformity", "how unevenly pixels share the grey levels", "1", "FP8K"),
    (
        "grey_level_non_uniformity_normalised",
        "the same, relative to the number of pixels",
        "1",
        "5SPA",
    ),
    (
        "dependence_count_non_uniformity",
        "how unevenly pixels differ in number of like pixels",
        "1",
        "Z87G",
    ),
    (
        "dependence_count_non_uniformity_normalised",
        "the same, relative to the number of pixels",
        "1",
        "OKJI",
    ),
    ("dependence_count_percentage", "pixels per pixel", "1", "6XV8"),
    ("grey_level_variance", "variance of the grey levels of pixels", "level^2", "1PFV"),
    ("dependence_count_variance", "variance of the number of like pixels", "pixel^2", "DNX2"),
    ("dependence_count_entropy", "entropy of grey level and number of like pixels", "bit", "FCBV"),
    ("dependence_count_energy", "sum of the squared shares of grey level and number", "1", "CAS9"),
)


def compute(
    region: Region,
    levels: int | Discretisation,
    aggregation: Aggregation = DEFAULT,
    distance: int = 1,
    coarseness: int = 0,
) -> np.ndarray:
    """Return the 17 IBSI features of the dependences of a region's pixels.

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int or Discretisation
        How grey levels are made; a whole number is a fixed number of bins.
    aggregation : Aggregation, default="2d_mrg"
        Whether neighbours are those in slices or in the volume.
    distance : int, default=1
        How far neighbours may be (Chebyshev), in pixels.
    coarseness : int, default=0
        How many levels a neighbour may differ and still be like the pixel (IBSI's alpha).

    Returns
    -------
    ndarray of float64, shape (17,)
        In the order of `family`'s features.

    References
    ----------
    .. [1] C. Sun, W. G. Wee, "Neighboring gray level dependence matrix for texture
           classification", Computer Vision, Graphics, and Image Processing 23 (1983) 341-352.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[0.0, 0.0, 1.0]])))
    >>> float(compute(region, 2)[1])  # dependences 2, 2 and 1
    3.0
    """
    textures = textures_of(region, levels, aggregation)
    return describe(textures, aggregation, distance, coarseness)


def describe(
    textures: Textures,
    aggregation: Aggregation = DEFAULT,
    distance: int = 1,
    coarseness: int = 0,
) -> np.ndarray:
    """Return the 17 features from counted textures."""
    check_counted(aggregation, textures.dimensions)
    near = distance == 1 and coarseness == 0
    counts = textures.dependences if near else textures.dependences_within(distance, coarseness)
    return sizes.describe(counts, textures.voxels, aggregation)


def family(
    levels: int | Discretisation,
    aggregation: Aggregation = DEFAULT,
    distance: int = 1,
    coarseness: int = 0,
) -> Family:
    """Return the family `ngldm`; its columns name distance and coarseness unless 1 and 0."""
    check_neighbours(distance, coarseness)
    how = "" if (distance, coarseness) == (1, 0) else f"_d{distance}_a{coarseness}"
    rest = f"{how}{suffix(aggregation, directional=False)}_{Discretisation.of(levels).suffix}"
    calculate = partial(
        compute, levels=levels, aggregation=aggregation, distance=distance, coarseness=coarseness
    )
    return Family("ngldm", sizes.features("ngldm", _ROWS, rest), calculate)
