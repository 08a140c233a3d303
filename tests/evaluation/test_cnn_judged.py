"""A CNN is judged as other models are, but for what would take more trainings."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ksfeat import FineTunedCNN, InputError, StoneClassifier, load_dataset
from ksfeat.cnn import finetune
from ksfeat.evaluation import describe_dataset, learning_curve, split_dataset, train
from ksfeat.evaluation.certainty import Bench, CertaintyPlan
from ksfeat.evaluation.crossval import fit_table
from ksfeat.evaluation.description import Copies
from ksfeat.evaluation.outer_certainty import certify_across
from ksfeat.models.certainty import fit_certainty

SMALL = {"model": "seed_cnn", "size": 32, "epochs": 1, "batch_size": 8, "device": "cpu"}


@pytest.fixture
def fits(monkeypatch):
    """What each training was given: how many rows, and their groups."""
    seen = []
    fit = FineTunedCNN.fit

    def spied(self, X, y, groups=None, sample_weight=None):
        seen.append((X, None if groups is None else np.asarray(groups)))
        return fit(self, X, y, groups, sample_weight)

    monkeypatch.setattr(FineTunedCNN, "fit", spied)
    return seen


@pytest.fixture
def cnn():
    return StoneClassifier(model=FineTunedCNN(**SMALL))


def test_train_fits_a_fold_once_and_the_model_of_everything(cnn, stones, fits):
    training = train(cnn, stones, n_folds=2, augment=1)
    assert [len(X) for X, _ in fits] == [24, 24, 48]  # with the copies of what trains
    assert training.crossval.judgement.probabilities is not None
    assert training.classifier.certainty_.method == "temperature"
    assert training.classifier.certainty_.novelty is None
    assert "novelty is not told: there is no feature" in training.classifier.certainty_.remarks[-1]
    assert training.to_dict()["model"]["params"]["checkpoint"] is None


def test_groups_reach_the_network_and_copies_stay_with_their_originals(cnn, stones, fits):
    described = describe_dataset(cnn, stones, fit=True)
    fit_table(cnn, described.table, stones, None, 0)
    np.testing.assert_array_equal(fits[-1][1], stones.groups)


def test_without_groups_a_copy_validates_no_original(cnn, stones, fits):
    described = describe_dataset(cnn, stones, fit=True)
    copies = Copies(described.table.iloc[:4], np.arange(4), {})
    fit_table(cnn, described.table, replace(stones, groups=None), None, 0, copies)
    assert fits[-1][1].tolist() == [*range(24), 0, 1, 2, 3]


def test_a_fold_is_certified_by_the_margins_of_the_others(stones):
    rng = np.random.default_rng(0)
    margins = (stones.labels == "stone") * 2.0 - 1 + rng.normal(size=24)
    split = split_dataset(stones, n_folds=3)
    plan = CertaintyPlan("temperature")
    bench = Bench(plan, 24, 2)
    certify_across(bench, margins, stones, split)
    for rows, test in split:
        other = fit_certainty(
            margins[rows], stones.labels[rows], np.array(stones.classes), stones.groups[rows],
            calibrate="temperature",
        )  # fmt: skip
        expected = other.calibrator.probabilities(margins[test])
        np.testing.assert_array_equal(bench.chances[test], expected)
        np.testing.assert_array_equal(bench.sets[test], other.sets.of(margins[test]))


def test_a_learning_curve_tells_the_network_its_groups(cnn, stones, fits):
    table = cnn.fit_describe(stones.images)
    curve = learning_curve(cnn, table, stones, split_dataset(stones, n_folds=2), shares=(1.0,))
    assert curve["groups"].tolist() == [4.0]
    assert all(len(set(groups)) == 4 for _, groups in fits)


def test_unusable_images_are_skipped_with_the_reason(cnn, altered):
    manifest = altered()
    first = manifest.parent / pd.read_csv(manifest)["path"][0]
    shown = np.asarray(Image.open(first))
    Image.fromarray(np.full_like(shown, 7)).save(first)
    described = describe_dataset(cnn, load_dataset(manifest), fit=True, on_error="skip")
    assert len(described.skipped) == 1
    assert described.table.shape == (23, 1)
    with pytest.raises(InputError, match="an image of one colour"):
        describe_dataset(cnn, load_dataset(manifest), fit=True)


def test_features_are_asked_of_a_cnn_in_vain_before_the_long_work(cnn, stones, monkeypatch):
    monkeypatch.setattr(finetune, "stacked", lambda *_: pytest.fail("trained"))
    with pytest.raises(InputError, match="min_icc: of features, and a CNN looks at pictures"):
        train(cnn, stones, n_folds=2, min_icc=0.5)
