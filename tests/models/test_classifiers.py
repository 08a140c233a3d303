"""The three table classifiers: margins, classes of unequal size, missing values, equal trees."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.metrics import recall_score
from sklearn.utils.class_weight import compute_sample_weight

from ksfeat import InputError, make_classifier
from ksfeat.models import svm
from ksfeat.models.classifiers import classifier_name

MODELS = ["xgboost", "svm", "linear"]
each_model = pytest.mark.parametrize("name", MODELS)
LAW = settings(max_examples=15, derandomize=True, deadline=None)


def make(name, **params):
    return make_classifier(name, **({"n_estimators": 15} | params if name == "xgboost" else params))


def blobs(n_classes, n_rows=90, seed=0, holes=0.0):
    """Classes around the corners of a simplex, with missing values."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n_rows) % n_classes)
    X = rng.normal(size=(n_rows, 6)) + 2 * np.eye(6)[y]
    X[rng.random(X.shape) < holes] = np.nan
    return X, y


@each_model
@LAW
@given(st.integers(2, 5), st.integers(0, 1000), st.sampled_from([0.0, 0.2]))
def test_the_class_is_the_one_of_the_largest_margin(name, n_classes, seed, holes):
    X, y = blobs(n_classes, seed=seed, holes=holes)
    model = make(name).fit(X, np.array(list("vwxyz"))[y])
    margins = model.decision_function(X)
    assert np.isfinite(margins).all()
    if n_classes == 2:
        assert margins.shape == (90,)
        codes = (margins > 0).astype(int)
    else:
        assert margins.shape == (90, n_classes)
        codes = margins.argmax(axis=1)
    np.testing.assert_array_equal(model.predict(X), model.classes_[codes])
    assert model.score(X, np.array(list("vwxyz"))[y]) > 0.6


