"""Wavelet and Laplacian sub-bands, and the families they feed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from formula import IMAGE, MASK
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from ksfeat.errors import InputError
from ksfeat.features import FAMILIES, FeatureExtractor, glcm, laplacian, wavelet
from ksfeat.features.filters import along
from ksfeat.features.registry import PRESETS, families
from ksfeat.features.subbands import subbands
from ksfeat.features.surroundings import surroundings
from ksfeat.image import StoneImage
from ksfeat.roi import Discretisation, Region

REFERENCE = Path(__file__).parents[1] / "reference" / "pywavelets_coif1.csv"
LAW = settings(max_examples=25, derandomize=True, deadline=None)
BANKS = {"wavelet": wavelet.bank(), "log": laplacian.bank()}
EVERY = pytest.mark.parametrize("bank", BANKS.values(), ids=BANKS)
FEEDING = [*PRESETS["wavelet"], *PRESETS["log"]]


def bands(pixels, bank, mask=None, volume=False):
    region = Region.of(StoneImage(pixels, mask=mask, volume=volume))
    return {
        each.name: band.pixels
        for each, band in zip(bank.filters, subbands(region, bank), strict=True)
    }


@pytest.mark.parametrize("name", ["ll", "lh", "hl", "hh"])
def test_wavelet_sub_bands_are_those_of_pywavelets(name):
    table = pd.read_csv(REFERENCE, comment="#").query("band == @name")
    band = bands(IMAGE, wavelet.bank())[name]
    found = band[table["row"], table["column"]]
    np.testing.assert_allclose(found, table["value"], rtol=1e-9)
    assert len(table) == 9


@pytest.mark.parametrize("sigma", [1, 2, 3])
def test_laplacian_is_the_sum_of_second_derivatives_of_a_gaussian(sigma):
    noise = np.random.default_rng(0).normal(100, 10, (40, 50))
    expected = ndimage.gaussian_laplace(noise, sigma)
    # scipy's weights do not quite add up to 0: it lets some of the smoothed image through.
    steps = np.arange(-4 * sigma, 4 * sigma + 1)
    bell = np.exp(-(steps**2) / (2 * sigma**2)) / np.exp(-(steps**2) / (2 * sigma**2)).sum()
    leak = ((steps**2 / sigma**4 - 1 / sigma**2) * bell).sum()
    expected -= 2 * leak * ndimage.gaussian_filter(noise, sigma)
    found = bands(noise, laplacian.bank())[f"s{sigma}"]
    np.testing.assert_allclose(found, expected, atol=1e-9)


@LAW
@given(
    hnp.arrays(np.int16, hnp.array_shapes(min_dims=1, max_dims=3, min_side=5, max_side=9)),
    hnp.arrays(np.int8, st.integers(1, 5)),
    st.integers(0, 2),
)
def test_correlation_along_an_axis_is_that_of_scipy(values, weights, axis):
    axis %= values.ndim
    whole = ndimage.correlate1d(values.astype(float), weights.astype(float), axis)
    before = len(weights) // 2
    stop = values.shape[axis] - (len(weights) - 1 - before)
    inner = np.take(whole, np.arange(before, stop), axis)
    np.testing.assert_array_equal(along(values.astype(float), weights.astype(float), axis), inner)


@st.composite
def regions(draw):
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))
    pixels = draw(hnp.arrays(np.uint8, shape))
    return pixels, draw(hnp.arrays(bool, shape).filter(np.any))


@EVERY
@LAW
@given(region=regions(), seed=st.integers(0, 2**32 - 1))
def test_pixels_beyond_a_filters_reach_do_not_matter(bank, region, seed):
    pixels, mask = (np.pad(part, 14) for part in region)
    other = np.random.default_rng(seed).integers(0, 256, pixels.shape) * 1e50
    still = values(pixels, mask, bank)
    for each in bank.filters:
        near = ndimage.binary_dilation(mask, np.ones((2 * each.reach + 1,) * 2))
        changed = values(np.where(near, pixels, other), mask, bank)
        np.testing.assert_array_equal(changed[each.name], still[each.name])


def values(pixels, mask, bank):
    regions = subbands(Region.of(StoneImage(pixels, mask=mask)), bank)
    return {each.name: band.values for each, band in zip(bank.filters, regions, strict=True)}


@EVERY
@pytest.mark.parametrize("further", [0, 1])
def test_what_lies_within_reach_is_seen(bank, further):
    mask = np.zeros((40, 40), dtype=bool)
    mask[20, 20] = mask[0, 0] = True  # their box is not full
    for each in bank.filters:
        bright = np.zeros(mask.shape)
        # The Coiflet reads 3 pixels on this side, 2 on the other.
        bright[20 + each.reach + further, 20 + each.reach + further] = 50
        assert values(bright, mask, bank)[each.name].any() == (further == 0)


@pytest.mark.parametrize("name", FEEDING)
@settings(max_examples=10, derandomize=True, deadline=None)
@given(region=regions(), frame=st.tuples(*[st.integers(0, 5)] * 4), fill=st.integers(0, 255))
def test_shifting_and_padding_beyond_reach_changes_nothing(name, region, frame, fill):
    pixels, mask = (np.pad(part, 12) for part in region)
    widths = (frame[:2], frame[2:])
    moved = StoneImage(np.pad(pixels, widths, constant_values=fill), mask=np.pad(mask, widths))
    still = StoneImage(pixels, mask=mask)
    compute = FAMILIES[name].compute
    np.testing.assert_array_equal(compute(Region.of(still)), compute(Region.of(moved)))


@pytest.mark.parametrize("name", FEEDING)
@settings(max_examples=10, derandomize=True, deadline=None)
@given(region=regions())
def test_a_value_is_finite_or_the_table_says_when_it_is_not_defined(name, region):
    pixels, mask = region
    family = FAMILIES[name]
    values = family.compute(Region.of(StoneImage(pixels, mask=mask)))
    assert values.shape == (len(family.features),)
    assert not np.isinf(values).any()
    for feature, value in zip(family.features, values, strict=True):
        assert feature.undefined or not np.isnan(value), feature.name


@EVERY
@pytest.mark.parametrize("level", [0, 1000.1, -1e30])
def test_a_flat_image_answers_with_one_level_and_not_with_rounding(bank, level):
    for name, band in bands(np.full((9, 11), level), bank).items():
        expected = 2 * level if name == "ll" else 0.0
        np.testing.assert_allclose(band, expected, rtol=1e-11)
        assert np.ptp(band) == 0


def test_a_ramp_has_no_laplacian_away_from_the_edge():
    ramp = np.add.outer(np.arange(60.0) * 0.1, np.arange(60.0) * 0.3)
    for band in bands(ramp, laplacian.bank()).values():
        assert not band[12:-12, 12:-12].any()


def test_the_image_is_mirrored_at_its_edge_and_read_beyond_the_mask():
    image = StoneImage(np.arange(1.0, 6.0)[None], mask=np.array([[1, 1, 0, 0, 0]]))
    found = surroundings(Region.of(image), 2, axes=(-1,))
    assert found.tolist() == [[2, 1, 1, 2, 3, 4]]


def test_a_fed_family_is_the_family_of_the_filtered_image():
    region = Region.of(StoneImage(IMAGE, mask=MASK))
    family = FAMILIES["wavelet_glcm"]
    band = bands(IMAGE, wavelet.bank(), MASK)["hl"]
    expected = glcm.compute(Region.of(StoneImage(band, mask=MASK[box(MASK)])), 32)
    found = dict(zip(family.columns, family.compute(region), strict=True))
    assert found["wavelet_glcm_hl_contrast_d1_fbn32"] == expected[11]
    assert len(found) == 4 * 25


def box(mask):
    rows, columns = np.nonzero(mask)
    return np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def test_presets_feed_every_family():
    fed = ("first_order", "histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm")
    assert PRESETS["log"] == tuple(f"log_{name}" for name in fed)
    extractor = FeatureExtractor(["wavelet", "log"]).fit([IMAGE])
    assert extractor.n_features_out_ == (4 + 3) * (16 + 23 + 25 + 16 + 16 + 5 + 17)
    assert not np.isnan(extractor.transform([IMAGE])).any()
    # Of the whole image the mean of a Laplacian is 0, so nothing is measured against it.
    assert not [name for name in extractor.get_feature_names_out() if "order_s1_cov" in name]


def test_a_volume_is_filtered_in_its_slices_or_whole():
    volume = np.random.default_rng(1).integers(0, 99, (6, 14, 15))
    image = StoneImage(volume, volume=True, mask=volume > 10)
    for aggregation, columns in (("2.5d_mrg", 4 * 25), ("3d_mrg", 8 * 25)):
        extractor = FeatureExtractor("wavelet_glcm", aggregation=aggregation)
        assert extractor.fit_transform([image]).shape == (1, columns)
    sliced = bands(volume, wavelet.bank(), volume=True)["lh"]
    np.testing.assert_array_equal(sliced[2], bands(volume[2], wavelet.bank())["lh"])
    whole = bands(volume, laplacian.bank(3), volume=True)["3d_s1"]
    turned = bands(volume.transpose(2, 0, 1), laplacian.bank(3), volume=True)["3d_s1"]
    np.testing.assert_allclose(turned, whole.transpose(2, 0, 1), atol=1e-9)
    with pytest.raises(InputError, match="needs an aggregation"):
        FeatureExtractor("log_first_order").fit([image])


def test_bins_of_a_fixed_size_begin_at_the_lowest_response():
    table = families(Discretisation("fbs", 25, start=-1000))
    region = Region.of(StoneImage(IMAGE, mask=MASK))
    values = table["wavelet_histogram"].compute(region)
    assert table["wavelet_histogram"].columns[0] == "wavelet_histogram_ll_mean_fbs25"
    assert (values[5::23] == 1).all()  # the minimum of each sub-band


@pytest.mark.parametrize(("aggregation", "dimensions"), [("2.5d_mrg", 2), ("3d_mrg", 3)])
def test_neighbours_in_a_volume_are_looked_for_in_its_filters(aggregation, dimensions):
    table = families(8, aggregation)
    banks = {"wavelet": wavelet.bank(dimensions), "log": laplacian.bank(dimensions)}
    for name, bank in banks.items():
        first = table[f"{name}_first_order"].columns[0]
        assert first == f"{name}_first_order_{bank.filters[0].name}_mean"
