"""`train`: groups, notes, a test split that is scored once, and images that are skipped."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from ksfeat import FeatureExtractor, InputError, load_dataset, load_model, save_model
from ksfeat.evaluation import train
from ksfeat.evaluation import training as training_module


def test_it_judges_by_group_and_then_fits_on_everything(classifier, stones):
    training = train(classifier, stones, n_folds=4)
    assert training.classifier is classifier
    expected = "simulated images: split by group (8 groups, column 'group'), 4-fold"
    assert training.crossval.title.startswith(expected)
    assert (training.notes, training.skipped, training.test) == ((), {}, None)
    alone = clone(classifier).fit(stones.images, stones.labels)
    np.testing.assert_array_equal(
        classifier.decision_function(stones.images), alone.decision_function(stones.images)
    )
    assert training.table.shape == (24, len(classifier.get_feature_names_out()))


def test_the_seed_decides_the_folds(classifier, stones):
    hashes = [
        train(clone(classifier), stones, n_folds=4, random_state=seed).crossval.split.hash
        for seed in (0, 0, 1)
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_without_groups_proxies_are_found_and_said(classifier, altered):
    manifest = altered()
    table = pd.read_csv(manifest).drop(columns="group")
    table.to_csv(manifest, index=False)
    training = train(classifier, load_dataset(manifest), n_folds=3)
    found = len(set(training.dataset.groups))
    assert training.notes == (
        f"no patient column: {found} proxy groups found from the pixels; "
        "give --groups to use your own",
    )
    unit = f"proxy group ({found} proxy groups, found from the pixels, no patients)"
    expected = f"simulated images: split by {unit}"
    assert training.crossval.title.startswith(expected)
    assert 2 < found < 24


def test_a_random_split_happens_when_it_is_asked_for_by_name(classifier, stone_data):
    training = train(classifier, load_dataset(stone_data, groups="none"), n_folds=4)
    assert training.crossval.title.startswith("simulated images: RANDOM split")
    assert training.notes == ()


def split_by_patient(table):
    """The last patient of each class is the test side."""
    last = table.groupby("label")["group"].transform("max")
    return np.where(table["group"] == last, "Test", "train")


def test_test_rows_are_kept_apart_and_scored_once(classifier, altered):
    manifest = altered(split=split_by_patient)
    data = load_dataset(manifest)
    training = train(classifier, data, n_folds=3)
    assert len(training.dataset) == 18
    assert training.crossval.scores.n_images == 18
    expected = "simulated images: held-out: 6 images, 2 groups (column 'group'), split "
    assert training.test.title.startswith(expected)
    assert training.test.seen == 0
    rows = data.splits == "test"
    alone = clone(classifier).fit(
        [image for image, test in zip(data.images, rows, strict=True) if not test],
        data.labels[~rows],
    )
    tested = [image for image, test in zip(data.images, rows, strict=True) if test]
    np.testing.assert_array_equal(
        training.test.predictions["margin_stone"], alone.decision_function(tested)
    )
    assert training.to_dict()["test"]["n_images"] == 6


def test_a_split_through_a_patient_is_named(classifier, altered):
    manifest = altered(split=lambda table: np.where(table["slice"] == 2, "test", "train"))
    training = train(classifier, load_dataset(manifest), n_folds=3)
    expected = (
        "LEAK: 8 groups stand on both sides of the given split (such as patient_000): "
        "its test score is not a result"
    )
    assert expected in training.audit.findings()
    assert training.test.title.startswith("simulated images: NOT A TEST: 8 groups")
    assert training.summary()["test"]["groups_on_both_sides"] == 8


def test_families_that_the_images_do_not_allow_are_noted(classifier, stones):
    classifier.set_params(extractor=FeatureExtractor())
    training = train(classifier, stones, n_folds=2)
    assert list(classifier.extractor_.left_out_) == ["hounsfield", "dual_energy"]
    told = "families hounsfield, dual_energy left out: it needs an image in HU"
    assert training.notes[0].startswith(told)


@pytest.fixture
def spoilt(altered):
    """A text named .png, an empty file and an image cut short, with the covariate to match."""
    manifest = altered(sex=["divers", *["f", "m"] * 11, "unknown"])
    paths = [manifest.parent / path for path in pd.read_csv(manifest)["path"]]
    paths[0].write_text("no image")
    paths[5].write_bytes(b"")
    paths[23].write_bytes(paths[23].read_bytes()[:200])
    return manifest, [0, 5, 23]


def test_the_first_image_that_cannot_be_used_stops_it(classifier, spoilt):
    manifest, _ = spoilt
    with pytest.raises(InputError, match=r"patient_000_00\.png: "):
        train(classifier, load_dataset(manifest), n_folds=4)


def test_skipping_is_training_on_the_clean_subset(classifier, spoilt):
    manifest, places = spoilt
    data = load_dataset(manifest, covariates=["sex"])
    training = train(classifier, data, n_folds=4, on_error="skip")
    assert list(training.skipped) == [data.keys[place] for place in places]
    for key, reason in training.skipped.items():
        assert reason.startswith(f"{key}: ")
    subset = data.select(np.setdiff1d(np.arange(24), places))
    clean = train(clone(classifier), subset, n_folds=4)
    assert clean.skipped == {}
    pd.testing.assert_frame_equal(training.table, clean.table)
    np.testing.assert_array_equal(training.crossval.margins, clean.crossval.margins)
    assert training.crossval.title == clean.crossval.title
    assert training.to_dict()["skipped"] == training.skipped


def test_nothing_usable_is_an_error(classifier, altered):
    manifest = altered()
    for path in pd.read_csv(manifest)["path"]:
        (manifest.parent / path).write_text("no image")
    with pytest.raises(InputError, match=r"patient_000_00\.png"):
        train(classifier, load_dataset(manifest), on_error="skip")


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({}, {"n_folds": 9}, "8 groups for 9 folds"),
        ({"label": "stone"}, {}, "one class only .'stone'."),
        ({"group": "one"}, {}, "1 groups for 5 folds"),
        (
            {"split": ["test"] * 3 + ["train"] * 21, "label": ["odd"] * 3 + ["a", "b", "a"] * 7},
            {},
            "class 'odd' is unknown to the model; it knows a, b; correct the label",
        ),
    ],
)
def test_what_cannot_be_judged_is_told_before_the_long_work(
    classifier, altered, columns, options, message, monkeypatch
):
    monkeypatch.setattr(
        training_module, "describe_dataset", lambda *_, **__: pytest.fail("described")
    )
    with pytest.raises(InputError, match=message):
        train(classifier, load_dataset(altered(**columns)), **options)


def test_a_search_is_nested_and_its_best_is_kept(classifier, stones):
    training = train(classifier, stones, n_folds=2, search="grid")
    assert classifier.model_.C in (0.001, 0.01, 0.1, 1.0)
    assert training.to_dict()["model"]["params"]["C"] == classifier.model_.C
    assert training.summary()["model"]["search"] == "grid"


def test_a_model_file_keeps_numbers_and_hashes_but_no_names(classifier, spoilt, tmp_path):
    manifest, _ = spoilt
    table = pd.read_csv(manifest)
    table["split"] = np.where(table["slice"] == 1, "test", "train")
    table.to_csv(manifest, index=False)
    training = train(classifier, load_dataset(manifest), n_folds=3, on_error="skip")
    assert "patient_000" in json.dumps(training.to_dict())
    summary = training.summary()
    assert "patient" not in json.dumps(summary)
    assert summary["skipped"] + summary["test"]["skipped"] == 3
    path = save_model(classifier, tmp_path / "model.ksf", training=summary)
    loaded = load_model(path)
    assert loaded.training_ == json.loads(json.dumps(summary))
    assert len(loaded.image_digests_) == len(training.dataset)
