"""Tests between contenders on the same images, which come in groups."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ksfeat.evaluation.benchmark.judged import auroc_of, called, with_interval
from ksfeat.evaluation.compare import Difference, holm, mcnemar


def compare_all(
    margins: Mapping[str, np.ndarray],
    reference: np.ndarray,
    codes: np.ndarray,
    member: np.ndarray,
    *,
    labels: np.ndarray,
    random_state: int,
) -> pd.DataFrame:
    """Compare contenders with one of them.

    Returns
    -------
    DataFrame
        contender; auroc_difference (above 0 where it is better than the reference) with low and
        high end and the verdict on non-inferiority; mcnemar_p of equal accuracies, and mcnemar_holm
        adjusted for their number.
    """
    classes = np.unique(labels)
    rows = []
    for name, own in margins.items():
        difference = paired_difference(own, reference, codes, member, random_state)
        test = mcnemar(labels, classes[called(reference)], classes[called(own)], groups=member)
        rows.append(
            {
                "contender": name,
                "auroc_difference": difference.value,
                "low": difference.low,
                "high": difference.high,
                "verdict": difference.verdict,
                "mcnemar_p": test.p_value,
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(mcnemar_holm=holm(table["mcnemar_p"].to_numpy())) if rows else table


def paired_difference(
    own: np.ndarray,
    reference: np.ndarray,
    codes: np.ndarray,
    member: np.ndarray,
    random_state: int,
) -> Difference:
    """Return how much higher an AUROC is than another's on the same images."""

    def gain(weights: np.ndarray) -> np.ndarray:
        areas = [auroc_of(margins, codes, weights) for margins in (own, reference)]
        return (areas[0] - areas[1])[:, None]

    value, low, high = with_interval(gain, codes, member, random_state)[0].tolist()
    return Difference(value, low, high)
