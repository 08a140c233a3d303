"""ICC by a published example and the plain analysis of variance; what is dropped, and where."""

import numpy as np
import pandas as pd
import pytest

from ksfeat import FeatureExtractor, StoneClassifier, StoneImage, load_dataset, make_classifier
from ksfeat.errors import InputError
from ksfeat.evaluation import describe_dataset, train
from ksfeat.evaluation.stability import (
    PERTURBATIONS,
    Retest,
    Steadiness,
    intraclass_correlation,
    perturb,
    retest,
    without_features,
)


def test_shrout_and_fleiss():
    """The example of Shrout and Fleiss (1979), as R's psych tests it: 0.29 and 0.71."""
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    found = intraclass_correlation(np.array(ratings))
    assert [round(value, 2) for value in found] == [0.29, 0.71]


def test_it_is_the_share_of_variance_that_it_estimates():
    """Subjects of variance 3, raters of 1, error of 1: 3/5 agree absolutely, 3/4 consistently."""
    rng = np.random.default_rng(0)
    subjects, raters = rng.normal(size=(4000, 1)) * 3**0.5, rng.normal(size=(1, 400))
    values = subjects + raters + rng.normal(size=(4000, 400))
    assert intraclass_correlation(values) == pytest.approx((3 / 5, 3 / 4), abs=0.03)


def test_units_and_offsets_do_not_matter_and_holes_are_left_out():
    values = np.random.default_rng(1).normal(size=(30, 3)) + np.arange(30)[:, None]
    found = intraclass_correlation(values)
    assert intraclass_correlation(values * 1e-3 + 1e6) == pytest.approx(found, rel=1e-6)
    holed = np.vstack([values, [np.nan, 0.0, 0.0]])
    assert intraclass_correlation(holed) == pytest.approx(found)


@pytest.mark.parametrize("values", [np.ones((5, 3)), np.full((5, 3), np.nan), np.ones((1, 3))])
def test_where_nothing_varies_nothing_is_known(values):
    assert np.isnan(intraclass_correlation(values)).all()


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_a_perturbation_is_small_and_keeps_the_kind_of_image(name):
    rng = np.random.default_rng(2)
    mask = np.zeros((32, 32), dtype=bool)
    mask[10:20, 12:22] = True
    image = StoneImage(rng.integers(0, 255, (32, 32)).astype(np.uint8), mask=mask, key="a")
    changed = perturb(image, name)
    assert (changed.pixels.dtype, changed.shape, changed.unit) == (np.uint8, (32, 32), "grey")
    same = np.array_equal(changed.pixels, image.pixels) and np.array_equal(changed.mask, mask)
    assert not same
    assert 80 <= changed.mask.sum() <= 144
    np.testing.assert_array_equal(perturb(image, name).pixels, changed.pixels)


def test_noise_is_two_percent_of_the_spread_and_other_noise_for_each_image():
    pixels = np.random.default_rng(5).normal(50, 20, (64, 64))
    one, two = (perturb(StoneImage(pixels, key=key), "noise").pixels - pixels for key in "ab")
    assert [part.std() / pixels.std() for part in (one, two)] == pytest.approx([0.02] * 2, rel=0.05)
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.1


def test_rotation_is_by_three_degrees():
    """A spot 100 pixels from the centre goes round by 100 times the angle."""
    rows, columns = np.mgrid[:256, :256]
    spot = np.exp(-((rows - 127.5) ** 2 + (columns - 227.5) ** 2) / 18)
    turned = perturb(StoneImage(spot), "rotation").pixels
    middle = [(turned * axis).sum() / turned.sum() - 127.5 for axis in (rows, columns)]
    assert np.degrees(np.arctan2(*middle)) == pytest.approx(3, abs=0.05)


def test_translation_is_by_less_than_a_pixel():
    """By a whole number no value would change, and every feature would be called steady."""
    rows, columns = np.mgrid[:64, :64]
    spot = np.exp(-((rows - 30) ** 2 + (columns - 30) ** 2) / 18)
    moved = perturb(StoneImage(spot), "translation").pixels
    middle = [(moved * axis).sum() / moved.sum() - 30 for axis in (rows, columns)]
    assert middle == pytest.approx([0.4, 0.4], abs=0.01)


@pytest.fixture(scope="module")
def described(stone_data):
    classifier = StoneClassifier(FeatureExtractor("first_order"), "linear")
    return classifier, describe_dataset(classifier, load_dataset(stone_data), fit=True)


def test_most_first_order_features_are_stable(described):
    classifier, table = described
    found = retest(classifier, table)
    assert found.perturbations == ("noise", "rotation", "translation")  # it has no masks to grow
    assert found.values.shape == (24, 4, table.table.shape[1])
    icc = found.icc()
    assert (icc["icc21"].dropna() <= 1).all()
    assert icc["icc21"].median() > 0.9


def test_a_fold_asks_its_own_images_alone():
    """Feature 1 is noise for images 0-9 and steady for 10-19."""
    rng = np.random.default_rng(3)
    values = np.repeat(rng.normal(size=(20, 1, 2)), 3, axis=1)
    values[:10, :, 1] = rng.normal(size=(10, 3))
    part = Retest(values, np.arange(20), np.array(["a", "b"]), ("noise", "rotation"))
    steadiness = Steadiness(part, 0.75)
    assert steadiness.dropped(np.arange(10)) == ["b"]
    assert steadiness.dropped(np.arange(10, 20)) == []


@pytest.mark.parametrize("name", ["linear", "svm", "xgboost"])
def test_a_feature_that_is_left_out_changes_no_margin(name):
    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    labels = np.where(table["b"] + table["a"] > 0, "s", "n")
    model = make_classifier(name).fit(without_features(table, ["b"]), labels)
    other = table.assign(b=rng.normal(size=60) * 100)
    np.testing.assert_array_equal(model.decision_function(table), model.decision_function(other))


def test_train_says_what_it_does_not_use(classifier, stones):
    training = train(classifier, stones, n_folds=2, min_icc=0.97)
    assert training.dropped
    assert training.to_dict()["model"]["dropped_features"] == list(training.dropped)
    assert train(classifier, stones, n_folds=2, min_icc=-1.0).dropped == ()


def test_where_nothing_is_stable_nothing_is_fitted(classifier, stones):
    with pytest.raises(InputError, match="no feature has an ICC of 1 or above"):
        train(classifier, stones, n_folds=2, min_icc=1.0)


def test_an_unknown_perturbation_is_refused(described):
    with pytest.raises(InputError, match="perturbation 'magic'"):
        retest(*described, perturbations=("magic",))


def test_where_there_is_no_mask_growing_it_is_no_measurement(described):
    with pytest.raises(InputError, match="every image must have one"):
        retest(*described, perturbations=("mask growth",))


def test_each_fold_asks_only_the_images_that_it_trains_on(classifier, stones, monkeypatch):
    """`train` may ask all images once more, for the model of everything."""
    asked = []
    dropped = Steadiness.dropped

    def watched(self, rows):
        asked.append(np.asarray(rows))
        return dropped(self, rows)

    monkeypatch.setattr(Steadiness, "dropped", watched)
    training = train(classifier, stones, n_folds=3, min_icc=0.5)
    folds = [train for train, _ in training.crossval.split]
    for rows, expected in zip(asked, [*folds, np.arange(len(stones))], strict=True):
        np.testing.assert_array_equal(rows, expected)
