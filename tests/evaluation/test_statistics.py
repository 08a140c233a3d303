"""Statistics against independent code, on published tables where there are any.

`tests/reference/statistics.csv` holds what was given, what came out, and which version of whose
code said so; nothing of that code is needed here.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from ksfeat.evaluation import delong, holm, intraclass_correlation, mcnemar
from ksfeat.metrics import decision_curve, score_probabilities

REFERENCE = pd.read_csv(Path(__file__).parents[1] / "reference" / "statistics.csv")


def cases(statistic):
    """Return what was given and the numbers that came out, case by case."""
    part = REFERENCE[REFERENCE["statistic"] == statistic]
    return [
        (json.loads(given), dict(zip(rows["name"], rows["value"], strict=True)))
        for given, rows in part.groupby("given", sort=False)
    ]


def both(chance):
    return np.column_stack([1 - np.array(chance), chance])


@pytest.mark.parametrize(("given", "expected"), cases("delong"))
def test_delong(given, expected):
    """43 patients of DeLong and others (1988); one image a group is the plain form."""
    margins = [np.array(given[given[name]]) for name in ("first", "second")]
    truth = np.array(given["truth"]).astype(str)
    for groups in (None, np.arange(len(truth))):
        found = delong(truth, *margins, positive="1", groups=groups)
        error = (found.high - found.low) / 2 / norm.ppf(0.975)
        assert abs(found.value / error) == pytest.approx(abs(expected["z"]), rel=1e-9)
        assert found.p_value == pytest.approx(expected["p_value"], rel=1e-9)


@pytest.mark.parametrize(("given", "expected"), cases("mcnemar"))
def test_mcnemar(given, expected):
    """The clustered form at one image a group is (K - 1) / K times McNemar's own statistic."""
    (a, b), (c, d) = given["table"]
    first, second = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], [a, b, c, d], axis=0).T
    truth = np.ones(a + b + c + d, dtype=int)
    found = mcnemar(truth, first, second)
    assert found.statistic * len(truth) / (len(truth) - 1) == pytest.approx(expected["statistic"])


@pytest.mark.parametrize(("given", "expected"), cases("icc"))
def test_icc(given, expected):
    """The table of Shrout and Fleiss (1979), and one that was drawn."""
    found = intraclass_correlation(np.array(given["ratings"]))
    assert found == pytest.approx((expected["icc21"], expected["icc31"]), abs=1e-9)


@pytest.mark.parametrize(("given", "expected"), cases("holm"))
def test_holm(given, expected):
    assert holm(given["p_values"]).tolist() == pytest.approx(list(expected.values()))


@pytest.mark.parametrize(("given", "expected"), cases("decision curve"))
def test_decision_curve(given, expected):
    curve = decision_curve(
        np.array(given["truth"]).astype(str),
        both(given["chance"]),
        ["0", "1"],
        "1",
        thresholds=[given["threshold"]],
        n_bootstrap=2,
    )
    assert curve[["model", "all"]].iloc[0].to_dict() == pytest.approx(expected)


@pytest.mark.parametrize(("given", "expected"), cases("ece"))
def test_expected_calibration_error(given, expected):
    scores = score_probabilities(
        np.array(given["truth"]).astype(str), both(given["chance"]), ["0", "1"], n_bootstrap=2
    )
    (found,) = [score.value for score in scores if (score.name, score.of) == ("ece", "1")]
    assert found == pytest.approx(expected["ece"], abs=1e-9)
