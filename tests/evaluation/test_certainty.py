"""Certainty is judged where nothing was fitted: no inner fold has a group on both sides."""

import numpy as np
import pytest

from ksfeat import load_model, save_model
from ksfeat.errors import InputError
from ksfeat.evaluation import certainty, cross_validate, describe_dataset, split_dataset, train
from ksfeat.evaluation.certainty import CertaintyPlan, certify
from ksfeat.evaluation.strangers import without_strangers


def test_no_inner_loop_has_a_group_on_both_sides(classifier, stones, monkeypatch):
    """What is fitted inside an outer fold holds neither its test groups nor part of any group."""
    table = classifier.fit_describe(stones.images)
    split = split_dataset(stones, n_folds=2)
    real, seen = certainty.out_of_fold, []

    def spy(model, rows, labels, inner, copies=None):
        groups = np.asarray(stones.groups)[rows.index]
        for train_rows, test_rows in inner:
            assert not set(groups[train_rows]) & set(groups[test_rows])
        seen.append(set(groups))
        return real(model, rows, labels, inner, copies)

    monkeypatch.setattr(certainty, "out_of_fold", spy)
    judgement = cross_validate(classifier, table, stones, split, plan=CertaintyPlan()).judgement
    assert judgement is not None
    for (_, test), inside in zip(split, seen, strict=True):
        assert not inside & set(np.asarray(stones.groups)[test])


def test_training_gives_the_model_its_certainty_and_a_file_keeps_it(classifier, stones, tmp_path):
    training = train(classifier, stones, n_folds=2, coverage=0.7)
    known = training.classifier.certainty_
    assert known.sets.coverage == 0.7
    assert None not in known.sets.limits
    chances = classifier.predict_proba(stones.images)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    path = save_model(classifier, tmp_path / "m.ksf", training=training.summary())
    loaded = load_model(path)
    np.testing.assert_array_equal(loaded.predict_proba(stones.images), chances)
    assert loaded.certainty_.to_dict() == known.to_dict()


def test_what_is_judged_is_told(classifier, stones):
    judgement = train(classifier, stones, n_folds=2, coverage=0.7).crossval.judgement
    names = {(score.name, score.of) for score in judgement.scores}
    assert {("ece", None), ("brier", None), ("coverage", "stone"), ("clear", None)} <= names
    assert judgement.to_dict()["coverage"] == 0.7
    assert len(judgement.curve)


def test_none_is_none(classifier, stones):
    training = train(classifier, stones, n_folds=2, calibrate="none", coverage=None)
    judgement, known = training.crossval.judgement, training.classifier.certainty_
    assert judgement.probabilities is judgement.sets is known.calibrator is known.sets is None
    with pytest.raises(InputError, match="calibrate 'magic'; expected one of auto"):
        train(classifier, stones, calibrate="magic")


def test_too_few_groups_are_told_and_stop_nothing(classifier, stones):
    few = stones.select(np.flatnonzero(np.isin(stones.groups, sorted(set(stones.groups))[:2])))
    table = classifier.fit_describe(few.images)
    model = classifier.new_model().fit(table, few.known_labels())
    found = certify(model, table, few, CertaintyPlan())
    assert found.calibrator is found.sets is None
    assert found.remarks[0].startswith("certainty is not told; inner folds: ")


def test_strangers_are_refused_skipped_or_forced(classifier, stones):
    train(classifier, stones, n_folds=2)
    described = describe_dataset(classifier, stones, fit=False)
    described.table.iloc[3] = described.table.iloc[3] * 1e6 + 1e6
    key = stones.keys[3]
    with pytest.raises(InputError, match=f"{key}: unlike the training images"):
        without_strangers(classifier, described)
    skipped = without_strangers(classifier, described, on_error="skip").described
    assert list(skipped.skipped) == [key]
    assert (len(skipped.dataset), len(skipped.table)) == (23, 23)
    forced = without_strangers(classifier, described, force=True)
    assert len(forced.described.dataset) == 24
    assert forced.remarks[key].startswith("unlike the training images")
