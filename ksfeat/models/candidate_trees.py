"""The boosted trees that score candidates for stones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xgboost as xgb

_WHILE_CHOOSING = 60  # trees while instances are being chosen: eight turns are fitted
_FASTEST = 0.1  # learning rate of the few, which are to do what the many would
_SETTINGS = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "subsample": 0.7,
    "colsample_bytree": 0.3,
    "min_child_weight": 2,
    "reg_lambda": 2,
    "nthread": 1,
    "verbosity": 0,
}


@dataclass(frozen=True)
class CandidateTrees:
    """How trees over candidates are grown.

    Parameters
    ----------
    n_estimators : int
        Trees.
    max_depth : int
        Depth of a tree.
    learning_rate : float
        Shrinkage of each tree.
    random_state : int
        Seed.

    Examples
    --------
    >>> table, truth = np.array([[0.0], [1.0]] * 20, dtype=np.float32), np.array([0.0, 1.0] * 20)
    >>> CandidateTrees(5, 2, 0.3, 0).grow(table, truth, np.ones(40)).num_boosted_rounds()
    5
    """

    n_estimators: int
    max_depth: int
    learning_rate: float
    random_state: int

    def grow(self, table: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> xgb.Booster:
        """Return trees fitted to candidates, (n, d), which are stones (1) or not (0)."""
        return self._grown(table, truth, weight, self.n_estimators, self.learning_rate)

    def grow_few(self, table: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> xgb.Booster:
        """Return fewer trees, of larger steps: good enough to choose instances by."""
        number = min(self.n_estimators, _WHILE_CHOOSING)
        rate = self.learning_rate * self.n_estimators / number
        return self._grown(
            table, truth, weight, number, max(min(rate, _FASTEST), self.learning_rate)
        )

    def _grown(
        self, table: np.ndarray, truth: np.ndarray, weight: np.ndarray, number: int, rate: float
    ) -> xgb.Booster:
        chosen = {"max_depth": self.max_depth, "eta": rate, "seed": self.random_state}
        data = xgb.DMatrix(table, label=truth, weight=weight, nthread=1)
        return xgb.train({**_SETTINGS, **chosen}, data, number)
