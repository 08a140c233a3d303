"""Noise: its strength, its spectrum, its likeness from slice to slice."""

import numpy as np
import pytest

from ksfeat.phantom.scanner import Scan
from ksfeat.phantom.scanner.noise import noise, reference_noise, spectrum_filter, strength
from ksfeat.phantom.scanner.profile import sensitivity
from ksfeat.phantom.scanner.protocol import setting, transfer

FLAT = np.zeros((1, 128, 128), dtype=np.float32)


@pytest.mark.parametrize(
    "scan",
    [Scan(), Scan(size=512), Scan(kernel="sharp"), Scan(thickness_mm=1.0, dose=0.5)],
    ids=["soft", "512 px", "sharp", "thin"],
)
def test_the_middle_of_the_reference_is_as_noisy_as_asked(scanned, scan):
    """Measured on slices of water, beside an integral of its own over the spectrum."""
    images = scanned.flat_noise(scan, 16 if scan.size == 256 else 6, seed=1)
    got = scanned.middle(images, scan.size // 8).std()
    assert got == pytest.approx(scanned.asked_sd(scan), rel=0.04)  # 3 % with more slices


@pytest.mark.parametrize("kernel", ["soft", "sharp"])
def test_noise_power_is_the_ramp_times_the_squared_transfer(scanned, kernel):
    scan = Scan(size=512, kernel=kernel)
    patch = scanned.middle(scanned.flat_noise(scan, 8, seed=2), 128)
    _, power = scanned.radial_power(patch, scan.pixel_mm, 8)
    asked = scanned.asked_power(scan, 128, 8)
    assert power[1:] == pytest.approx(asked[1:], rel=0.1)
    assert asked[0] < 0.5 * asked.max()  # a ramp: noise that is white would not pass


def test_the_filter_keeps_a_standard_deviation_of_one():
    for size in (64, 65):
        colour = spectrum_filter(transfer("soft"), size, 1.4)
        white = np.random.default_rng(0).standard_normal((20, size, size))
        coloured = np.fft.irfft2(np.fft.rfft2(white) * colour, s=(size, size))
        assert coloured.std() == pytest.approx(1, rel=0.02)
        assert abs(coloured.mean(axis=(1, 2))).max() < 0.02  # no power at frequency 0


def test_noise_falls_with_the_root_of_dose_and_thickness():
    reference = reference_noise(Scan())
    assert reference == setting("reference_noise")
    assert reference_noise(Scan(dose=4.0)) == pytest.approx(reference / 2)
    assert reference_noise(Scan(thickness_mm=0.75)) == pytest.approx(reference * 2)
    assert reference_noise(Scan(kernel="sharp")) > 1.5 * reference


def water(diameter, size=128) -> np.ndarray:
    axis = (np.arange(size) - (size - 1) / 2) * 365 / size
    inside = np.hypot(axis[:, None], axis[None, :]) < diameter / 2
    return np.where(inside, 0, -1000).astype(np.float32)


def test_large_patients_are_noisier_by_the_water_that_photons_must_pass():
    scan = Scan(size=128)
    thin, thick = (strength(scan, water(d), "120")[64, 64] for d in (240, 320))
    assert thick / thin == pytest.approx(np.exp(0.5 * setting("water_mu", "120") * 80), rel=0.03)


def test_noise_is_strongest_in_the_middle_and_weak_in_air():
    found = strength(Scan(size=128), water(300), "120")
    assert found[64, 64] > 1.2 * found[64, 18] > 1.2 * found[2, 2]


def test_slices_share_as_much_noise_as_their_profiles_overlap():
    scan, z = Scan(size=128), np.arange(-6, 6, 0.001)

    def profile(middle):
        return sensitivity(z - middle, 3.0, setting("collimation"))

    first = noise(scan, FLAT, 0.0, 7)[0]
    for distance in (0.75, 1.5, 3.0, 6.0):
        second = noise(scan, FLAT, distance, 7)[0]
        together = np.corrcoef(first.ravel(), second.ravel())[0, 1]
        expected = (profile(0) * profile(distance)).sum() / (profile(0) ** 2).sum()
        assert together == pytest.approx(expected, abs=0.08)


def test_beams_are_independent_and_the_seed_decides():
    scan = Scan(size=128, beams=("80", "Sn140"))
    both = noise(scan, np.repeat(FLAT, 2, axis=0), 0.0, 7)
    assert abs(np.corrcoef(both[0].ravel(), both[1].ravel())[0, 1]) < 0.05
    assert np.array_equal(both, noise(scan, np.repeat(FLAT, 2, axis=0), 0.0, 7))
    other = noise(scan, np.repeat(FLAT, 2, axis=0), 0.0, 8)
    assert abs(np.corrcoef(both[0].ravel(), other[0].ravel())[0, 1]) < 0.05
