"""Searches: inner folds keep groups whole, and the best is fitted again to everything."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score

from ksfeat import InputError, make_classifier
from ksfeat.models import tuning
from ksfeat.models.tuning import tune

GRIDS = {"GridSearchCV": "grid", "RandomizedSearchCV": "random"}


@pytest.fixture(scope="module")
def table():
    """60 rows in 12 groups; a group is recognisable, and holds both classes."""
    rng = np.random.default_rng(0)
    groups = np.repeat([f"g{number:02d}" for number in range(12)], 5)
    labels = np.array(["normal", "stone"])[rng.integers(0, 2, 60)]
    X = rng.normal(size=(60, 3)) + np.repeat(rng.normal(size=(12, 3)), 5, axis=0) * 4
    X[:, 0] += 3 * (labels == "stone")
    return pd.DataFrame(X, columns=list("abc")), labels, groups


@pytest.fixture
def spied(monkeypatch):
    """What the searches of scikit-learn were given and what they found."""
    seen = []

    def spy(kind):
        class Spy(kind):
            def fit(self, X, y):
                seen.append(self)
                return super().fit(X, y)

        return Spy

    for name in GRIDS:
        monkeypatch.setattr(tuning, name, spy(getattr(tuning, name)))
    # Forests of a few trees: what is searched is shown elsewhere.
    few = {"max_depth": [1, 3], "n_estimators": [5]}
    for space in (tuning.GRIDS, tuning.DISTRIBUTIONS):
        monkeypatch.setitem(space, tuning.XGBoostClassifier, few)
    monkeypatch.setattr(tuning, "N_RANDOM", 2)
    return seen


@pytest.mark.parametrize("search", GRIDS.values())
@pytest.mark.parametrize("name", ["linear", "svm", "xgboost"])
def test_no_inner_fold_has_a_group_on_both_sides(table, spied, name, search):
    X, labels, groups = table
    tune(make_classifier(name), X, labels, groups, search=search)
    (seeker,) = spied
    assert len(seeker.cv) == tuning.INNER_FOLDS
    tested = np.concatenate([test for _, test in seeker.cv])
    np.testing.assert_array_equal(np.sort(tested), np.arange(60))
    for train, test in seeker.cv:
        assert not set(groups[train]) & set(groups[test])
    assert len(seeker.cv_results_["params"]) > 1


@pytest.mark.parametrize("search", GRIDS.values())
def test_the_best_is_fitted_to_all_rows(table, spied, search):
    X, labels, groups = table
    best = tune(make_classifier("svm"), X, labels, groups, search=search)
    (seeker,) = spied
    scores = seeker.cv_results_["mean_test_score"]
    assert seeker.best_params_ == seeker.cv_results_["params"][scores.argmax()]
    assert {name: best.get_params()[name] for name in seeker.best_params_} == seeker.best_params_
    again = clone(best).fit(X, labels)
    np.testing.assert_array_equal(best.decision_function(X), again.decision_function(X))
    # The score is the mean balanced accuracy of the inner folds.
    inner = []
    for train, test in seeker.cv:
        fitted = clone(best).fit(X.iloc[train], labels[train])
        inner.append(balanced_accuracy_score(labels[test], fitted.predict(X.iloc[test])))
    assert scores.max() == pytest.approx(np.mean(inner))


def test_the_seed_decides_the_draws(table, spied):
    X, labels, groups = table
    for seed in (0, 0, 1):
        tune(make_classifier("svm"), X, labels, groups, search="random", random_state=seed)
    drawn = [[params["C"] for params in seeker.cv_results_["params"]] for seeker in spied]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 2


def test_without_groups_the_inner_folds_are_random(table, spied):
    X, labels, groups = table
    tune(make_classifier("linear"), X, labels, None, search="grid")
    train, test = spied[0].cv[0]
    assert set(groups[train]) & set(groups[test])


def test_a_rare_class_may_be_absent_from_an_inner_test_side(table):
    """Two groups of three folds hold it: scikit-learn's own score would warn, which is an error."""
    X, labels, groups = table
    labels = np.where(np.isin(groups, ["g00", "g01"]), "rare", labels)
    best = tune(make_classifier("linear"), X, labels, groups, search="grid")
    assert best.classes_.tolist() == ["normal", "rare", "stone"]


def test_the_score_is_the_mean_recall_of_the_classes_that_are_there():
    truth, called = np.array(list("aabb")), np.array(list("abbb"))
    assert tuning._mean_recall(truth, called) == balanced_accuracy_score(truth, called) == 0.75
    assert tuning._mean_recall(truth, np.array(list("acbc"))) == 0.5


@pytest.mark.parametrize("name", ["linear", "svm", "xgboost"])
def test_every_hyper_parameter_that_is_searched_exists(name):
    model = make_classifier(name)
    for space in (tuning.GRIDS, tuning.DISTRIBUTIONS):
        assert set(space[type(model)]) <= set(model.get_params())


def test_what_cannot_be_searched_is_refused(table):
    X, labels, groups = table
    with pytest.raises(InputError, match="search 'bayes'; expected grid or random"):
        tune(make_classifier("linear"), X, labels, groups, search="bayes")
    with pytest.raises(InputError, match="no search for LogisticRegression; expected one of make_"):
        tune(LogisticRegression(), X, labels, groups, search="grid")
    two = np.where(groups < "g06", "one", "two")
    with pytest.raises(InputError, match="the search's inner folds: 2 groups for 3 folds; expecte"):
        tune(make_classifier("linear"), X, labels, two, search="grid")
