"""Augmented copies train where their original does, are never tested, and are counted nowhere."""

from functools import wraps

import numpy as np
import pandas as pd
import pytest

from ksfeat import FeatureExtractor, InputError, StoneClassifier, load_dataset
from ksfeat.evaluation import description, train
from ksfeat.models import tuning
from ksfeat.models.linear import LinearClassifier
from ksfeat.roi import Augmenter
from ksfeat.roi.augment import AugmentedSource

COPIES = 2


@pytest.fixture(params=["column", "none"])
def data(request, stone_data):
    """24 slices of 8 patients, split by patient, or at random because that is asked for."""
    return load_dataset(stone_data, groups=None if request.param == "column" else "none")


@pytest.fixture
def used(monkeypatch):
    """The rows of every fit and of every prediction, in order, as bytes."""
    seen = []

    def spy(name):
        method = getattr(LinearClassifier, name)

        @wraps(method)
        def spied(self, X, *labels, **options):
            rows = [row.tobytes() for row in np.asarray(X, dtype=float)]
            seen.append((name, rows, *map(list, labels)))
            return method(self, X, *labels, **options)

        monkeypatch.setattr(LinearClassifier, name, spied)

    for name in ("fit", "predict", "decision_function"):
        spy(name)
    monkeypatch.setitem(tuning.GRIDS, LinearClassifier, {"C": [0.1, 1.0]})
    monkeypatch.setattr(tuning, "N_RANDOM", 2)
    return seen


def known_rows(data, augmenter):
    """Which image, and whether a copy of it, each row of features describes; made by hand."""
    extractor = FeatureExtractor("first_order").fit(data.images)
    rows = {}
    for number, source in enumerate(data.images):
        image = source.read().with_(key=source.key)
        for row, is_copy in zip(
            extractor.transform([image, *augmenter.copies_of(image)]),
            [False, True, True],
            strict=True,
        ):
            rows[row.tobytes()] = (number, is_copy)
    assert len(rows) == len(data) * (1 + augmenter.copies)
    return rows


