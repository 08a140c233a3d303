"""Laws of every explanation: it adds up, and what cannot matter gets nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat import explain, make_classifier

LAW = settings(max_examples=40, derandomize=True, deadline=None)
TOLERANCE = {"xgboost": 1e-5, "svm": 1e-9, "linear": 1e-9}  # XGBoost's trees are float32


@st.composite
def tables(draw):
    """A table with missing values, a constant and an empty column at its end, and its classes."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d, n_classes = draw(st.integers(20, 50)), draw(st.integers(2, 9)), draw(st.integers(2, 5))
    X = rng.normal(size=(n, d)) * 10 ** draw(st.floats(-3, 6)) + draw(st.floats(-50, 50))
    y = rng.permutation(np.arange(n) % n_classes)
    X[rng.random((n, d)) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    X[:3, 0] = [0.0, 1.0, 2.0]  # one column varies, whatever is missing
    return np.column_stack([X, np.full(n, 7.0), np.full(n, np.nan)]), y


@pytest.mark.parametrize("name", TOLERANCE)
@LAW
@given(tables(), st.floats(-4, 1))
def test_it_adds_up_to_the_margin(name, table, log_gamma):
    X, y = table
    params = {"xgboost": {"n_estimators": 5}, "svm": {"gamma": 10**log_gamma}, "linear": {}}
    model = make_classifier(name, **params[name]).fit(X, y)
    explanation = explain(model, X)
    assert explanation.additivity_error() <= TOLERANCE[name]
    margins = model.decision_function(X).reshape(len(X), -1)
    np.testing.assert_array_equal(explanation.margins, margins)
    base_and_sum = explanation.base_values + explanation.values.sum(axis=1)
    scale = 1 + np.abs(explanation.values).sum(axis=1)
    assert (np.abs(base_and_sum - margins) <= TOLERANCE[name] * scale).all()
    assert not explanation.values[:, -2:].any()


@pytest.mark.parametrize("name", ["svm", "linear"])
def test_a_missing_value_is_explained_with_its_indicator(name):
    """Nothing but the hole tells the classes apart: the feature gets all of it."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)), np.arange(80) % 2
    X[y == 1, 1] = np.nan
    explanation = explain(make_classifier(name).fit(X, y), X)
    share = np.abs(explanation.values[y == 1]).mean(axis=(0, 2))
    assert share[1] > 3 * share[[0, 2]].max()
    assert explanation.additivity_error() < 1e-9


@pytest.mark.parametrize("name", ["svm", "linear"])
def test_equal_columns_get_equal_values(name):
    X = np.random.default_rng(0).normal(size=(40, 3))
    X[:, 2] = X[:, 0]
    values = explain(make_classifier(name).fit(X, X[:, 0] + X[:, 1] > 0), X).values
    np.testing.assert_allclose(values[:, 0], values[:, 2], rtol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_linear_attributions_are_coefficient_times_distance_from_the_mean(n_classes):
    rng = np.random.default_rng(0)
    X, y = rng.normal(3, 2, (60, 4)), np.arange(60) % n_classes
    model = make_classifier("linear", class_weight=None).fit(X, y)
    explanation = explain(model, X)
    slopes = [
        (model.decision_function(X + step) - model.decision_function(X)).reshape(60, -1)
        for step in np.eye(4)
    ]
    distance = X - X.mean(axis=0)
    expected = distance[:, :, None] * np.stack(slopes, axis=1)
    np.testing.assert_allclose(explanation.values, expected, atol=1e-9)
    at_mean = model.decision_function(X.mean(axis=0)[None]).reshape(-1)
    np.testing.assert_allclose(explanation.base_values, at_mean, atol=1e-9)


def test_balanced_classes_are_the_mean_that_counts():
    """With nine to one, the base value of a linear model is the margin between the classes."""
    X = np.r_[np.zeros(90), np.ones(10)][:, None]
    explanation = explain(make_classifier("linear").fit(X, X[:, 0] > 0), X)
    assert explanation.base_values[0] == pytest.approx(0, abs=1e-5)
    assert explanation.values[0, 0, 0] == pytest.approx(-explanation.values[-1, 0, 0], abs=1e-5)


@pytest.mark.parametrize("name", TOLERANCE)
def test_rows_are_explained_one_by_one(name):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(40, 3)), columns=list("abc"))
    model = make_classifier(name).fit(table, np.arange(40) % 3)
    whole = explain(model, table)
    for row in (0, 17):
        alone = explain(model, table.iloc[[row]])
        np.testing.assert_allclose(alone.values[0], whole.values[row], rtol=1e-6, atol=1e-9)
        assert alone.keys == (str(row),)
