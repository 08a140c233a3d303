import pickle
from copy import copy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from ksfeat.errors import InputError
from ksfeat.features import DEFAULT, FeatureExtractor, extractor
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource
from ksfeat.roi import admission


def slices(count, seed=0, shape=(24, 30)):
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, shape).astype(np.uint8) for _ in range(count)]


def in_hu(pixels, **fields):
    return StoneImage(pixels.astype(np.int16) * 8 - 1000, unit="HU", **fields)


@pytest.fixture(scope="module")
def fitted():
    return FeatureExtractor().fit(slices(3))


def test_a_row_depends_on_its_own_image_alone(fitted):
    images = slices(6)
    table = fitted.transform(images)
    chosen = [4, 0, 5]
    np.testing.assert_array_equal(fitted.transform([images[i] for i in chosen]), table[chosen])


def test_two_processes_give_the_same_bytes_as_one(fitted):
    images = slices(9)
    parallel = clone(fitted).set_params(n_jobs=2).fit_transform(images)
    assert parallel.tobytes() == fitted.transform(images).tobytes()


@pytest.mark.parametrize("features", ["auto", "texture", ["shape", "first_order"]])
def test_fit_then_transform_is_fit_transform(features):
    images = slices(3)
    two = FeatureExtractor(features)
    one = FeatureExtractor(features)
    np.testing.assert_array_equal(two.fit(images).transform(images), one.fit_transform(images))
    assert two.families_ == one.families_
    assert two.left_out_ == one.left_out_


def test_fit_transform_reads_each_image_once(monkeypatch):
    read = []
    monkeypatch.setattr(
        admission, "image_at", lambda place, image: read.append(place) or StoneImage(image)
    )
    FeatureExtractor().fit_transform(slices(3))
    assert len(read) == 3


def test_kernels_are_compiled_before_workers_start(monkeypatch):
    steps = []
    work = extractor.map_ordered
    monkeypatch.setattr(extractor, "compile_kernels", lambda: steps.append("compile"))
    monkeypatch.setattr(
        extractor, "map_ordered", lambda *a, **k: steps.append("map") or work(*a, **k)
    )
    FeatureExtractor().fit(slices(1))
    assert steps == ["compile", "map"]


def test_auto_leaves_out_what_grey_images_cannot_give(fitted):
    assert fitted.families_ == tuple(
        name for name in DEFAULT if name not in ("hounsfield", "dual_energy")
    )
    reason = "it needs an image in HU, and image 0 is of unit 'grey'"
    assert fitted.left_out_ == {"hounsfield": reason, "dual_energy": reason}


def test_auto_keeps_hounsfield_only_if_every_image_is_in_hu():
    first, second = slices(2)
    assert "hounsfield" in FeatureExtractor().fit([in_hu(first), in_hu(second)]).families_
    assert "hounsfield" in FeatureExtractor().fit([in_hu(first), second]).left_out_


def test_by_name_an_image_that_lacks_what_is_needed_is_an_error():
    first, second = slices(2)
    images = [in_hu(first), StoneImage(second, key="b.png")]
    expected = r"b\.png: 'hounsfield' cannot be computed: it needs.*or leave 'hounsfield' out"
    with pytest.raises(InputError, match=expected):
        FeatureExtractor("hounsfield").fit(images)
    assert FeatureExtractor("density").fit(images).left_out_.keys() == {"hounsfield", "dual_energy"}


@pytest.mark.parametrize("features", ["texture", "auto"])
def test_another_unit_than_in_training_is_refused_with_the_mend(features):
    """A grey value of 40 is no soft tissue: features of it would be numbers without a meaning."""
    first, second = slices(2)
    hu, grey = in_hu(first), StoneImage(second, key="b.nii.gz")
    colour = StoneImage(np.stack([second, first, second], axis=-1), unit="rgb", key="c.png")
    fitted = FeatureExtractor(features).fit([hu])
    assert fitted.units_ == ("HU",)
    expected = r"b\.nii\.gz: an image of unit 'grey'; expected 'HU', .* pass --unit HU .*unit='HU'"
    with pytest.raises(InputError, match=expected):
        fitted.transform([hu, grey])
    assert isinstance(fitted.transform_each([hu, grey])[1], InputError)
    expected = r"c\.png: an image of unit 'rgb'; expected 'HU', .*; give images of that unit"
    with pytest.raises(InputError, match=expected):
        fitted.transform([colour])
    both = FeatureExtractor(features)
    both.fit_transform([hu, grey])
    assert both.units_ == ("HU", "grey")
    assert np.isfinite(both.transform([grey])).any()
    with pytest.raises(InputError, match="expected 'HU' or 'grey', which"):
        both.transform([colour])


