"""How many stones are found at how many false positives an image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def froc_sensitivity(
    hit: Sequence[np.ndarray], scores: Sequence[np.ndarray], rates: Sequence[float]
) -> np.ndarray:
    """Return the free-response sensitivity at given numbers of false positives an image.

    A lesion is found at a threshold if a detection above it hits it; several hits of one are one.
    A detection that hits none is a false positive.

    Parameters
    ----------
    hit : sequence of ndarray of bool, shape (n_detections, n_lesions)
        Of each image: which detection hits which lesion.
    scores : sequence of ndarray of shape (n_detections,)
        Of each image.
    rates : sequence of float
        Mean false positives an image that are allowed.

    Returns
    -------
    ndarray of float64, shape (n_rates,)
        Share of all lesions, from 0 to 1; NaN where there is no lesion.

    Examples
    --------
    >>> hit = [np.array([[True], [False]]), np.array([[False], [True]])]
    >>> scores = [np.array([0.9, 0.1]), np.array([0.8, 0.7])]
    >>> froc_sensitivity(hit, scores, [0.0, 0.5]).tolist()
    [0.5, 1.0]
    """
    false = np.sort(np.concatenate([s[~h.any(axis=1)] for h, s in zip(hit, scores, strict=True)]))
    best = np.concatenate(
        [
            np.where(h, s[:, None], -np.inf).max(axis=0, initial=-np.inf)
            for h, s in zip(hit, scores, strict=True)
        ]
    )
    if len(best) == 0:
        return np.full(len(rates), np.nan)
    found = []
    for rate in rates:
        allowed = int(np.floor(rate * len(hit) + 1e-9))
        limit = false[::-1][allowed] if allowed < len(false) else -np.inf
        found.append(float((best > limit).mean()))
    return np.array(found)
