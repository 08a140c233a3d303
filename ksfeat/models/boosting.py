"""XGBoost behind the same door as the other table classifiers."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost as xgb

from ksfeat.models.linear import probabilities
from ksfeat.models.table_classifier import TableClassifier

_PASSED_ON = (
    "learning_rate",
    "max_depth",
    "min_child_weight",
    "subsample",
    "colsample_bytree",
    "reg_lambda",
)


class XGBoostClassifier(TableClassifier):
    """Gradient-boosted trees; a missing value goes the way that served best in training.

    A thin wrap of XGBoost's booster that encodes labels, weighs classes and keeps scikit-learn's
    contract in full.

    Parameters
    ----------
    n_estimators : int, default=300
        Number of boosting rounds.
    learning_rate : float, default=0.05
        Shrinkage of each round.
    max_depth : int, default=4
        Depth of a tree.
    min_child_weight : float, default=1.0
        Least sum of instance weight (hessian) in a leaf.
    subsample : float, default=1.0
        Share of rows a round.
    colsample_bytree : float, default=0.5
        Share of columns a tree.
    reg_lambda : float, default=1.0
        Ridge penalty on leaf weights.
    class_weight : {"balanced", None} or dict, default="balanced"
        "balanced": rare classes weigh as much as frequent ones; a dict gives weights by class.
    n_jobs : int, default=1
        Threads. The default makes the same bytes on any number of cores.
    random_state : int, default=0
        Seed.

    Attributes
    ----------
    booster_ : xgboost.Booster
        The fitted trees.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 4))
    >>> y = np.where(X[:, 0] > 0, "stone", "normal")
    >>> XGBoostClassifier(n_estimators=20).fit(X, y).score(X, y) > 0.9
    True
    """

    def __init__(  # noqa: PLR0913 - XGBoost's own names, one argument each
        self,
        *,
        n_estimators: int = 300,
        learning_rate: float = 0.05,
        max_depth: int = 4,
        min_child_weight: float = 1.0,
        subsample: float = 1.0,
        colsample_bytree: float = 0.5,
        reg_lambda: float = 1.0,
        class_weight: dict[Any, float] | str | None = "balanced",
        n_jobs: int = 1,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.max_depth = max_depth
        self.min_child_weight = min_child_weight
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.reg_lambda = reg_lambda
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _fit(self, X: np.ndarray, codes: np.ndarray, weight: np.ndarray) -> None:
        X, codes, weight = _merged(X, codes, weight)
        data = xgb.DMatrix(X, label=codes, weight=weight, nthread=self.n_jobs)
        self.booster_ = xgb.train(self._settings(), data, num_boost_round=self.n_estimators)

    def _settings(self) -> dict[str, Any]:
        n_classes = len(self.classes_)
        objective: dict[str, Any] = {"objective": "binary:logistic"}
        if n_classes > 2:
            objective = {"objective": "multi:softprob", "num_class": n_classes}
        return {
            **objective,
            **{name: getattr(self, name) for name in _PASSED_ON},
            "tree_method": "hist",
            "nthread": self.n_jobs,
            "seed": self._seed(),
            "verbosity": 0,
        }

    def _seed(self) -> int:
        if isinstance(self.random_state, np.random.RandomState):
            return int(self.random_state.randint(2**31 - 1))
        return 0 if self.random_state is None else int(self.random_state)

    def _margins(self, X: np.ndarray) -> np.ndarray:
        data = xgb.DMatrix(X, nthread=self.n_jobs)
        return self.booster_.predict(data, output_margin=True).astype(np.float64)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the model's own, uncalibrated class probabilities, (n, n_classes)."""
        return probabilities(self.decision_function(X))


def _merged(
    X: np.ndarray, codes: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort the rows and merge equal ones into one of their summed weight.

    XGBoost sums gradients in float32 and in the order of the rows. Merged, a row that stands twice
    is exactly a row of weight two, and shuffled rows give the same trees.
    """
    # NaN equals nothing, not even itself; infinity is free to stand in for it, since it is refused.
    table = np.column_stack([codes, np.where(np.isnan(X), np.inf, X)])
    rows, place = np.unique(table, axis=0, return_inverse=True)
    mass = np.bincount(place.ravel(), weights=weight)
    rows, mass = rows[mass > 0], mass[mass > 0]
    return np.where(np.isinf(rows[:, 1:]), np.nan, rows[:, 1:]), rows[:, 0], mass
