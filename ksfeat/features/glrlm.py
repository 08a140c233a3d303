"""Texture from runs: pixels in a row of one grey level (IBSI family TP0I)."""

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
    ("short_runs_emphasis", "weight of short runs", "voxel^-2", "22OV"),
    ("long_runs_emphasis", "weight of long runs", "voxel^2", "W4KF"),
    ("low_grey_level_run_emphasis", "weight of dark runs", "level^-2", "V3SW"),
    ("high_grey_level_run_emphasis", "weight of bright runs", "level^2", "G3QZ"),
    (
        "short_run_low_grey_level_emphasis",
        "weight of short runs, dark",
        "level^-2 voxel^-2",
        "HTZT",
    ),
    (
        "short_run_high_grey_level_emphasis",
        "weight of short runs, bright",
        "level^2 voxel^-2",
        "GD3A",
    ),
    ("long_run_low_grey_level_emphasis", "weight of long runs, dark", "level^-2 voxel^2", "IVPO"),
    ("long_run_high_grey_level_emphasis", "weight of long runs, bright", "level^2 voxel^2", "3KUM"),
    ("grey_level_non_uniformity", "how unevenly runs share the grey levels", "1", "R5YN"),
    (
        "grey_level_non_uniformity_normalised",
        "the same, relative to the number of runs",
        "1",
        "OVBL",
    ),
    ("run_length_non_uniformity", "how unevenly runs differ in length", "1", "W92Y"),
    (
        "run_length_non_uniformity_normalised",
        "the same, relative to the number of runs",
        "1",
        "IC23",
    ),
    ("run_percentage", "runs per pixel", "1", "9ZK5"),
    ("grey_level_variance", "variance of the grey levels of runs", "level^2", "8CE5"),
    ("run_length_variance", "variance of the length", "voxel^2", "SXLW"),
    ("run_entropy", "entropy of grey level and length", "bit", "HJ9O"),
)


def compute(
    region: Region, levels: int | Discretisation, aggregation: Aggregation = DEFAULT
) -> np.ndarray:
    """Return the 16 IBSI features of the runs of a region.

    Runs go in each direction to a neighbour, as long as grey levels are equal and inside.

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int or Discretisation
        How grey levels are made; a whole number is a fixed number of bins.
    aggregation : Aggregation, default="2d_mrg"
        Which matrices are merged, which features averaged.

    Returns
    -------
    ndarray of float64, shape (16,)
        In the order of `family`'s features.

    References
    ----------
    .. [1] M. M. Galloway, "Texture analysis using gray level run lengths", Computer Graphics and
           Image Processing 4 (1975) 172-179.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[0.0, 0.0, 1.0]])))
    >>> round(float(compute(region, 2)[12]), 6)  # 11 runs of 3 pixels in 4 directions
    0.916667
    """
    return describe(textures_of(region, levels, aggregation), aggregation)


def describe(textures: Textures, aggregation: Aggregation = DEFAULT) -> np.ndarray:
    """Return the 16 features from counted textures."""
    check_counted(aggregation, textures.dimensions)
    return sizes.describe(textures.runs, textures.voxels, aggregation)[:16]


def family(levels: int | Discretisation, aggregation: Aggregation = DEFAULT) -> Family:
    """Return the family `glrlm` for a discretisation and an aggregation."""
    rest = f"{suffix(aggregation)}_{Discretisation.of(levels).suffix}"
    calculate = partial(compute, levels=levels, aggregation=aggregation)
    return Family("glrlm", sizes.features("glrlm", _ROWS, rest), calculate)
