"""Ribs stay on their side, however far they reach."""

import numpy as np
import pytest

from ksfeat.phantom.anatomy.build import draw_build
from ksfeat.phantom.anatomy.skeleton import rib_course


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("reach", [0.9, 2.4, 3.3, 4.0])
def test_a_rib_ends_before_the_middle_of_the_front(side, reach):
    course = rib_course(draw_build(np.random.default_rng(0)), side, 40.0, reach, 30)
    assert np.isfinite(course).all()
    assert (side * course[:, 0] > 0).all()
