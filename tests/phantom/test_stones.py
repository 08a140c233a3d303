"""Stones: size, surface, core and shell, and where they lie."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.phantom import growth
from ksfeat.phantom.anatomy import draw_patient
from ksfeat.phantom.compositions import COMPOSITIONS
from ksfeat.phantom.stones import CORE, OUTSIDE, SHELL, Stone, draw_stones, draw_waves

PATIENT = draw_patient(np.random.default_rng(5))


def ball(roughness=0.0, core_share=0.5, radius=4.0):
    centre, radii = np.zeros((1, 3)), np.full((1, 3), radius)
    waves = draw_waves(np.random.default_rng(0))
    matter = SimpleNamespace(core_share=core_share)
    return Stone("uric_acid", matter, centre, radii, waves, roughness, "")


def many(composition, count=150):
    rng = np.random.default_rng(1)
    return [stone for _ in range(count) for stone in draw_stones(PATIENT, composition, rng)]


def test_a_smooth_stone_has_its_core_inside_its_shell():
    x = np.array([0.0, 1.9, 2.1, 3.9, 4.1])
    assert ball().layer(x, 0 * x, 0 * x).tolist() == [CORE, CORE, SHELL, SHELL, OUTSIDE]


def test_what_lies_beyond_its_reach_is_outside_however_rough():
    stone = ball(roughness=0.15)
    points = np.random.default_rng(0).normal(size=(3, 4000))
    points *= stone.reach * 1.001 / np.linalg.norm(points, axis=0)
    assert not stone.contains(*points).any()


def test_a_rough_surface_leaves_the_ball():
    points = np.random.default_rng(0).normal(size=(3, 4000))
    points *= 4.0 / np.linalg.norm(points, axis=0)
    share = ball(roughness=0.12).contains(*points).mean()
    assert 0.1 < share < 0.9


def test_parts_are_fitted_to_the_diameter():
    rng = np.random.default_rng(2)
    for diameter in (2.0, 11.0, 30.0):
        centres, radii = growth.grow_stone(np.array([1.0, 2.0, 3.0]), diameter, rng)
        stone = replace(ball(), centres=centres, radii=radii)
        assert stone.diameter_mm == pytest.approx(diameter)
        np.testing.assert_allclose(centres[0], [1, 2, 3])


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_stones_measure_2_to_30_mm_and_vary(composition):
    sizes = np.array([stone.diameter_mm for stone in many(composition)])
    assert sizes.min() >= 2 - 1e-9
    assert sizes.max() <= 30 + 1e-9
    assert np.log(sizes).std() > 0.3


def test_neither_size_nor_roughness_gives_the_type_away():
    rows = growth.habits()
    low = max(float(rows[name]["roughness_low"]) for name in COMPOSITIONS)
    high = min(float(rows[name]["roughness_high"]) for name in COMPOSITIONS)
    assert low < high
    for name in COMPOSITIONS:
        sizes = np.array([stone.diameter_mm for stone in many(name)])
        assert np.mean((sizes > 4) & (sizes < 14)) > 0.15


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_stones_are_as_rough_as_the_table_says(composition):
    row = growth.habits()[composition]
    low, high = float(row["roughness_low"]), float(row["roughness_high"])
    found = np.array([stone.roughness for stone in many(composition)])
    assert low <= found.min() < low + 0.1 * (high - low)
    assert high - 0.1 * (high - low) < found.max() <= high


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_clusters_of_one_matter_are_as_frequent_as_the_table_says(composition):
    """Stones that are drawn singly have a matter each, however many they are."""
    rng = np.random.default_rng(4)
    drawn = [draw_stones(PATIENT, composition, rng) for _ in range(300)]
    clusters = [
        stones
        for stones in drawn
        if len(stones) > 1 and all(stone.matter is stones[0].matter for stone in stones)
    ]
    share = float(growth.habits()[composition]["cluster_share"])
    assert len(clusters) / 300 == pytest.approx(share, abs=0.06)
    assert {len(stones) for stones in clusters} <= {3, 4, 5, 6}
    assert all(stone.diameter_mm <= 4 + 1e-9 for stones in clusters for stone in stones)
    assert all(len({stone.location for stone in stones}) == 1 for stones in clusters)


def test_staghorns_branch_into_calyces_and_are_mostly_struvite():
    branched = {name: [s for s in many(name) if "staghorn" in s.location] for name in COMPOSITIONS}
    assert max(branched, key=lambda name: len(branched[name])) == "struvite"
    assert not branched["calcium_oxalate"]
    assert all(len(stone.centres) >= 10 for stone in branched["struvite"])


def test_stones_lie_in_the_urinary_tract():
    for stone in many("calcium_oxalate"):
        side, location = stone.location.split(" ", 1)
        kidney = next(one for one in PATIENT.kidneys if one.side == side)
        ways = [kidney.ureter, [kidney.pelvis], [calyx.centre for calyx in kidney.calyces]]
        nearest = np.linalg.norm(np.vstack(ways) - stone.centres[0], axis=1).min()
        assert nearest < (12 if location.endswith("calyx") else 1e-6)
        if location in growth.URETER:
            assert stone.diameter_mm <= growth.WIDEST_IN_URETER


def test_locations_are_as_frequent_as_the_table_says():
    rng = np.random.default_rng(3)
    drawn = [growth.draw_location(rng) for _ in range(4000)]
    assert drawn.count("lower calyx") / 4000 == pytest.approx(0.38, abs=0.03)
    assert sum(place in growth.URETER for place in drawn) / 4000 == pytest.approx(0.2, abs=0.03)


def test_the_same_seed_gives_the_same_stones():
    one, two = (draw_stones(PATIENT, None, np.random.default_rng(7)) for _ in range(2))
    assert [s.composition for s in one] == [s.composition for s in two]
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.centres, b.centres)


def test_an_unknown_composition_is_refused():
    with pytest.raises(InputError, match=r"gallstone.*expected"):
        draw_stones(PATIENT, "gallstone", np.random.default_rng(0))
