"""How well classes can be told from a table that should say nothing of them, by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.metrics import Score, score_predictions
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.splits import Split

_REPLICATES = 200  # for a warning, not for a paper
_CHANCE = 0.5


@dataclass(frozen=True)
class Told:
    """What classes were told from, and how well.

    Parameters
    ----------
    name : str
        What the classes were told from, in words.
    auroc : float
        Over out-of-fold predictions; mean over the classes, each against the rest.
    low, high : float
        95 % interval by bootstrap over groups.
    constant : bool
        Whether all images are the same in it, so that nothing can be told.
    """

    name: str
    auroc: float
    low: float
    high: float
    constant: bool

    @property
    def warns(self) -> bool:
        """Whether it is better than chance for certain."""
        return self.low > _CHANCE

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        numbers = {name: round(getattr(self, name), 4) for name in ("auroc", "low", "high")}
        return {"name": self.name, **numbers, "constant": self.constant, "warns": self.warns}


def told_from(
    name: str, table: np.ndarray, dataset: Dataset, split: Split, *, random_state: int = 0
) -> Told:
    """Cross-validate small boosted trees on a table of one nuisance.

    Parameters
    ----------
    name : str
        What the table holds.
    table : ndarray of shape (n, d)
        NaN where an image has no such value.
    dataset : Dataset
        Labels and groups.
    split : Split
        From `split_dataset`.
    random_state : int, default=0
        Seed of trees and bootstrap.

    Returns
    -------
    Told
    """
    varying = [not _is_constant(column) for column in table.T]
    if not any(varying):
        return Told(name, _CHANCE, _CHANCE, _CHANCE, True)
    score = _score(table[:, varying], dataset, split, random_state)
    return Told(name, score.value, score.low, score.high, False)


def _is_constant(column: np.ndarray) -> bool:
    return len(pd.unique(pd.Series(column))) == 1


def _score(table: np.ndarray, dataset: Dataset, split: Split, random_state: int) -> Score:
    labels, classes = dataset.known_labels(), dataset.classes
    margins = np.empty((len(table), *(() if len(classes) == 2 else (len(classes),))))
    for train, test in split:
        model = XGBoostClassifier(n_estimators=60, max_depth=3, random_state=random_state)
        margins[test] = model.fit(table[train], labels[train]).decision_function(table[test])
    scores = score_predictions(
        labels,
        margins,
        classes,
        groups=dataset.groups,
        unit=dataset.unit,
        n_bootstrap=_REPLICATES,
        random_state=random_state,
    )
    return scores["auroc"]
