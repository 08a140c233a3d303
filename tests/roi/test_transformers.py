"""Preprocessing under scikit-learn: cloned, pickled, chained; image-likes in, images out."""

import pickle
import warnings

import numpy as np
import pytest
import sklearn
from PIL import Image
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_estimator

from ksfeat import FeatureExtractor, StoneClassifier
from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import (
    Clahe,
    CropToBody,
    CropToMask,
    ResampleIsotropic,
    Resize,
    Window,
    ZScore,
    clahe,
    crop_to_body,
    crop_to_mask,
    resample_isotropic,
    resize_longest,
    window,
    zscore,
)

# A transformer with other parameters than its own, and the function that it stands for.
TRANSFORMERS = [
    (Window("stone"), lambda image: window(image, "stone")),
    (Resize(20), lambda image: resize_longest(image, 20)),
    (ResampleIsotropic(1.5), lambda image: resample_isotropic(image, 1.5)),
    (ZScore(), zscore),
    (Clahe(3.0, 2), lambda image: clahe(image, 3.0, 2)),
    (CropToMask(3, "mm"), lambda image: crop_to_mask(image, 3, "mm")),
    (CropToBody(2), lambda image: crop_to_body(image, 2)),
]
each = pytest.mark.parametrize(
    ("transformer", "function"), TRANSFORMERS, ids=lambda value: type(value).__name__
)
FIELDS = ("pixels", "mask", "boxes", "second_energy", "spacing_mm")


