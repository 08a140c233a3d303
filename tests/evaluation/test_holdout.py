"""`evaluate`: scores of a fitted model, and how many of the images it was fitted on."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.exceptions import NotFittedError

from ksfeat import InputError, load_dataset, load_model, save_model
from ksfeat.evaluation import evaluate, train
from ksfeat.metrics import score_predictions


@pytest.fixture
def halves(stones):
    """Four patients to fit and four to judge, two of each class."""
    patients = np.unique(stones.groups)
    of_class = dict(zip(stones.groups, stones.labels, strict=True))
    fitted = [g for name in stones.classes for g in patients if of_class[g] == name][::2]
    rows = np.isin(stones.groups, fitted)
    return stones.select(rows), stones.select(~rows)


def test_scores_are_those_of_the_margins_by_group(classifier, halves):
    first, second = halves
    classifier.fit(first.images, first.labels)
    found = evaluate(classifier, second, random_state=3)
    margins = classifier.decision_function(second.images)
    expected = score_predictions(
        second.labels, margins, second.classes, groups=second.groups, random_state=3
    )
    told = found.to_dict()
    certainty, details = told.pop("certainty"), told.pop("details")
    assert certainty["coverage"] is None  # a model without conformal sets
    assert list(details["decision_curve"]) == ["stone"]
    assert told == {
        "title": "simulated images: held-out: 12 images, 4 groups (column 'group'), "
        f"split {found.split}",
        "simulated": True,
        "split": {"hash": found.split, "grouping": "column 'group'"},
        "seen_in_training": 0,
        "groups_on_both_sides": [],
        "skipped": {},
        "unlike_training": 0,
        **expected.to_dict(),
    }
    table = found.predictions
    assert list(table.columns) == ["path", "label", "group", "predicted", "margin_stone"]
    assert table["path"].tolist() == second.keys
    assert table["predicted"].tolist() == classifier.predict(second.images).tolist()
    np.testing.assert_array_equal(table["margin_stone"], margins)


def test_images_of_the_training_set_are_counted_and_named_first(classifier, halves, tmp_path):
    first, second = halves
    training = train(classifier, first, n_folds=2)
    path = save_model(classifier, tmp_path / "model.ksf", training=training.summary())
    loaded = load_model(path)
    both = load_dataset(first.root / "manifest.csv")
    found = evaluate(loaded, both)
    assert found.seen == found.to_dict()["seen_in_training"] == 12
    expected = "NOT A TEST: 12 of 24 images were in the training set; 24 images, 8 groups"
    assert found.title.startswith(f"simulated images: {expected}")
    assert evaluate(loaded, second).seen == 0
    assert evaluate(classifier, both).seen == 12  # before it was saved, too


def test_a_copy_under_another_name_is_seen_too(classifier, stones, altered, tmp_path):
    training = train(classifier, stones, n_folds=2)
    path = save_model(classifier, tmp_path / "model.ksf", training=training.summary())
    manifest = altered()
    table = pd.read_csv(manifest)
    renamed = [f"images/copy {number}.png" for number in range(24)]
    for old, new in zip(table["path"], renamed, strict=True):
        (manifest.parent / old).rename(manifest.parent / new)
    table.assign(path=renamed).to_csv(manifest, index=False)
    assert evaluate(load_model(path), load_dataset(manifest)).seen == 24


def test_where_no_group_is_known_proxies_are_drawn(classifier, stones, altered):
    classifier.fit(stones.images, stones.labels)
    manifest = altered()
    pd.read_csv(manifest).drop(columns="group").to_csv(manifest, index=False)
    found = evaluate(classifier, load_dataset(manifest))
    assert found.grouping.kind == "proxy"
    assert found.scores.n_units < 24
    assert "proxy groups (found from the pixels, no patients)" in found.title
    assert "scores may be optimistic" in found.scores.caution
    random = evaluate(classifier, load_dataset(manifest, groups="none"))
    assert random.scores.n_units == 24
    assert "group" not in random.predictions
    assert "group" not in random.title
    assert random.to_dict()["bootstrap"] == {"unit": "image", "n_units": 24}


@pytest.mark.filterwarnings("ignore:.*unlike the training set")
def test_the_pixels_are_known_again_in_another_format_and_crop(classifier, stones, tmp_path):
    classifier.fit(stones.images, stones.labels)
    for place, source in enumerate(stones.images):
        Image.fromarray(source.read().pixels).save(tmp_path / f"{place}.bmp")
    table = pd.DataFrame({"path": [f"{place}.bmp" for place in range(24)], "label": stones.labels})
    table["group"] = stones.groups
    table[["x0", "y0", "x1", "y1"]] = [0, 0, 40, 40]
    table.to_csv(tmp_path / "other.csv", index=False)
    assert evaluate(classifier, load_dataset(tmp_path / "other.csv")).seen == 24


def test_a_leaking_split_is_no_test(classifier, stones, altered):
    """Named by the groups of both sides, or by proxies where there is no group column."""
    manifest = altered(split=lambda table: np.where(table["slice"] == 2, "test", "train"))
    table = pd.read_csv(manifest)
    rows = (table["split"] == "train").to_numpy()
    classifier.fit(
        [image for image, fits in zip(stones.images, rows, strict=True) if fits],
        stones.labels[rows],
    )
    found = evaluate(classifier, load_dataset(manifest))
    assert found.seen == 0
    assert len(found.leaking) == 8
    assert found.title.startswith(
        "simulated images: NOT A TEST: 8 groups (such as patient_000) stand on both sides"
    )
    assert found.to_dict()["groups_on_both_sides"] == list(found.leaking)
    table.drop(columns="group").to_csv(manifest, index=False)
    assert evaluate(classifier, load_dataset(manifest)).title.startswith(
        "simulated images: NOT A TEST: "
    )


def test_many_classes_have_a_margin_each(classifier, types):
    classifier.fit(types.images, types.labels)
    table = evaluate(classifier, types).predictions
    margins = [f"margin_{name}" for name in types.classes]
    assert list(table.columns)[-5:] == margins
    best = np.array(types.classes)[table[margins].to_numpy().argmax(axis=1)]
    assert table["predicted"].tolist() == best.tolist()


def test_classes_that_are_not_there_have_no_recall(classifier, types):
    classifier.fit(types.images, types.labels)
    two = types.select(np.isin(types.labels, types.classes[:2]))
    plain = json.loads(json.dumps(evaluate(classifier, two).to_dict(), allow_nan=False))
    missing = [score["value"] for score in plain["scores"] if score["name"] == "recall"]
    assert missing[2:] == [None] * 3
    assert None not in missing[:2]


def test_images_that_cannot_be_used_are_skipped_when_asked(classifier, stones, altered):
    classifier.fit(stones.images, stones.labels)
    manifest = altered()
    data = load_dataset(manifest)
    data.images[4].path.write_text("no image")
    with pytest.raises(InputError, match=r"patient_001_01\.png"):
        evaluate(classifier, data)
    found = evaluate(classifier, data, on_error="skip")
    assert list(found.skipped) == [data.keys[4]]
    assert found.scores.n_images == len(found.predictions) == 23
    for image in data.images:
        image.path.write_text("no image")
    with pytest.raises(InputError, match=r"no image can be used; the first: .*patient_000_00\.png"):
        evaluate(classifier, data, on_error="skip")


def test_what_cannot_be_judged_is_refused(classifier, stones, types, stone_data):
    with pytest.raises(NotFittedError):
        evaluate(classifier, stones)
    classifier.fit(stones.images, stones.labels)
    with pytest.raises(InputError, match=r"class 'calcium_oxalate' is unknown .*correct the label"):
        evaluate(classifier, types)
    unlabelled = load_dataset(stone_data.parent / "images", labelled=False)
    with pytest.raises(InputError, match="images without labels; expected one class an image"):
        evaluate(classifier, unlabelled)


def test_a_score_of_images_that_were_taken_does_not_say_simulated(classifier, halves, altered):
    classifier.fit(halves[0].images, halves[0].labels)
    found = evaluate(classifier, load_dataset(altered(simulated="no")))
    assert found.title.startswith("NOT A TEST: 12 of 24")
    assert found.to_dict()["simulated"] is False
