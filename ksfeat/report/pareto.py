"""What is worth its cost."""

from __future__ import annotations

import numpy as np


def pareto_front(cost: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Return which contenders nothing beats: nothing as cheap is better, nothing as good cheaper.

    Parameters
    ----------
    cost, quality : ndarray of shape (n,)
        Less cost and more quality are better; NaN keeps a contender off the front.

    Returns
    -------
    ndarray of bool, shape (n,)
        Equal contenders stand on it together.

    Examples
    --------
    >>> pareto_front(np.array([1.0, 2.0, 3.0]), np.array([0.8, 0.7, 0.9])).tolist()
    [True, False, True]
    """
    no_worse = (cost <= cost[:, None]) & (quality >= quality[:, None])
    better = (cost < cost[:, None]) | (quality > quality[:, None])
    known = np.isfinite(cost) & np.isfinite(quality)
    front: np.ndarray = known & ~(no_worse & better).any(axis=1)
    return front