@pytest.fixture(scope="module")
def scans():
    """Four slices in HU that know everything; each has a stone of another size."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(4):
        mask = np.zeros((40, 48), dtype=bool)
        mask[15 : 22 + number, 20:30] = True
        pixels = np.full((40, 48), -1000.0)
        pixels[5:35, 4:44] = rng.normal(40, 20, (30, 40))
        pixels[mask] = 900 + number
        found.append(
            StoneImage(
                pixels,
                unit="HU",
                mask=mask,
                boxes=[[20, 15, 30, 22 + number]],
                second_energy=pixels * 0.8,
                spacing_mm=(0.8, 0.9),
                key=f"{number}.dcm",
            )
        )
    return found


def same(one, other):
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))
    return (one.unit, one.key) == (other.unit, other.key)


@each
def test_it_is_its_function_over_a_sequence(transformer, function, scans):
    before = pickle.dumps(scans)
    for seen, scan in zip(transformer.transform(scans), scans, strict=True):
        assert same(seen, function(scan))
        assert not np.array_equal(seen.pixels, scan.pixels)
    assert pickle.dumps(scans) == before


@each
def test_it_needs_no_fit_and_learns_nothing(transformer, function, scans):
    copy = clone(transformer)
    assert not get_tags(copy).requires_fit
    assert copy.fit(scans[:2]) is copy
    assert vars(copy) == copy.get_params()
    for seen, scan in zip(copy.fit_transform(scans), scans, strict=True):
        assert same(seen, function(scan))


@each
def test_parameters_travel(transformer, function, scans):
    copy = type(transformer)().set_params(**transformer.get_params())
    assert repr(copy) == repr(transformer) == repr(clone(transformer))
    loaded = pickle.loads(pickle.dumps(transformer))
    assert same(loaded.transform(scans[:1])[0], function(scans[0]))
    with pytest.raises(ValueError, match="Invalid parameter 'kernel'"):
        copy.set_params(kernel=3)


@pytest.mark.parametrize(
    "wrong",
    [
        Window("lung"),
        Resize(0),
        ResampleIsotropic(-1),
        Clahe(tiles=0),
        CropToMask(-1),
        CropToBody(-1),
    ],
    ids=repr,
)
def test_a_parameter_that_cannot_be_used_is_told_by_fit_and_without_it(wrong, scans):
    for work in (wrong.fit, wrong.transform):
        with pytest.raises(InputError, match="expected"):
            work(scans)


def test_every_image_like_comes_in(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 255, (3, 16, 16)).astype(np.uint8)
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path, image in zip(paths, pixels, strict=True):
        Image.fromarray(image).save(path)
    expected = [clahe(StoneImage(image)).pixels for image in pixels]
    for sequence in (pixels, list(pixels), paths, [StoneImage(image) for image in pixels]):
        seen = Clahe().transform(sequence)
        np.testing.assert_array_equal([image.pixels for image in seen], expected)
    assert [image.key for image in Clahe().transform(paths)] == ["0.png", "1.png", "2.png"]
    assert [image.key for image in Clahe().transform(pixels)] == ["image 0", "image 1", "image 2"]
    with pytest.raises(InputError, match="image 1: pixels of type complex128"):
        Clahe().transform([pixels[0], pixels[1] * 1j])
    with pytest.raises(InputError, match="wrap it in a list"):
        Clahe().transform(pixels[0])


def test_a_pipeline_is_the_same_as_the_extractors_own_steps(scans):
    chain = make_pipeline(
        Window("stone"), ResampleIsotropic(1.0), CropToMask(5), FeatureExtractor("texture")
    )
    inside = FeatureExtractor("texture", preprocess="window:stone,isotropic:1,crop:mask:5")
    expected = inside.fit_transform(scans)
    np.testing.assert_array_equal(chain.fit_transform(scans), expected)
    assert not np.array_equal(FeatureExtractor("texture").fit_transform(scans), expected)
    np.testing.assert_array_equal(clone(inside).set_params(n_jobs=2).fit_transform(scans), expected)
    np.testing.assert_array_equal(inside.fit(scans).transform(scans), expected)
    np.testing.assert_array_equal(chain.get_feature_names_out(), chain[-1].get_feature_names_out())


def test_a_pipeline_ends_in_a_table_of_pandas_where_that_is_asked_for(scans):
    chain = make_pipeline(ZScore(), FeatureExtractor("first_order"))
    plain = chain.fit_transform(scans)
    frame = chain.set_output(transform="pandas").fit_transform(scans)
    assert list(frame.columns) == list(chain[-1].get_feature_names_out())
    np.testing.assert_array_equal(frame.to_numpy(), plain)
    with sklearn.config_context(transform_output="pandas"):
        assert isinstance(ZScore().fit_transform(scans), list)


def test_a_pipeline_ends_in_a_classifier(scans):
    labels = ["small", "small", "large", "large"]
    classifier = StoneClassifier(FeatureExtractor("shape"), "linear")
    chain = make_pipeline(ResampleIsotropic(1.0), classifier).fit(scans, labels)
    assert chain.predict(scans).tolist() == labels
    assert "ResampleIsotropic" in chain._repr_html_()


@pytest.mark.parametrize(
    ("preprocess", "message"),
    [
        ("sharpen", "preprocessing step 'sharpen'; expected one of window:NAME"),
        ("window:stone,window:bone", r"0\.dcm: a window needs an image in HU; found unit 'grey'"),
        (["isotropic:90"], r"0\.dcm: a mask of 70 pixels vanishes at 90 mm"),
    ],
)
def test_steps_that_cannot_be_taken_are_told_by_fit(preprocess, message, scans):
    with pytest.raises(InputError, match=message):
        FeatureExtractor("first_order", preprocess=preprocess).fit(scans)


def test_a_crop_that_leaves_too_little_is_refused(scans):
    bare = [scan.with_(mask=None, second_energy=None, unit="grey") for scan in scans]
    spot = bare[0].with_(pixels=np.eye(40, 48) * (np.arange(48) < 4))
    extractor = FeatureExtractor("first_order", preprocess="crop:body").fit(bare)
    with pytest.raises(InputError, match=r"0\.dcm: an image of 4x4 pixels; expected at least 8x8"):
        extractor.transform([spot])


def test_after_a_window_no_family_measures_density(scans):
    by_window = FeatureExtractor("auto", window="stone").fit(scans)
    by_step = FeatureExtractor("auto", preprocess="window:stone").fit(scans)
    assert "hounsfield" in by_window.families_
    assert "hounsfield" in by_step.left_out_


@each
def test_scikit_learns_checks_fail_only_where_they_feed_a_table(transformer, function):
    """Each of them gives numbers in rows; that these are no images is what it is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(transformer, on_fail=None, on_skip=None)
    failed = [result for result in results if result["status"] == "failed"]
    for result in failed:
        error = result["exception"]
        while not isinstance(error, InputError) and error.__context__ is not None:
            error = error.__context__
        assert isinstance(error, InputError), result["check_name"]
        assert "expected a sequence of images" in str(error) or "expected numbers" in str(error)
    assert len(results) - len(failed) >= 12
