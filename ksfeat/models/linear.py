"""Logistic regression on a scaled table: the model whose explanation is its formula."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression

from ksfeat.models.encoding import TableEncoder
from ksfeat.models.table_classifier import TableClassifier


class LinearClassifier(TableClassifier):
    """Logistic regression (softmax for many classes) on a scaled table.

    Parameters
    ----------
    C : float, default=0.1
        Inverse strength of the ridge penalty; strong by default, since texture features are many
        and alike.
    class_weight : {"balanced", None} or dict, default="balanced"
        "balanced": rare classes weigh as much as frequent ones; a dict gives weights by class.

    Attributes
    ----------
    regression_ : LogisticRegression
        The fitted model on the encoded columns.
    encoder_ : TableEncoder
        Median, indicators and scales learnt in `fit`.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 4))
    >>> y = np.where(X[:, 0] > 0, "stone", "normal")
    >>> LinearClassifier().fit(X, y).predict_proba(X).shape
    (60, 2)
    """

    def __init__(
        self, *, C: float = 0.1, class_weight: dict[Any, float] | str | None = "balanced"
    ) -> None:
        self.C = C
        self.class_weight = class_weight

    def _fit(self, X: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> None:
        self.encoder_ = TableEncoder().fit(X, sample_weight=weight)
        self.regression_ = LogisticRegression(C=self.C, max_iter=5000, tol=1e-6).fit(
            self.encoder_.transform(X), codes, sample_weight=weight
        )

    def _margins(self, X: np.ndarray) -> np.ndarray:
        return self.regression_.decision_function(self.encoder_.transform(X))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the model's own, uncalibrated class probabilities, (n, n_classes)."""
        return probabilities(self.decision_function(X))


def probabilities(margins: np.ndarray) -> np.ndarray:
    """Return the logistic or softmax link of margins, (n, n_classes)."""
    if margins.ndim == 1:
        return np.column_stack([expit(-margins), expit(margins)])
    return softmax(margins, axis=1)