@pytest.mark.parametrize(("search", "fits"), [(None, 13), ("grid", 37), ("random", 37)])
def test_no_copy_of_a_test_image_ever_trains(classifier, data, used, search, fits):
    """In the outer folds, in those of each search and of calibration: of what is predicted after a
    fit, the fit has seen neither original nor copy nor anything of its group, and nothing predicted
    is a copy.
    """
    rows = known_rows(data, Augmenter(copies=COPIES, random_state=4))
    groups = np.arange(len(data)) if data.groups is None else data.groups
    train(classifier, data, n_folds=3, search=search, augment=COPIES, random_state=4)
    assert [name for name, *_ in used].count("fit") == fits
    trained = set()
    for name, seen, *labels in used:
        numbers, copies = zip(*(rows[row] for row in seen), strict=True)
        if name == "fit":
            trained = {groups[number] for number in numbers}
            # Each image trains with all of its copies, under its own label.
            counts = np.bincount(numbers, minlength=len(data))
            assert set(counts) <= {0, 1 + COPIES}
            assert sum(copies) == COPIES * (len(seen) // (1 + COPIES))
            assert labels[0] == [data.labels[number] for number in numbers]
        else:
            assert not any(copies)
            assert not trained & {groups[number] for number in numbers}
    assert len(used[-1][1]) == len(data) * (1 + COPIES)


def test_the_model_of_everything_is_fitted_to_all_copies(classifier, data, used):
    training = train(classifier, data, n_folds=2, augment=COPIES)
    assert used[-1][0] == "fit"
    assert len(used[-1][1]) == 24 * (1 + COPIES)
    plain = StoneClassifier(FeatureExtractor("first_order"), "linear")
    without = train(plain, data, n_folds=2)
    assert len(used[-1][1]) == 24
    assert training.crossval.split.hash == without.crossval.split.hash
    assert not np.allclose(training.crossval.margins, without.crossval.margins)
    pd.testing.assert_frame_equal(training.table, without.table)


def test_counts_are_of_originals(classifier, stone_data):
    training = train(classifier, load_dataset(stone_data), n_folds=2, augment=COPIES)
    plain = training.to_dict()
    assert plain["n_images"] == len(training.table) == 24
    assert sum(plain["class_counts"].values()) == 24
    assert np.sum(plain["cross_validation"]["confusion"]) == 24
    assert len(classifier.image_digests_) == 24
    assert plain["augmentation"] == {
        "rotation_deg": 10.0,
        "scale": 0.1,
        "flip": True,
        "intensity": 0.1,
        "noise": 0.02,
        "copies": COPIES,
        "random_state": 0,
    }


@pytest.mark.usefixtures("used")
def test_each_copy_is_described_once(classifier, stone_data, monkeypatch):
    read = []
    method = AugmentedSource.read
    monkeypatch.setattr(AugmentedSource, "read", lambda self: read.append(self.key) or method(self))
    data = load_dataset(stone_data)
    train(classifier, data, n_folds=3, search="random", augment=COPIES)
    assert read == [f"{key} (copy {copy})" for key in data.keys for copy in (1, 2)]


def test_the_test_rows_of_a_given_split_have_no_copies(classifier, altered, monkeypatch):
    split = np.repeat(["train", "test"], [18, 6])
    made = []
    method = AugmentedSource.of
    monkeypatch.setattr(
        AugmentedSource, "of", lambda *args: made.append(args[0].key) or method(*args)
    )
    data = load_dataset(altered(split=split))
    training = train(classifier, data, n_folds=2, augment=COPIES)
    assert set(made) == set(data.part("train").keys)
    assert training.test.scores.n_images == 6


def test_the_same_seed_gives_the_same_margins_in_any_number_of_processes(stone_data):
    data = load_dataset(stone_data)
    one, two = (
        train(
            StoneClassifier(FeatureExtractor("first_order", n_jobs=jobs), "linear"),
            data,
            n_folds=3,
            augment=1,
        )
        for jobs in (1, 2)
    )
    np.testing.assert_array_equal(one.crossval.margins, two.crossval.margins)


def test_an_augmenter_says_how(classifier, stone_data):
    how = Augmenter(rotation_deg=45, copies=1, random_state=9)
    training = train(classifier, load_dataset(stone_data), n_folds=2, augment=how, random_state=1)
    assert training.augmenter is how


def test_copies_share_the_covariates_of_their_original(classifier, altered, used):
    ages = np.repeat(np.arange(40, 72, 4), 3)
    data = load_dataset(altered(age=ages), covariates=("age",))
    train(classifier, data, n_folds=2, augment=1)
    last = np.array([np.frombuffer(row) for row in used[-1][1]])
    np.testing.assert_array_equal(last[:24, -1], ages)
    np.testing.assert_array_equal(last[24:, -1], ages)
    assert not (last[:24, :-1] == last[24:, :-1]).all(axis=1).any()


def spoilt(monkeypatch, name):
    """Make one copy of one image unusable."""
    method = AugmentedSource.read

    def read(self):
        if self.key == name:
            raise InputError(f"{self.key}: spoilt")
        return method(self)

    monkeypatch.setattr(AugmentedSource, "read", read)


def test_a_copy_that_cannot_be_used_stops_or_is_left_out(classifier, stone_data, used, monkeypatch):
    data = load_dataset(stone_data)
    key = f"{data.keys[3]} (copy 2)"
    spoilt(monkeypatch, key)
    with pytest.raises(InputError, match=r"\(copy 2\): spoilt"):
        train(classifier, data, n_folds=2, augment=COPIES)
    training = train(classifier, data, n_folds=2, augment=COPIES, on_error="skip")
    assert len(used[-1][1]) == 24 * 3 - 1
    assert training.skipped == {}
    assert f"1 augmented copies left out; the first: {key}: spoilt" in training.notes


def test_an_image_that_is_skipped_has_no_copies(classifier, altered, used):
    manifest = altered()
    broken = load_dataset(manifest).images[5].path
    broken.write_bytes(b"no image")
    training = train(classifier, load_dataset(manifest), n_folds=2, augment=COPIES, on_error="skip")
    assert len(training.dataset) == 23
    assert len(used[-1][1]) == 23 * 3


def test_what_is_missing_in_a_copy_alone_was_seen_in_training(classifier, stone_data, monkeypatch):
    """Or `predict` would warn of what the model has learnt from."""
    describe = description.describe_copies

    def with_gap(*args, **options):
        copies = describe(*args, **options)
        copies.table.iloc[0, 2] = np.nan
        return copies

    monkeypatch.setattr("ksfeat.evaluation.training.describe_copies", with_gap)
    training = train(classifier, load_dataset(stone_data), n_folds=2, augment=1)
    assert classifier.nan_seen_ == [training.table.columns[2]]


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        (-1, "augment -1; expected a whole number from 0 to 100"),
        (1.5, "augment 1.5; expected a whole number"),
        (101, "augment 101; expected a whole number from 0 to 100"),
    ],
)
def test_a_number_of_copies_that_cannot_be_made_is_refused(classifier, data, augment, message):
    with pytest.raises(InputError, match=message):
        train(classifier, data, augment=augment)


def test_inner_folds_give_copies_to_the_side_of_their_original():
    labels = np.array(["a", "b"] * 6 + ["a", "b"])
    copy_of = np.array([*range(12), 0, 1])
    for groups in (None, np.array([*"aabbccddeeff", "a", "a"])):
        folds = tuning._inner_folds(labels, groups, copy_of, 0)
        np.testing.assert_array_equal(
            np.sort(np.concatenate([test for _, test in folds])), np.arange(12)
        )
        for training, test in folds:
            assert not set(copy_of[training]) & set(test)
            assert set(training) == {row for row in range(14) if copy_of[row] not in test}
