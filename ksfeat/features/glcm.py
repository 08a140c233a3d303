"""Texture from pairs of neighbouring grey levels (IBSI family LFYI)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ksfeat.features.aggregation import DEFAULT, Aggregation, average, merge, suffix
from ksfeat.features.identity import Family, Feature
from ksfeat.features.kernels.logarithms import C_LOG_C
from ksfeat.features.kernels.pair_features import describe_pairs
from ksfeat.features.texture_limits import check_counted, check_neighbours
from ksfeat.features.textures import Textures, textures_of
from ksfeat.roi import Region
from ksfeat.roi.discretise import Discretisation

_NONE = "no two pixels of the region are neighbours"
_FLAT = f"all pairs have one grey level, or {_NONE}"
# name, title, unit, IBSI id, when it is not defined
_Row = tuple[str, str, str, str | None, str]
_ROWS: tuple[_Row, ...] = (
    ("joint_maximum", "share of the commonest pair", "1", "GYBY", _NONE),
    ("joint_average", "mean grey level of the pairs", "level", "60VM", _NONE),
    ("joint_variance", "variance of the grey levels of the pairs", "level^2", "UR99", _NONE),
    ("joint_entropy", "entropy of the pairs", "bit", "TU9B", _NONE),
    ("difference_average", "mean difference within pairs", "level", "TF7R", _NONE),
    ("difference_variance", "variance of the difference", "level^2", "D3YU", _NONE),
    ("difference_entropy", "entropy of the difference", "bit", "NTRS", _NONE),
    ("sum_average", "mean sum of pairs", "level", "ZGXS", _NONE),
    ("sum_variance", "variance of the sum", "level^2", "OEEB", _NONE),
    ("sum_entropy", "entropy of the sum", "bit", "P6QZ", _NONE),
    ("angular_second_moment", "sum of the squared shares of the pairs", "1", "8ZQL", _NONE),
    ("contrast", "mean squared difference within pairs", "level^2", "ACUI", _NONE),
    ("dissimilarity", "mean absolute difference within pairs", "level", "8S9J", _NONE),
    ("inverse_difference", "closeness of pairs", "1", "IB1Z", _NONE),
    ("inverse_difference_normalised", "closeness relative to all levels", "1", "NDRX", _NONE),
    ("inverse_difference_moment", "squared closeness of pairs", "1", "WF0Z", _NONE),
    (
        "inverse_difference_moment_normalised",
        "squared closeness relative to all levels",
        "1",
        "1QCO",
        _NONE,
    ),
    ("inverse_variance", "closeness of unequal pairs", "1", "E8JP", _NONE),
    ("correlation", "linear correlation within pairs", "1", "NI2N", _FLAT),
    ("autocorrelation", "mean product within pairs", "level^2", "QWB0", _NONE),
    ("cluster_tendency", "spread of the sums of pairs", "level^2", "DG8W", _NONE),
    ("cluster_shade", "skew of the sums of pairs", "level^3", "7NFM", _NONE),
    ("cluster_prominence", "tails of the sums of pairs", "level^4", "AE86", _NONE),
    ("information_correlation_1", "shared information, first measure", "1", "R8DG", _FLAT),
    ("information_correlation_2", "shared information, second measure", "1", "JN9H", _NONE),
)
_MAXIMAL: _Row = (
    "maximal_correlation_coefficient",
    "greatest correlation of any functions of the levels",
    "1",
    None,
    _FLAT,
)


def compute(
    region: Region,
    levels: int | Discretisation,
    aggregation: Aggregation = DEFAULT,
    distance: int = 1,
) -> np.ndarray:
    """Return the 25 IBSI co-occurrence features of a region.

    Neighbours in all directions, each pair in both orders; by default those at distance 1 in the
    four directions of a slice, in one matrix ("2D, slice-merged").

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int or Discretisation
        How grey levels are made; a whole number is a fixed number of bins.
    aggregation : Aggregation, default="2d_mrg"
        Which matrices are merged, which features averaged.
    distance : int, default=1
        Steps to the neighbour, in each direction.

    Returns
    -------
    ndarray of float64, shape (25,)
        In the order of `family`'s features.

    References
    ----------
    .. [1] R. M. Haralick, K. Shanmugam, I. Dinstein, "Textural features for image
           classification", IEEE Trans. Syst. Man Cybern. 3 (1973) 610-621.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[0.0, 1.0], [0.0, 1.0]])))
    >>> round(float(compute(region, 2)[11]), 6)  # contrast: 4 of 6 pairs differ, by one level
    0.666667
    """
    return describe(textures_of(region, levels, aggregation), aggregation, distance)


def describe(
    textures: Textures, aggregation: Aggregation = DEFAULT, distance: int = 1
) -> np.ndarray:
    """Return the 25 features from counted textures."""
    check_counted(aggregation, textures.dimensions)
    pairs = merge(_pairs(textures, distance), aggregation)
    values = np.full((len(pairs), len(_ROWS)), np.nan)
    describe_pairs(pairs, C_LOG_C, values)
    return average(values)


def maximal_correlation(
    region: Region,
    levels: int | Discretisation,
    aggregation: Aggregation = DEFAULT,
    distance: int = 1,
) -> np.ndarray:
    """Return the maximal correlation coefficient: the greatest of any functions of the levels.

    Haralick's feature 14. It takes the eigenvalues of a matrix of all levels, so it is computed
    only when asked for by name.

    Parameters
    ----------
    region, levels, aggregation, distance
        As in `compute`.

    Returns
    -------
    ndarray of float64, shape (1,)
        From 0 (independent) to 1; NaN where all pairs have one grey level, or there is none.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> stripes = Region.of(StoneImage(np.array([[0.0, 1.0, 0.0, 1.0]])))
    >>> maximal_correlation(stripes, 2)
    array([1.])
    """
    textures = textures_of(region, levels, aggregation)
    pairs = merge(_pairs(textures, distance), aggregation)
    return average(np.array([[_second_eigenvalue(matrix)] for matrix in pairs]))


def _pairs(textures: Textures, distance: int) -> np.ndarray:
    return textures.pairs if distance == 1 else textures.pairs_at(distance)


def _second_eigenvalue(pairs: np.ndarray) -> float:
    """Return the second largest |eigenvalue| of D^-1/2 P D^-1/2, P symmetric, D its row sums.

    Its square is the second eigenvalue of Haralick's matrix Q.
    """
    joint = pairs + pairs.T
    occurs = joint.sum(axis=1)
    present = occurs > 0
    if present.sum() < 2:
        return np.nan
    scale = 1 / np.sqrt(occurs[present])
    balanced = joint[np.ix_(present, present)] * scale[:, None] * scale
    return float(np.sort(np.abs(np.linalg.eigvalsh(balanced)))[-2])


def family(
    levels: int | Discretisation, aggregation: Aggregation = DEFAULT, distance: int = 1
) -> Family:
    """Return the family `glcm` for a discretisation, an aggregation and a distance."""
    features = tuple(_feature("glcm", row, levels, aggregation, distance) for row in _ROWS)
    calculate = partial(compute, levels=levels, aggregation=aggregation, distance=distance)
    return Family("glcm", features, calculate)


def maximal_correlation_family(
    levels: int | Discretisation, aggregation: Aggregation = DEFAULT, distance: int = 1
) -> Family:
    """Return the family `glcm_mcc`, of one feature that is computed only when asked for."""
    feature = _feature("glcm_mcc", _MAXIMAL, levels, aggregation, distance)
    calculate = partial(
        maximal_correlation, levels=levels, aggregation=aggregation, distance=distance
    )
    return Family("glcm_mcc", (feature,), calculate)


def _feature(
    family: str, row: _Row, levels: int | Discretisation, aggregation: Aggregation, distance: int
) -> Feature:
    check_neighbours(distance)
    name, title, unit, ibsi_id, undefined = row
    column = f"glcm_{name}_d{distance}{suffix(aggregation)}_{Discretisation.of(levels).suffix}"
    return Feature(column, family, title, unit, ibsi_id, undefined)
