"""A stone stands apart; bone, what touches the edge, and noise do not count as one."""

import numpy as np
import pytest

from ksfeat.features import FAMILIES
from ksfeat.features.isolated_spots import _MOST
from ksfeat.image import StoneImage
from ksfeat.roi import Region

STONE = (slice(40, 44), slice(30, 33))  # 12 px, inside the body
BONE = (slice(50, 62), slice(50, 62))  # 144 px, above 1 % of the image
RIB = (slice(40, 44), slice(0, 3))  # at the edge of the image


def body(*bright, level=200.0):
    pixels = np.zeros((100, 100))
    pixels[10:90, :] = 100.0 + np.random.default_rng(0).normal(0, 1, (80, 100))
    for place in bright:
        pixels[place] = level
    return pixels


def spots(pixels, **image):
    family = FAMILIES["isolated_spots"]
    values = family.compute(Region.of(StoneImage(pixels, **image)))
    names = [name.removeprefix("isolated_spots_") for name in family.columns]
    return dict(zip(names, values, strict=True))


def test_a_stone_is_measured():
    found = spots(body(STONE, BONE))
    assert found["count"] == found["count_clearer_8"] == 1
    assert found["total_area_px"] == found["clearest_area_px"] == 12
    assert found["clearest_contrast"] == pytest.approx(1.0, abs=0.02)
    assert found["clearest_unrest"] < 0.02
    assert found["clearest_fill"] == 1.0
    assert found["clearest_depth_px"] == pytest.approx(32.5, abs=1)  # from row 41.5 to row 9
    # From the stone's pixels (rows 40-43, columns 30-32) to the bone's corner (50, 50).
    rows, columns = np.mgrid[40:44, 30:33]
    expected = np.hypot(50 - rows, 50 - columns).mean()
    assert found["clearest_bone_distance_px"] == pytest.approx(expected, rel=1e-3)


def test_bone_and_what_touches_the_edge_are_no_stones():
    assert spots(body(BONE))["count"] == 0
    assert spots(body(RIB))["count"] == 0
    assert np.isnan(spots(body(BONE))["largest_area_px"])


def test_without_bone_there_is_no_distance_to_it():
    assert np.isnan(spots(body(STONE))["clearest_bone_distance_px"])
    assert spots(body(STONE))["count"] == 1


def test_a_body_that_fills_the_image_has_no_depth():
    """Bright spots on a speckle: Otsu's foreground, once closed and filled, is all of it."""
    pixels = 50.0 + 50.0 * (np.indices((100, 100)).sum(axis=0) % 2)
    pixels[STONE] = 200.0
    pixels[25:31, 60:66] = 170.0  # met first, and less clear
    found = spots(pixels)
    assert found["count"] == 2
    depths = [found[f"{pick}_depth_px"] for pick in ("clearest", "deepest", "largest")]
    assert np.isnan(depths).all()
    assert found["deepest_clarity"] == found["clearest_clarity"] > 0
    pixels[0:20, 0:30] = 0  # more than closing fills: an edge of the body
    assert 15 < spots(pixels)["clearest_depth_px"] < 30


def test_the_clear_deep_spot_is_picked_before_the_large_blurred_one():
    pixels = body(STONE)
    pixels[14:18, 60:70] = 180.0
    pixels[14:18:2, 58:72] += 40.0  # restless surroundings near the edge of the body
    found = spots(pixels)
    assert found["clearest_area_px"] == found["deepest_area_px"] == 12
    assert found["largest_area_px"] > 12


def test_the_edge_of_a_mask_is_an_edge_of_the_body():
    mask = np.zeros((100, 100), dtype=bool)
    mask[36:48, 26:37] = True
    found = spots(body(STONE), mask=mask)
    assert found["count"] == 1
    assert found["clearest_depth_px"] < 8


def test_noise_is_looked_at_no_longer_than_the_largest_spots():
    pixels = np.random.default_rng(0).random((300, 300))
    assert spots(pixels)["count"] == _MOST
