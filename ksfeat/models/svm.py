"""One-vs-rest RBF support vector machines whose margins add up and agree with `predict`."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.svm import SVC

from ksfeat.models.encoding import TableEncoder
from ksfeat.models.table_classifier import TableClassifier

# Tight enough that a weight of two gives the same margins (to 1e-7) as the row standing twice.
_TOLERANCE = 1e-8


class SVMClassifier(TableClassifier):
    """RBF support vector machine, one machine a class, on a scaled table.

    scikit-learn's own ``SVC`` with more than two classes votes between pairs, and its "ovr"
    decision function is not a sum of kernels; one machine a class gives margins that an exact
    explanation can add up to.

    Parameters
    ----------
    C : float, default=1.0
        Penalty of a margin violation.
    gamma : float or "scale", default="scale"
        Kernel width: exp(-gamma * squared distance). "scale" is 1 / (number of encoded columns),
        their variance being one.
    class_weight : {"balanced", None} or dict, default="balanced"
        "balanced": rare classes weigh as much as frequent ones; a dict gives weights by class.

    Attributes
    ----------
    machines_ : list of SVC
        One for ``classes_[1]`` of two classes, else one a class.
    encoder_ : TableEncoder
        Median, indicators and scales learnt in `fit`.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 4))
    >>> y = np.where(X[:, 0] > 0, "stone", "normal")
    >>> SVMClassifier().fit(X, y).decision_function(X).shape
    (60,)
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        gamma: float | str = "scale",
        class_weight: dict[Any, float] | str | None = "balanced",
    ) -> None:
        self.C = C
        self.gamma = gamma
        self.class_weight = class_weight

    def _fit(self, X: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> None:
        self.encoder_ = TableEncoder().fit(X, sample_weight=weight)
        encoded = self.encoder_.transform(X)
        gamma = 1 / encoded.shape[1] if self.gamma == "scale" else self.gamma
        positive = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        self.machines_ = [
            SVC(C=self.C, gamma=gamma, tol=_TOLERANCE).fit(
                encoded, target, sample_weight=self._against_rest(target, weight)
            )
            for target in (codes == k for k in positive)
        ]

    def _against_rest(self, target: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """Keep one against many balanced: the rest together weighs as much as the class."""
        if self.class_weight != "balanced":
            return weight
        own, rest = weight[target].sum(), weight[~target].sum()
        return weight * np.where(target, (own + rest) / (2 * own), (own + rest) / (2 * rest))

    def _margins(self, X: np.ndarray) -> np.ndarray:
        encoded = self.encoder_.transform(X)
        margins = [machine.decision_function(encoded) for machine in self.machines_]
        return margins[0] if len(margins) == 1 else np.column_stack(margins)
