"""What is seen in an image becomes columns; what is learnt is learnt from other groups alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from spotted import spotted

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.candidate_storage import pack_cells, unpack_cells
from ksfeat.models.detector import StoneDetector
from ksfeat.models.linear import LinearClassifier
from ksfeat.models.staged import StagedClassifier
from ksfeat.models.stone_candidates import CANDIDATES, StoneCandidates, without_candidates
from ksfeat.models.stone_features import StoneFeatures
from ksfeat.models.svm import SVMClassifier
from ksfeat.models.tuning import tune

QUICK = {"copies": 0, "n_estimators": 20, "most": 20}


def slices(n=32, boxes=True, spacing=None):
    """Return slices of which every second one holds a bright spot of 2 to 4 pixels' radius."""
    images, labels = [], []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        stone = seed % 2 == 1
        place = (rng.integers(20, 60) + 0.5, rng.integers(24, 60) + 0.5, float(rng.integers(2, 5)))
        image = spotted([place] if stone else [], seed)
        drawn = image.boxes if boxes else None
        images.append(StoneImage(image.pixels, boxes=drawn, spacing_mm=spacing))
        labels.append("stone" if stone else "nostone")
    return images, np.array(labels)


def named(features, rows):
    return pd.DataFrame(rows, columns=features.get_feature_names_out())


@pytest.fixture(scope="module")
def fitted():
    images, labels = slices()
    features = StoneFeatures(**QUICK)
    return features, named(features, features.fit_transform(images, labels)), images, labels


def test_an_image_with_a_stone_has_one_and_its_size_is_told(fitted):
    features, _, images, labels = fitted
    table = named(features, features.transform(images))
    stone = labels == "stone"
    assert table.shape[1] == features.n_features_out_
    assert (table["stones_count"][stone] >= 1).all()
    assert (table["stones_count"][~stone] == 0).all()
    assert table["stones_diameter_px"][~stone].isna().all()
    drawn = np.array([box[2] - box[0] for image in images for box in image.boxes], dtype=float)
    told = table["stones_diameter_px"][stone].to_numpy()
    assert np.abs(told - drawn).max() < 0.5 * drawn.max()
    assert np.corrcoef(told, drawn)[0, 1] > 0.9
    assert table["stones_burden_mm2"].isna().all()  # no spacing is known


def test_spacing_turns_pixels_into_millimetres():
    images, labels = slices(spacing=(0.5, 0.5))
    features = StoneFeatures(**QUICK).fit(images, labels)
    table = named(features, features.transform(images))[labels == "stone"]
    half = 0.5 * table["stones_diameter_px"]
    np.testing.assert_allclose(table["stones_diameter_mm"], half)
    np.testing.assert_allclose(table["stones_burden_mm2"], 0.25 * table["stones_burden_px2"])


def test_training_rows_are_scored_by_detectors_that_did_not_see_their_group(fitted, monkeypatch):
    """Labels that say nothing: margins of a detector that saw the images would agree with them."""
    images, _ = slices(48, boxes=False)
    nothing = np.random.default_rng(0).permutation(np.arange(48) % 2)
    features = StoneFeatures(**QUICK, supervision="labels")
    within = named(features, features.fit_transform(images, nothing))["stones_margin_1"]
    after = named(features, features.transform(images))["stones_margin_1"]
    gaps = [m[nothing == 1].mean() - m[nothing == 0].mean() for m in (within, after)]
    assert gaps[0] < 0.5 * gaps[1]


def test_groups_are_kept_together_inside(monkeypatch):
    images, labels = slices(16)
    seen = []

    def fit_proposed(self, proposed, y, groups):
        seen.append(groups)
        return original(self, proposed, y, groups)

    original = StoneDetector.fit_proposed
    monkeypatch.setattr(StoneDetector, "fit_proposed", fit_proposed)
    groups = np.arange(16) // 2
    StoneFeatures(**QUICK).fit(images, labels, groups)
    assert seen[0] is groups


@pytest.mark.parametrize(
    ("boxes", "labels", "expected"),
    [(True, "ab", "boxes"), (False, "ab", "labels"), (False, "abc", "prominence")],
)
def test_it_learns_from_the_best_that_there_is(boxes, labels, expected):
    images, _ = slices(18, boxes)
    y = np.array([labels[i % len(labels)] for i in range(18)])
    assert StoneFeatures(**QUICK).fit(images, y).detector_.supervision_ == expected


def test_masks_of_kidneys_are_not_taken_for_stones():
    """What is marked in an image without a stone is none."""
    images, labels = slices(18)
    kidney = np.ones(images[0].shape, dtype=bool)
    marked = []
    for image in images:
        pixels = np.array(image.pixels)
        pixels[70:73, 80:83] = 220  # something bright in each, in the kidney
        marked.append(image.with_(pixels=pixels, boxes=None, mask=kidney))
    assert StoneFeatures(**QUICK).fit(marked, labels).detector_.supervision_ == "labels"
    types = np.where(labels == "stone", "uric acid", "cystine")  # neither is without
    assert StoneFeatures(**QUICK).fit(images, types).detector_.supervision_ == "boxes"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"top": 0}, "top 0; expected a whole number from 1 to 10"),
        ({"most": 0}, "most 0"),
        ({"copies": -1}, "copies -1"),
        ({"supervision": "guess"}, "'guess'; expected one of"),
    ],
)
def test_parameters_are_judged_before_an_image_is_read(parameters, message):
    with pytest.raises(InputError, match=message):
        StoneFeatures(**parameters).fit([None], [0])


