"""The tables say what the margins say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from small_benchmark import CONTENDERS

from ksfeat import FeatureExtractor, make_classifier
from ksfeat.evaluation.benchmark.judged import auroc_of, cross_fitted, plain_auroc
from ksfeat.evaluation.benchmark.paired import paired_difference
from ksfeat.evaluation.compare import holm


def truth_of(result):
    data = result.material.dataset
    return (data.labels == data.classes[1]).astype(int)


def test_scores_are_of_the_out_of_fold_margins(ran):
    result = ran[1]
    table = result.scores[result.scores["class"].isna()].set_index(["contender", "score"])
    for name in CONTENDERS:
        margins = result.margins(name)[:, 0]
        assert table.loc[(name, "auroc"), "value"] == pytest.approx(
            roc_auc_score(truth_of(result), margins)
        )
        assert table.loc[(name, "accuracy"), "value"] == np.mean((margins > 0) == truth_of(result))
        low, high = table.loc[(name, "auroc"), ["low", "high"]]
        assert low <= table.loc[(name, "auroc"), "value"] <= high


def test_an_explanation_is_timed_where_there_is_one(ran):
    costs = ran[1].costs
    assert np.isnan(costs.loc["thumbnails/forest", "explain_ms"])
    assert costs.loc["first_order/linear", "explain_ms"] > 0


def test_the_reference_is_the_first_network_else_the_first(ran):
    result = ran[1]
    assert result.reference == CONTENDERS[0]
    assert result.comparisons["contender"].tolist() == list(CONTENDERS[1:])
    row = result.comparisons.iloc[0]
    areas = [plain_auroc(result.margins(name), truth_of(result)) for name in CONTENDERS[:2]]
    assert row["auroc_difference"] == pytest.approx(areas[1] - areas[0])
    plain, adjusted = (
        result.comparisons[name].to_numpy() for name in ("mcnemar_p", "mcnemar_holm")
    )
    np.testing.assert_allclose(adjusted, holm(plain))


def test_a_corruption_costs_the_difference_of_two_areas(ran):
    result = ran[1]
    material, truth = result.material, truth_of(result)
    name = CONTENDERS[1]
    table = result.robustness[result.robustness["contender"] == name]
    clean = result.margins(name)[material.sample, 0]
    changed = np.empty(len(material.sample))
    for fold in result.folds_of(name).values():
        changed[material.sampled(fold.test)] = fold.corrupted[7, :, 0]
    expected = roc_auc_score(truth[material.sample], clean) - roc_auc_score(
        truth[material.sample], changed
    )
    assert (changed != clean).any()
    row = table.iloc[7]
    assert (row["kind"], row["severity"]) == ("blur", 3)
    assert row["auroc_loss"] == pytest.approx(expected)
    means = result.robustness.query("kind == 'mean'").set_index("contender")
    mean = means.loc[name, "auroc_loss"]
    assert mean == pytest.approx(table[table["kind"] != "mean"]["auroc_loss"].mean())
    more = means.loc[name, "more_than_reference"]
    assert more == pytest.approx(mean - means.loc[result.reference, "auroc_loss"])
    assert more != 0


def test_a_model_is_tested_on_each_corruption_and_on_the_outside_images(ran):
    result = ran[1]
    material, name = result.material, CONTENDERS[1]
    data = material.dataset
    extractor = FeatureExtractor(("first_order",), n_jobs=1).fit(data.images)
    for fold in result.folds_of(name).values():
        train = data.select(np.setdiff1d(np.arange(len(data)), fold.test))
        model = make_classifier("linear").fit(extractor.transform(train.images), train.labels)
        places = material.sampled(fold.test)
        for number, item in enumerate(material.corruptions):
            rows = extractor.transform([item.sources[place] for place in places])
            expected = model.decision_function(rows)
            np.testing.assert_allclose(fold.corrupted[number, :, 0], expected, rtol=1e-9)
        for other, margins in fold.outside.items():
            rows = extractor.transform(material.outside[other].images)
            np.testing.assert_allclose(margins[:, 0], model.decision_function(rows), rtol=1e-9)


def test_outside_data_of_one_class_have_a_sensitivity_and_no_more(ran):
    result = ran[1]
    table = result.outside.set_index(["contender", "data"])
    name = CONTENDERS[1]
    assert table.loc[(name, "all"), "score"] == "auroc"
    assert table.loc[(name, "stones"), "score"] == "sensitivity of stone"
    hits = [np.mean(fold.outside["stones"] > 0) for fold in result.folds_of(name).values()]
    assert table.loc[(name, "stones"), "value"] == pytest.approx(np.mean(hits))


def test_the_gap_is_what_a_random_split_adds(ran):
    result = ran[1]
    gaps = result.gaps.set_index("contender")
    name = CONTENDERS[0]
    (fold,) = result.folds_of(name, "random").values()
    at_random = roc_auc_score(truth_of(result)[fold.test], fold.margins[:, 0])
    by_group = roc_auc_score(truth_of(result), result.margins(name)[:, 0])
    assert gaps.loc[name, "gap"] == pytest.approx(at_random - by_group)


def test_probabilities_of_a_fold_do_not_depend_on_its_own_labels():
    rng = np.random.default_rng(0)
    codes, tested = rng.integers(0, 2, 60), np.repeat([0, 1, 2], 20)
    margins = (2 * codes - 1 + rng.normal(size=60))[:, None]
    first = cross_fitted(margins, codes, tested)
    turned = np.where(tested == 1, 1 - codes, codes)
    second = cross_fitted(margins, turned, tested)
    np.testing.assert_array_equal(first[tested == 1], second[tested == 1])
    assert not np.allclose(first[tested == 0], second[tested == 0])


@settings(deadline=None)
@given(st.integers(0, 2**31), st.integers(2, 4))
def test_areas_are_those_of_scikit_learn(seed, n_classes):
    rng = np.random.default_rng(seed)
    codes = np.concatenate([np.arange(n_classes), rng.integers(0, n_classes, 20)])
    margins = rng.integers(0, 5, (len(codes), n_classes if n_classes > 2 else 1)).astype(float)
    weights = rng.integers(1, 4, len(codes)).astype(float)
    if n_classes == 2:
        expected = roc_auc_score(codes, margins[:, 0], sample_weight=weights)
    else:
        areas = [
            roc_auc_score(codes == code, margins[:, code], sample_weight=weights)
            for code in range(n_classes)
        ]
        expected = np.mean(areas)
    assert auroc_of(margins, codes, weights[None])[0] == pytest.approx(expected)


def test_a_contender_is_not_inferior_to_itself_and_inferior_to_a_better_one():
    rng = np.random.default_rng(0)
    codes, member = np.tile([0, 1], 150), np.repeat(np.arange(100), 3)
    good = (2.0 * codes + rng.normal(size=300))[:, None]
    same = paired_difference(good, good, codes, member, 0)
    assert (same.value, same.verdict) == (0.0, "not inferior")
    worse = paired_difference(good + rng.normal(0, 3, (300, 1)), good, codes, member, 0)
    assert worse.verdict == "inferior"
