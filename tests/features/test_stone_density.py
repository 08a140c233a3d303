"""Density of candidates is read from the image itself, in HU, or is not told."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ksfeat.features.stone_density import density_features, describe_density
from ksfeat.image import StoneImage

NAMES = [feature.name for feature in density_features()]


def described(first, second=None, unit="HU", at=(4.5, 4.5), mm=2.0):
    image = StoneImage(first, unit=unit, second_energy=second)
    row = describe_density(image, np.array([at]), np.array([mm]))[0]
    return dict(zip(NAMES, row.tolist(), strict=True))


def blob(height):
    pixels = np.full((9, 9), 20.0)
    pixels[3:6, 3:6] = height / 2
    pixels[4, 4] = height
    return pixels


@given(st.floats(300, 3000))
def test_by_hand(height):
    told = described(blob(height), blob(height) / 2)
    assert told["stones_hu_maximum"] == height  # beyond any window
    assert np.isclose(told["stones_hu_mean"], (height + 8 * height / 2) / 9)
    assert np.isclose(told["stones_hu_per_mm"], height / 2)
    assert np.isclose(told["stones_laplacian_over_hu"], 0.5)
    assert np.isclose(told["stones_dual_ratio"], 2.0)


def test_what_the_image_lacks_is_not_told():
    assert np.isnan(list(described(blob(900), unit="grey").values())).all()
    one = described(blob(900), mm=np.nan)
    assert np.isnan(one["stones_dual_ratio"])
    assert np.isnan(one["stones_hu_per_mm"])
    assert one["stones_hu_maximum"] == 900
    none = describe_density(StoneImage(blob(900), unit="HU"), np.zeros((0, 2)), np.zeros(0))
    assert none.shape == (0, len(NAMES))


def test_at_the_edge_of_the_image_its_pixels_are_repeated():
    pixels = np.zeros((9, 9))
    pixels[0, 0] = 700.0
    told = described(pixels, at=(0.5, 0.5))
    assert told["stones_hu_maximum"] == 700
    assert np.isclose(told["stones_hu_mean"], 4 * 700 / 9)
