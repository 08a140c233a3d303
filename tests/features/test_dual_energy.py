"""Two energies of one place: known ratios, and what noise and partial volume do to them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.features import DEFAULT, FAMILIES, FeatureExtractor
from ksfeat.image import StoneImage
from ksfeat.roi import Region

LAW = settings(max_examples=40, derandomize=True, deadline=None)


def named(first, second, mask=None):
    table = FAMILIES["dual_energy"]
    region = Region.of(StoneImage(first, unit="HU", second_energy=second, mask=mask))
    short = [name.removeprefix("dual_energy_") for name in table.columns]
    return dict(zip(short, table.compute(region), strict=True))


def test_each_zone_has_its_own_means():
    first = np.array([[100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0, 800.0, 900.0]])
    second = np.array([[90.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 400.0, 500.0]])
    seen = named(first, second, mask=first > 0)
    assert (seen["mean_first_dense"], seen["mean_second_dense"]) == (550, 375)  # not the 100 HU
    assert seen["difference_dense"] == 175
    assert seen["ratio_dense"] == pytest.approx(550 / 375)
    # Two of eight: by the mean of both energies 900 + 500 and 700 + 600, not 800 + 400.
    assert (seen["mean_first_core"], seen["mean_second_core"]) == (800, 550)
    assert (seen["mean_first_mask"], seen["mean_second_mask"]) == (500, pytest.approx(3090 / 9))


def test_without_dense_pixels_only_a_drawn_mask_is_described():
    soft, mask = np.full((4, 4), 40.0), np.eye(4) > 0
    bare, drawn = named(soft, soft), named(soft, soft / 2, mask)
    assert all(np.isnan(value) for value in bare.values())
    told = {name: value for name, value in drawn.items() if not np.isnan(value)}
    means = {"mean_first_mask": 40, "mean_second_mask": 20}
    assert told == means | {"ratio_mask": 2, "difference_mask": 20}


def test_one_pixel_has_means_and_no_slope_and_what_is_no_denser_than_water_no_ratio():
    mask = np.eye(8)[:, ::-1] * np.arange(8) == 7
    seen = named(np.full((8, 8), 300.0), np.full((8, 8), -5.0), mask)
    assert (seen["mean_first_core"], seen["difference_mask"]) == (300, 305)
    assert np.isnan([seen["ratio_dense"], seen["ratio_mask"], seen["slope_dense"]]).all()


@LAW
@given(st.floats(0.8, 2.5), st.floats(-40, 40), st.integers(0, 2**32 - 1))
def test_the_slope_is_the_materials_ratio_however_pixels_mix_it_with_something_else(
    ratio, water, seed
):
    """The ratio of means is pulled to the urine's where pixels are half stone, half urine."""
    share = np.random.default_rng(seed).uniform(0.4, 1, (6, 6))
    second = water + share * 800
    first = water + share * 800 * ratio
    assert named(first, second)["slope_dense"] == pytest.approx(ratio, rel=1e-6)


def test_noise_of_the_same_size_in_both_energies_leaves_the_slope_where_it_is():
    rng = np.random.default_rng(0)
    second = rng.uniform(400, 1200, (100, 100))
    noise = rng.normal(0, 80, (2, 100, 100))
    seen = named(1.5 * second + noise[0], second + noise[1])
    assert seen["slope_dense"] == pytest.approx(1.5, abs=0.02)
    assert seen["ratio_core"] == pytest.approx(1.5, abs=0.01)


def test_images_that_vary_apart_from_each_other_have_no_slope():
    first = np.array([[200.0, 300.0], [200.0, 300.0]])
    assert np.isnan(named(first, np.array([[200.0, 200.0], [300.0, 300.0]]))["slope_dense"])


def slices(count):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (24, 30)).astype(np.uint8) for _ in range(count)]


def in_hu(pixels, **fields):
    return StoneImage(pixels.astype(np.int16) * 8 - 1000, unit="HU", **fields)


def test_a_second_energy_is_described_where_every_image_has_one():
    first, second = slices(2)
    both = [in_hu(pixels, second_energy=pixels * 2.0) for pixels in (first, second)]
    fitted = FeatureExtractor().fit(both)
    assert fitted.families_ == DEFAULT
    one = StoneImage(both[1].pixels, unit="HU", key="b.dcm")
    seen = FeatureExtractor().fit([both[0], one])
    assert seen.left_out_ == {"dual_energy": "it needs a second energy, and b.dcm has none"}
    expected = (
        r"b\.dcm: 'dual_energy' cannot be computed: it needs a second.*column second_path, or"
    )
    with pytest.raises(InputError, match=expected):
        fitted.transform([one])


def test_a_resized_and_windowed_image_keeps_its_second_energy_for_the_features_of_density():
    pixels = slices(1)[0].astype(float) * 4
    image = StoneImage(pixels, unit="HU", second_energy=pixels / 2)
    table = FeatureExtractor(["dual_energy", "lbp"], size=20, window="stone").fit([image])
    values = dict(zip(table.get_feature_names_out(), table.transform([image])[0], strict=True))
    assert values["dual_energy_ratio_dense"] == pytest.approx(2)
    assert values["dual_energy_slope_dense"] == pytest.approx(2)


def test_a_second_energy_of_huge_values_is_refused_as_the_first_is():
    pixels = slices(1)[0]
    with pytest.raises(InputError, match=r"pixel values up to 1\.0e\+80; expected less than"):
        FeatureExtractor("shape").fit([in_hu(pixels, second_energy=np.full(pixels.shape, 1e80))])