def test_no_marked_stone_at_all_is_said():
    images, _ = slices(8)
    bare = [image.with_(boxes=np.zeros((0, 4))) for image in images]
    with pytest.raises(InputError, match="no stone is marked on any of 8 images"):
        StoneFeatures(**QUICK).fit(bare)


def table_of(images, **more):
    extractor = StoneCandidates(StoneFeatures(**QUICK))
    cells = pd.DataFrame(extractor.fit_transform(images), columns=[CANDIDATES])
    return cells.assign(**more)


def test_the_second_stage_sees_numbers_beside_what_the_first_has_seen():
    images, labels = slices()
    table = table_of(images, size=np.arange(32.0))
    staged = StagedClassifier(SVMClassifier(), StoneFeatures(**QUICK)).fit(table, labels)
    seen = staged.seen(table)
    assert list(seen.columns[:2]) == ["size", "stones_margin"]
    assert (staged.predict(table) == labels).mean() > 0.9
    np.testing.assert_array_equal(
        staged.decision_function(table), staged.model_.decision_function(seen)
    )
    with pytest.raises(InputError, match="without the column 'stone_candidates'"):
        staged.predict(without_candidates(table))


def test_a_fold_learns_nothing_from_its_test_images():
    """Boxes of test images are looked at by nobody: without them, the same is said."""
    images, labels = slices(24)
    table = table_of(images)
    hidden = [image.with_(boxes=np.zeros((0, 4))) for image in images[16:]]
    bare = table_of([*images[:16], *hidden])
    said = []
    for given in (table, bare):
        model = StagedClassifier(XGBoostClassifier(n_estimators=10), StoneFeatures(**QUICK))
        model.fit(given[:16], labels[:16])
        said.append(model.decision_function(given[16:]))
    np.testing.assert_array_equal(*said)


def test_augmented_images_have_no_copies_and_train_all_the_same():
    images, labels = slices(16)
    stage = StoneFeatures(**{**QUICK, "copies": 2})
    extractor = StoneCandidates(stage)
    with_copies = [cell for (cell,) in extractor.fit_transform(images)]
    alone = [cell for (cell,) in extractor.transform(images)]
    mixed = clone(stage).fit_cells([*with_copies, *alone], np.tile(labels, 2), None)
    plain = clone(stage).fit_cells([*alone, *alone], np.tile(labels, 2), None)
    np.testing.assert_array_equal(mixed, plain)
    assert len(mixed) == 32


def test_candidates_are_stored_as_numbers_and_come_back():
    images, _ = slices(4)
    images[1] = images[1].with_(boxes=None, spacing_mm=(0.7, 0.7))
    stage = StoneFeatures(**{**QUICK, "copies": 2})
    cells = [cell for (cell,) in StoneCandidates(stage).fit_transform(images)]
    packed = pack_cells(cells)
    assert all(values.dtype != object for values in packed.values())
    for cell, again in zip(cells, unpack_cells(packed), strict=True):
        assert len(cell) == len(again) == 3
        for one, other in zip(cell, again, strict=True):
            for before, after in zip(one, other, strict=True):
                assert (before is None) == (after is None)
                np.testing.assert_array_equal(before, after)


def test_copies_are_made_in_training_alone_and_clones_agree():
    images, _ = slices(4)
    extractor = StoneCandidates(StoneFeatures(**{**QUICK, "copies": 2}))
    assert [len(cell) for (cell,) in extractor.fit_transform(images)] == [3] * 4
    assert [len(cell) for (cell,) in extractor.transform(images)] == [1] * 4
    again = clone(extractor).fit_transform(images)[0, 0]
    np.testing.assert_array_equal(again[2].table, extractor.fit_transform(images)[0, 0][2].table)


def test_a_volume_is_refused_by_name():
    volume = StoneImage(np.zeros((3, 20, 20)) + np.eye(20), unit="HU", volume=True, key="v.nii")
    with pytest.raises(InputError, match=r"v\.nii: a volume; expected one slice"):
        StoneCandidates().fit_transform([volume])


def test_a_search_tunes_the_second_stage_by_group():
    images, labels = slices(18)
    staged = StagedClassifier(LinearClassifier(), StoneFeatures(**{**QUICK, "n_estimators": 5}))
    tuned = tune(staged, table_of(images), labels, np.arange(18) // 2, search="grid")
    assert isinstance(tuned, StagedClassifier)
    assert tuned.model.C in (0.001, 0.01, 0.1, 1.0)
    assert (tuned.predict(table_of(images)) == labels).mean() > 0.8
