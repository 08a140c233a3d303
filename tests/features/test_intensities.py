"""First-order statistics, density and bright spots on pixels whose values are known."""

import numpy as np
import pytest
from scipy import stats

from ksfeat.features import FAMILIES, histogram
from ksfeat.image import StoneImage
from ksfeat.roi import Region


def named(family, image):
    table = FAMILIES[family]
    short = [name.removeprefix(f"{family}_") for name in table.columns]
    return dict(zip(short, table.compute(Region.of(image)), strict=True))


def test_statistics_agree_with_scipy():
    pixels = np.random.default_rng(1).gamma(2.0, 30.0, (31, 17))
    values = named("first_order", StoneImage(pixels))
    expected = {
        "mean": pixels.mean(),
        "variance": pixels.var(),
        "skewness": stats.skew(pixels, axis=None),
        "kurtosis": stats.kurtosis(pixels, axis=None),
        "p10": np.percentile(pixels, 10),
        "p90": np.percentile(pixels, 90),
        "iqr": stats.iqr(pixels),
        "cov": stats.variation(pixels, axis=None),
        "rms": np.sqrt(np.mean(pixels**2)),
    }
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, rel=1e-9), name


def test_one_grey_level_has_no_skewness_but_a_mean():
    values = named("first_order", StoneImage(np.full((8, 8), 0.1), mask=np.ones((8, 8))))
    undefined = {name for name, value in values.items() if np.isnan(value)}
    assert undefined == {"skewness", "kurtosis"}
    assert values["mean"] == pytest.approx(0.1)


def test_of_several_commonest_levels_the_nearest_to_the_mean_is_the_mode():
    counts = np.array([3, 0, 0, 3, 1])
    mode = [name.endswith("_mode_fbn5") for name in histogram.family(5).columns].index(True)
    assert histogram.describe(counts)[mode] == 4  # the mean is 20 / 7


def test_hounsfield_of_tissue_alone_is_zero_shares_and_no_mean():
    values = named("hounsfield", StoneImage(np.full((8, 8), 40.0), unit="HU", mask=np.ones((8, 8))))
    assert values["share_above_130hu"] == 0
    assert np.isnan(values["mean_above_130hu"])
    assert values["maximum_hu"] == 40


def test_a_limit_itself_is_not_above_the_limit():
    pixels = np.array([[130.0, 131.0], [400.0, 401.0]])
    values = named("hounsfield", StoneImage(pixels, unit="HU"))
    assert values["share_above_130hu"] == 0.75
    assert values["share_above_400hu"] == 0.25


def body_with_stones(*stones):
    rows, columns = np.indices((64, 64))
    pixels = 100 + 20 * np.sin(rows / 15) + 20 * np.cos(columns / 12)
    for row, column, size, brightness in stones:
        pixels[row : row + size, column : column + size] += brightness
    return StoneImage(pixels)


def test_stones_are_counted_measured_and_ranked():
    values = named("bright_spots", body_with_stones((10, 10, 3, 60), (40, 44, 2, 90)))
    assert values["count_r3_t30"] == values["count_r8_t30"] == 2
    assert values["largest_area_px_r3_t30"] == 9
    assert values["strongest_area_px_r3_t30"] == 4
    assert values["area_share_r3_t30"] == pytest.approx(13 / 64**2)
    assert values["strongest_roundness_r3_t30"] == pytest.approx(1)
    ratio = values["second_contrast_r3_t30"] / values["strongest_contrast_r3_t30"]
    assert ratio == pytest.approx(60 / 90, rel=0.05)


def test_a_wide_bright_area_is_no_spot_for_a_small_disc():
    rows, columns = np.indices((64, 64))
    distance = np.hypot(rows - 30, columns - 30)
    disc = 1 / (1 + np.exp(distance - 6))  # an edge as soft as a scanner's, half way at 6 px
    values = named("bright_spots", StoneImage(body_with_stones().pixels + 60 * disc))
    assert values["count_r3_t30"] == 0
    assert values["count_r8_t30"] == 1
    assert values["largest_area_px_r8_t30"] == pytest.approx(np.pi * 6**2, rel=0.2)


def test_without_a_spot_counts_are_0_and_the_rest_says_so():
    values = named("bright_spots", body_with_stones())
    assert values["count_r3_t30"] == values["area_share_r3_t30"] == 0
    assert np.isnan(values["largest_area_px_r3_t30"])
    assert 0 <= values["strongest_contrast_r3_t30"] < 0.3


def test_a_region_narrower_than_the_disc_is_no_spot():
    image = body_with_stones()
    mask = np.zeros(image.shape, dtype=bool)
    mask[10:50, 10:13] = mask[47:50, 10:50] = True
    dark = np.where(mask, image.pixels, -5000.0)
    assert named("bright_spots", StoneImage(dark, mask=mask))["count_r3_t30"] == 0
