"""What the classifiers over tables share: labels, weights, the margin and its argmax."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data


class TableClassifier(ClassifierMixin, BaseEstimator, ABC):
    """Base of the classifiers over tables with missing values.

    A subclass fits encoded labels in `_fit` and returns its margins from `_margins`: of shape (n,)
    for ``classes_[1]`` where there are two classes, else (n, n_classes).
    """

    class_weight: dict[Any, float] | str | None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> TableClassifier:
        """Fit to a table.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Features; NaN means "not defined here".
        y : array-like of shape (n,)
            Class labels, at least two different ones.
        sample_weight : array-like of shape (n,), optional
            Weight of each row, on top of `class_weight`.

        Returns
        -------
        self
        """
        X, y = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__}: one class only ({self.classes_[0]!r}); "
                "expected at least two classes to tell apart"
            )
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, copy=True)
        self._fit(X, codes, self._weighted(codes, weight))
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the margins: (n,) for ``classes_[1]`` of two classes, else (n, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64)
        return self._margins(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of the largest margin, (n,)."""
        margins = self.decision_function(X)
        codes = (margins > 0).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)
        return self.classes_[codes]

    @abstractmethod
    def _fit(self, X: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> None:
        """Fit encoded labels."""

    @abstractmethod
    def _margins(self, X: np.ndarray) -> np.ndarray:
        """Return the margins of validated rows."""

    def _weighted(self, codes: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Multiply the weight of each row by that of its class."""
        if self.class_weight is None:
            return weight
        if isinstance(self.class_weight, dict):
            of_class = [self.class_weight.get(name, 1.0) for name in self.classes_]
            return weight * np.asarray(of_class, dtype=float)[codes]
        if self.class_weight != "balanced":
            raise ValueError(
                f"class_weight {self.class_weight!r}; expected 'balanced', a dict or None"
            )
        # Counted in weights, so that a weight of two is the same as the row standing twice.
        mass = np.bincount(codes, weights=weight)
        return weight * (mass.sum() / (len(mass) * np.maximum(mass, np.finfo(float).tiny)))[codes]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
