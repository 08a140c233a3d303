"""Proposals miss nothing: any size, any unit, any pixel size, beside bone and beside each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spotted import spotted

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.candidate_scene import HU_PER_LEVEL, scene_of
from ksfeat.roi.candidates import LARGE, find_candidates


def nearest(image, x, y, most=120):
    """Return how far the nearest candidate is from a place."""
    centres = find_candidates(image, most).centres
    return float(np.hypot(centres[:, 0] - x, centres[:, 1] - y).min())


@pytest.mark.parametrize("radius", [1.2, 2.5, 5.0, 9.0])
def test_a_spot_of_any_size_is_found_and_is_the_most_prominent(radius):
    found = find_candidates(spotted([(40.5, 50.5, radius)]))
    assert np.hypot(*(found.centres[0] - [40.5, 50.5])) <= max(radius / 2, 1.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(20, 76), st.integers(30, 80))
def test_a_small_stone_is_found_wherever_it_lies(x, y):
    assert nearest(spotted([(x + 0.5, y + 0.5, 1.5)]), x + 0.5, y + 0.5, most=5) <= 1.5


def test_two_stones_that_touch_are_two_candidates():
    image = spotted([(40.5, 50.5, 4.0), (48.5, 50.5, 4.0)])
    assert nearest(image, 40.5, 50.5, 6) <= 2
    assert nearest(image, 48.5, 50.5, 6) <= 2


def test_a_staghorn_is_proposed_though_it_is_as_large_as_bone():
    image = spotted([(60.5, 70.5, 30.0)], shape=(140, 140))
    found = find_candidates(image)
    inside = np.hypot(*(found.centres - [60.5, 70.5]).T) < 30
    assert (found.scales[inside] == LARGE).any()


def test_blobs_inside_bone_are_not_proposed():
    image = spotted([], bone=True, noise=6.0)
    found = find_candidates(image)
    blobs = found.points[found.scales != LARGE]
    assert not ((blobs[:, 1] > 74) & (blobs[:, 1] < 90)).any()


def test_the_edge_of_fat_is_less_prominent_than_a_faint_stone():
    image = spotted([(40.5, 50.5, 2.0)])
    found = find_candidates(image)
    edge = (found.points[:, 0] > 11) & (found.points[:, 0] < 18)
    strongest = found.prominence[edge].max(initial=0)
    assert found.prominence[0] > 5 * strongest


def test_hounsfield_units_and_grey_values_give_the_same_places():
    grey = spotted([(40.5, 50.5, 2.5)])
    values = (grey.pixels.astype(float) - 120) * HU_PER_LEVEL + 40
    same = find_candidates(StoneImage(values, unit="HU"), 1)
    assert same.centres.tolist() == find_candidates(grey, 1).centres.tolist()


def test_places_are_in_the_image_s_own_pixels_whatever_their_size():
    coarse = spotted([(40.5, 50.5, 3.0)])
    fine = StoneImage(np.kron(coarse.pixels, np.ones((2, 2), np.uint8)), spacing_mm=(0.425, 0.425))
    place = find_candidates(fine).centres[0]
    assert np.hypot(*(place - [81.0, 101.0])) <= 2


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (3, 200)])
def test_a_tiny_or_flat_image_has_no_candidate(shape):
    assert len(find_candidates(StoneImage(np.full(shape, 7, np.uint8)))) == 0


def test_saturated_bone_is_not_taken_for_soft_tissue():
    pixels = np.array(spotted([], shape=(120, 120)).pixels)
    pixels[20:, :75] = 255 - np.random.default_rng(0).integers(0, 6, (100, 75))
    assert np.median(scene_of(StoneImage(pixels)).levels[40:, 90:]) == pytest.approx(0, abs=3)


def test_a_volume_is_refused():
    with pytest.raises(InputError, match="a volume; expected one slice"):
        find_candidates(StoneImage(np.zeros((3, 9, 9)), unit="HU", volume=True))


def test_an_organ_that_contrast_has_brightened_is_no_bone_and_its_stone_is_seen():
    rows, columns = np.indices((120, 120))
    pixels = np.full((120, 120), -100.0)
    pixels[15:] = 40.0
    pixels[(rows - 60) ** 2 + (columns - 40) ** 2 < 26**2] = 190.0  # a kidney, enhanced
    pixels[(rows - 60) ** 2 + (columns - 95) ** 2 < 14**2] = 700.0  # dense bone
    pixels[58:62, 38:42] = 900.0
    pixels += np.random.default_rng(0).normal(0, 8, pixels.shape)
    image = StoneImage(pixels, unit="HU")
    bone = scene_of(image).bone
    assert bone[60, 95]
    assert not bone[60, 30]
    found = find_candidates(image)
    assert np.hypot(*(found.centres - [40, 60]).T).min() <= 1.5
    first = found.centres[found.scales != LARGE][0]
    assert np.hypot(*(first - [40, 60])) <= 1.5
