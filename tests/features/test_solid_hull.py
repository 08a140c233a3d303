"""Hull, diameter and enclosing ellipsoid of solids, against Qhull and by their laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial import ConvexHull

from ksfeat.features import morphology
from ksfeat.features.hull import diameter_of, enclosing_ellipsoid, hull_of
from ksfeat.features.kernels.solid_hull import hull_facets
from ksfeat.roi import Region

LAW = settings(max_examples=60, derandomize=True, deadline=None)
POINTS = hnp.arrays(
    np.int64, st.tuples(st.integers(4, 60), st.just(3)), elements=st.integers(-4, 4)
).filter(lambda points: np.linalg.matrix_rank(points - points[0]) == 3)
MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=3, max_dims=3, max_side=6)).filter(np.any)
SPACING = (2.5, 0.8, 0.7)


def edges_of(facets):
    return [(a, b) for facet in facets.tolist() for a, b in zip(facet, facet[1:] + facet[:1])]  # noqa: B905


@LAW
@given(POINTS)
def test_facets_close_around_all_points_and_their_corners_are_those_of_qhull(points):
    facets = hull_facets(points)
    a, b, c = (points[facets[:, corner]] for corner in range(3))
    normals = np.cross(b - a, c - a)
    assert (normals != 0).any(axis=1).all()  # no triangle without area, flat sides or not
    above = points @ normals.T - (normals * a).sum(axis=1)
    assert above.max() == 0  # exactly: they are whole numbers
    edges = edges_of(facets)
    assert len(edges) == len(set(edges))
    assert {(b, a) for a, b in edges} == set(edges)  # each edge once in each direction
    plain = ConvexHull(points.astype(float))
    assert (a * np.cross(b, c)).sum() / 6 == pytest.approx(plain.volume)
    assert np.sqrt((normals**2).sum(axis=1)).sum() / 2 == pytest.approx(plain.area)
    corners = {tuple(point) for point in points[facets].reshape(-1, 3).tolist()}
    assert corners == {tuple(point) for point in points[plain.vertices].tolist()}


def test_a_large_ball_has_the_hull_of_all_its_points():
    grid = np.argwhere(np.square(np.indices((41, 41, 41)) - 20).sum(axis=0) <= 400)
    facets, plain = hull_facets(grid), ConvexHull(grid.astype(float))
    a, b, c = (grid[facets[:, corner]] for corner in range(3))
    assert (a * np.cross(b, c)).sum() / 6 == pytest.approx(plain.volume, rel=1e-12)
    assert set(np.unique(facets)) == set(plain.vertices)


@LAW
@given(MASKS)
def test_the_diameter_needs_no_hull(mask):
    ends = hull_of(mask, SPACING).points
    widest = max(np.linalg.norm(a - b) for a, b in itertools.combinations(ends, 2))
    assert diameter_of(mask, SPACING) == pytest.approx(widest, rel=1e-12)


@LAW
@given(MASKS)
def test_the_quick_features_are_those_of_the_whole_family(mask):
    region = Region(np.ones(mask.shape), mask, spacing_mm=SPACING)
    names = [name.removeprefix("morphology_") for name in morphology.family().columns]
    whole = dict(zip(names, morphology.compute(region), strict=True))
    quick = dict(zip(morphology.SIZES, morphology.compute_sizes(region), strict=True))
    for name, value in quick.items():
        assert value == pytest.approx(whole[name], rel=1e-12, nan_ok=True), name


@LAW
@given(MASKS)
def test_the_enclosing_ellipsoid_is_the_same_whichever_way_the_axes_are_counted(mask):
    turned = np.ascontiguousarray(mask[::-1].transpose(2, 0, 1))
    first = enclosing_ellipsoid(hull_of(mask, SPACING))
    other = enclosing_ellipsoid(hull_of(turned, tuple(SPACING[axis] for axis in (2, 0, 1))))
    assert other.prod() == pytest.approx(first.prod(), rel=1e-7)


@pytest.mark.parametrize("sides", [(2, 2, 2), (3, 4, 5), (1, 6, 2)])
def test_the_ellipsoid_around_a_box_with_cut_edges_is_known(sides):
    # The points (+-a, +-b, +-c) with one of them half a step more: by symmetry Loewner's
    # ellipsoid has the same axes as the box, and a search over these is enough.
    hull = hull_of(np.ones(sides, dtype=bool), (1.0, 1.0, 1.0))
    squares = np.unique(np.abs(hull.points - hull.points.mean(axis=0)).round(9), axis=0) ** 2
    found = enclosing_ellipsoid(hull)
    from scipy.optimize import minimize

    best = minimize(
        lambda weights: -np.log(weights).sum(),
        1 / (squares.max(axis=0) * 4),
        constraints={"type": "ineq", "fun": lambda weights: 1 - squares @ weights},
        bounds=[(1e-6, None)] * 3,
        tol=1e-12,
    )
    assert found.prod() == pytest.approx(np.prod(best.x**-0.5), rel=1e-5)
