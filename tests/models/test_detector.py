"""The detector learns what a stone is from boxes, masks or labels, and says where it is."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from spotted import disc, spotted

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.models.candidate_table import Proposing, propose_all
from ksfeat.models.detections import not_suppressed
from ksfeat.models.detector import StoneDetector
from ksfeat.models.instances import best_of, choose_instances, crossfitted

QUICK = {"copies": 0, "n_estimators": 30, "most": 20}


def slices(n=36, boxes=True):
    """Return slices with one look-alike each (large), half of them with a stone (small), too."""
    images, labels = [], []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        stone = seed % 2 == 1
        place = (rng.integers(20, 60) + 0.5, rng.integers(24, 40) + 0.5, 2.0)
        image = spotted([place] if stone else [], seed)
        pixels = np.array(image.pixels)
        disc(pixels, rng.integers(20, 60), rng.integers(60, 80), 6.0, 230)
        images.append(StoneImage(pixels, boxes=image.boxes if boxes else None))
        labels.append("stone" if stone else "nostone")
    return images, np.array(labels)


@pytest.fixture(scope="module")
def from_boxes():
    images, labels = slices()
    groups = np.arange(len(images)) // 4
    return StoneDetector(**QUICK).fit(images, labels, groups)


def hit(detections, box):
    x, y = detections.centres[0]
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def test_from_boxes_the_stone_is_first_and_scores_higher_than_the_look_alike(from_boxes):
    images, labels = slices(60)
    found = from_boxes.predict(images[37::2])
    assert from_boxes.supervision_ == "boxes"
    assert all(hit(one, image.boxes[0]) for one, image in zip(found, images[37::2], strict=True))
    assert roc_auc_score(labels == "stone", from_boxes.decision_function(images)) > 0.95


def test_from_labels_alone_it_finds_the_same_stones():
    images, labels = slices(80, boxes=False)
    groups = np.arange(len(images)) // 4
    detector = StoneDetector(**QUICK, turns=4).fit(images, labels, groups)
    known, _ = slices(120)
    found = detector.predict(known[81::2])
    assert detector.supervision_ == "labels"
    hits = [hit(one, image.boxes[0]) for one, image in zip(found, known[81::2], strict=True)]
    assert np.mean(hits) >= 0.9


def test_a_mask_serves_as_boxes_do(from_boxes):
    images, labels = slices()
    masked = []
    for image in images:
        mask = np.zeros(image.shape, bool)
        for x0, y0, x1, y1 in image.boxes.astype(int):
            mask[y0:y1, x0:x1] = True
        masked.append(image.with_(boxes=None, mask=mask))
    detector = StoneDetector(**QUICK).fit(masked, labels, np.arange(len(images)) // 4)
    assert detector.supervision_ == "boxes"
    assert detector.decision_function(images) == pytest.approx(
        from_boxes.decision_function(images), abs=1.0
    )


def test_copies_are_varied_and_take_their_boxes_along():
    images, _ = slices(4)
    found = propose_all(images, Proposing(20, False, copies=3))
    assert len(found) == 16
    column = Proposing(20, False).columns.index("stones_mean")
    for at in (4, 12):  # the two with a stone
        levels = [view.table[view.is_stone, column].max() for view in found[at : at + 2]]
        assert levels == pytest.approx([110, 110], abs=5)
    assert not np.concatenate([view.is_stone for view in found[:4]]).any()
    assert not np.array_equal(found[4].table, found[6].table)


def test_detections_are_calibrated_ordered_and_measured_in_mm(from_boxes):
    image = spotted([(40.5, 30.5, 2.0)]).with_(spacing_mm=(0.85, 0.85))
    found = from_boxes.predict([image])[0]
    assert (np.diff(found.scores) <= 0).all()
    assert ((found.scores >= 0) & (found.scores <= 1)).all()
    assert found.diameters_mm[0] == pytest.approx(4 * 0.85, rel=0.2)
    assert found.boxes[0] == pytest.approx([38.5, 28.5, 42.5, 32.5], abs=1.1)
    assert len(found.above(0.5)) <= len(found)
    assert from_boxes.predict([image.with_(spacing_mm=None)])[0].diameters_mm is None


def test_slices_that_all_hold_a_stone_can_be_learnt_from():
    images, _ = slices()
    detector = StoneDetector(**QUICK).fit(images[1::2], groups=np.arange(18) // 3)
    assert hit(detector.predict(images[1:2])[0], images[1].boxes[0])


def test_an_image_without_any_candidate_has_a_low_score(from_boxes):
    flat = StoneImage(np.full((40, 40), 9, np.uint8))
    assert len(from_boxes.predict([flat])[0]) == 0
    assert from_boxes.predict_proba([flat])[0, 1] < 0.5


def test_the_same_seed_gives_the_same_scores_and_clone_keeps_parameters(from_boxes):
    images, labels = slices()
    again = clone(from_boxes).fit(images, labels, np.arange(len(images)) // 4)
    scores = [detector.decision_function(images[:6]).tolist() for detector in (from_boxes, again)]
    assert scores[0] == scores[1]


@pytest.mark.parametrize(
    ("parameters", "labels", "boxes", "message"),
    [
        ({}, None, False, "neither boxes nor labels"),
        ({"supervision": "boxes"}, None, False, "boxes or masks on 0 of 8 images"),
        ({"supervision": "guess"}, None, True, "'guess'; expected one of auto, boxes, labels"),
        ({}, ["a", "b"], True, "2 labels for 8 images"),
        ({}, list("abcdabcd"), True, "4 classes; expected two"),
    ],
)
def test_what_cannot_be_learnt_from_is_named(parameters, labels, boxes, message):
    images, _ = slices(8, boxes)
    with pytest.raises(InputError, match=message):
        StoneDetector(**QUICK, **parameters).fit(images, labels)


def test_suppression_keeps_the_highest_of_each_neighbourhood():
    centres = np.array([[0, 0], [3, 0], [6, 0]], dtype=float)
    assert not_suppressed(centres, np.array([0.5, 0.9, 0.4]), 4.0).tolist() == [1]
    assert not_suppressed(centres, np.array([0.9, 0.5, 0.4]), 4.0).tolist() == [0, 2]


def test_best_of_takes_the_first_of_equals_and_at_most_so_many():
    image, score = np.array([1, 1, 1, 0]), np.array([0.5, 0.5, 0.1, 0.0])
    assert best_of(image, score).tolist() == [True, False, False, True]
    assert best_of(image, score, 2).tolist() == [True, True, False, True]


class Centroid:
    """Scores a row by its first column; remembers what it was fitted to."""

    def __init__(self):
        self.seen = []

    def __call__(self, table, truth, weight):
        self.seen.append(table[:, 0].copy())
        return


def test_crossfitting_never_shows_a_fold_its_own_rows(monkeypatch):
    fit = Centroid()
    monkeypatch.setattr("ksfeat.models.instances.margins", lambda booster, table: table[:, 0])
    table, fold = np.arange(6.0)[:, None], np.array([0, 0, 1, 1, 2, 2])
    score = crossfitted(fit, table, np.ones(6), np.array([1, 1, 1, 0, 1, 1]), fold)
    assert score.tolist() == [0, 1, 2, 3, 4, 5]
    assert [seen.tolist() for seen in fit.seen] == [[2, 4, 5], [0, 1, 4, 5], [0, 1, 2]]


def test_instances_are_the_best_of_positive_images_and_negatives_all_count(monkeypatch):
    monkeypatch.setattr("ksfeat.models.instances.margins", lambda booster, table: table[:, 0])
    table = np.array([[5.0], [1.0], [4.0], [0.5], [0.0], [3.0]])
    image, positive = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 1, 1, 1, 0, 0], dtype=bool)
    truth, weight = choose_instances(Centroid(), table, image, positive, image, 1)
    assert truth.tolist() == [True, False, True, False, False, False]
    assert weight.tolist() == [1, 0, 1, 0, 1, 1]


@pytest.mark.parametrize("flat", [True, False])
def test_images_without_anything_bright_are_named_and_not_a_crash(flat):
    """Of the class with stones, or of the other: neither can be told from nothing."""
    images, labels = slices(16, boxes=False)
    nothing = StoneImage(np.full((96, 96), 9, np.uint8))
    shown = [nothing if (label == "stone") == flat else image for image, label in
             zip(images, labels, strict=True)]  # fmt: skip
    which = "with" if flat else "without"
    with pytest.raises(InputError, match=f"nothing bright is seen in any of 8 images {which} a"):
        StoneDetector(**QUICK).fit(shown, labels)


def test_boxes_that_no_candidate_hits_are_named():
    images, labels = slices(16)
    away = [image.with_(boxes=np.array([[0.0, 90.0, 3.0, 93.0]])) for image in images]
    with pytest.raises(InputError, match="candidates all or none are stones; expected both"):
        StoneDetector(**QUICK).fit(away, labels)


@pytest.mark.parametrize("name", ["most", "copies", "n_estimators"])
def test_numbers_out_of_range_are_named(name):
    with pytest.raises(InputError, match=f"{name} -1; expected a whole number"):
        StoneDetector(**{**QUICK, name: -1}).fit(*slices(4))


@pytest.mark.parametrize("names", [("Stone", "normal"), ("kidney_stone", "No stone"), (1, 0)])
def test_the_class_with_the_stone_is_not_the_one_called_normal(names):
    images, labels = slices(16)
    y = np.array([names[0] if label == "stone" else names[1] for label in labels])
    detector = StoneDetector(**QUICK).fit(images, y)
    assert detector.classes_.tolist() == [names[1], names[0]]
    margins = detector.decision_function(images)
    assert margins[labels == "stone"].min() > margins[labels != "stone"].max()


def test_slices_that_all_hold_a_stone_need_groups_for_the_inner_folds():
    images = [image for image, label in zip(*slices(16), strict=True) if label == "stone"]
    with pytest.raises(InputError, match="1 groups of images that all hold a stone; the detector"):
        StoneDetector(**QUICK).fit(images, groups=["one"] * len(images))
