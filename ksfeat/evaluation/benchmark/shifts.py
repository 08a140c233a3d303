"""`Shifts`: what corrupted images and other data sets do to contenders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.evaluation.benchmark.fold import Fold
from ksfeat.evaluation.benchmark.judged import auroc_of, called, codes_of, with_interval
from ksfeat.evaluation.benchmark.material import Material

MEAN = "mean"
Folds = Mapping[int, Fold]
Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Shifts:
    """Tests on images that are not as those of training.

    Parameters
    ----------
    material : Material
        The corruptions and the other data sets.
    codes : tuple of ndarray
        Class and group of each image of the data.
    random_state : int
        Seed of the bootstraps.
    """

    material: Material
    codes: tuple[np.ndarray, np.ndarray]
    random_state: int

    def losses(self, folds: Mapping[str, Folds], reference: str) -> pd.DataFrame:
        """Return the AUROC that each corruption costs each contender.

        Returns
        -------
        DataFrame
            contender, kind, severity, auroc_loss, low, high; the kind "mean" is over all of them.
            Beside it stand more_than_reference, low and high: how much more it loses than the
            reference does.
        """
        if not self.material.corruptions:
            return pd.DataFrame()
        codes, member = (values[self.material.sample] for values in self.codes)
        member = np.unique(member, return_inverse=True)[1]
        margins = {name: self._margins(own) for name, own in folds.items()}
        other = margins[reference]
        rows: list[dict[str, object]] = []
        for name, own in margins.items():

            def lost(weights: np.ndarray, own: Pair = own) -> np.ndarray:
                losses, theirs = (_losses(*pair, codes, weights) for pair in (own, other))
                mean = losses.mean(axis=1)
                return np.column_stack([losses, mean, mean - theirs.mean(axis=1)])

            found = with_interval(lost, codes, member, self.random_state)
            rows += self._rows(name, found, name == reference)
        return pd.DataFrame(rows)

    def outside(self, folds: Mapping[str, Folds]) -> pd.DataFrame:
        """Return how the models of all folds do on each other data set, on average.

        Returns
        -------
        DataFrame
            contender, data, images, score ("auroc", or "sensitivity of NAME" where the set has one
            class), value, low, high; intervals are over the groups of that set.
        """
        rows: list[dict[str, object]] = []
        for data_name, data in self.material.outside.items():
            codes, member = codes_of(data, self.material.dataset.classes)
            for name, own in folds.items():
                margins = [fold.outside[data_name] for fold in own.values() if fold.outside]
                if margins:
                    row = self._outside(margins, codes, member, data)
                    rows.append({"contender": name, "data": data_name, "images": len(data), **row})
        return pd.DataFrame(rows)

    def _margins(self, folds: Folds) -> Pair:
        """Return the margins of the sample as it is, (m, k), and corrupted, (n, m, k)."""
        sample = self.material.sample
        first = next(iter(folds.values()))
        k = first.margins.shape[1]
        clean = np.full((len(sample), k), np.nan)
        changed = np.full((len(self.material.corruptions), len(sample), k), np.nan)
        for fold in folds.values():
            places = self.material.sampled(fold.test)
            within = np.searchsorted(fold.test, sample[places])
            clean[places] = fold.margins[within]
            changed[:, places] = fold.corrupted
        return clean, changed

    def _rows(self, name: str, found: np.ndarray, is_reference: bool) -> list[dict[str, object]]:
        rows = [
            {
                "contender": name,
                "kind": item.kind,
                "severity": item.severity,
                "auroc_loss": value,
                "low": low,
                "high": high,
            }
            for item, (value, low, high) in zip(
                self.material.corruptions, found[:-2].tolist(), strict=True
            )
        ]
        value, low, high = found[-2].tolist()
        more = [None] * 3 if is_reference else found[-1].tolist()
        beside = dict(zip(("more_than_reference", "more_low", "more_high"), more, strict=True))
        mean = {
            "contender": name,
            "kind": MEAN,
            "severity": 0,
            "auroc_loss": value,
            "low": low,
            "high": high,
            **beside,
        }
        return [*rows, mean]

    def _outside(
        self, margins: list[np.ndarray], codes: np.ndarray, member: np.ndarray, data: Dataset
    ) -> dict[str, object]:
        alone = np.unique(codes)
        one = len(alone) == 1

        def mean(weights: np.ndarray) -> np.ndarray:
            if one:
                shares = weights / weights.sum(axis=1, keepdims=True)
                found = [shares @ (called(part) == codes) for part in margins]
            else:
                found = [auroc_of(part, codes, weights) for part in margins]
            return np.mean(found, axis=0)[:, None]

        value, low, high = with_interval(mean, codes, member, self.random_state)[0].tolist()
        name = f"sensitivity of {data.classes[0]}" if one else "auroc"
        return {"score": name, "value": value, "low": low, "high": high}


def _losses(
    clean: np.ndarray, changed: np.ndarray, codes: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return what each corruption takes from the AUROC of the images as they are, (b, n)."""
    whole = auroc_of(clean, codes, weights)
    return np.column_stack([whole - auroc_of(part, codes, weights) for part in changed])
