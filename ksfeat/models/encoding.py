"""Make a table with missing values fit for models that need numbers of one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ksfeat.errors import InputError

_ROUNDING = 1e-12  # a deviation below this share of the mean is rounding: the column is constant
_TIE = 1e-9  # shares of weight nearer than this are equal


class TableEncoder(TransformerMixin, BaseEstimator):
    """Median and indicator for what is missing, then no constant columns, then unit variance.

    Attributes
    ----------
    median_ : ndarray of shape (d,)
        What fills a missing value; NaN for a column without any value in training.
    indicated_ : ndarray of int
        The input columns that get an indicator: those with values missing in training.
    kept_ : ndarray of int, shape (n_encoded,)
        The columns that vary in training, among the d filled ones and the indicators after them.
    mean_, scale_ : ndarray of shape (n_encoded,)
        Mean and standard deviation of the kept columns.
    origin_ : ndarray of int, shape (n_encoded,)
        The input column that each encoded column comes from: a value and its indicator share one.

    Examples
    --------
    >>> import numpy as np
    >>> encoder = TableEncoder().fit([[1.0, 5.0, np.nan], [2.0, 5.0, 1.0], [3.0, 5.0, 4.0]])
    >>> encoder.origin_
    array([0, 2, 2])
    """

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> TableEncoder:
        """Learn medians, indicators, constant columns and scales.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Table; NaN means missing.
        y : ignored
        sample_weight : array-like of shape (n,), optional
            Weights of median, mean and scale: a weight of two is the row standing twice.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If no column varies.
        """
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=np.float64)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        X, weight = X[weight > 0], weight[weight > 0]
        holes = np.isnan(X)
        self.median_ = np.array([_weighted_median(column, weight) for column in X.T])
        self.indicated_ = np.flatnonzero(holes.any(axis=0))
        wide = self._widened(X)
        mean = np.average(wide, axis=0, weights=weight)
        scale = np.sqrt(np.average((wide - mean) ** 2, axis=0, weights=weight))
        # NaN, in a column without any value, is not larger than anything.
        self.kept_ = np.flatnonzero(scale > _ROUNDING * np.abs(mean))
        if len(self.kept_) == 0:
            raise InputError(
                f"every column is constant or missing (n_samples = {len(X)}); "
                "expected one that varies; bring images that differ"
            )
        self.mean_, self.scale_ = mean[self.kept_], scale[self.kept_]
        self.origin_ = np.concatenate([np.arange(X.shape[1]), self.indicated_])[self.kept_]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the encoded table, (n, n_encoded), without missing values."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64)
        return (self._widened(X)[:, self.kept_] - self.mean_) / self.scale_

    def _widened(self, X: np.ndarray) -> np.ndarray:
        """Return the filled columns and the indicators after them, (n, d + n_indicated)."""
        holes = np.isnan(X)
        return np.hstack([np.where(holes, self.median_, X), holes[:, self.indicated_]])

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """Return the median of what is not NaN; between two values of equal weight, their mean."""
    known = ~np.isnan(values)
    if not known.any():
        return np.nan
    order = np.argsort(values[known], kind="stable")
    ranked, mass = values[known][order], np.cumsum(weight[known][order])
    half = [mass[-1] * (0.5 - _TIE), mass[-1] * (0.5 + _TIE)]
    return float(ranked[np.searchsorted(mass, half)].mean())
