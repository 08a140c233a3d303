"""Probabilities that come true: against scikit-learn, literal loops and worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from ksfeat.errors import InputError
from ksfeat.metrics import reliability_curve, score_probabilities

LAW = settings(max_examples=60, derandomize=True, deadline=None)


@st.composite
def forecasts(draw):
    n_classes = draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    codes = np.r_[np.arange(n_classes), rng.integers(0, n_classes, draw(st.integers(1, 30)))]
    chances = rng.dirichlet(np.ones(n_classes), len(codes))
    return codes, chances


def found(codes, chances, **options):
    names = [str(code) for code in range(chances.shape[1])]
    scores = score_probabilities(codes.astype(str), chances, names, n_bootstrap=3, **options)
    return {(score.name, score.of): score.value for score in scores}


@LAW
@given(forecasts())
def test_values_are_those_of_scikit_learn(case):
    codes, chances = case
    scores = found(codes, chances)
    labels = list(range(chances.shape[1]))
    expected = reference.brier_score_loss(codes, chances, labels=labels, scale_by_half="auto")
    assert scores["brier", None] == pytest.approx(expected, abs=1e-12)
    expected = reference.log_loss(codes, chances, labels=labels)
    assert scores["log_loss", None] == pytest.approx(expected, abs=1e-9)


@LAW
@given(forecasts())
def test_the_parts_of_the_brier_score_add_up(case):
    scores = found(*case)
    parts = [scores[f"brier_{name}", None] for name in ("reliability", "resolution", "uncertainty")]
    assert parts[0] - parts[1] + parts[2] == pytest.approx(scores["brier", None], abs=1e-12)
    assert parts[0] >= 0
    assert parts[2] >= 0


@LAW
@given(forecasts())
def test_the_calibration_error_is_that_of_a_literal_loop(case):
    codes, chances = case
    scores = found(codes, chances)
    for code, column in enumerate(chances.T):
        total = 0.0
        for place in range(10):
            inside = (column >= place / 10) & (column < (place + 1) / 10)
            if inside.any():
                total += abs((codes[inside] == code).sum() - column[inside].sum())
        assert scores["ece", str(code)] == pytest.approx(total / len(codes), abs=1e-12)


def test_a_worked_example():
    """Ten said 0.8 and six came true: off by 0.2; ten said 0.3 and three came true: right."""
    chance = np.repeat([0.8, 0.3], 10)
    truth = np.r_[np.ones(6), np.zeros(4), np.ones(3), np.zeros(7)].astype(int)
    scores = found(truth, np.column_stack([1 - chance, chance]))
    assert scores["ece", "1"] == pytest.approx(0.1)
    assert scores["brier_reliability", None] == pytest.approx(0.02)
    assert scores["brier_uncertainty", None] == pytest.approx(0.45 * 0.55)


def test_the_curve_is_scikit_learns():
    rng = np.random.default_rng(0)
    chance = rng.random(300)
    truth = (rng.random(300) < chance**2).astype(int)
    curve = reliability_curve(truth, np.column_stack([1 - chance, chance]), [0, 1], n_bootstrap=50)
    curve = curve[curve["class"] == "1"]
    observed, predicted = calibration_curve(truth, chance, n_bins=10)
    np.testing.assert_allclose(curve["observed"], observed)
    np.testing.assert_allclose(curve["predicted"], predicted)
    assert curve["images"].sum() == 300
    assert ((curve["low"] <= curve["observed"]) & (curve["observed"] <= curve["high"])).all()


def test_intervals_are_drawn_by_group():
    rng = np.random.default_rng(0)
    chance = rng.random(40)
    truth = (rng.random(40) < chance).astype(int)
    table, ten = np.column_stack([1 - chance, chance]), np.repeat(np.arange(40), 10)
    one = score_probabilities(truth, table, [0, 1])[0]
    many = score_probabilities(truth[ten], table[ten], [0, 1], groups=ten)[0]
    assert many.high - many.low == pytest.approx(one.high - one.low, rel=0.1)


@pytest.mark.parametrize(
    ("chances", "message"),
    [
        ([[0.5, 0.6], [0.5, 0.5]], r"row 0 of the probabilities is \[0.5, 0.6\]"),
        ([[1.5, -0.5], [0.5, 0.5]], "expected numbers of 0 or above that sum to 1"),
        ([[np.nan, 1], [0.5, 0.5]], "a probability is NaN or infinite"),
        ([[0.5, 0.5]], r"probabilities of shape \(1, 2\)"),
    ],
)
def test_what_is_no_probability_is_refused(chances, message):
    with pytest.raises(InputError, match=message):
        score_probabilities(["a", "b"], np.array(chances), ["a", "b"])
