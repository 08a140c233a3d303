"""Probabilities that come true: against scikit-learn, literal loops and worked numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.calibration import calibration_curve

from ksfeat.errors import InputError
from ksfeat.metrics import reliability_curve, score_probabilities
from ksfeat.metrics.bootstrap import percentiles, reflected

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


def test_the_interval_of_the_calibration_error_holds_it_and_reaches_below():
    """Draws of it are larger than it is: of forecasts that are right, percentiles miss it."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        chance = rng.beta(2, 2, 100)
        truth = (rng.random(100) < chance).astype(int)
        scores = score_probabilities(truth, np.column_stack([1 - chance, chance]), [0, 1])
        error = next(score for score in scores if (score.name, score.of) == ("ece", "1"))
        assert 0 <= error.low <= error.value <= error.high
        assert error.low < error.value / 2


@pytest.mark.slow
@pytest.mark.parametrize("n", [100, 400])
@pytest.mark.parametrize(("slope", "least"), [(1.0, 0.4), (0.8, 0.7), (0.4, 0.8)])
def test_how_often_the_interval_holds_the_true_error(slope, least, n):
    """Forecasts that are right, and too sure ones: too seldom, and more often than percentiles."""

    def error_of(chance, hits, weights):
        place = np.eye(10)[np.minimum((chance * 10).astype(int), 9)]
        return np.abs((weights * (hits - chance)) @ place).sum(axis=1) / weights.sum(axis=1)

    rng = np.random.default_rng(0)
    chance = rng.beta(2, 2, 400_000)
    true = error_of(chance, 0.5 + slope * (chance - 0.5), np.ones((1, len(chance))))[0]
    held = np.zeros((2, 200))
    for column in held.T:
        chance = rng.beta(2, 2, n)
        hits = (rng.random(n) < 0.5 + slope * (chance - 0.5)).astype(float)
        value = error_of(chance, hits, np.ones((1, n)))
        draws = error_of(chance, hits, rng.multinomial(n, np.full(n, 1 / n), 400).astype(float))
        for place, ends in enumerate(
            (reflected(value, draws[:, None]), percentiles(draws[:, None]))
        ):
            column[place] = (
                ends[0][0] <= true + 1e-3 and true <= ends[1][0]
            )  # the truth is itself a sample
    basic, plain = held.mean(axis=1)
    assert least < basic < 0.96
    assert plain < basic


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
