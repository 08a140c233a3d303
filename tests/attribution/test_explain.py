"""`explain`: which game, which classes, which names; on tables and on images."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from ksfeat import (
    FeatureExtractor,
    InputError,
    StoneClassifier,
    StoneImage,
    explain,
    load_dataset,
    make_classifier,
)

GAMES = {"xgboost": "path-dependent", "svm": "absent = 1", "linear": "interventional"}


@pytest.fixture(scope="module")
def table():
    return pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=list("abc"))


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("labels", [["stone", "normal"], ["a", "b", "c"], [3, 1, 2]])
def test_margins_are_of_the_second_class_or_of_each(table, name, labels):
    y = np.array(labels)[np.arange(60) % len(labels)]
    explanation = explain(make_classifier(name).fit(table, y), table)
    classes = tuple(sorted(map(str, labels)))
    assert explanation.classes == classes
    assert explanation.outputs == (classes if len(labels) > 2 else ("stone",))
    assert explanation.game == GAMES[name]
    assert explanation.feature_names == ("a", "b", "c")
    np.testing.assert_array_equal(explanation.data, table)


def test_an_array_gets_the_names_that_the_model_was_fitted_with(table):
    model = make_classifier("linear").fit(table, np.arange(60) % 2)
    explanation = explain(model, table.to_numpy())
    assert explanation.feature_names == ("a", "b", "c")
    without = make_classifier("linear").fit(table.to_numpy(), np.arange(60) % 2)
    assert explain(without, table.to_numpy()).feature_names == ("0", "1", "2")


def test_images_are_explained_by_name(stone_data):
    data = load_dataset(stone_data)
    classifier = StoneClassifier(FeatureExtractor("first_order"), "svm")
    classifier.fit(data.images, data.labels)
    explanation = explain(classifier, data.images[:5])
    assert explanation.keys == tuple(data.keys[:5])
    assert explanation.feature_names == tuple(classifier.get_feature_names_out())
    margins = classifier.decision_function(data.images[:5])
    np.testing.assert_array_equal(explanation.margins[:, 0], margins)
    assert explanation.additivity_error() < 1e-9
    pixels = [image.read().pixels for image in data.images[:2]]
    again = explain(classifier, [pixels[0], StoneImage(pixels[1], key="named")])
    assert again.keys == ("image 0", "named")
    np.testing.assert_array_equal(again.values, explanation.values[:2])


def test_covariates_are_explained_beside_the_features(stone_data):
    data = load_dataset(stone_data)
    covariates = pd.DataFrame({"told": data.labels})
    classifier = StoneClassifier(FeatureExtractor("first_order"), "linear")
    classifier.fit(data.images, data.labels, covariates=covariates)
    explanation = explain(classifier, data.images, covariates)
    assert explanation.feature_names[-2:] == ("told=nostone", "told=stone")
    strongest = np.abs(explanation.values[:, :, 0]).mean(axis=0).argsort()[-2:]
    assert set(strongest) == {
        len(explanation.feature_names) - 1,
        len(explanation.feature_names) - 2,
    }
    with pytest.raises(InputError, match="no covariates given; the model was fitted with told"):
        explain(classifier, data.images)


def test_what_has_no_exact_explanation_is_refused(table):
    foreign = LogisticRegression().fit(table, np.arange(60) % 2)
    with pytest.raises(InputError, match="LogisticRegression has no exact explanation here"):
        explain(foreign, table)
    with pytest.raises(NotFittedError):
        explain(make_classifier("svm"), table)
