"""The slice profile: as wide as the slice is thick, and counted once in all."""

import numpy as np
import pytest

from ksfeat.phantom.scanner.profile import sensitivity, sub_slices


@pytest.mark.parametrize("thickness", [0.5, 1.0, 3.0, 5.0])
def test_half_of_the_sensitivity_is_reached_half_a_thickness_from_the_middle(thickness):
    edges = np.array([-thickness / 2, thickness / 2])
    assert sensitivity(edges, thickness, 0.6) == pytest.approx(0.5)
    z = np.linspace(-10, 10, 100_001)
    area = np.trapezoid(sensitivity(z, thickness, 0.6), z)
    assert area == pytest.approx(thickness, rel=1e-4)


def test_a_row_wider_than_the_slice_makes_a_triangle():
    assert sensitivity(np.array([0.0, 0.25, 0.5]), 0.5, 2.0).tolist() == [1.0, 0.5, 0.0]


@pytest.mark.parametrize("thickness", [0.5, 3.0, 10.0])
def test_sub_slices_lie_even_and_count_1_together(thickness):
    layers = sub_slices(thickness, 0.6, 1.0)
    assert layers[:, 1].sum() == pytest.approx(1)
    assert layers[:, 0].mean() == pytest.approx(0)
    assert np.diff(layers[:, 0]).max() <= 1.0
    assert np.ptp(layers[:, 0]) < thickness + 0.6
