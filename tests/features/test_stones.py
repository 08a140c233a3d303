"""Descriptors of candidates against known discs, plain loops and the laws they must keep."""

import numpy as np
import pytest
from spotted import spotted

from ksfeat.features.stone_mirror import describe_mirrored, mirror_features
from ksfeat.features.stones import describe_candidates, stone_features
from ksfeat.image import StoneImage
from ksfeat.roi.candidates import find_candidates

NAMES = [feature.name.removeprefix("stones_") for feature in stone_features()]


def described(image):
    """Return the first candidate's numbers by name."""
    return dict(zip(NAMES, describe_candidates(find_candidates(image))[0], strict=True))


@pytest.mark.parametrize("radius", [2.0, 4.0, 7.0])
def test_size_and_density_of_a_disc(radius):
    found = described(spotted([(40.5, 50.5, radius)], noise=0.5))
    assert found["area"] == pytest.approx(np.pi * radius**2, rel=0.12)
    assert found["major_axis"] == pytest.approx(2 * radius, rel=0.08)
    assert found["roundness"] == pytest.approx(1, abs=0.05)
    assert found["spread"] == pytest.approx(1, abs=0.15)
    assert found["mean"] == pytest.approx(110, abs=3)
    assert found["background"] == pytest.approx(0, abs=3)
    assert found["offset"] <= 1


def test_an_ellipse_is_not_round():
    pixels = np.array(spotted([], noise=0.0).pixels)
    rows, columns = np.indices(pixels.shape)
    pixels[((columns - 40) / 6) ** 2 + ((rows - 50) / 3) ** 2 <= 1] = 230
    found = described(StoneImage(pixels))
    assert found["roundness"] == pytest.approx(0.5, abs=0.08)
    assert (found["width"], found["height"]) == (13, 7)


def test_a_ring_s_mean_against_a_plain_loop():
    candidates = find_candidates(spotted([(40.5, 50.5, 3.0)]))
    levels = candidates.scene.levels
    row, column = candidates.points[0]
    rows, columns = np.indices(levels.shape)
    distance = np.hypot(rows - row, columns - column)
    ring = levels[(distance >= 5) & (distance < 7)].astype(float)
    found = describe_candidates(candidates)[0]
    assert found[NAMES.index("ring_mean_r70")] == pytest.approx(ring.mean())
    assert found[NAMES.index("ring_sd_r70")] == pytest.approx(ring.std())


def test_rays_and_rings_know_fat_from_bone():
    deep = described(spotted([(40.5, 60.5, 3.0)], shape=(160, 160)))
    high = described(spotted([(40.5, 24.5, 3.0)], shape=(160, 160)))
    beside = described(spotted([(126.5, 80.5, 2.0)], shape=(160, 160), bone=True))
    assert high["rays_dark"] > deep["rays_dark"]
    assert high["dark_distance"] < deep["dark_distance"]
    assert beside["rays_bone"] > 0
    assert beside["ray_shortest"] < 10


def test_a_staghorn_does_not_count_as_the_bone_beside_itself():
    candidates = find_candidates(spotted([(70.5, 70.5, 30.0)], shape=(140, 140)))
    table = describe_candidates(candidates)
    core = table[np.argmax(table[:, NAMES.index("component_area")])]
    assert core[NAMES.index("rays_bone")] == 0
    assert core[NAMES.index("component_area")] == pytest.approx(np.pi * 900, rel=0.06)


def test_a_mirrored_slice_gives_the_same_numbers():
    image = spotted([(40.5, 50.5, 3.0)])
    flipped = StoneImage(np.ascontiguousarray(image.pixels[:, ::-1]))
    one, other = described(image), described(flipped)
    # Where a plateau has several highest pixels, which one is first depends on the side.
    for name in ("area", "mean", "maximum", "roundness", "level_s42", "curvature_s42"):
        assert other[name] == pytest.approx(one[name], rel=0.05), name


def test_the_peak_s_laplacian_is_how_far_it_stands_above_its_neighbours():
    pixels = np.array(spotted([], noise=0.0).pixels)
    pixels[49:52, 39:42], pixels[50, 40] = 180, 230
    assert described(StoneImage(pixels))["peak_laplacian"] == pytest.approx(50)


def test_mirrored_places_tell_a_pair_from_a_single_spot():
    names = [feature.name for feature in mirror_features()]
    column = names.index("stones_mirror_level_difference")
    pair = find_candidates(spotted([(30.5, 50.5, 3.0), (65.5, 50.5, 3.0)]))
    single = find_candidates(spotted([(30.5, 50.5, 3.0)]))
    assert describe_mirrored(pair)[0, column] < 20 < describe_mirrored(single)[0, column]


def test_no_candidate_gives_no_row_and_only_finite_numbers_or_nan_come_out():
    flat = find_candidates(StoneImage(np.full((40, 40), 9, np.uint8)))
    assert describe_candidates(flat).shape == (0, len(NAMES))
    table = describe_candidates(find_candidates(spotted([(2.5, 92.5, 2.0)], noise=8.0)))
    may_be_nan = [bool(feature.undefined) for feature in stone_features()]
    assert not np.isinf(table).any()
    assert not np.isnan(table[:, ~np.array(may_be_nan)]).any()


def test_names_are_unique():
    every = [feature.name for feature in (*stone_features(), *mirror_features())]
    assert len(set(every)) == len(every)
