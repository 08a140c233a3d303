"""Learning curves by number of groups."""

import numpy as np
import pytest

from ksfeat import StoneClassifier
from ksfeat.errors import InputError
from ksfeat.evaluation import cross_validate, split_dataset
from ksfeat.evaluation.learning import learning_curve
from ksfeat.models.linear import LinearClassifier


def test_all_groups_are_the_cross_validation_itself(classifier, stones):
    table, split = classifier.fit_describe(stones.images), split_dataset(stones, n_folds=2)
    curve = learning_curve(classifier, table, stones, split, shares=(1.0,))
    expected = cross_validate(classifier, table, stones, split).scores["auroc"]
    assert curve["auroc"].tolist() == [expected.value]
    assert curve["groups"].tolist() == [4.0]


def test_what_is_drawn_are_whole_groups(classifier, stones, monkeypatch):
    """Three of four patients bring all images: drawn by image, all four would bring some."""
    table, split = classifier.fit_describe(stones.images), split_dataset(stones, n_folds=2)
    table["row"] = np.arange(len(table))
    trained = []

    class Watched(LinearClassifier):
        def fit(self, X, y, sample_weight=None):
            trained.append(X["row"].to_numpy())
            return super().fit(X, y, sample_weight)

    monkeypatch.setattr(StoneClassifier, "new_model", lambda _: Watched())
    learning_curve(classifier, table, stones, split, shares=(0.75,))
    for rows, (train, _) in zip(trained, split, strict=True):
        whole = np.isin(stones.groups[train], stones.groups[rows])
        np.testing.assert_array_equal(np.sort(rows), np.sort(train[whole]))
        assert len(rows) == 9  # of 12


def test_a_share_without_a_class_is_left_out(classifier, stones):
    table, split = classifier.fit_describe(stones.images), split_dataset(stones, n_folds=2)
    curve = learning_curve(classifier, table, stones, split, shares=(0.1, 1.0))
    assert curve["share"].tolist() == [1.0]


@pytest.mark.parametrize("share", [0, 1.1, np.nan])
def test_a_share_is_a_share(classifier, stones, share):
    table, split = classifier.fit_describe(stones.images), split_dataset(stones, n_folds=2)
    with pytest.raises(InputError, match="expected numbers above 0 and up to 1"):
        learning_curve(classifier, table, stones, split, shares=(share,))
