"""Draws of whole groups: what every interval of this package is made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Statistic = Callable[[np.ndarray], np.ndarray]


def draw_groups(
    codes: np.ndarray, member: np.ndarray, n_classes: int, n_bootstrap: int, random_state: int
) -> np.ndarray:
    """Return how often each group is drawn in each replicate, (n_bootstrap, n_groups).

    Groups are drawn with replacement, stratified by the rarest class that a group holds; a draw
    that still lacks a class is drawn again, so that every replicate holds every class.

    Parameters
    ----------
    codes, member : ndarray of int, shape (n,)
        Class and group of each image, numbered from 0.
    n_classes, n_bootstrap, random_state : int
        Number of classes, number of replicates, and the seed.

    Examples
    --------
    >>> draw_groups(np.array([0, 0, 1]), np.array([0, 1, 2]), 2, 4, 0).sum(axis=1).tolist()
    [3.0, 3.0, 3.0, 3.0]
    """
    content = np.zeros((member.max() + 1, n_classes), dtype=bool)
    content[member, codes] = True
    # By its full content, a group of many classes would be a stratum of one, which never varies.
    stratum = np.where(content, content.sum(axis=0), np.inf).argmin(axis=1)
    rng = np.random.default_rng(random_state)
    weights = np.zeros((n_bootstrap, len(content)))
    lacking = np.arange(n_bootstrap)
    while len(lacking):
        weights[lacking] = _draw(stratum, len(lacking), rng)
        held = weights[lacking] @ content > 0
        lacking = lacking[(held < content.any(axis=0)).any(axis=1)]
    return weights


def _draw(stratum: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    weights = np.zeros((n_draws, len(stratum)))
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        share = np.full(len(members), 1 / len(members))
        weights[:, members] = rng.multinomial(len(members), share, size=n_draws)
    return weights


def bootstrap(
    statistic: Statistic,
    codes: np.ndarray,
    member: np.ndarray,
    *,
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Return a statistic of all images, and of replicates drawn by group.

    Parameters
    ----------
    statistic : callable
        From a weight for each image, (n,), to k numbers; NaN where a number is not defined.
    codes, member : ndarray of int, shape (n,)
        Class and group of each image, numbered from 0.
    n_bootstrap : int, default=1000
        Number of replicates.
    random_state : int, default=0
        Seed.

    Returns
    -------
    value : ndarray of shape (k,)
    draws : ndarray of shape (n_bootstrap, k)

    Examples
    --------
    >>> codes, member = np.array([0, 0, 1, 1]), np.arange(4)
    >>> value, draws = bootstrap(lambda w: np.array([w @ codes / w.sum()]), codes, member)
    >>> value.tolist(), draws.shape
    ([0.5], (1000, 1))
    """
    weights = draw_groups(codes, member, int(codes.max()) + 1, n_bootstrap, random_state)
    value = statistic(np.ones(len(codes)))
    return value, np.array([statistic(row[member]) for row in weights])


def percentiles(draws: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of the interval of each column of draws; NaN where none is defined.

    Examples
    --------
    >>> low, high = percentiles(np.arange(101.0)[:, None])
    >>> low.round(9).tolist(), high.round(9).tolist()
    ([2.5], [97.5])
    """
    ends = np.full((2, draws.shape[1]), np.nan)
    tail = 50 * (1 - level)
    for place, column in enumerate(draws.T):
        known = column[np.isfinite(column)]
        if len(known):
            ends[:, place] = np.percentile(known, [tail, 100 - tail])
    return ends[0], ends[1]


def reflected(
    value: np.ndarray, draws: np.ndarray, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of the basic interval of statistics that noise makes larger.

    Draws of such a statistic, which is never negative, lie above it as it lies above the truth:
    their percentiles are reflected at it. The interval begins at 0 or above and holds the value.

    References
    ----------
    .. [1] A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their Application", Cambridge
           University Press (1997), chapter 5.

    Examples
    --------
    >>> low, high = reflected(np.array([30.0]), np.arange(101.0)[:, None])
    >>> low.tolist(), high.round(9).tolist()
    ([0.0], [57.5])
    """
    bottom, top = percentiles(draws, level)
    low, high = np.maximum(2 * value - top, 0), 2 * value - bottom
    return np.minimum(low, value), np.maximum(high, value)
