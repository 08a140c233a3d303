"""Gabor filters, oriented gradients, fractal dimensions, Zernike moments and larger circles."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from formula import IMAGE, MASK
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.feature import hog as skimage_hog
from skimage.feature import local_binary_pattern

from ksfeat.features import DEFAULT, FAMILIES, FeatureExtractor, gabor, hog, lbp, resolve
from ksfeat.image import StoneImage
from ksfeat.roi import Region

REFERENCE = Path(__file__).parents[1] / "reference" / "mahotas_zernike.csv"
LAW = settings(max_examples=20, derandomize=True, deadline=None)
NEW = ["lbp_multiscale", "hog", "gabor", "fractal", "zernike"]


def describe(name, pixels, mask=None):
    values = FAMILIES[name].compute(Region.of(StoneImage(pixels, mask=mask)))
    return dict(zip(FAMILIES[name].columns, values, strict=True))


def noise(*shape, seed=0):
    return np.random.default_rng(seed).normal(100, 20, shape)


def test_they_come_by_name_and_in_all_but_never_by_default():
    assert not {*NEW, "colour"} & set(DEFAULT)
    assert {*NEW, "colour"} <= set(resolve("all"))
    extractor = FeatureExtractor(NEW).fit([IMAGE])
    assert extractor.families_ == tuple(NEW)
    assert extractor.n_features_out_ == 78 + 144 + 24 + 3 + 46


def test_zernike_moments_are_those_of_mahotas():
    expected = pd.read_csv(REFERENCE, comment="#").set_index("feature")["value"]
    found = pd.Series(describe("zernike", IMAGE, MASK))[expected.index]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert len(expected) == len(FAMILIES["zernike"].features)


@LAW
@given(hnp.arrays(np.uint8, (9, 7)), hnp.arrays(bool, (9, 7)).filter(np.any), st.integers(2, 4))
def test_zernike_moments_do_not_change_with_turn_mirror_and_contrast(pixels, mask, factor):
    expected = list(describe("zernike", pixels, mask).values())
    for turned in (np.rot90, np.fliplr, lambda part: part):
        changed = turned(pixels) * float(factor) + 7, turned(mask)
        np.testing.assert_allclose(
            list(describe("zernike", *changed).values()), expected, atol=1e-9
        )


def test_a_disc_has_almost_no_moments_that_depend_on_the_angle():
    rows, columns = np.mgrid[-40:41, -40:41]
    moments = describe("zernike", IMAGE[0, 0] + rows, rows**2 + columns**2 <= 40**2)
    assert max(v for k, v in moments.items() if "shape" in k and not k.endswith("l0")) < 0.02
    assert moments["zernike_intensity_n3_l1"] > 0.02  # brighter on one side


@pytest.mark.parametrize("shape", [(32, 32), (40, 64)])
def test_oriented_gradients_are_those_of_scikit_image(shape):
    pixels = noise(*shape) + 50 * np.arange(shape[1])  # so that the first bins are cut at 0.2
    cells = (shape[0] // 4, shape[1] // 4)
    expected = skimage_hog(pixels, 9, cells, (4, 4), block_norm="L2-Hys")
    found = hog.compute(Region.of(StoneImage(pixels)))
    np.testing.assert_allclose(found, expected, rtol=1e-6)  # it adds up in single precision


def test_gradients_that_reach_out_of_the_mask_do_not_count():
    step = np.where(np.arange(12) < 6, 0.0, 100.0) * np.ones((12, 1))
    left = np.broadcast_to(np.arange(12) < 6, step.shape).copy()
    left[0, 11] = True  # the mask's box holds the step, the mask does not
    assert np.isnan(list(describe("hog", step, left).values())).all()
    ramp = step + np.arange(12.0)[:, None]  # downwards: 90 degrees, bin 4
    found = np.array(list(describe("hog", ramp, left).values())).reshape(4, 4, 9)
    assert found[:, :2, 4].all()
    found[:, :2, 4] = 0
    assert not found.any()


@pytest.mark.parametrize("wavelength", [4, 8, 16])
@pytest.mark.parametrize("angle", [0, 45, 90, 135])
def test_the_gabor_filter_of_a_wave_answers_most(wavelength, angle):
    rows, columns = np.mgrid[:96, :96]
    turn = np.deg2rad(angle)
    phase = 2 * np.pi / wavelength * (columns * np.cos(turn) + rows * np.sin(turn))
    means = {k: v for k, v in describe("gabor", 500 + np.cos(phase)).items() if "mean" in k}
    assert max(means, key=means.get) == f"gabor_w{wavelength}_a{angle:03d}_mean"
    inner = np.zeros((96, 96), dtype=bool)
    inner[30:66, 30:66] = True  # beyond reach of the edge, where the wave is broken
    found = describe("gabor", np.cos(phase), inner)[f"gabor_w{wavelength}_a{angle:03d}_mean"]
    assert found == pytest.approx(0.5, rel=0.01)  # half of a cosine is this wave


def test_gabor_filters_are_the_two_dimensional_kernels():
    pixels, centre = noise(55, 55), np.zeros((55, 55), dtype=bool)
    centre[27, 27] = True
    found = describe("gabor", pixels, centre)
    rows, columns = np.mgrid[-27:28, -27:28]
    for wavelength in (4, 8, 16):
        reach = int(np.ceil(3 * 0.56 * wavelength))
        near = np.maximum(abs(rows), abs(columns)) <= reach
        bell = np.exp(-(rows**2 + columns**2) / (2 * (0.56 * wavelength) ** 2)) * near
        bell /= bell.sum()
        for angle in (0, 45, 90, 135):
            along = columns * np.cos(np.deg2rad(angle)) + rows * np.sin(np.deg2rad(angle))
            kernel = bell * np.exp(2j * np.pi * along / wavelength)
            kernel -= kernel.sum() * bell
            expected = abs((kernel * pixels).sum())
            name = f"gabor_w{wavelength}_a{angle:03d}"
            assert found[f"{name}_mean"] == pytest.approx(expected, rel=1e-9)
            assert found[f"{name}_sd"] == 0


def test_gabor_filters_are_averaged_over_the_mask_alone():
    pixels, mask = noise(30, 30), np.zeros((30, 30), dtype=bool)
    each = []
    for place in ((3, 4), (20, 9)):
        one = np.zeros_like(mask)
        one[place] = mask[place] = True
        each.append(list(describe("gabor", pixels, one).values())[::2])
    found = list(describe("gabor", pixels, mask).values())
    np.testing.assert_allclose(found[::2], np.mean(each, axis=0), rtol=1e-9)
    np.testing.assert_allclose(found[1::2], np.std(each, axis=0), rtol=1e-9)


def test_a_quarter_turn_turns_the_gabor_filters():
    pixels = noise(30, 40)
    still, turned = describe("gabor", pixels), describe("gabor", np.rot90(pixels))
    for angle, other in ((0, 90), (45, 135), (90, 0), (135, 45)):
        for wave in (4, 8, 16):
            name = f"gabor_w{wave}_a{{:03d}}_sd"
            assert turned[name.format(other)] == pytest.approx(still[name.format(angle)], rel=1e-9)


@LAW
@given(hnp.arrays(np.uint8, (9, 7)), hnp.arrays(bool, (9, 7)).filter(np.any), st.integers(0, 99))
def test_gabor_filters_honour_the_mask_beyond_27_pixels(pixels, mask, seed):
    pixels, mask = np.pad(pixels, 40), np.pad(mask, 40)
    expected = gabor.compute(Region.of(StoneImage(pixels, mask=mask)))
    far = np.random.default_rng(seed).integers(0, 256, pixels.shape) * 1e50
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    near = np.zeros(mask.shape, dtype=bool)
    near[rows[0] - 27 : rows[-1] + 28, columns[0] - 27 : columns[-1] + 28] = True
    changed = np.roll(np.where(near, pixels, far), (5, -3), axis=(0, 1))
    moved = StoneImage(changed, mask=np.roll(mask, (5, -3), axis=(0, 1)))
    np.testing.assert_array_equal(gabor.compute(Region.of(moved)), expected)


def test_a_flat_image_has_no_waves():
    assert set(describe("gabor", np.full((20, 20), 1000.1)).values()) == {0.0}


def test_fractal_dimensions_of_what_is_known():
    disc = np.hypot(*np.mgrid[-64:64, -64:64]) < 60
    assert describe("fractal", noise(128, 128), disc)["fractal_outline"] == pytest.approx(
        1, abs=0.1
    )
    carpet = np.ones((1, 1), dtype=bool)
    for _ in range(6):  # Sierpinski's triangle: log 3 / log 2
        carpet = np.block([[carpet, np.zeros_like(carpet)], [carpet, carpet]])
    found = describe("fractal", noise(64, 64), carpet)["fractal_outline"]
    assert found == pytest.approx(np.log2(3), abs=0.2)
    rough = describe("fractal", noise(256, 256))
    assert rough["fractal_increments"] == pytest.approx(3, abs=0.01)
    assert rough["fractal_boxes"] > 2.5
    sheet = np.cumsum(np.cumsum(noise(256, 256) - 100, axis=0), axis=1)  # Brownian: 2.5
    assert describe("fractal", sheet)["fractal_increments"] == pytest.approx(2.5, abs=0.05)


@pytest.mark.parametrize(
    ("length", "defined"), [(7, [False, False]), (8, [True, False]), (15, [True, False])]
)
def test_a_line_takes_three_sizes_of_boxes(length, defined):
    found = describe("fractal", noise(length, length), np.ones((length, length), dtype=bool))
    assert [not np.isnan(found[f"fractal_{name}"]) for name in ("outline", "boxes")] == defined
    assert not np.isnan(describe("fractal", noise(16, 5))["fractal_boxes"])


def test_differences_out_of_the_mask_do_not_count():
    pixels, mask = noise(40, 40), np.arange(40) % 9 < np.full((40, 1), 8)
    spoilt = describe("fractal", np.where(mask, pixels, 1e9), mask)["fractal_increments"]
    assert spoilt == describe("fractal", pixels, mask)["fractal_increments"]


@LAW
@given(hnp.arrays(np.uint8, (18, 20)), st.integers(2, 9), st.integers(-50, 50))
def test_fractal_dimensions_do_not_change_with_contrast(pixels, factor, offset):
    expected = describe("fractal", pixels)
    changed = describe("fractal", pixels.astype(float) * factor + offset)
    np.testing.assert_allclose(list(changed.values()), list(expected.values()), rtol=1e-9)


@pytest.mark.parametrize(("samples", "radius"), [(24, 3), (24, 5), (24, 8)])
def test_larger_circles_are_those_of_scikit_image(samples, radius):
    pixels = noise(40, 44).astype(np.int16)
    patterns = local_binary_pattern(pixels, samples, radius, "uniform")
    inner = patterns[radius:-radius, radius:-radius].astype(int)
    expected = np.bincount(inner.ravel(), minlength=samples + 2) / inner.size
    found = lbp.compute(Region.of(StoneImage(pixels)), circles=((samples, radius),))
    np.testing.assert_allclose(found, expected, atol=1e-9)
    named = describe("lbp_multiscale", pixels)
    np.testing.assert_array_equal([v for k, v in named.items() if f"_r{radius}_" in k], found)


@pytest.mark.parametrize(
    ("mask", "defined"),
    [
        (np.eye(1, 400, 7, dtype=bool).reshape(20, 20), {"gabor": 24, "zernike": 23}),  # a pixel
        (
            np.arange(20) == np.full((20, 1), 9),
            {"fractal": 3, "gabor": 24, "hog": 144, "zernike": 46},
        ),
        (np.ones((20, 20), dtype=bool), {"fractal": 3, "gabor": 24, "hog": 144, "zernike": 46}),
    ],
    ids=["pixel", "line", "touching the border"],
)
def test_degenerate_regions_have_documented_values(mask, defined):
    for name in set(NEW) - {"lbp_multiscale"}:
        family, values = FAMILIES[name], describe(name, noise(20, 20), mask)
        assert sum(~np.isnan(list(values.values()))) == defined.get(name, 0), name
        for feature in family.features:
            assert feature.undefined or not np.isnan(values[feature.name])


def test_a_broken_line_has_one_dimension_whichever_way_it_lies():
    """Boxes that began at one corner only saw the gap in another place after half a turn."""
    mask = np.array([[1, 1, 0, 0, 0, 0, 0, 0, 1]], dtype=bool)
    found = [
        FAMILIES["fractal"].compute(Region.of(StoneImage(part * 1.0, mask=part)))[0]
        for part in (np.ascontiguousarray(np.rot90(mask, turns)) for turns in range(4))
    ]
    assert len(set(found)) == 1
