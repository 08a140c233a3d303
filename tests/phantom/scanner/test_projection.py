"""How many photons are lost: exp of the way through the body, in the mean of all directions."""

import numpy as np
import pytest

from ksfeat.phantom.scanner.projection import mean_inverse_transmission


def test_in_the_middle_of_a_disc_all_rays_are_as_long_as_its_diameter():
    axis = np.arange(64) - 31.5
    mu = 0.02 * (np.hypot(axis[:, None], axis[None, :]) < 25)
    lost = mean_inverse_transmission(mu, 5.0, 24)
    assert np.log(lost[31:33, 31:33].mean()) == pytest.approx(0.02 * 250, rel=0.02)
    assert lost[32, 10] < 0.7 * lost[32, 32]  # rays near the rim are shorter


def test_in_an_ellipse_the_long_way_counts_most():
    axis = np.arange(64) - 31.5
    mu = 0.02 * ((axis[:, None] / 15) ** 2 + (axis[None, :] / 28) ** 2 < 1)
    lost = mean_inverse_transmission(mu, 5.0, 24)[32, 32]
    assert np.exp(0.02 * 150) < lost < np.exp(0.02 * 280)
    angles = np.pi * np.arange(24) / 24
    ways = 10 / np.sqrt((np.sin(angles) / 15) ** 2 + (np.cos(angles) / 28) ** 2)
    assert lost == pytest.approx(np.exp(0.02 * ways).mean(), rel=0.05)


def test_nothing_is_lost_in_a_vacuum():
    assert mean_inverse_transmission(np.zeros((8, 8)), 5.0, 6) == pytest.approx(1)
