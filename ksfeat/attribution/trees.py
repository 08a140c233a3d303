"""Exact attributions of boosted trees, by XGBoost's own path-dependent TreeSHAP."""

from __future__ import annotations

import numpy as np
import xgboost as xgb

from ksfeat.models.boosting import XGBoostClassifier


def explain_trees(model: XGBoostClassifier, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Attribute the margins of trees in the path-dependent game.

    Parameters
    ----------
    model : XGBoostClassifier
        Fitted.
    X : ndarray of shape (n, d)
        Rows to explain; NaN allowed.

    Returns
    -------
    values : ndarray of shape (n, d, k)
        In float32's precision, as the margins are.
    base_values : ndarray of shape (k,)
        The expected margin along the trees' covers.
    """
    data = xgb.DMatrix(X, nthread=model.n_jobs)
    parts = model.booster_.predict(data, pred_contribs=True, strict_shape=True)
    parts = parts.astype(np.float64).transpose(0, 2, 1)  # (n, k, d + 1) to (n, d + 1, k)
    return parts[:, :-1, :], parts[0, -1, :]
