"""Shapes and tubes: their outlines, their boxes, and the rows that the painter reads."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksfeat.phantom.materials import matter
from ksfeat.phantom.shapes import ROW, Shape, Tube, along, chain

WATER = matter(water=1.0)
NUMBER = st.floats(-50, 50)
POINT = st.tuples(NUMBER, NUMBER, NUMBER)


def test_an_ellipsoid_is_widest_in_its_middle_and_ends_at_its_half_axis():
    shape = Shape("ball", WATER, (1.0, 2.0, 3.0), (10.0, 5.0, 20.0))
    assert shape.section(3.0) == (1.0, 2.0, 10.0, 5.0)
    assert shape.section(3.0 + 12.0) == pytest.approx((1.0, 2.0, 8.0, 4.0))
    assert shape.section(23.0) is None


def test_drift_bend_taper_and_swell_move_and_widen_the_outline():
    shape = Shape("column", WATER, (0.0, 0.0, 0.0), (10.0, 5.0, 1e6), drift=(0.5, -0.1),
                  bend=(0.01, 0.02), taper=0.01, swell=0.001)  # fmt: skip
    x, y, a, b = shape.section(10.0)
    assert (x, y) == pytest.approx((5.0 + 1.0, -1.0 + 2.0))
    assert (a, b) == pytest.approx((10 * 1.2, 5 * 1.2))


def test_the_outside_of_a_shape_is_the_reverse_of_its_inside():
    x, y = np.meshgrid(np.linspace(-20, 20, 9), np.linspace(-20, 20, 9))
    inside = Shape("a", WATER, (1.0, 2.0, 0.0), (9.0, 6.0, 50.0), angle=0.4)
    outside = Shape("b", WATER, (1.0, 2.0, 0.0), (9.0, 6.0, 50.0), angle=0.4, outside=True)
    np.testing.assert_array_equal(inside.depth(x, y, 5.0), -outside.depth(x, y, 5.0))
    assert np.all(outside.depth(x, y, 60.0) == np.inf)  # beyond its ends, all is outside


def test_a_shape_turns_from_x_towards_y():
    shape = Shape("bar", WATER, (0.0, 0.0, 0.0), (10.0, 1.0, 5.0), angle=np.pi / 4)
    assert shape.depth(np.array(5.0), np.array(5.0), 0.0) > 0
    assert shape.depth(np.array(5.0), np.array(-5.0), 0.0) < 0


def test_squareness_fills_the_corners():
    round_, square = (
        Shape("a", WATER, (0.0, 0.0, 0.0), (10.0, 10.0, 5.0), squareness=n) for n in (2.0, 6.0)
    )
    corner = np.array(8.0)
    assert round_.depth(corner, corner, 0.0) < 0 < square.depth(corner, corner, 0.0)


@given(start=POINT, end=POINT, point=POINT, share=st.floats(0, 1))
def test_a_tube_of_one_radius_holds_what_is_near_its_axis(start, end, point, share):
    tube = Tube("tube", WATER, start, end, (4.0, 4.0))
    x, y, z = point
    nearest = np.asarray(start) + share * (np.asarray(end) - np.asarray(start))
    # No point of the axis is nearer than the nearest one.
    assert tube.depth(np.array(x), np.array(y), z) >= 4 - np.linalg.norm(point - nearest) - 1e-9


@given(start=POINT, end=POINT, point=POINT, stretch=st.floats(1, 3))
def test_no_point_beside_its_box_lies_in_a_tube(start, end, point, stretch):
    tube = Tube("tube", WATER, start, end, (2.0, 5.0), stretch)
    x0, x1, y0, y1, z0, z1 = tube.box()
    x, y, z = point
    if not (x0 <= x <= x1 and y0 <= y <= y1 and z0 <= z <= z1):
        assert tube.depth(np.array(x), np.array(y), z) <= 1e-9


def test_a_tube_widens_from_its_start_to_its_end():
    tube = Tube("cone", WATER, (0.0, 0.0, 0.0), (10.0, 0.0, 0.0), (1.0, 3.0))
    assert tube.depth(np.array([0.0, 5.0, 10.0]), np.zeros(3), 0.0).tolist() == [1.0, 2.0, 3.0]


def test_both_kinds_write_rows_of_one_length_that_say_what_they_are():
    shape = Shape("a", WATER, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), 0.7, (0.8, 0.9), 10.0, 11.0, True,
                  (13.0, 14.0), 15.0, 16.0)  # fmt: skip
    tube = Tube("b", WATER, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0), (7.0, 8.0), 9.0)
    assert shape.row() == (1, 2, 3, 4, 5, 6, 0.7, 0.8, 0.9, 10, 11, 1, 0, 13, 14, 15, 16)
    assert tube.row() == (1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 1, 0, 0, 0, 0)
    assert len(tube.row()) == len(shape.row()) == ROW


def test_a_chain_hands_its_width_from_piece_to_piece():
    points = along(np.array([[0.0, 0, 0], [10, 5, 0], [20, 0, 9]]), 7)
    np.testing.assert_allclose(points[[0, 3, 6]], [[0, 0, 0], [10, 5, 0], [20, 0, 9]], atol=1e-9)
    pieces = chain("gut", WATER, points, np.arange(1.0, 8.0))
    assert len(pieces) == 6
    assert all(a.end == b.start and a.radii[1] == b.radii[0] for a, b in pairwise(pieces))
