"""What a decision gains, by worked numbers and laws."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.metrics import decision_curve, predictive_values, score_predictions, score_subgroups


def cases(n=200):
    rng = np.random.default_rng(0)
    chance = rng.random(n)
    truth = np.where(rng.random(n) < chance, "stone", "none")
    return truth, np.column_stack([1 - chance, chance])


def test_predictive_values_at_the_datas_own_prevalence_are_precision():
    truth, chances = cases()
    called = np.where(chances[:, 1] > 0.5, "stone", "none")
    ppv, npv = predictive_values(truth, called, "stone", (truth == "stone").mean(), n_bootstrap=50)
    assert ppv.value == pytest.approx((truth == "stone")[called == "stone"].mean())
    assert npv.value == pytest.approx((truth == "none")[called == "none"].mean())
    assert ppv.low < ppv.value < ppv.high


def test_a_rare_class_has_a_low_predictive_value():
    truth, called = ["s"] * 10 + ["n"] * 10, ["s"] * 9 + ["n"] + ["n"] * 9 + ["s"]
    values = [predictive_values(truth, called, "s", share)[0].value for share in (0.5, 0.1, 0.01)]
    assert values == pytest.approx([0.9, 0.5, 1 / 12])


def test_net_benefit_by_hand():
    """At 0.2, a false alarm costs a quarter: (2 - 1/4) / 5 for the model, (2 - 3/4) / 5 for all."""
    chance = np.array([0.9, 0.3, 0.25, 0.1, 0.05])
    truth = ["s", "s", "n", "n", "n"]
    table = np.column_stack([1 - chance, chance])
    curve = decision_curve(truth, table, ["n", "s"], "s", thresholds=[0.2], n_bootstrap=20)
    assert curve["model"].tolist() == pytest.approx([0.35])
    assert curve["all"].tolist() == pytest.approx([0.25])


def test_at_a_threshold_near_nothing_the_model_is_treating_everyone():
    truth, chances = cases()
    curve = decision_curve(truth, chances, ["none", "stone"], "stone", n_bootstrap=2)
    assert curve["model"].iloc[0] == pytest.approx(curve["all"].iloc[0], abs=0.01)
    assert (curve["model"] > curve["all"]).mean() > 0.8


def test_each_subgroup_is_scored_as_if_alone():
    truth, chances = cases()
    margins, sex = chances[:, 1] - 0.5, np.tile(["f", "m"], 100)
    table = score_subgroups(truth, margins, ["none", "stone"], sex, n_bootstrap=20)
    alone = score_predictions(truth[::2], margins[::2], ["none", "stone"], n_bootstrap=20)
    row = table[(table["subgroup"] == "f") & (table["score"] == "auroc")].iloc[0]
    assert (row["value"], row["images"]) == (alone["auroc"].value, 100)
    assert row["low"] < row["value"] < row["high"]


@pytest.mark.parametrize("share", [0, 1, -0.1, np.nan])
def test_a_prevalence_is_a_share(share):
    with pytest.raises(InputError, match="expected a share above 0 and below 1"):
        predictive_values(["a", "b"], ["a", "b"], "a", share)


def test_what_does_not_fit_is_refused():
    truth, chances = cases(4)
    with pytest.raises(InputError, match="3 subgroups for 4 labels"):
        score_subgroups(truth, chances[:, 1], ["none", "stone"], ["a"] * 3)
    with pytest.raises(InputError, match="expected it and others"):
        predictive_values(["a", "a"], ["a", "b"], "a", 0.5)
    with pytest.raises(InputError, match="thresholds above 0 and below 1"):
        decision_curve(truth, chances, ["none", "stone"], "stone", thresholds=[1.0])
