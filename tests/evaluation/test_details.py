"""What is told beside the scores: predictive values, decision curves, subgroups."""

import json

import numpy as np
import pandas as pd
import pytest

from ksfeat.errors import InputError
from ksfeat.evaluation import evaluate, train
from ksfeat.evaluation.details import NOT_GIVEN, Asked, tell_details
from ksfeat.metrics import decision_curve, predictive_values, score_subgroups


def asked_of(data):
    sex = np.where(np.arange(len(data)) % 2, "f", "m")
    return Asked({"stone": 0.1}, "sex", dict(zip(data.keys, sex, strict=True)))


def test_each_is_that_of_the_metric_it_is_named_after(stones):
    rng = np.random.default_rng(0)
    chance = np.clip((stones.labels == "stone") * 0.3 + rng.random(len(stones)) * 0.7, 0.01, 0.99)
    chances, margins = np.column_stack([1 - chance, chance]), np.log(chance / (1 - chance))
    asked = asked_of(stones)
    found = tell_details(stones, margins, chances, stones.classes, asked=asked)
    how = {"groups": stones.groups}
    answers = np.where(margins > 0, "stone", "nostone")
    assert found.predictive_values == predictive_values(stones.labels, answers, "stone", 0.1, **how)
    assert list(found.decision) == ["stone"]  # who acts on one of two does not act on the other
    curve = found.decision["stone"]
    again = decision_curve(
        stones.labels, chances, stones.classes, "stone", thresholds=curve["threshold"], **how
    )
    pd.testing.assert_frame_equal(curve, again)
    parts = list(asked.parts.values())
    again = score_subgroups(stones.labels, margins, stones.classes, parts, **how)
    pd.testing.assert_frame_equal(found.subgroups, again)


def test_an_image_of_no_known_subgroup_is_one_of_its_own(stones):
    asked = Asked({}, "sex", {stones.keys[0]: "f"})
    margins = np.linspace(-1, 1, len(stones))
    found = tell_details(stones, margins, None, stones.classes, asked=asked)
    assert set(found.subgroups["subgroup"]) == {"f", NOT_GIVEN}
    assert found.decision == {}


def test_a_class_that_is_not_there_has_no_predictive_value(stones):
    part = stones.select(stones.labels == "stone")
    found = tell_details(
        part, np.ones(len(part)), None, stones.classes, asked=Asked({"stone": 0.1})
    )
    assert [np.isnan(score.value) for score in found.predictive_values] == [True, True]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked({"gravel": 0.1}), "prevalence of 'gravel', which is no class; expected one of"),
        (Asked({"stone": 1.0}), "prevalence 1 of 'stone'; expected a share above 0 and below 1"),
        (Asked({}, "age", {str(n): str(n) for n in range(21)}), "'age' has 21 different values"),
    ],
)
def test_what_cannot_be_told_is_refused_before_the_long_work(classifier, stones, asked, message):
    with pytest.raises(InputError, match=message):
        train(classifier, stones, asked=asked)


def test_training_and_evaluation_tell_it_and_the_model_file_names_no_subgroup(classifier, stones):
    asked = asked_of(stones)
    training = train(classifier, stones, n_folds=2, asked=asked, learning=True)
    cross = training.to_dict()["cross_validation"]
    assert cross["details"]["prevalence"] == {"stone": 0.1}
    assert {row["subgroup"] for row in cross["details"]["subgroups"]["scores"]} == {"f", "m"}
    assert cross["learning_curve"][-1]["auroc"] == pytest.approx(
        training.crossval.scores["auroc"].value, abs=1e-6
    )
    assert "details" not in training.summary()["cross_validation"]
    result = evaluate(training.classifier, stones, asked=asked)
    told = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    names = {score["name"] for score in told["certainty"]["scores"]}
    assert {"brier", "brier_reliability", "ece", "coverage"} <= names
    assert len(told["details"]["decision_curve"]["stone"]) == 19
