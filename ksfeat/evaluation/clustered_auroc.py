"""DeLong's comparison of two AUROCs, in the form for images that come in groups."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm, rankdata

from ksfeat.errors import InputError
from ksfeat.evaluation.compare import MARGIN, Difference, Labels, read_pair


def delong(
    labels: Labels,
    first: np.ndarray,
    second: np.ndarray,
    *,
    positive: str,
    groups: Labels | None = None,
    margin: float = MARGIN,
) -> Difference:
    """Compare two AUROCs by DeLong's variance, in Obuchowski's form for clustered images.

    Parameters
    ----------
    labels, first, second, positive, groups, margin
        As in `compare_aurocs`. Without groups this is DeLong's own test.

    Returns
    -------
    Difference
        With the interval and the p-value of a normal approximation. A p-value of 1 and an interval
        of no width where both order the images alike.

    Raises
    ------
    InputError
        As `compare_aurocs`, or if a class stands in one group only.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, "Comparing the areas under two or more
           correlated receiver operating characteristic curves", Biometrics 44 (1988) 837-845.
    .. [2] N. A. Obuchowski, "Nonparametric analysis of clustered ROC curve data", Biometrics 53
           (1997) 567-578.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = np.repeat(["no", "yes"], 50)
    >>> good, bad = (truth == "yes") * 2.0 + rng.normal(size=100), rng.normal(size=100)
    >>> delong(truth, bad, good, positive="yes").p_value < 1e-6
    True
    """
    hit, member, margins = read_pair(labels, first, second, positive, groups)
    areas, covariance = clustered_covariance(margins, hit, member)
    value = float(areas[1] - areas[0])
    error = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)))
    if error < 1e-12:
        return Difference(value, value, value, margin, 1.0 if abs(value) < 1e-12 else 0.0)
    reach = norm.ppf(0.975) * error
    p_value = float(2 * norm.sf(abs(value) / error))
    return Difference(value, value - reach, value + reach, margin, p_value)


def clustered_covariance(
    margins: np.ndarray, hit: np.ndarray, member: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return AUROCs of k models, (k,), and their covariance over clustered images, (k, k).

    Parameters
    ----------
    margins : ndarray of shape (k, n)
    hit : ndarray of bool, shape (n,)
    member : ndarray of int, shape (n,)
        The group of each image, numbered from 0.
    """
    n_hits, n_rest, n_groups = int(hit.sum()), int((~hit).sum()), int(member.max()) + 1
    holders = [len(np.unique(member[side])) for side in (hit, ~hit)]
    if min(holders) < 2:
        raise InputError("a class stands in one group only; expected at least two, to know how far")
    above = np.array([_placements(column[hit], column[~hit]) for column in margins])
    below = np.array([1 - _placements(column[~hit], column[hit]) for column in margins])
    areas = above.mean(axis=1)
    # What each group adds beyond its share, among images of the class and among the others.
    own, rest = (
        np.array([np.bincount(member[side], row, n_groups) for row in part - areas[:, None]])
        for side, part in ((hit, above), (~hit, below))
    )
    stretch = [count / (count - 1) for count in (*holders, n_groups)]
    crossed = own @ rest.T
    return areas, (
        stretch[0] * own @ own.T / n_hits**2
        + stretch[1] * rest @ rest.T / n_rest**2
        + stretch[2] * (crossed + crossed.T) / (n_hits * n_rest)
    )


def _placements(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the share of others below each value, ties counting half."""
    together = rankdata(np.concatenate([values, others]))[: len(values)]
    return (together - rankdata(values)) / len(others)
