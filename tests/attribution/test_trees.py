"""XGBoost's contributions against the enumeration of every coalition along the trees' paths."""

import json
from itertools import combinations
from math import factorial

import numpy as np
import pytest

from ksfeat import make_classifier
from ksfeat.attribution.trees import explain_trees


def model_of(n_classes, n_features=4, n_rows=80):
    """Unbalanced classes, whose base values differ, and missing values."""
    rng = np.random.default_rng(n_classes)
    X = rng.normal(size=(n_rows, n_features))
    y = np.minimum(rng.geometric(0.5, n_rows) - 1, n_classes - 1)
    X[np.arange(n_rows), y % n_features] += 2
    X[rng.random(X.shape) < 0.15] = np.nan
    options = {"n_estimators": 6, "max_depth": 3, "learning_rate": 0.3, "class_weight": None}
    return make_classifier("xgboost", colsample_bytree=1.0, **options).fit(X, y), X


def expected_leaf(tree, row, known, node=0):
    """Return the leaf's value, averaged by cover where the split's feature is not known."""
    left, right = tree["left_children"][node], tree["right_children"][node]
    if left == -1:
        return tree["split_conditions"][node]
    feature = tree["split_indices"][node]
    if feature in known:
        value = np.float32(row[feature])
        threshold = np.float32(tree["split_conditions"][node])
        goes_left = tree["default_left"][node] if np.isnan(value) else value < threshold
        return expected_leaf(tree, row, known, left if goes_left else right)
    cover = tree["sum_hessian"]
    parts = [cover[child] * expected_leaf(tree, row, known, child) for child in (left, right)]
    return sum(parts) / (cover[left] + cover[right])


def shapley(worth, d):
    values = np.zeros(d)
    for player in range(d):
        others = [other for other in range(d) if other != player]
        for size in range(d):
            share = factorial(size) * factorial(d - 1 - size) / factorial(d)
            for coalition in combinations(others, size):
                gain = worth({*coalition, player}) - worth(set(coalition))
                values[player] += share * gain
    return values


@pytest.mark.parametrize("n_classes", [2, 3])
def test_contributions_are_shapley_values_of_the_path_dependent_game(n_classes):
    model, X = model_of(n_classes)
    values, base = explain_trees(model, X[:4])
    booster = json.loads(model.booster_.save_raw("json"))["learner"]["gradient_booster"]["model"]
    for output in range(values.shape[2]):
        places = np.flatnonzero(np.array(booster["tree_info"]) == output)
        trees = [booster["trees"][place] for place in places]
        for row, found in zip(X[:4], values[:, :, output], strict=True):

            def worth(known, trees=trees, row=row):
                return sum(expected_leaf(tree, row, known) for tree in trees)

            np.testing.assert_allclose(found, shapley(worth, 4), atol=1e-5)
        start = base[output] - worth(set())
        margins = model.decision_function(X[:4]).reshape(4, -1)
        assert margins[3, output] == pytest.approx(start + worth({0, 1, 2, 3}), abs=1e-5)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_base_and_contributions_add_up_to_the_margin_of_each_class(n_classes):
    """Each class has its own base value; with the first one's for all, this fails."""
    model, X = model_of(n_classes, n_rows=200)
    values, base = explain_trees(model, X)
    outputs = 1 if n_classes == 2 else n_classes
    assert (values.shape, base.shape) == ((200, 4, outputs), (outputs,))
    margins = model.decision_function(X).reshape(200, -1)
    np.testing.assert_allclose(base + values.sum(axis=1), margins, atol=1e-5)
    assert len(np.unique(base.round(3))) == outputs


def test_a_feature_that_no_tree_asks_for_gets_zero():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=60), np.full(60, 3.0), np.full(60, np.nan)])
    model = make_classifier("xgboost", n_estimators=5).fit(X, X[:, 0] > 0)
    values, _ = explain_trees(model, X)
    assert np.abs(values[:, 0]).max() > 0.1
    assert not values[:, 1:].any()
