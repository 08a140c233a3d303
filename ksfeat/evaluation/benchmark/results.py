"""`Benchmark`: what all folds say, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.evaluation.benchmark.contenders import Contender
from ksfeat.evaluation.benchmark.fold import Fold
from ksfeat.evaluation.benchmark.judged import codes_of, cross_fitted, out_of_fold, plain_auroc
from ksfeat.evaluation.benchmark.material import Material
from ksfeat.evaluation.benchmark.paired import compare_all
from ksfeat.evaluation.benchmark.shifts import Shifts
from ksfeat.evaluation.description import marked
from ksfeat.metrics import Score, score_predictions
from ksfeat.metrics.probabilities import score_probabilities
from ksfeat.splits import Split

COSTS = (
    "fit_cpu_s",
    "fit_wall_s",
    "predict_ms",
    "explain_ms",
    "peak_mb",
    "model_mb",
    "energy_j",
)


@dataclass(frozen=True, eq=False)
class Benchmark:
    """The results of `run_benchmark`.

    Parameters
    ----------
    material : Material
        The images.
    split : Split
        By group: what every score is of.
    contenders : tuple of Contender
    found : dict of (name, scheme, fold number) to Fold
        The scheme is "grouped" or "random".
    random_state : int
        Seed of the bootstraps.
    """

    material: Material
    split: Split
    contenders: tuple[Contender, ...]
    found: Mapping[tuple[str, str, int], Fold]
    random_state: int = 0

    @property
    def title(self) -> str:
        """What was tested, in one line."""
        data = self.material.dataset
        n_groups = 0 if data.groups is None else len(np.unique(data.groups))
        told = (
            f"{len(data)} images, split by {data.unit} ({n_groups} {data.unit}s, {data.grouping}), "
            f"{self.split.n_folds} folds, split {self.split.hash}"
        )
        return marked(told, simulated=data.simulated)

    @property
    def reference(self) -> str:
        """The contender that all others are compared with: the first network, else the first."""
        networks = [contender.name for contender in self.contenders if contender.is_cnn]
        return (networks or [self.contenders[0].name])[0]

    @cached_property
    def codes(self) -> tuple[np.ndarray, np.ndarray]:
        """Class and group of each image by number."""
        data = self.material.dataset
        return codes_of(data, data.classes)

    def folds_of(self, name: str, scheme: str = "grouped") -> dict[int, Fold]:
        """Return the folds of a contender."""
        return {
            fold: f for (who, how, fold), f in self.found.items() if (who, how) == (name, scheme)
        }

    def margins(self, name: str) -> np.ndarray:
        """Return the out-of-fold margins of a contender, (n, k)."""
        return out_of_fold(self.folds_of(name), len(self.material.dataset))[0]

    def probabilities(self, name: str) -> np.ndarray:
        """Return its out-of-fold probabilities, (n, n_classes), by Platt scaling across folds."""
        margins, tested = out_of_fold(self.folds_of(name), len(self.material.dataset))
        return cross_fitted(margins, self.codes[0], tested)

    @cached_property
    def folds(self) -> pd.DataFrame:
        """One row a contender and fold: its AUROC there, and what it cost."""
        codes = self.codes[0]
        rows = []
        for (name, scheme, number), fold in self.found.items():
            area = plain_auroc(fold.margins, codes[fold.test])
            facts = {name_: fold.facts.get(name_) for name_ in COSTS}
            rows.append(
                {
                    "contender": name,
                    "scheme": scheme,
                    "fold": number,
                    "images": len(fold.test),
                    "auroc": area,
                    **facts,
                }
            )
        return pd.DataFrame(rows)

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row a contender and score, with intervals from a bootstrap over groups."""
        rows: list[dict[str, Any]] = []
        for contender in self.contenders:
            rows += [
                {
                    "contender": contender.name,
                    "score": score.name,
                    "class": score.of,
                    "value": score.value,
                    "low": score.low,
                    "high": score.high,
                }
                for score in self._scores(contender.name)
            ]
        return pd.DataFrame(rows)

    @cached_property
    def costs(self) -> pd.DataFrame:
        """One row a contender: the mean of its folds; the index is its name."""
        grouped = self.folds[self.folds["scheme"] == "grouped"]
        names = [contender.name for contender in self.contenders]
        return grouped.groupby("contender")[list(COSTS)].mean().loc[names]

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """One row a contender: how it compares with the reference, image by image."""
        others = [c.name for c in self.contenders if c.name != self.reference]
        data, (codes, member) = self.material.dataset, self.codes
        return compare_all(
            {name: self.margins(name) for name in others},
            self.margins(self.reference),
            codes,
            member,
            labels=np.array(data.classes)[codes],
            random_state=self.random_state,
        ).assign(reference=self.reference)

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """One row a contender: AUROC by group, of a random split, and the gap between them."""
        codes = self.codes[0]
        rows = []
        for contender in self.contenders:
            random = self.folds_of(contender.name, "random")
            if not random:
                continue
            margins, tested = out_of_fold(random, len(codes))
            rows.append(
                {
                    "contender": contender.name,
                    "by_group": plain_auroc(self.margins(contender.name), codes),
                    "at_random": plain_auroc(margins[tested >= 0], codes[tested >= 0]),
                    "random_folds": len(random),
                }
            )
        table = pd.DataFrame(rows)
        return table.assign(gap=table["at_random"] - table["by_group"]) if rows else table

    @cached_property
    def shifts(self) -> Shifts:
        """What corruption and other data do to the contenders."""
        return Shifts(self.material, self.codes, self.random_state)

    @cached_property
    def robustness(self) -> pd.DataFrame:
        """One row a contender, kind and severity: AUROC lost; and the mean over all of them."""
        return self.shifts.losses(
            {c.name: self.folds_of(c.name) for c in self.contenders}, self.reference
        )

    @cached_property
    def outside(self) -> pd.DataFrame:
        """One row a contender and other data set: AUROC, or sensitivity where it has one class."""
        return self.shifts.outside({c.name: self.folds_of(c.name) for c in self.contenders})

    def _scores(self, name: str) -> tuple[Score, ...]:
        data, margins = self.material.dataset, self.margins(name)
        given: dict[str, Any] = {"groups": data.groups, "random_state": self.random_state}
        scores = score_predictions(
            data.known_labels(),
            margins[:, 0] if margins.shape[1] == 1 else margins,
            data.classes,
            unit=data.unit,
            **given,
        )
        chances = score_probabilities(
            data.known_labels(), self.probabilities(name), data.classes, **given
        )
        return (*scores.scores, *chances)
