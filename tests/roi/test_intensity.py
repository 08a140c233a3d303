import cv2
import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import clahe, window, zscore

RNG = np.random.default_rng(0)
CT = RNG.normal(40, 300, (40, 50))
COLOUR = RNG.integers(0, 255, (40, 50, 3)).astype(np.uint8)


def test_the_region_has_mean_0_and_deviation_1_and_all_pixels_are_scaled_alike():
    mask = np.zeros(CT.shape, dtype=bool)
    mask[5:20, 5:20] = True
    image = StoneImage(CT, unit="HU", mask=mask, spacing_mm=(1, 1), second_energy=3 * CT + 7)
    seen = zscore(image)
    inside = seen.pixels[mask]
    assert (inside.mean(), inside.std()) == pytest.approx((0, 1))
    np.testing.assert_allclose(seen.pixels, (CT - CT[mask].mean()) / CT[mask].std())
    assert (seen.unit, seen.spacing_mm) == ("grey", (1, 1))
    np.testing.assert_array_equal(seen.mask, mask)
    np.testing.assert_allclose(seen.second_energy, seen.pixels)


def test_without_a_mask_the_foreground_is_the_region():
    pixels = np.full((40, 50), -1000.0)
    pixels[10:30, 10:40] = RNG.normal(40, 10, (20, 30))
    for image in (StoneImage(pixels), StoneImage(np.stack([pixels] * 3), volume=True)):
        inside = zscore(image).pixels[..., 10:30, 10:40]
        assert (inside.mean(), inside.std()) == pytest.approx((0, 1))


def test_each_colour_has_its_own_scale():
    seen = zscore(StoneImage(COLOUR, unit="rgb", mask=np.ones((40, 50))))
    np.testing.assert_allclose(seen.pixels.mean(axis=(0, 1)), 0, atol=1e-12)
    np.testing.assert_allclose(seen.pixels.std(axis=(0, 1)), 1)
    assert seen.unit == "rgb"


def test_one_grey_level_becomes_zero():
    assert not zscore(StoneImage(np.full((8, 8), 5))).pixels.any()


def test_an_empty_mask_has_no_mean():
    with pytest.raises(InputError, match=r"a\.png: an empty mask"):
        zscore(StoneImage(CT, mask=CT > 1e6, key="a.png"))


def test_one_tile_without_a_limit_is_histogram_equalisation():
    grey = (RNG.beta(2, 5, (64, 64)) * 255).astype(np.uint8)
    rank = np.cumsum(np.bincount(grey.ravel(), minlength=256)) / grey.size
    expected = np.rint(rank[grey] * 255)
    np.testing.assert_array_equal(clahe(StoneImage(grey), 100, 1).pixels, expected)


def test_tiles_see_their_own_contrast_and_the_limit_holds_it_back():
    faint = np.zeros((64, 64))
    faint[:, :32] = RNG.normal(100, 2, (64, 32))
    faint[:, 32:] = RNG.normal(900, 2, (64, 32))
    spread = [
        clahe(StoneImage(faint), limit, tiles).pixels[:, :16].std()
        for limit, tiles in [(0.01, 2), (100, 1), (100, 2)]
    ]
    assert spread[2] > 1.5 * spread[1] > 1.5 * spread[0]


def test_bytes_are_taken_as_they_are_and_other_values_over_their_range():
    by_hand = np.rint((CT - CT.min()) / np.ptp(CT) * 255).astype(np.uint8)
    seen = clahe(StoneImage(CT, unit="HU", second_energy=2 * CT))
    np.testing.assert_array_equal(seen.pixels, clahe(StoneImage(by_hand)).pixels)
    np.testing.assert_array_equal(seen.second_energy, seen.pixels)
    assert (seen.unit, seen.pixels.dtype) == ("grey", np.uint8)
    assert np.ptp(clahe(StoneImage(np.full((8, 8), 3.5))).pixels) == 0


def test_a_volume_is_taken_slice_by_slice():
    volume = RNG.integers(0, 255, (3, 16, 16)).astype(np.uint8)
    seen = clahe(StoneImage(volume, volume=True)).pixels
    for plane, expected in zip(volume, seen, strict=True):
        np.testing.assert_array_equal(clahe(StoneImage(plane)).pixels, expected)


def test_hues_are_kept():
    dull = (COLOUR // 4 + 60).astype(np.uint8)
    seen = clahe(StoneImage(dull, unit="rgb"))
    assert seen.unit == "rgb"
    before, after = (cv2.cvtColor(p, cv2.COLOR_RGB2LAB).astype(int) for p in (dull, seen.pixels))
    # Rounding and the limits of what a screen can show move some hues a little.
    assert np.abs(after - before)[..., 1:].mean() < 2
    assert after[..., 0].std() > 1.5 * before[..., 0].std()


@pytest.mark.parametrize(
    ("limit", "tiles", "message"),
    [
        (0, 8, "clip_limit 0; expected a number from 0.01 to 100"),
        (2.0, 0, "tiles 0; expected a whole number from 1 to 64"),
        (2.0, 2.5, "tiles 2.5; expected a whole number"),
        ("2", 8, "clip_limit '2'; expected a number"),
        (True, 8, "clip_limit True; expected a number"),
    ],
)
def test_parameters_out_of_range_are_refused(limit, tiles, message):
    with pytest.raises(InputError, match=message):
        clahe(StoneImage(CT), limit, tiles)


def test_a_window_clips_the_second_energy_too():
    seen = window(StoneImage(CT, unit="HU", second_energy=2 * CT), "soft_tissue")
    np.testing.assert_array_equal(seen.second_energy, np.clip(2 * CT, -160, 240))
