"""What a classifier over images must keep."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning

from ksfeat import InputError, StoneClassifier, make_classifier

MODELS = [make_classifier("xgboost", n_estimators=20), "svm", "linear"]
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model).split("(")[0])


@each_model
def test_it_learns(extractor, images, labels, model):
    odd, even = slice(1, None, 2), slice(0, None, 2)
    classifier = StoneClassifier(extractor, model).fit(images[odd], labels[odd])
    assert classifier.score(images[even], labels[even]) > 0.9


@each_model
def test_margins_probabilities_and_predictions_agree(extractor, images, labels, model):
    classifier = StoneClassifier(extractor, model).fit(images, labels)
    margins = classifier.decision_function(images)
    assert margins.shape == (24,)
    expected = classifier.classes_[(margins > 0).astype(int)]
    np.testing.assert_array_equal(classifier.predict(images), expected)
    assert hasattr(classifier, "predict_proba") == (model != "svm")
    if model != "svm":
        shares = classifier.predict_proba(images)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        np.testing.assert_allclose(np.log(shares[:, 1] / shares[:, 0]), margins, atol=1e-6)


@each_model
def test_a_weight_of_two_is_an_image_that_stands_twice(extractor, images, labels, model):
    counts = np.random.default_rng(2).integers(0, 3, len(images))
    counts[[0, -1]] = 2
    weighted = StoneClassifier(extractor, model).fit(images, labels, sample_weight=counts)
    places = np.repeat(np.arange(len(images)), counts)
    repeated = clone(weighted).fit([images[place] for place in places], labels[places])
    plain = clone(weighted).fit(images, labels)
    margins = weighted.decision_function(images)
    np.testing.assert_allclose(margins, repeated.decision_function(images), atol=1e-6)
    assert np.abs(margins - plain.decision_function(images)).max() > 1e-3


@each_model
def test_the_order_of_the_training_images_does_not_matter(extractor, images, labels, model):
    order = np.random.default_rng(3).permutation(len(images))
    one = StoneClassifier(extractor, model).fit(images, labels)
    other = clone(one).fit([images[place] for place in order], labels[order])
    np.testing.assert_allclose(
        one.decision_function(images), other.decision_function(images), atol=1e-6
    )


def test_weights_of_any_kind_are_taken(classifier, images, labels):
    weights = np.linspace(1, 2, len(images))
    before = weights.copy()
    expected = classifier.fit(images, labels, sample_weight=weights).decision_function(images)
    for same in (weights.tolist(), pd.Series(weights, index=range(50, 74))):
        again = clone(classifier).fit(images, labels, sample_weight=same)
        np.testing.assert_array_equal(again.decision_function(images), expected)
    np.testing.assert_array_equal(weights, before)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(3), "inconsistent numbers of samples"),
        (np.ones((24, 2)), "Sample weights must be 1D"),
        (np.zeros(24), "zero"),
        (np.repeat([0.0, 1.0], 12), "the weights of class 'nostone' are all zero"),
    ],
)
def test_weights_that_cannot_be_used_are_refused(classifier, images, labels, weights, message):
    with pytest.raises(ValueError, match=message):
        classifier.fit(images, labels, sample_weight=weights)


@pytest.mark.parametrize(
    "names",
    [["a", "b"], [7, 3], [True, False], [0.0, 1.0], np.array(["x", "y"], dtype=object)],
    ids=["text", "int", "bool", "float", "object"],
)
def test_labels_of_any_type_come_back(classifier, images, names):
    y = np.asarray(names)[[0] * 12 + [1] * 12]
    predicted = classifier.fit(images, y).predict(images)
    assert predicted.dtype == y.dtype
    np.testing.assert_array_equal(classifier.classes_, np.unique(y))
    assert (predicted == y).mean() > 0.9


def test_labels_in_a_column_warn(classifier, images, labels):
    expected = clone(classifier).fit(images, labels).predict(images)
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        classifier.fit(images, labels[:, None])
    np.testing.assert_array_equal(classifier.predict(images), expected)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "requires y to be passed"),
        (np.repeat("stone", 24), "one class only .'stone'.; expected at least two"),
        (np.linspace(0, 1, 24), "Unknown label type"),
        (["stone", "nostone"], "inconsistent numbers of samples"),
    ],
)
def test_labels_are_judged_before_any_image_is_described(
    classifier, images, y, message, monkeypatch
):
    monkeypatch.setattr(type(classifier), "fit_describe", lambda *_: pytest.fail("described"))
    with pytest.raises(ValueError, match=message):
        classifier.fit(images, y)


def test_an_unknown_model_is_named(images, labels, extractor):
    with pytest.raises(InputError, match="model 'forest'; expected one of xgboost, svm, linear"):
        StoneClassifier(extractor, "forest").fit(images, labels)
