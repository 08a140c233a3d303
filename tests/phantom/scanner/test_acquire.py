"""Slices of stones in water: how much density arrives, where it is marked, what a seed fixes."""

from dataclasses import replace

import numpy as np
import pytest

from ksfeat.phantom.materials import matter
from ksfeat.phantom.scanner import Scan, scan_slices

SCAN = Scan(size=128, field_mm=180.0, dose=100.0)


def scans(scanned, stones=(), look_alikes=(), heights=(0.0,), scan=SCAN, seed=0):
    rng = np.random.default_rng(seed)
    return list(scan_slices(scanned.cylinder(160), stones, look_alikes, heights, scan, rng))


def excess(scanned, stone, heights, scan=SCAN) -> np.ndarray:
    """What a stone adds: slices with it less slices without, of the same noise."""
    found, without = (
        np.array([hu for hu, _ in scans(scanned, shown, (), heights, scan)], dtype=np.float64)
        for shown in ((stone,), ())
    )
    return found - without


def test_a_ball_adds_its_volume_times_its_density_over_all_slices(scanned, ball):
    """Blur, partial volume and the slice profile move density about; they lose none."""
    stone, heights = ball(9.0), np.arange(-9, 9.1, 3.0)
    total = excess(scanned, stone, heights).sum() * SCAN.pixel_mm**2 * 3.0
    density = matter(cortical_bone=1.0).hu("120")
    assert total == pytest.approx(4 / 3 * np.pi * 4.5**3 * density, rel=0.03)


def test_a_ball_fades_towards_its_poles_and_is_gone_beyond_them(scanned, ball):
    peak = excess(scanned, ball(6.0), (0.0, 3.0, 8.0)).max(axis=(1, 2, 3))
    assert peak[0] > 1.5 * peak[1] > 0
    assert peak[2] <= 1  # rounding


def test_a_small_stone_is_dimmed_and_a_large_one_is_not(scanned, ball):
    density = matter(cortical_bone=1.0).hu("120")
    small, large = (excess(scanned, ball(d), (0.0,)).max() for d in (2.0, 14.0))
    assert small < 0.6 * large
    assert large == pytest.approx(density, rel=0.02)


def test_each_beam_has_its_own_density_and_a_core_is_seen(scanned, ball):
    stone = ball(20.0, core_share=0.5, core=matter(water=1.0))
    scan = replace(SCAN, beams=("80", "Sn140"))
    found = excess(scanned, stone, (0.0,), scan)[0]
    row = round(63.5 - 10 / SCAN.pixel_mm)
    core, shell = round(63.5 + 20 / SCAN.pixel_mm), round(63.5 + 27.5 / SCAN.pixel_mm)
    for beam, seen in zip(scan.beams, found, strict=True):
        assert seen[row, core] == pytest.approx(0, abs=30)
        assert seen[row, shell] == pytest.approx(matter(cortical_bone=1.0).hu(beam), rel=0.06)
    assert found[0].max() > 1.3 * found[1].max()


def test_the_mask_is_the_stone_and_not_what_looks_like_one(scanned, ball):
    real, false = ball(10.0), ball(10.0, x=-30.0)
    (hu, mask), (_, above) = scans(scanned, (real,), (false,), (0.0, 9.0))
    assert mask.sum() * SCAN.pixel_mm**2 == pytest.approx(np.pi * 25, rel=0.06)
    rows, columns = np.nonzero(mask)
    assert (columns.mean() - 63.5) * SCAN.pixel_mm == pytest.approx(20, abs=0.2)
    assert (rows.mean() - 63.5) * SCAN.pixel_mm == pytest.approx(-10, abs=0.2)
    assert hu[0][~mask].max() > 1000  # the other one is there
    assert not above.any()


def test_a_seed_gives_the_same_bytes_and_another_one_does_not(scanned, ball):
    one, same, other = (
        b"".join(hu.tobytes() for hu, _ in scans(scanned, (ball(5.0),), seed=seed))
        for seed in (3, 3, 4)
    )
    assert one == same != other


def test_a_height_looks_the_same_whatever_is_scanned_before(scanned, ball):
    """So that a slice alone is the slice of the whole examination."""
    alone = scans(scanned, (ball(5.0),), (), (1.0,))[0][0]
    after = scans(scanned, (ball(5.0),), (), (-40.0, 7.0, 1.0))[2][0]
    assert np.array_equal(alone, after)


