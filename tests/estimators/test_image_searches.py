"""Searches, cross-validation by group, and covariates that travel by metadata routing."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_validate

from ksfeat import StoneClassifier, make_classifier

BY_GROUP = StratifiedGroupKFold(2)


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture
def covariates():
    """A covariate that is the class, and one that is noise: without the first nothing is learnt."""
    told = np.repeat(["absent", "present"], 12)
    return pd.DataFrame({"told": told, "age": np.random.default_rng(0).integers(20, 80, 24)})


@pytest.fixture
def noise():
    rng = np.random.default_rng(5)
    return [rng.integers(0, 255, (16, 16)).astype(np.uint8) for _ in range(24)]


def test_a_grid_reaches_model_and_extractor(classifier, images, labels, groups):
    grid = {"model__C": [1e-9, 1.0], "extractor__size": [None, 12]}
    classifier.set_params(model=make_classifier("linear"))
    search = GridSearchCV(classifier, grid, cv=BY_GROUP).fit(images, labels, groups=groups)
    assert len(search.cv_results_["params"]) == 4
    best = search.best_estimator_.get_params()
    assert search.best_estimator_.model_.get_params() == best["model"].get_params()
    assert {name: best[name] for name in grid} == search.best_params_
    assert search.score(images, labels) > 0.9


def test_cross_validation_keeps_groups_whole(classifier, images, labels, groups):
    found = cross_validate(
        classifier,
        images,
        labels,
        groups=groups,
        cv=BY_GROUP,
        return_indices=True,
        return_estimator=True,
        scoring=["accuracy", "roc_auc"],
    )
    for train, test in zip(found["indices"]["train"], found["indices"]["test"], strict=True):
        assert not set(groups[train]) & set(groups[test])
    assert len({id(fitted) for fitted in found["estimator"]}) == 2
    assert found["test_roc_auc"].min() > 0.9


@pytest.mark.usefixtures("routing")
def test_covariates_travel_with_their_images(extractor, noise, labels, groups, covariates):
    classifier = StoneClassifier(extractor, make_classifier("linear", C=10.0))
    for work in ("fit", "predict", "score"):
        getattr(classifier, f"set_{work}_request")(covariates=True)
    params = {"groups": groups, "covariates": covariates}
    found = cross_validate(
        classifier, noise, labels, cv=BY_GROUP, params=params, return_estimator=True
    )
    without = cross_validate(classifier, noise, labels, cv=BY_GROUP, params={"groups": groups})
    assert found["test_score"].mean() > 0.9 > without["test_score"].mean() + 0.2
    names = found["estimator"][0].get_feature_names_out()
    assert names[-3:].tolist() == ["told=absent", "told=present", "age"]


@pytest.mark.usefixtures("routing")
def test_covariates_travel_through_a_search(extractor, noise, labels, groups, covariates):
    model = make_classifier("linear")
    classifier = StoneClassifier(extractor, model).set_fit_request(covariates=True)
    classifier.set_score_request(covariates=True)
    search = GridSearchCV(classifier, {"model__C": [1e-6, 10.0]}, cv=BY_GROUP)
    search.fit(noise, labels, groups=groups, covariates=covariates)
    assert search.best_score_ > 0.9
    predicted = search.best_estimator_.predict(noise, covariates=covariates)
    np.testing.assert_array_equal(predicted, labels)


@pytest.mark.usefixtures("routing")
def test_covariates_that_nobody_asked_for_are_refused(extractor, noise, labels, covariates):
    with pytest.raises(sklearn.exceptions.UnsetMetadataPassedError, match="covariates"):
        cross_validate(
            StoneClassifier(extractor, "linear"), noise, labels, params={"covariates": covariates}
        )


@pytest.mark.usefixtures("routing")
def test_weights_travel_too(classifier, images, labels):
    classifier.set_score_request(sample_weight=True)
    params = {"sample_weight": np.where(np.arange(24) % 12 < 6, 1e-9, 1.0)}
    margins = []
    for asked in (True, False):
        found = cross_validate(
            classifier.set_fit_request(sample_weight=asked),
            images,
            labels,
            cv=3,
            params=params,
            return_estimator=True,
        )
        margins.append(found["estimator"][0].decision_function(images))
    assert np.abs(margins[0] - margins[1]).max() > 1e-3
