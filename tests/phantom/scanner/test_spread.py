"""The edge response is the kernel's, and nothing is shifted or lost."""

import numpy as np
import pytest

from ksfeat.phantom.scanner import Scan
from ksfeat.phantom.scanner.protocol import transfer
from ksfeat.phantom.scanner.spread import fineness, spread, transfer_of


@pytest.mark.parametrize("kernel", ["soft", "sharp"])
@pytest.mark.parametrize("size", [256, 512])
def test_a_measured_edge_has_the_transfer_that_was_asked_for(scanned, kernel, size):
    frequency, contrast = scanned.edge_transfer(Scan(size=size, kernel=kernel, dose=100.0), 0)
    asked = transfer(kernel)
    assert scanned.frequency_at(frequency, contrast, 0.5) == pytest.approx(asked.mtf50, rel=0.05)
    assert scanned.frequency_at(frequency, contrast, 0.1) == pytest.approx(asked.mtf10, rel=0.05)


@pytest.mark.parametrize("kernel", ["soft", "sharp"])
def test_the_transfer_passes_through_both_frequencies_of_the_table(kernel):
    asked = transfer(kernel)
    found = asked(np.array([0.0, asked.mtf50, asked.mtf10]))
    assert found == pytest.approx([1.0, 0.5, 0.1])
    assert transfer("sharp").mtf50 > transfer("soft").mtf50


def blob(factor, size=32, x=1.5, y=-3.0, sway=0.0) -> np.ndarray:
    """A small Gaussian blob at x and y in mm, painted finely and seen at pixels of 1.2 mm."""
    step = 1.2 / factor
    axis = (np.arange(size * factor) - (size * factor - 1) / 2) * step
    fine = np.exp(-((axis[None, :] - x) ** 2 + (axis[:, None] - y) ** 2) / 8)
    kernel = transfer_of(transfer("soft"), fine.shape, factor, step, sway)
    return spread(fine[None].astype(np.float32), step, factor, kernel)[0]


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_a_blob_stays_where_it_is_and_as_much_as_it_is(factor):
    seen, axis = blob(factor), (np.arange(32) - 15.5) * 1.2
    total = seen.sum()
    assert total * 1.2**2 == pytest.approx(2 * np.pi * 4, rel=1e-3)
    assert (seen.sum(axis=0) * axis).sum() / total == pytest.approx(1.5, abs=0.01)
    assert (seen.sum(axis=1) * axis).sum() / total == pytest.approx(-3.0, abs=0.01)


def test_swaying_widens_a_blob_from_front_to_back_only():
    """A swing of amplitude A adds a variance of A squared over two."""
    axis = (np.arange(32) - 15.5) * 1.2

    def variance(seen, along):
        profile = seen.sum(axis=1 - along) / seen.sum()
        return (profile * axis**2).sum() - (profile * axis).sum() ** 2

    still, swayed = blob(2), blob(2, sway=3.0)
    assert variance(swayed, 0) - variance(still, 0) == pytest.approx(4.5, rel=0.05)
    assert variance(swayed, 1) == pytest.approx(variance(still, 1), rel=0.01)


def test_pixels_are_divided_finely_enough_for_the_kernel():
    for kernel in (transfer("soft"), transfer("sharp")):
        for pixel in (0.4, 0.7, 1.4, 3.0):
            factor = fineness(pixel, kernel)
            assert 0.5 * factor / pixel >= kernel.mtf10
            assert factor == 1 or 0.5 * (factor - 1) / pixel < kernel.mtf10