def test_breathing_blurs_and_moves_from_slice_to_slice(scanned, ball):
    still, moved = (
        [hu.max() for hu, _ in scans(scanned, (ball(4.0),), (), [0.0] * 12, scan)]
        for scan in (SCAN, replace(SCAN, motion_mm=6.0))
    )
    assert np.mean(moved) < 0.9 * np.mean(still)
    assert np.std(moved) > 5 * np.std(still)


def test_breathing_widens_what_is_the_same_at_all_heights_from_front_to_back_only(scanned, ball):
    """By the mean square of a swing in time and phase; along z a rod hides the motion."""
    rod = replace(ball(4.0), radii=np.array([[2.0, 2.0, 60.0]]))
    scan = replace(SCAN, motion_mm=8.0)
    still = excess(scanned, rod, [0.0])[0, 0]
    moved = excess(scanned, rod, [0.0] * 24, scan)[:, 0].mean(axis=0)
    wider = [variance(moved, axis) - variance(still, axis) for axis in (0, 1)]
    assert wider[0] == pytest.approx(8.0**2 / 16, rel=0.3)
    assert wider[1] == pytest.approx(0, abs=0.1)


def variance(image, axis) -> float:
    """Of density along rows (1) or columns (0), near its peak, in mm^2."""
    line = image.sum(axis=1 - axis)
    place = (np.arange(len(line)) - line.argmax()) * SCAN.pixel_mm
    near = np.abs(place) < 14
    line, place = line[near] / line[near].sum(), place[near]
    return float(line @ place**2 - (line @ place) ** 2)


def test_breathing_brings_a_stone_in_and_out_of_the_slice(scanned, ball):
    scan = replace(SCAN, motion_mm=16.0)
    seen = [mask.any() for _, mask in scans(scanned, (ball(4.0),), (), [0.0] * 20, scan)]
    assert any(seen)
    assert not all(seen)


def test_tissue_is_as_uneven_as_the_patient_and_air_is_not(scanned):
    fields = np.array([np.full((7, 7), hu) for hu in (-40, 0, 60)], dtype=np.float32)
    body = replace(scanned.cylinder(100), texture_hu=fields)
    heights = [-30.0, -15.0, 0.0, 15.0, 29.9]
    found = list(scan_slices(body, (), (), heights, SCAN, np.random.default_rng(0)))
    middles = [hu[0, 54:74, 54:74].mean() for hu, _ in found]
    assert middles == pytest.approx([-40, -20, 0, 30, 60], abs=1)
    air = matter(air=1.0).hu("120")
    assert [hu[0, :12, :12].mean() for hu, _ in found] == pytest.approx([air] * 5, abs=1)


def test_values_stay_within_12_bits(scanned, ball):
    hu, _ = scans(scanned, (ball(10.0, core=None),), scan=replace(SCAN, dose=0.01))[0]
    assert hu.dtype == np.int16
    assert hu.min() >= -1024
    assert hu.max() <= 3071


@pytest.mark.parametrize("motion", [0.0, 8.0])
def test_a_band_of_rows_is_what_the_whole_slice_shows_there(scanned, ball, motion):
    """A coronal cut needs no more; the noise is the same but for its strength, seen coarsely."""
    scan, stone = replace(SCAN, dose=1.0, motion_mm=motion), ball(9.0)
    rows = (52, 60)  # through the stone
    body, heights = scanned.cylinder(160), [-2.0, 0.0, 2.0]
    whole, band = (
        list(scan_slices(body, (stone,), (), heights, scan, np.random.default_rng(0), asked))
        for asked in (None, rows)
    )
    for (hu, mask), (part, part_mask) in zip(whole, band, strict=True):
        assert part.shape == (1, 8, 128)
        assert np.abs(part - hu[:, slice(*rows)]).max() <= 2
        assert np.array_equal(part_mask, mask[slice(*rows)])
    assert any(mask.any() for _, mask in band)


def test_noise_of_a_band_is_as_strong_as_that_of_the_whole_slice(scanned):
    scan, rows = Scan(size=128, dose=0.2), (60, 70)
    body = scanned.cylinder(300)
    whole, band = (
        next(scan_slices(body, (), (), [0.0], scan, np.random.default_rng(0), asked))[0]
        for asked in (None, rows)
    )
    inside = slice(20, 108)
    seen = whole[0, slice(*rows), inside].std()
    assert band[0, :, inside].std() == pytest.approx(seen, rel=0.02)
    assert seen > 10
