"""What extractor and classifier both keep: each test is the twin of a check that feeds a table."""

import pickle

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import check_is_fitted

from ksfeat import FeatureExtractor, InputError, StoneClassifier, StoneImage


@pytest.fixture(params=["extractor", "classifier"])
def estimator(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def fitted(estimator, images, labels):
    return estimator.fit(images, labels)


def results(estimator, images):
    """Return one row an image, whatever the estimator."""
    work = "transform" if hasattr(estimator, "transform") else "decision_function"
    return getattr(estimator, work)(images)


def test_a_clone_has_the_parameters_and_nothing_of_the_fit(fitted):
    copy = clone(fitted)
    assert repr(copy) == repr(fitted)
    assert not [name for name in vars(copy) if name.endswith("_")]


def test_parameters_are_set_and_got_by_name(estimator):
    name = "levels" if isinstance(estimator, FeatureExtractor) else "extractor__levels"
    assert estimator.set_params(**{name: 7}).get_params()[name] == 7
    with pytest.raises(ValueError, match="Invalid parameter 'level'"):
        estimator.set_params(level=7)


def test_fit_returns_itself(estimator, images, labels):
    assert estimator.fit(images, labels) is estimator


def test_y_is_the_second_argument(estimator, images, labels):
    by_name = results(clone(estimator).fit(X=images, y=labels), images)
    np.testing.assert_array_equal(results(estimator.fit(images, labels), images), by_name)


def test_it_is_fitted_after_fit_alone(estimator, images, labels):
    with pytest.raises(NotFittedError):
        results(estimator, images)
    check_is_fitted(estimator.fit(images, labels))


def test_fitting_again_changes_nothing(fitted, images, labels):
    before = results(fitted, images)
    np.testing.assert_array_equal(results(fitted.fit(images, labels), images), before)


def test_fit_changes_neither_images_nor_parameters(estimator, images, labels, tmp_path):
    np.save(tmp_path / "images.npy", images)
    read_only = np.load(tmp_path / "images.npy", mmap_mode="r")
    before = repr(estimator), read_only.tobytes()
    estimator.fit(read_only, labels)
    assert (repr(estimator), read_only.tobytes()) == before


def test_fit_adds_only_attributes_with_a_trailing_underscore(fitted):
    added = set(vars(fitted)) - set(fitted.get_params(deep=False))
    assert added
    assert all(name.endswith("_") and not name.startswith("_") for name in added)


def test_using_it_changes_nothing(fitted, images):
    before = pickle.dumps(fitted)
    results(fitted, images)
    assert pickle.dumps(fitted) == before


def test_a_pickle_gives_the_same(fitted, images):
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(results(copy, images), results(fitted, images))


def test_each_image_keeps_its_result_in_any_order(fitted, images):
    order = np.random.default_rng(1).permutation(len(images))
    shuffled = results(fitted, [images[place] for place in order])
    np.testing.assert_allclose(shuffled, results(fitted, images)[order], rtol=1e-12)


def test_each_image_keeps_its_result_in_any_subset(fitted, images):
    one_by_one = np.concatenate([results(fitted, [image]) for image in images])
    np.testing.assert_allclose(one_by_one, results(fitted, images), rtol=1e-12)


def test_one_image(fitted, images):
    assert len(results(fitted, images[:1])) == 1


def test_a_pipeline_gives_the_same(fitted, estimator, images, labels):
    pipeline = make_pipeline(clone(estimator)).fit(images, labels)
    np.testing.assert_array_equal(results(pipeline, images), results(fitted, images))


def test_every_sequence_of_images_gives_the_same(fitted, images, tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path)
    sequences = [
        np.array(images),
        tuple(images),
        [StoneImage(image) for image in images],
        paths,
        pd.Series([str(path) for path in paths]),
    ]
    expected = results(fitted, images)
    for sequence in sequences:
        np.testing.assert_array_equal(results(fitted, sequence), expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int64, np.float32, float])
def test_every_type_of_number_gives_the_same(fitted, images, dtype):
    output = results(fitted, np.array(images).astype(dtype))
    assert output.dtype == np.float64
    np.testing.assert_array_equal(output, results(fitted, images))
    assert np.isfinite(results(fitted, np.array(images) - 100.0)).all()


def test_the_order_in_memory_does_not_matter(fitted, images):
    fortran = np.asfortranarray(np.array(images))
    np.testing.assert_array_equal(results(fitted, fortran), results(fitted, images))


def test_images_have_no_number_of_features(fitted, images):
    assert not hasattr(fitted, "n_features_in_")
    assert len(results(fitted, [images[0], images[1][:12, :9]])) == 2


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (np.full((16, 16), np.nan), "image 1: NaN or infinite pixels"),
        (np.full((16, 16), np.inf), "image 1: NaN or infinite pixels"),
        (np.ones((16, 16), dtype=complex), "image 1: pixels of type complex128; expected numbers"),
        (np.full((16, 16), None), "image 1: pixels of type object; expected numbers"),
    ],
)
def test_pixels_that_are_no_numbers_are_refused(estimator, images, labels, spoilt, message):
    with pytest.raises(InputError, match=message):
        estimator.fit([images[0], spoilt, *images[2:]], labels)
    estimator.fit(images, labels)
    with pytest.raises(InputError, match=message):
        results(estimator, [images[0], spoilt])


def test_no_image_is_refused(fitted):
    with pytest.raises(InputError, match="0 images; expected at least one"):
        results(fitted, [])


def test_a_table_is_refused(estimator, labels):
    with pytest.raises(InputError, match=r"an array of shape \(24, 1\), one image at most"):
        estimator.fit(np.ones((24, 1)), labels)


def test_a_single_image_is_refused_with_the_mend(fitted, images):
    with pytest.raises(InputError, match="wrap it in a list"):
        results(fitted, images[0])


def test_it_is_shown_as_html(fitted):
    page = fitted._repr_html_()
    assert type(fitted).__name__ in page
    assert "first_order" in page


def test_two_processes_give_the_same_as_one(estimator, images, labels):
    name = "n_jobs" if isinstance(estimator, FeatureExtractor) else "extractor__n_jobs"
    two = clone(estimator).set_params(**{name: 2}).fit(images, labels)
    np.testing.assert_array_equal(
        results(two, images), results(estimator.fit(images, labels), images)
    )


def test_the_classifier_does_not_fit_the_extractor_that_it_was_given(images, labels, extractor):
    StoneClassifier(extractor, "linear").fit(images, labels)
    with pytest.raises(NotFittedError):
        extractor.transform(images)