@pytest.mark.parametrize("name", ["xgboost", "linear"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_probabilities_have_the_order_of_the_margins(name, n_classes):
    X, y = blobs(n_classes)
    model = make(name).fit(X, y)
    shares, margins = model.predict_proba(X), model.decision_function(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    log = np.log(shares)
    margins = np.column_stack([0 * margins, margins]) if n_classes == 2 else margins
    np.testing.assert_allclose(log - log[:, :1], margins - margins[:, :1], atol=1e-5)


def overlapping(n_rare=20, n_classes=2):
    rng = np.random.default_rng(0)
    y = np.r_[np.zeros(180, dtype=int), np.repeat(np.arange(1, n_classes), n_rare)]
    X = rng.normal(size=(len(y), 3))
    X[np.arange(len(y)), y % 3] += 1.5
    return X, y


@each_model
def test_rare_classes_weigh_as_much_as_frequent_ones(name):
    X, y = overlapping()
    params = {"max_depth": 2, "reg_lambda": 5.0} if name == "xgboost" else {}
    balanced, plain = (
        make(name, class_weight=weight, **params).fit(X, y).predict(X)
        for weight in ("balanced", None)
    )
    found, missed = (recall_score(y, predicted) for predicted in (balanced, plain))
    assert found > missed + 0.2
    assert abs(found - recall_score(y, balanced, pos_label=0)) < 0.2


@pytest.mark.parametrize(
    ("name", "n_classes"),
    [("xgboost", 2), ("xgboost", 3), ("linear", 2), ("linear", 3), ("svm", 2)],
)
def test_balanced_is_scikit_learns_weight_of_each_row(name, n_classes):
    X, y = overlapping(n_classes=n_classes)
    weights = compute_sample_weight("balanced", y)
    balanced = make(name).fit(X, y).decision_function(X)
    weighted = make(name, class_weight=None).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(weighted.decision_function(X), balanced, atol=1e-6)


def test_in_each_machine_the_rest_together_weighs_as_much_as_the_one(monkeypatch):
    masses = []

    class Spy(svm.SVC):
        def fit(self, X, y, sample_weight):
            masses.append((sample_weight[y].sum(), sample_weight[~y].sum()))
            return super().fit(X, y, sample_weight)

    monkeypatch.setattr(svm, "SVC", Spy)
    make("svm").fit(*overlapping(n_classes=4))
    assert len(masses) == 4
    assert all(one == pytest.approx(rest) for one, rest in masses)


@each_model
def test_a_dict_gives_the_weights_of_classes(name):
    X, y = overlapping()
    by_class = make(name, class_weight={1: 4.0}).fit(X, y)
    by_row = make(name, class_weight=None).fit(X, y, sample_weight=np.where(y == 1, 4.0, 1.0))
    margins = by_row.decision_function(X)
    np.testing.assert_allclose(by_class.decision_function(X), margins, atol=1e-6)
    with pytest.raises(InputError, match="class_weight 'equal'; expected 'balanced', a dict or No"):
        make(name, class_weight="equal").fit(X, y)


@each_model
@LAW
@given(st.integers(0, 1000))
def test_a_weight_of_two_is_a_row_that_stands_twice_with_holes_too(name, seed):
    X, y = blobs(3, n_rows=45, seed=seed, holes=0.25)
    counts = np.random.default_rng(seed).integers(0, 3, 45)
    counts[:9] = 1  # of each class something is left
    weighted = make(name).fit(X, y, sample_weight=counts)
    repeated = make(name).fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    margins = repeated.decision_function(X)
    np.testing.assert_allclose(weighted.decision_function(X), margins, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_the_order_of_rows_and_their_repetition_give_equal_trees(holes):
    X, y = blobs(3, holes=holes)
    trees = make("xgboost").fit(X, y).booster_.save_raw("json")
    order = np.random.default_rng(1).permutation(90)
    assert make("xgboost").fit(X[order], y[order]).booster_.save_raw("json") == trees
    counts = np.random.default_rng(2).integers(0, 4, 90)
    weighted = make("xgboost").fit(X, y, sample_weight=counts)
    repeated = make("xgboost").fit(np.repeat(X, counts, axis=0), np.repeat(y, counts))
    assert weighted.booster_.save_raw("json") == repeated.booster_.save_raw("json") != trees


def test_the_seed_of_the_trees_is_the_random_state():
    X, y = blobs(2)
    trees = [
        make("xgboost", random_state=seed).fit(X, y).booster_.save_raw("json") for seed in (0, 0, 1)
    ]
    assert trees[0] == trees[1] != trees[2]


def test_machines_are_one_vs_rest_and_scale_is_one_over_the_columns():
    X, y = blobs(3)
    scale, explicit = make("svm").fit(X, y), make("svm", gamma=1 / 6).fit(X, y)
    np.testing.assert_array_equal(scale.decision_function(X), explicit.decision_function(X))
    assert [len(make("svm").fit(*blobs(n)).machines_) for n in (2, 3, 5)] == [1, 3, 5]


@each_model
def test_one_class_and_nothing_that_varies_are_refused(name):
    with pytest.raises(InputError, match=r"one class only \('a'\); expected at least two"):
        make(name).fit(np.eye(4), ["a"] * 4)
    if name != "xgboost":
        with pytest.raises(InputError, match="every column is constant or missing"):
            make(name).fit([[1.0, np.nan]] * 4, [0, 1, 0, 1])


def test_a_classifier_is_made_by_name():
    model = make_classifier("svm", C=10.0, random_state=7)
    assert (model.C, classifier_name(model)) == (10.0, "svm")
    assert make_classifier("xgboost", random_state=7).random_state == 7
    assert classifier_name(clone(make_classifier())) == "xgboost"
    with pytest.raises(InputError, match="model 'forest'; expected one of xgboost, svm, linear"):
        make_classifier("forest")
    with pytest.raises(InputError, match="linear has no parameter 'gamma'; it has C, class_weight"):
        make_classifier("linear", gamma=1.0)
