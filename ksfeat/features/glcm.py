"""Texture from pairs of neighbouring grey levels (IBSI family LFYI)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.kernels import count_neighbours
from ksfeat.features.statistics import entropy, moments
from ksfeat.roi import Region

_DISTANCE = 1
_NONE = "no two pixels of the region are neighbours"
_FLAT = f"all pairs have one grey level, or {_NONE}"
# name, title, unit, IBSI id, when it is not defined
_ROWS = (
    ("joint_maximum", "share of the commonest pair", "1", "GYBY", _NONE),
    ("joint_average", "mean grey level of the pairs", "level", "60VM", _NONE),
    ("joint_variance", "variance of the grey levels of the pairs", "level^2", "UR99", _NONE),
    ("joint_entropy", "entropy of the pairs", "bit", "TU9B", _NONE),
    ("difference_average", "mean difference within pairs", "level", "TF7R", _NONE),
    ("difference_variance", "variance of the difference", "level^2", "D3YU", _NONE),
    ("difference_entropy", "entropy of the difference", "bit", "NTRS", _NONE),
    ("sum_average", "mean sum of pairs", "level", "ZGXS", _NONE),
    ("sum_variance", "variance of the sum", "level^2", "OEEB", _NONE),
    ("sum_entropy", "entropy of the sum", "bit", None, _NONE),
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


def compute(region: Region, levels: int) -> np.ndarray:
    """Return the 25 IBSI co-occurrence features of a region.

    Neighbours at distance 1 in four directions, each pair in both orders, all directions in one
    matrix ("2D, slice-merged").

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int
        Number of grey levels (fixed bin number).

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
    return describe(count_neighbours(region.levels(levels), levels, _DISTANCE))


def describe(counts: np.ndarray) -> np.ndarray:
    """Return the 25 features of a symmetric matrix of counts, shape (N, N).

    NaN where the matrix is empty; N is the number of levels of the discretisation.
    """
    if not counts.any():
        return np.full(len(_ROWS), np.nan)
    number = len(counts)
    joint = counts / counts.sum()
    levels = np.arange(1.0, number + 1)
    marginal = joint.sum(axis=1)
    mean, variance, *_ = moments(levels, marginal)
    distances, difference, sums, total = _diagonals(joint)
    difference_average, difference_variance, *_ = moments(distances, difference)
    sum_average, sum_variance, *_ = moments(sums, total)
    product = float(levels @ joint @ levels)
    centred = sums - 2 * mean
    squares = distances**2
    return np.array(
        [
            *(joint.max(), mean, variance, entropy(joint)),
            *(difference_average, difference_variance, entropy(difference)),
            *(sum_average, sum_variance, entropy(total)),
            *(np.square(joint).sum(), squares @ difference, distances @ difference),
            *(difference @ (1 / (1 + distances)), difference @ (1 / (1 + distances / number))),
            *(difference @ (1 / (1 + squares)), difference @ (1 / (1 + squares / number**2))),
            difference[1:] @ (1 / squares[1:]),
            np.nan if joint.max() == 1 else (product - mean**2) / variance,
            product,
            *(total @ centred**2, total @ centred**3, total @ centred**4),
            *_information(joint, marginal),
        ]
    )


def _diagonals(joint: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the values and shares of |i - j|, then of i + j."""
    number = len(joint)
    index = np.arange(number)
    away = np.abs(index[:, None] - index)
    together = index[:, None] + index
    return (
        np.arange(number, dtype=np.float64),
        np.bincount(away.ravel(), joint.ravel(), minlength=number),
        np.arange(2.0, 2 * number + 1),
        np.bincount(together.ravel(), joint.ravel(), minlength=2 * number - 1),
    )


def _information(joint: np.ndarray, marginal: np.ndarray) -> tuple[float, float]:
    """Return the two measures of information correlation."""
    single = entropy(marginal)
    # For a symmetric matrix, the entropies of its independent twin (HXY1, HXY2 in IBSI's terms)
    # are both twice the entropy of the marginal.
    shared = max(2 * single - entropy(joint), 0.0)
    first = np.nan if joint.max() == 1 else -shared / single
    return first, float(np.sqrt(1 - np.exp(-2 * shared)))


def family(levels: int) -> Family:
    """Return the family `glcm` for a number of grey levels."""
    suffix = f"d{_DISTANCE}_fbn{levels}"
    features = tuple(
        Feature(f"glcm_{name}_{suffix}", "glcm", *identity) for name, *identity in _ROWS
    )
    return Family("glcm", features, partial(compute, levels=levels))
