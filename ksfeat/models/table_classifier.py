"""What the classifiers over tables share: labels, weights, the margin and its argmax."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ksfeat.errors import InputError


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

        Raises
        ------
        InputError
            If there is one class only, or a class whose rows all weigh nothing.
        """
        X, y = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64)
        self.classes_, codes = encode_labels(y)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, copy=True)
        weight = self._weighted(codes, weight)
        mass = np.bincount(codes, weights=weight)
        if not (mass > 0).all():
            empty = self.classes_.tolist()[int(mass.argmin())]
            raise InputError(
                f"the weights of class {empty!r} are all zero; expected some weight in each class"
            )
        self._fit(X, codes, weight)
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the margins: (n,) for ``classes_[1]`` of two classes, else (n, n_classes)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64)
        return self._margins(X)

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of the largest margin, (n,)."""
        codes = called(self.decision_function(X))
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
            raise InputError(
                f"class_weight {self.class_weight!r}; expected 'balanced', a dict or None"
            )
        # Counted in weights, so that a weight of two is the same as the row standing twice.
        mass = np.bincount(codes, weights=weight)
        share = np.divide(mass.sum(), len(mass) * mass, out=np.zeros_like(mass), where=mass > 0)
        return weight * share[codes]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def encode_labels(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes and the place of each label among them.

    Raises
    ------
    InputError
        If there is one class only.

    Examples
    --------
    >>> encode_labels(np.array(["stone", "normal", "stone"]))[1]
    array([1, 0, 1])
    """
    assert_all_finite(y, input_name="y")
    check_classification_targets(y)
    classes, codes = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise InputError(
            f"one class only ({classes.tolist()[0]!r}); expected at least two to tell apart"
        )
    return classes, codes


def called(margins: np.ndarray) -> np.ndarray:
    """Return the code of the class that margins call, (n,): the largest, or the sign's of two.

    Examples
    --------
    >>> called(np.array([-0.5, 2.0])).tolist()
    [0, 1]
    """
    return (margins > 0).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)
