"""Exact attributions of a linear model: coefficient times the distance from the training mean."""

from __future__ import annotations

import numpy as np

from ksfeat.attribution.encoded import sum_by_origin
from ksfeat.models.linear import LinearClassifier


def explain_linear(model: LinearClassifier, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Attribute the margins of a linear model in the interventional game.

    The encoded columns are centred on their (weighted) training mean, so that the intercept is the
    margin at the mean, and a column's attribution is its coefficient times its value.

    Parameters
    ----------
    model : LinearClassifier
        Fitted.
    X : ndarray of shape (n, d)
        Rows to explain; NaN allowed.

    Returns
    -------
    values : ndarray of shape (n, d, k)
    base_values : ndarray of shape (k,)
        The intercepts.
    """
    encoded = model.encoder_.transform(X)
    parts = encoded[:, :, None] * model.regression_.coef_.T[None]
    return sum_by_origin(parts, model.encoder_, X.shape[1]), model.regression_.intercept_.copy()
