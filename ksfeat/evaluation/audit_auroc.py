"""How well classes can be told from a table that should say nothing of them, by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.metrics import draw_auroc
from ksfeat.metrics.bootstrap import percentiles
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.splits import Split

_REPLICATES = 2000  # of 11 tests, the bound of a warning has 4 or 5 of them below it
_ERROR = 0.05  # of both sides, over all tests of one audit
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
    bound : float
        Lower end of the interval that is widened for all tests of the audit (Bonferroni).
    """

    name: str
    auroc: float
    low: float
    high: float
    constant: bool
    bound: float

    @property
    def warns(self) -> bool:
        """Whether it is better than chance, with all tests of the audit allowed for."""
        return self.bound > _CHANCE

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        numbers = {
            name: round(getattr(self, name), 4) for name in ("auroc", "low", "high", "bound")
        }
        return {"name": self.name, **numbers, "constant": self.constant, "warns": self.warns}


def varies(table: np.ndarray) -> bool:
    """Tell whether anything in a table differs between images: there is something to test."""
    return not all(_is_constant(column) for column in table.T)


def told_from(
    name: str,
    table: np.ndarray,
    dataset: Dataset,
    split: Split,
    *,
    n_tests: int = 1,
    random_state: int = 0,
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
    n_tests : int, default=1
        Tables of this audit that vary: of so many tests on noise, one in 40 audits is to warn.
    random_state : int, default=0
        Seed of trees and bootstrap.

    Returns
    -------
    Told
    """
    varying = [not _is_constant(column) for column in table.T]
    if not any(varying):
        return Told(name, _CHANCE, _CHANCE, _CHANCE, True, _CHANCE)
    value, draws = draw_auroc(
        dataset.known_labels(),
        _margins(table[:, varying], dataset, split, random_state),
        dataset.classes,
        groups=dataset.groups,
        n_bootstrap=_REPLICATES,
        random_state=random_state,
    )
    low, high = percentiles(draws[:, None])
    bound, _ = percentiles(draws[:, None], 1 - _ERROR / n_tests)
    return Told(name, value, float(low[0]), float(high[0]), False, float(bound[0]))


def _is_constant(column: np.ndarray) -> bool:
    return len(pd.unique(pd.Series(column))) == 1


def _margins(table: np.ndarray, dataset: Dataset, split: Split, random_state: int) -> np.ndarray:
    labels, classes = dataset.known_labels(), dataset.classes
    margins = np.empty((len(table), *(() if len(classes) == 2 else (len(classes),))))
    for train, test in split:
        model = XGBoostClassifier(n_estimators=60, max_depth=3, random_state=random_state)
        margins[test] = model.fit(table[train], labels[train]).decision_function(table[test])
    return margins
