"""Look-alikes, noise and partial volume of a scan."""

import cv2
import numpy as np
import pytest

from ksfeat.phantom.anatomy import draw_patient
from ksfeat.phantom.scanner import THICKNESS_MM, acquire, make_grid
from ksfeat.phantom.stones import Stone, draw_look_alikes, draw_stones


def depth_in_kidney(kidney, point) -> float:
    """Below 1 inside the ellipsoid."""
    return float(np.linalg.norm((np.asarray(point) - kidney.centre) / np.asarray(kidney.radii)))


@pytest.mark.parametrize("seed", range(25))
def test_stones_lie_inside_a_kidney_and_look_alikes_outside_of_both(seed):
    rng = np.random.default_rng(seed)
    patient = draw_patient(rng)
    for stone in draw_stones(patient, "calcium_oxalate", rng):
        assert min(depth_in_kidney(kidney, stone.centres[0]) for kidney in patient.kidneys) < 0.8
    for spot in draw_look_alikes(patient, (-5, 5), rng):
        assert min(depth_in_kidney(kidney, spot.centres[0]) for kidney in patient.kidneys) > 1


def test_look_alikes_are_seen_in_patients_without_stones():
    """So that the brightest spot alone does not decide: its place does."""
    seen = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        patient = draw_patient(rng)
        grid = make_grid(patient, 192)
        spots = draw_look_alikes(patient, (0, 0), rng)
        scans = [acquire(grid, (), shown, 0.0, np.random.default_rng(1)) for shown in (spots, ())]
        assert not scans[0][1].any()
        seen += int((scans[0][0] - scans[1][0]).max() > 100)
    assert seen >= 8


def ball(diameter: float, hu: float) -> Stone:
    radii = np.full((1, 3), diameter / 2)
    return Stone(np.array([[60.0, 20.0, 0.0]]), radii, hu, np.zeros((1, 4)), 0.0)


def excess(stone: Stone, z: float, size: int = 192) -> np.ndarray:
    """What a stone adds to a scan: the scan with it less the scan without."""
    grid = make_grid(draw_patient(np.random.default_rng(0)), size)
    with_it, without = (
        acquire(grid, shown, (), z, np.random.default_rng(1))[0].astype(float)
        for shown in ((stone,), ())
    )
    return with_it - without


def test_a_ball_adds_its_volume_times_its_density_over_all_slices():
    """Blur and partial volume move density about; they must not make or lose any."""
    pixel = 365 / 192
    steps = np.arange(-9, 9.1, THICKNESS_MM)
    total = sum(excess(ball(10, 1000.0), z).sum() for z in steps) * pixel**2 * THICKNESS_MM
    background = 35.0  # kidney or fat, small beside 1000
    assert total == pytest.approx(4 / 3 * np.pi * 5**3 * (1000 - background), rel=0.15)


def test_a_ball_fades_towards_its_poles_and_is_gone_beyond_them():
    peak = [excess(ball(6, 1000.0), z).max() for z in (0, 3, 8)]
    assert peak[0] > 1.5 * peak[1] > 0
    assert peak[2] == 0


def test_a_small_stone_is_dimmed_by_blur_and_a_large_one_is_not():
    small, large = (excess(ball(diameter, 1000.0), 0.0).max() for diameter in (3, 14))
    assert small < 0.6 * large
    assert large == pytest.approx(965, rel=0.1)


def test_noise_is_correlated_over_millimetres_and_strongest_in_the_middle():
    grid = make_grid(draw_patient(np.random.default_rng(0)), 384)
    one, two = (
        acquire(grid, (), (), 0.0, np.random.default_rng(seed))[0].astype(float) for seed in (1, 2)
    )
    inside = cv2.erode(((one > -300) & (one < 400)).astype(np.uint8), np.ones((9, 9))) > 0
    noise = np.where(inside, one - two, 0)
    variance = (noise**2).sum()
    assert (noise[:, 1:] * noise[:, :-1]).sum() / variance > 0.4
    assert abs((noise[:, 12:] * noise[:, :-12]).sum() / variance) < 0.1
    middle = np.hypot(grid.x, grid.y) < 50
    assert noise[inside & middle].std() > 1.1 * noise[inside & ~middle].std()
    assert noise[inside].std() / 2**0.5 == pytest.approx(grid.patient.noise_hu, rel=0.25)
