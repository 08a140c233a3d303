"""Agreement of two ways to measure: bias and limits, with intervals from whole patients."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ksfeat.errors import InputError
from ksfeat.metrics.bootstrap import bootstrap, percentiles

_FEWEST = 3
_LIMIT = 1.96  # standard deviations: 95 % of differences that are normal


class Agreement(NamedTuple):
    """How two ways to measure agree.

    Parameters
    ----------
    bias : float
        Mean difference, measured less true.
    low, high : float
        95 % limits of agreement: bias -+ 1.96 standard deviations of the differences.
    intervals : ndarray of float64, shape (3, 2)
        95 % interval of bias, low and high, by bootstrap over groups.
    n, n_groups : int
        Pairs, and groups that they come from.
    """

    bias: float
    low: float
    high: float
    intervals: np.ndarray
    n: int
    n_groups: int


def bland_altman(
    measured: Any, true: Any, groups: Any, *, n_bootstrap: int = 1000, random_state: int = 0
) -> Agreement:
    """Return bias and 95 % limits of agreement of pairs.

    Parameters
    ----------
    measured, true : array-like of shape (n,)
        In one unit. For relative differences give their logarithms, or measured over true and ones.
    groups : array-like of shape (n,)
        Patient of each pair.
    n_bootstrap : int, default=1000
        Replicates, drawn by group.
    random_state : int, default=0
        Seed.

    Returns
    -------
    Agreement

    Raises
    ------
    InputError
        If lengths differ, a value is not finite, or there are fewer than three pairs.

    References
    ----------
    .. [1] J. M. Bland, D. G. Altman, "Statistical methods for assessing agreement between two
           methods of clinical measurement", Lancet 327 (1986) 307-310.

    Examples
    --------
    >>> found = bland_altman([5.0, 6.0, 8.0, 9.0], [5.0, 5.0, 8.0, 8.0], [0, 1, 2, 3])
    >>> found.bias, round(found.low, 2), round(found.high, 2)
    (0.5, -0.63, 1.63)
    """
    pairs = np.asarray(measured, dtype=float), np.asarray(true, dtype=float)
    names = np.asarray(groups)
    if not pairs[0].shape == pairs[1].shape == names.shape or pairs[0].ndim != 1:
        shapes = ", ".join(str(one.shape) for one in (*pairs, names))
        raise InputError(f"measured, true and groups of shapes {shapes}; expected one length")
    difference = pairs[0] - pairs[1]
    if len(difference) < _FEWEST or not np.isfinite(difference).all():
        raise InputError(f"{len(difference)} pairs; expected three or more, all finite")
    member = np.unique(names, return_inverse=True)[1]

    def limits(weight: np.ndarray) -> np.ndarray:
        total = weight.sum()
        bias = weight @ difference / total
        free = max(total - 1, 1.0)
        spread = _LIMIT * np.sqrt(weight @ (difference - bias) ** 2 / free)
        return np.array([bias, bias - spread, bias + spread])

    value, draws = bootstrap(
        limits, np.zeros(len(member), int), member,
        n_bootstrap=n_bootstrap, random_state=random_state,
    )  # fmt: skip
    intervals = np.stack(percentiles(draws), axis=1)
    bias, low, high = value.tolist()
    return Agreement(bias, low, high, intervals, len(difference), int(member.max()) + 1)
