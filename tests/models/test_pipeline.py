"""`StoneClassifier` beyond scikit-learn's contract: describing, holes, covariates, skipping."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from ksfeat import FeatureExtractor, InputError, StoneClassifier, StoneImage


@pytest.fixture
def classifier():
    return StoneClassifier(FeatureExtractor("first_order"), "linear")


@pytest.fixture(scope="module")
def labels():
    return np.arange(60) % 5 // 3


def hollow(pixels):
    """The image with a mask of one pixel, of which skewness and the like are not defined."""
    mask = np.zeros(pixels.shape, dtype=bool)
    mask[1, 1] = True
    return StoneImage(pixels, mask=mask)


def test_a_feature_that_is_missing_for_the_first_time_is_warned_of(classifier, images, labels):
    whole = StoneImage(images[-1], mask=np.ones(images[-1].shape))
    classifier.fit([*images[:-1], whole], labels)  # a mask, so that others may have one
    for work in ("predict", "decision_function", "predict_proba", "describe"):
        with pytest.warns(
            UserWarning, match="not defined for some images.*unlike the training set"
        ):
            assert len(getattr(classifier, work)([images[0], hollow(images[1])])) == 2


def test_a_feature_that_was_missing_in_training_is_not(classifier, images, labels):
    some = [hollow(image) if place % 4 == 0 else image for place, image in enumerate(images)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        classifier.fit(some, labels)
        margins = classifier.decision_function(some)
    assert np.isfinite(margins).all()
    assert classifier.nan_seen_


def test_the_description_is_the_table_that_the_model_sees(classifier, images, labels, covariates):
    classifier.fit(images, labels, covariates=covariates)
    table = classifier.describe(images, covariates)
    assert list(table.columns) == list(classifier.get_feature_names_out())
    assert list(classifier.model_.feature_names_in_) == list(table.columns)
    expected = classifier.extractor_.transform(images)
    np.testing.assert_array_equal(table.iloc[:, : expected.shape[1]], expected)
    np.testing.assert_array_equal(
        classifier.model_.decision_function(table), classifier.decision_function(images, covariates)
    )


def test_describing_in_two_steps_is_fitting(classifier, images, labels, covariates):
    fitted = clone(classifier).fit(images, labels, covariates=covariates)
    steps = clone(classifier)
    steps.fit_described(steps.fit_describe(images, covariates), labels)
    np.testing.assert_array_equal(
        steps.decision_function(images, covariates), fitted.decision_function(images, covariates)
    )


def test_past_unusable_images_the_rest_is_described_alike(classifier, images, covariates):
    """Their covariates are not learnt either: row 0 alone has the category 'unknown'."""
    spoilt = [np.zeros((12, 12)), *images[1:7], np.ones((2, 2)), *images[8:]]
    usable = np.setdiff1d(np.arange(60), [0, 7])
    table, errors = classifier.fit_describe_each(spoilt, covariates)
    assert {place: str(error)[:30] for place, error in errors.items()} == {
        0: "image 0: an image of one colou",
        7: "image 7: an image of 2x2 pixel",
    }
    # A skipped row keeps its covariates; all features in it are missing.
    features = classifier.extractor_.n_features_out_
    assert table.iloc[[0, 7], :features].isna().all(axis=None)
    clean = clone(classifier)
    rest = covariates.iloc[usable].reset_index(drop=True)
    expected = clean.fit_describe([images[place] for place in usable], rest)
    pd.testing.assert_frame_equal(table.iloc[usable].reset_index(drop=True), expected)
    assert "sex=unknown" not in table.columns


def test_past_unusable_images_the_rest_is_predicted_without_a_warning(classifier, images, labels):
    classifier.fit(images, labels)
    table, errors = classifier.describe_each([images[0], np.zeros((12, 12)), images[2]])
    assert list(errors) == [1]
    expected = classifier.describe([images[0], images[2]])
    pd.testing.assert_frame_equal(table.iloc[[0, 2]].reset_index(drop=True), expected)


@pytest.mark.parametrize("work", ["fit", "fit_describe", "fit_describe_each"])
def test_covariates_of_another_number_are_refused(classifier, images, labels, covariates, work):
    options = {"y": labels} if work == "fit" else {}
    with pytest.raises(InputError, match="3 rows of covariates for 60 images; expected one an ima"):
        getattr(classifier, work)(images, **options, covariates=covariates[:3])


def test_covariates_are_asked_for_and_only_where_there_were_some(
    classifier, images, labels, covariates
):
    expected = clone(classifier).fit(images, labels).decision_function(images)
    classifier.fit(images, labels, covariates=covariates)
    with pytest.raises(InputError, match="no covariates given; the model was fitted with age, sex"):
        classifier.predict(images)
    with pytest.raises(InputError, match="3 rows of covariates for 60 images"):
        classifier.predict(images, covariates[:3])
    margins = classifier.decision_function(images, covariates)
    assert np.abs(margins - expected).max() > 1e-3


def test_the_default_extractor_is_the_default_set(images, labels):
    classifier = StoneClassifier(model="linear").fit(images, labels)
    assert classifier.extractor_.features == "auto"
    assert classifier.extractor is None


def test_a_seed_reaches_a_model_that_is_given_by_name():
    assert StoneClassifier(random_state=5).new_model().random_state == 5
    assert StoneClassifier(model="svm", random_state=5).new_model().C == 1.0