def test_the_unit_is_that_of_the_file_and_not_of_what_a_step_makes_of_it():
    first, second = slices(2)
    fitted = FeatureExtractor("texture", preprocess="window:stone")
    for fit in (fitted.fit, fitted.fit_transform):
        fit([in_hu(first)])
        assert fitted.units_ == ("HU",)
        assert np.isfinite(fitted.transform([in_hu(second)])).any()


def test_the_fitted_state_is_families_units_and_masks_alone(fitted):
    restored = FeatureExtractor()
    restored.families_, restored.units_ = list(fitted.families_), fitted.units_  # as from JSON
    restored.masks_, restored.left_out_ = fitted.masks_, dict(fitted.left_out_)
    images = slices(2)
    np.testing.assert_array_equal(restored.transform(images), fitted.transform(images))
    assert restored.n_features_out_ == fitted.n_features_out_ == 156
    assert list(restored.get_feature_names_out()) == list(fitted.get_feature_names_out())


def test_it_clones_pickles_and_gives_a_data_frame(fitted):
    again = pickle.loads(pickle.dumps(fitted))
    images = slices(2)
    np.testing.assert_array_equal(again.transform(images), fitted.transform(images))
    frame = clone(fitted).set_output(transform="pandas").fit_transform(images)
    assert list(frame.columns) == list(fitted.get_feature_names_out())
    with pytest.raises(NotFittedError):
        clone(fitted).transform(images)


