"""Painted areas and volumes against geometry, and outlines against the shapes' own depth."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.phantom.materials import matter
from ksfeat.phantom.scanner.grid import make_grid
from ksfeat.phantom.scanner.painting import paint_shapes
from ksfeat.phantom.shapes import Shape, Tube

WATER = matter(water=1.0)
HU = np.array([[1000.0]], dtype=np.float32)


def grid(size=64, step=1.0, rotation=0.0, offset=(0.0, 0.0), warp=0.0):
    field = np.random.default_rng(0).normal(0, 1, (1, 2, 7, 7)).astype(np.float32) * warp
    return make_grid(
        SimpleNamespace(rotation=rotation, offset_mm=offset, warp_mm=field), size, step
    )


def share(shape, where, z=0.0) -> np.ndarray:
    rows = np.array([shape.row()], dtype=np.float64)
    return paint_shapes(where.points, rows, HU, np.array([[z, 1.0]]), where.frame)[0] / 1000


@settings(max_examples=40, deadline=None)
@given(
    st.floats(1.5, 12.0), st.floats(1.5, 12.0), st.floats(-3, 3), st.floats(-2, 2), st.floats(0, 3)
)
def test_an_ellipse_fills_its_area(a, b, x, y, angle):
    shape = Shape("liver", WATER, (x, y, 0), (a, b, 50), angle)
    assert share(shape, grid()).sum() == pytest.approx(np.pi * a * b, rel=0.04)


def test_what_is_thinner_than_a_pixel_fills_it_in_proportion():
    where, offsets = grid(16), np.linspace(-0.5, 0.5, 11)
    for radius in (0.2, 0.5, 1.0):
        areas = {"ellipse": [], "tube": []}
        for x in offsets:
            for y in offsets:
                disc = Shape("vessel", WATER, (x, y, 0), (radius, radius, 50))
                tube = Tube("vessel", WATER, (x, y, -50), (x, y, 50), (radius, radius))
                areas["ellipse"].append(share(disc, where).sum())
                areas["tube"].append(share(tube, where).sum())
        for found in areas.values():
            assert np.mean(found) == pytest.approx(np.pi * radius**2, rel=0.06)


def test_a_lying_tube_fills_the_volume_of_its_ball_swept_along():
    tube = Tube("rib", WATER, (-10, -3, -2), (12, 5, 3), (3.0, 3.0))
    where, heights = grid(), np.arange(-7, 8, 0.5)
    length = np.linalg.norm(np.subtract(tube.end, tube.start))
    volume = sum(share(tube, where, z).sum() for z in heights) * 0.5
    assert volume == pytest.approx(np.pi * 9 * length + 4 / 3 * np.pi * 27, rel=0.03)


SHAPES = [
    Shape("liver", WATER, (5, -4, 2), (14, 6, 9), 0.6, (0.3, -0.2)),
    Shape("box", WATER, (-5, 4, 0), (12, 7, 9), -0.4, flatness=6, squareness=4),
    Shape("horn", WATER, (0, 0, 0), (8, 5, 20), 0.2, bend=(0.05, -0.03), taper=0.05, swell=0.004),
    Shape("air", WATER, (0, 0, 0), (20, 15, 1e6), 0.1, outside=True),
    Shape("beside", WATER, (0, 0, 0), (20, 15, 1.0), 0.1, outside=True),
    Tube("rib", WATER, (-12, -8, -3), (13, 9, 4), (2.5, 4.5)),
    Tube("ureter", WATER, (1, 2, -9), (4, -3, 9), (3.0, 2.0), 1.5),
    Tube("flat", WATER, (-10, 0, 3), (10, 4, 3), (5.0, 3.0)),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.part)
@pytest.mark.parametrize("turned", [False, True])
def test_half_filled_pixels_lie_on_the_outline(shape, turned):
    """Also in a patient who is turned, off centre and warped: nothing is cut off by a window."""
    where = grid(80, 0.8, 0.4, (6.0, -5.0), 1.5) if turned else grid(80, 0.8)
    for z in (-1.5, 0.0, 3.0):
        depth = shape.depth(where.points[0], where.points[1], z)
        painted = share(shape, where, z)
        sure = np.abs(depth) > 0.02
        assert np.array_equal((painted > 0.5)[sure], (depth > 0)[sure])
        assert 0 <= painted.min() <= painted.max() <= 1 + 1e-6


@pytest.mark.parametrize("radius", [3.0, 45.0])
def test_no_window_cuts_off_a_shape_that_the_warp_moves(radius):
    where = grid(256, 1.4, 0.1, (8.0, -9.0), 5.0)
    for x, y in ((-90, -60), (-40, 50), (0, 0), (55, -70), (80, 30)):
        for shape in (
            Shape("vessel", WATER, (x, y, 0), (radius, radius, 50)),
            Tube("vessel", WATER, (x, y, -90), (x, y, 90), (radius, radius)),
        ):
            depth = shape.depth(where.points[0], where.points[1], 0.0)
            assert np.array_equal(share(shape, where)[depth > 0.8] > 0.99, depth[depth > 0.8] > 0)


def test_later_shapes_cover_earlier_ones_and_sub_slices_are_weighed():
    shapes = [Shape("a", WATER, (0, 0, 0), (9, 9, 50)), Shape("b", WATER, (0, 0, 0), (5, 5, 1))]
    rows = np.array([shape.row() for shape in shapes], dtype=np.float64)
    hu = np.array([[100.0, -100.0], [40.0, 60.0]], dtype=np.float32)
    where = grid(33)
    layers = np.array([[0.0, 0.75], [5.0, 0.25]])  # the second above the inner shape
    painted = paint_shapes(where.points, rows, hu, layers, where.frame)
    assert painted[:, 16, 16] == pytest.approx([0.75 * 40 + 25, 0.75 * 60 - 25])
    assert painted[:, 16, 24] == pytest.approx([100, -100])
    assert painted[:, 0, 0] == pytest.approx([0, 0])
