"""Make a table with missing values fit for models that need numbers of one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data


class TableEncoder(TransformerMixin, BaseEstimator):
    """Median and indicator for what is missing, then no constant columns, then unit variance.

    Attributes
    ----------
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
            Weights of the mean and scale.

        Returns
        -------
        self
        """
        X = validate_data(self, X, ensure_all_finite="allow-nan", dtype=np.float64)
        self.imputer_ = SimpleImputer(strategy="median", add_indicator=True).fit(X)
        filled = self.imputer_.transform(X)
        varies = np.ptp(filled, axis=0) > 0
        if not varies.any():
            raise ValueError(
                f"every column is constant or missing (n_samples = {len(X)}); "
                "expected one that varies"
            )
        self.selector_ = VarianceThreshold().fit(filled)
        self.scaler_ = StandardScaler().fit(
            self.selector_.transform(filled), sample_weight=sample_weight
        )
        values = np.flatnonzero(~np.isnan(self.imputer_.statistics_))
        source = np.concatenate([values, self.imputer_.indicator_.features_])
        self.origin_ = source[self.selector_.get_support()]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the encoded table, (n, n_encoded), without missing values."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64)
        return self.scaler_.transform(self.selector_.transform(self.imputer_.transform(X)))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
