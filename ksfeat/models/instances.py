"""Multiple-instance learning: which candidates are stones where only the image's label is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xgboost as xgb

_SURE = 0.5  # probability above which a further candidate of a positive image counts as a stone
_MOST = 4  # instances of one image: many weak ones would teach what the image looks like
_FIRST_ROUNDS = 2  # of one instance an image, before further ones are believed

Settings = dict[str, float | int | str]
Fit = Callable[[np.ndarray, np.ndarray, np.ndarray], xgb.Booster]


def margins(booster: xgb.Booster, table: np.ndarray) -> np.ndarray:
    """Return the log odds of each row, float64."""
    data = xgb.DMatrix(table, nthread=1)
    return booster.predict(data, output_margin=True).astype(np.float64)


def crossfitted(
    fit: Fit, table: np.ndarray, truth: np.ndarray, weight: np.ndarray, fold: np.ndarray
) -> np.ndarray:
    """Return margins of each row from a model that saw no row of its fold.

    Parameters
    ----------
    fit : callable
        From table, truth and weight to a booster.
    table : ndarray of shape (n, d)
        Candidates.
    truth : ndarray of shape (n,)
        1 for stones.
    weight : ndarray of shape (n,)
        0 leaves a row out of training; it gets a margin all the same.
    fold : ndarray of int, shape (n,)
        Of each row; all rows of a group share one.
    """
    found = np.empty(len(table))
    for number in np.unique(fold):
        train = (fold != number) & (weight > 0)
        booster = fit(table[train], truth[train], weight[train])
        found[fold == number] = margins(booster, table[fold == number])
    return found


def best_of(image: np.ndarray, score: np.ndarray, most: int = 1) -> np.ndarray:
    """Mark the highest scores of each image, an ndarray of bool.

    Examples
    --------
    >>> best_of(np.array([0, 0, 1, 1]), np.array([0.2, 0.9, 0.5, 0.1])).tolist()
    [False, True, True, False]
    """
    order = np.lexsort((-score, image))
    first = np.flatnonzero(np.diff(image[order], prepend=-1))
    place = np.arange(len(order)) - np.repeat(first, np.diff(np.append(first, len(order))))
    chosen = np.zeros(len(order), dtype=bool)
    chosen[order] = place < most
    return chosen


def choose_instances(
    fit: Fit,
    table: np.ndarray,
    image: np.ndarray,
    positive: np.ndarray,
    fold: np.ndarray,
    rounds: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Find the stones among the candidates of images that hold at least one.

    First all candidates of positive images are called stones; then, in turns, the best one of each
    positive image by cross-fitted margins (later up to 4 that are probable) is a stone, its other
    candidates are left out, and all candidates of negative images are none, until nothing changes.

    Parameters
    ----------
    fit : callable
        From table, truth and weight to a booster.
    table : ndarray of shape (n, d)
        Candidates.
    image : ndarray of int, shape (n,)
        Image of each.
    positive : ndarray of bool, shape (n,)
        Whether that image holds a stone.
    fold : ndarray of int, shape (n,)
        Of each row; all rows of a group share one, so that no model judges what it learnt.
    rounds : int
        Turns at most.

    Returns
    -------
    truth : ndarray of bool, shape (n,)
        The instances found.
    weight : ndarray of float64, shape (n,)
        0 for candidates of positive images that nothing is known of.
    """
    truth, weight = positive.copy(), np.ones(len(table))
    for turn in range(rounds):
        score = crossfitted(fit, table, truth.astype(float), weight, fold)
        best = best_of(image, score)
        if turn >= _FIRST_ROUNDS:
            odds = score - np.quantile(score[best & positive], 0.5) + 2.0
            best |= best_of(image, score, _MOST) & (odds > np.log(_SURE / (1 - _SURE)))
        chosen = best & positive
        stable = turn > _FIRST_ROUNDS and bool((chosen == truth).all())
        truth, weight = chosen, np.where(positive & ~chosen, 0.0, 1.0)
        if stable:
            break
    return truth, weight
