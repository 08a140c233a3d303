"""Cross-validation: what is tested was never trained on, nor anything of its group."""

import numpy as np
import pytest

from ksfeat import InputError, cross_validate, load_dataset, make_classifier
from ksfeat.evaluation import split_dataset
from ksfeat.metrics import score_predictions
from ksfeat.models.linear import LinearClassifier
from ksfeat.splits import make_split


@pytest.fixture
def table(classifier, stones):
    return classifier.fit_describe(stones.images)


@pytest.fixture
def used(monkeypatch):
    """The rows of every fit and of every call for margins, in order."""
    seen = []
    fit, margins = LinearClassifier.fit, LinearClassifier.decision_function

    def spy_fit(self, X, y, **options):
        seen.append(("fit", list(X.index)))
        return fit(self, X, y, **options)

    def spy_margins(self, X):
        seen.append(("margins", list(X.index)))
        return margins(self, X)

    monkeypatch.setattr(LinearClassifier, "fit", spy_fit)
    monkeypatch.setattr(LinearClassifier, "decision_function", spy_margins)
    return seen


@pytest.mark.parametrize(("search", "fits"), [(None, 2), ("grid", 26), ("random", 74)])
def test_no_group_crosses_neither_in_a_fold_nor_in_the_search_inside_it(
    classifier, stones, table, used, search, fits
):
    """No margin is asked for of a row whose group the last fit has seen."""
    split = split_dataset(stones, n_folds=2)
    cross_validate(classifier, table, stones, split, search=search)
    assert [work for work, _ in used].count("fit") == fits
    trained = set()
    for work, rows in used:
        if work == "fit":
            trained = set(stones.groups[rows])
        else:
            assert not trained & set(stones.groups[rows])
    for train, test in split:
        assert ("fit", list(train)) in used
        assert ("margins", list(test)) in used


@pytest.mark.parametrize("model", ["linear", "svm"])
def test_margins_are_those_of_a_loop_over_the_folds(classifier, stones, table, model):
    split = split_dataset(stones, n_folds=3, random_state=1)
    classifier.set_params(model=model)
    found = cross_validate(classifier, table, stones, split, random_state=5)
    expected = np.empty(24)
    for train, test in split:
        fitted = make_classifier(model).fit(table.iloc[train], stones.labels[train])
        expected[test] = fitted.decision_function(table.iloc[test])
    np.testing.assert_array_equal(found.margins, expected)
    scores = score_predictions(
        stones.labels, expected, stones.classes, groups=stones.groups, random_state=5
    )
    assert found.to_dict()["scores"] == scores.to_dict()["scores"]
    assert not hasattr(classifier, "model_")


def test_many_classes_have_a_margin_each(classifier, types):
    table = classifier.fit_describe(types.images)
    found = cross_validate(classifier, table, types, split_dataset(types, n_folds=2))
    assert found.margins.shape == (20, 5)
    assert np.isfinite(found.margins).all()
    assert found.scores.classes == tuple(types.classes)


def test_the_title_names_the_split(classifier, stones, table):
    split = split_dataset(stones, n_folds=4)
    found = cross_validate(classifier, table, stones, split)
    told = f"split by group (8 groups, column 'group'), 4-fold, split {split.hash}"
    assert found.title == f"simulated images: {told}"
    plain = found.to_dict()
    assert plain["title"] == found.title
    assert plain["split"] == {
        "hash": split.hash,
        "folds": 4,
        "grouping": "column 'group'",
        "n_groups": 8,
    }
    assert plain["bootstrap"] == {"unit": "group", "n_units": 8}


def test_the_title_says_random_first_where_no_groups_were_asked_for(classifier, stone_data, table):
    data = load_dataset(stone_data, groups="none")
    found = cross_validate(classifier, table, data, split_dataset(data, n_folds=4))
    assert found.title.startswith(
        "simulated images: RANDOM split of images (asked for by name), 24 images, 4-fold, split "
    )
    assert found.to_dict()["split"]["n_groups"] is None
    assert found.scores.n_units == 24
    assert found.scores.unit == "image"


def test_a_split_that_does_not_fit_the_data_is_refused(classifier, stones, table):
    by_image = make_split(stones.labels, None, keys=stones.keys, n_folds=3)
    with pytest.raises(InputError, match="the split cuts through group 'patient_00"):
        cross_validate(classifier, table, stones, by_image)
    split = split_dataset(stones, n_folds=3)
    other = stones.select(np.arange(24)[::-1])
    with pytest.raises(InputError, match="of other images, or of another order"):
        cross_validate(classifier, table, other, split)


def test_a_title_says_simulated_only_where_the_data_do(classifier, stones, altered, table):
    """What else a score says, it says alike of both."""
    taken = load_dataset(altered(simulated="no"))
    simulated, plain = (
        cross_validate(classifier, table, data, split_dataset(data, n_folds=4))
        for data in (stones, taken)
    )
    assert simulated.title == f"simulated images: {plain.title}"
    assert (simulated.to_dict()["simulated"], plain.to_dict()["simulated"]) == (True, False)
