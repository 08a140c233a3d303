"""A ball that a scanner blurred is measured as large and as dense as it was."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from ksfeat.errors import InputError
from ksfeat.features.stone_size import BLUR_MM, measure_stone
from ksfeat.image import StoneImage

SPACING = (3.0, 0.9, 0.9)
FINE = (0.5, 0.3, 0.3)
SHAPE = (11, 40, 40)
HU, AROUND = 900.0, 30.0


def scanned(balls, blur_mm=BLUR_MM, noise=0.0, spacing=SPACING):
    """Return a volume with balls (z, y, x in mm from the middle, diameter), seen by a scanner."""
    times = [round(s / f) for s, f in zip(SPACING, FINE, strict=True)]
    axes = [
        (np.arange(n * k) - (n * k - 1) / 2) * f for n, k, f in zip(SHAPE, times, FINE, strict=True)
    ]
    grid = np.meshgrid(*axes, indexing="ij", sparse=True)
    fine = np.full([len(axis) for axis in axes], AROUND)
    for *middle, diameter in balls:
        away = sum((one - where) ** 2 for one, where in zip(grid, middle, strict=True))
        fine[away <= (diameter / 2) ** 2] = HU
    sigma = blur_mm / 2.3548 / FINE[1]
    fine = ndimage.gaussian_filter(fine, (0, sigma, sigma))
    shape = [size for pair in zip(SHAPE, times, strict=True) for size in pair]
    pixels = fine.reshape(shape).mean(axis=(1, 3, 5))
    pixels += np.random.default_rng(0).normal(0, noise, pixels.shape)
    return StoneImage(pixels, unit="HU", spacing_mm=spacing, volume=True)


def place(z=0.0, y=0.0, x=0.0):
    """Return slice, x and y of a point in mm from the middle."""
    return (SHAPE[0] - 1) / 2 + z / 3.0, SHAPE[2] / 2 + x / 0.9, SHAPE[1] / 2 + y / 0.9


@pytest.mark.parametrize(("diameter", "close"), [(3.0, 0.3), (4.5, 0.15), (8.0, 0.07)])
def test_a_blurred_ball_has_its_own_diameter_and_density(diameter, close):
    size = measure_stone(scanned([(0, 0, 0, diameter)], noise=11.0), place())
    assert size.in_mm
    assert size.diameter == pytest.approx(diameter, rel=close)
    assert size.mean == pytest.approx(HU, rel=close)
    assert size.volume == pytest.approx(np.pi / 6 * diameter**3, rel=2 * close)
    assert size.background == pytest.approx(AROUND, abs=8)


def test_without_the_correction_a_small_stone_is_paler_and_its_maximum_is_what_voxels_hold():
    scan = scanned([(0, 0, 0, 3.0)])
    corrected, plain = measure_stone(scan, place()), measure_stone(scan, place(), blur_mm=0)
    assert plain.mean < 0.9 * corrected.mean
    assert plain.maximum == corrected.maximum == pytest.approx(scan.pixels.max())


@settings(max_examples=10, deadline=None)
@given(st.floats(-1.4, 1.4), st.floats(-0.45, 0.45))
def test_where_a_stone_lies_between_slices_and_pixels_matters_little(z, x):
    size = measure_stone(scanned([(z, 0, x, 5.0)]), place(z, 0, x))
    assert size.diameter == pytest.approx(5.0, rel=0.15)
    assert size.mean == pytest.approx(HU, rel=0.25)


def test_height_along_the_slices_is_measured_between_them():
    size = measure_stone(scanned([(0, 0, 0, 12.0)]), place())
    assert size.extent == pytest.approx(12.0, rel=0.12)


def test_a_stone_that_touches_another_is_measured_alone():
    scan = scanned([(0, 0, -3, 6.0), (0, 0, 3, 6.0)])
    both = measure_stone(scan, place(0, 0, -3))
    alone = measure_stone(scan, place(0, 0, -3), np.array([place(0, 0, 3)]))
    assert both.diameter > 10
    assert alone.diameter == pytest.approx(6.0, rel=0.15)
    assert alone.volume < 0.6 * both.volume


def test_a_stone_larger_than_the_first_window_is_measured_whole():
    size = measure_stone(scanned([(0, 0, 0, 28.0)]), place())
    assert size.diameter == pytest.approx(28.0, rel=0.05)


def test_without_spacing_lengths_are_in_pixels_and_nothing_is_corrected():
    size = measure_stone(scanned([(0, 0, 0, 8.0)], spacing=None), place())
    assert not size.in_mm
    assert size.diameter == pytest.approx(8.0 / 0.9, rel=0.08)


def test_a_place_outside_and_a_slice_are_named():
    scan = scanned([])
    with pytest.raises(InputError, match="expected one in"):
        measure_stone(scan, (30.0, 5.0, 5.0))
    with pytest.raises(InputError, match="one slice; expected a volume"):
        measure_stone(scan.slice(3), (0.0, 5.0, 5.0))


def test_where_nothing_is_bright_the_size_is_small_and_finite():
    size = measure_stone(scanned([], noise=11.0), place())
    assert np.isfinite(size[:-1]).all()
    assert size.maximum < 100


@pytest.mark.parametrize("diameter", [3.0, 3.5, 6.0])
def test_undoing_the_blur_brings_density_nearer_to_the_truth(diameter):
    scan = scanned([(1.5, 0, 0, diameter)])
    undone, left = (measure_stone(scan, place(z=1.5), blur_mm=blur) for blur in (BLUR_MM, 0))
    assert abs(undone.mean - HU) < 0.4 * abs(left.mean - HU)


@pytest.mark.parametrize("diameter", [4.5, 6.0, 8.0])
def test_between_slices_a_ball_looks_small_and_undoing_the_blur_mends_it(diameter):
    """In a slice's own middle it does not: there, 0.2 to 0.3 mm too much are left."""
    scan = scanned([(1.5, 0, 0, diameter)])
    undone, left = (measure_stone(scan, place(z=1.5), blur_mm=blur) for blur in (BLUR_MM, 0))
    assert left.diameter < diameter - 0.5
    assert abs(undone.diameter - diameter) < 0.5 * abs(left.diameter - diameter)