def test_every_kind_of_image_gives_the_same_row(tmp_path, fitted):
    pixels = slices(1)[0]
    path = tmp_path / "Niere äöü 1.png"
    Image.fromarray(pixels).save(path)
    source = ImageSource(path, "key")
    rgb = np.repeat(pixels[..., None], 3, axis=2)
    table = fitted.transform([pixels, path, str(path), source, StoneImage(pixels)])
    np.testing.assert_array_equal(table, np.repeat(table[:1], 5, axis=0))
    np.testing.assert_allclose(fitted.transform([rgb]), table[:1], rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(fitted.transform(pixels[None]), table[:1])
    np.testing.assert_array_equal(fitted.transform(np.array([str(path)])), table[:1])


def test_images_of_mixed_sizes_make_one_table(fitted):
    images = [*slices(1), *slices(1, shape=(8, 8)), *slices(1, shape=(50, 9))]
    assert fitted.transform(images).shape == (3, 156)


def test_size_and_levels_are_used():
    images = slices(2, shape=(40, 20))
    small = FeatureExtractor("shape", size=10).fit_transform(images)
    full = FeatureExtractor("shape").fit_transform(images)
    assert (small[:, 0] < full[:, 0]).all()
    coarse = FeatureExtractor("histogram", levels=4).fit(images)
    assert coarse.get_feature_names_out()[0] == "histogram_mean_fbn4"
    assert coarse.transform(images)[:, 0].max() <= 4


def test_a_window_clips_textures_but_not_densities():
    images = [in_hu(pixels) for pixels in slices(2)]
    plain = pd.DataFrame(FeatureExtractor().set_output(transform="pandas").fit_transform(images))
    windowed = FeatureExtractor(window="soft_tissue").set_output(transform="pandas")
    seen = windowed.fit_transform(images)
    assert (seen["first_order_maximum"] == 240).all()
    assert (seen["hounsfield_maximum_hu"] == plain["hounsfield_maximum_hu"]).all()
    assert (plain["hounsfield_maximum_hu"] > 240).all()


def test_a_flat_or_tiny_region_under_a_mask_is_no_error(fitted):
    mask = np.zeros((24, 30), dtype=bool)
    mask[3, 4] = True
    takes_masks = copy(fitted)
    takes_masks.masks_ = "some"
    row = takes_masks.transform([StoneImage(slices(1)[0], mask=mask)])[0]
    named = dict(zip(fitted.get_feature_names_out(), row, strict=True))
    assert np.isnan(named["first_order_skewness"])
    assert np.isnan(named["glcm_contrast_d1_fbn32"])
    assert named["bright_spots_count_r3_t30"] == 0
    assert named["shape_area_px"] == 1


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ("kidney.png", r"one image \(str\); expected a sequence of images; wrap it in a list"),
        (Path("kidney.png"), "one image .* wrap it in a list"),
        (StoneImage(np.eye(8)), r"one image \(StoneImage\).* wrap it in a list"),
        (np.eye(8), r"an array of shape \(8, 8\), one image at most; .* wrap it in a list"),
        (np.zeros((9, 9, 3)), r"an array of shape \(9, 9, 3\), one image.* wrap it in a list"),
        ([], "0 images; expected at least one"),
        (7, "int object; expected a sequence of images"),
        (pd.DataFrame({"path": ["a.png"]}), r"a table \(DataFrame\).* give its column of paths"),
        ([np.ones((1, 1))], "image 0: an image of 1x1 pixels; expected at least 8x8"),
        ([np.eye(9), np.ones((9, 9))], "image 1: an image of one colour"),
        ([np.full((9, 9, 3), [1, 2, 3])], "image 0: an image of one colour"),
        ([np.full((9, 9), np.nan)], "image 0: NaN or infinite pixels"),
        ([np.eye(9) * 1e200], r"image 0: pixel values up to 1\.0e\+200; .* rescale it"),
        ([StoneImage(np.zeros((3, 9, 9)), volume=True)], "image 0: an image of one colour"),
        ([StoneImage(np.ones((3, 4, 9)), volume=True)], "image 0: an image of 9x4 pixels"),
        ([StoneImage(np.eye(9), mask=np.zeros((9, 9)), key="m")], "m: an empty mask"),
        (["no such file.png"], "no such file.png: no such file; check the path"),
        ([["a", "b"]], "image 0: pixels of type"),
    ],
)
def test_images_that_cannot_be_used_are_named(images, message):
    for work in ("fit", "fit_transform"):
        with pytest.raises(InputError, match=message) as caught:
            getattr(FeatureExtractor(), work)(images)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"features": "textures"}, "no features named 'textures'.* did you mean 'texture'"),
        ({"features": ["glcm", "auto"]}, "no features named 'auto'"),
        ({"size": 7}, "size 7; expected a whole number, from 8 to 8192"),
        ({"size": 12.5}, "size 12.5; expected a whole number"),
        ({"levels": 1}, "levels 1; expected a whole number, from 2 to 65535"),
        ({"levels": None}, "levels None; expected a whole number"),
        ({"window": "lung"}, "window 'lung'; expected one of"),
        ({"window": "bone"}, "image 0: a window needs an image in HU"),
    ],
)
def test_parameters_are_checked_at_fit(parameters, message):
    with pytest.raises(InputError, match=message):
        FeatureExtractor(**parameters).fit(slices(1))


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_image_gets_its_row_or_its_error(jobs):
    images = [slices(1)[0], np.zeros((9, 9)), slices(1)[0], np.eye(3)]
    images_to_rows = FeatureExtractor(n_jobs=jobs)
    rows = images_to_rows.fit_transform_each(images)
    assert [isinstance(row, InputError) for row in rows] == [False, True, False, True]
    np.testing.assert_array_equal(rows[0], rows[2])
    again = images_to_rows.transform_each(images)
    assert [str(error) for error in again[1::2]] == [str(error) for error in rows[1::2]]
    with pytest.raises(InputError, match="image 1: an image of one colour"):
        images_to_rows.transform(images)


def test_nothing_usable_is_an_error():
    with pytest.raises(InputError, match="image 0: an image of one colour"):
        FeatureExtractor().fit_transform_each([np.zeros((9, 9)), np.eye(3)])


def test_each_column_can_be_looked_up(fitted):
    table = fitted.describe()
    assert list(table["name"]) == list(fitted.get_feature_names_out())
    contrast = table.set_index("name").loc["glcm_contrast_d1_fbn32"]
    assert contrast["ibsi_id"] == "ACUI"
    assert contrast["family"] == "glcm"
    assert set(FeatureExtractor("density").fit([in_hu(slices(1)[0])]).describe()["needs"]) == {
        "",
        "HU",
    }
