"""The convex hull of points on a lattice, in whole numbers: nothing is rounded.

Quickhull. A facet counts as seen from a point in its own plane too: so flat sides never leave
triangles without area, nor corners that lie on an edge.
"""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel

# What is known of a facet: normal and offset, whether it is one still, the first on its list of
# points outside, whether it waits to be looked at, its corners, and the facets across its edges.
_NORMAL, _OFFSET, _ALIVE, _FIRST, _QUEUED, _A, _ACROSS = 0, 3, 4, 5, 6, 7, 10
_WIDTH = 16  # two lines of the cache, the first of which is read again and again
_NONE = -1
_TETRAHEDRON = (1, 2, 3, 3, 2, 0, 1, 3, 0, 2, 1, 0)  # what is across each edge of the first four


@kernel("float64[:,::1](float64[:,::1], int64[:,::1])")
def measure_facets(points: np.ndarray, facets: np.ndarray) -> np.ndarray:
    """Return the normal of each triangle, as long as its area, and its distance from the origin.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 3)
        Places.
    facets : ndarray of int64, shape (m, 3)
        Numbers of the corners.

    Returns
    -------
    ndarray of float64, shape (m, 5)
        Unit normal, area, and distance of the plane along the normal.
    """
    measured = np.empty((len(facets), 5))
    for i in range(len(facets)):
        a, b, c = facets[i, 0], facets[i, 1], facets[i, 2]
        z, y, x = _cross(points, a, b, c)
        length = np.sqrt(z * z + y * y + x * x)
        measured[i, 0], measured[i, 1], measured[i, 2] = z / length, y / length, x / length
        measured[i, 3] = length / 2
        away = z * points[a, 0] + y * points[a, 1] + x * points[a, 2]
        measured[i, 4] = away / length
    return measured


@kernel("int64[:,::1](int64[:,::1])")
def hull_facets(points: np.ndarray) -> np.ndarray:
    """Find the facets of the convex hull.

    Parameters
    ----------
    points : ndarray of int64, shape (n, 3)
        Not all in one plane, each once, of at most 100,000 in any coordinate.

    Returns
    -------
    ndarray of int64, shape (m, 3)
        Numbers of the corners of triangles, anticlockwise as seen from outside.
    """
    number, most = len(points), 4 * len(points) + 16
    facets = np.zeros((most, _WIDTH), np.int64)
    next_above = np.full(number, _NONE, np.int64)  # what follows each point on its list
    _begin(points, facets)
    made = np.arange(most)
    for point in range(number):
        _put(points, point, facets, made, 4, next_above)
    free, left = np.arange(4, most + 4), most - 4  # a stack of rows without a facet
    pending, waiting = np.arange(most), 4  # a stack of facets that may have points outside
    starts = np.zeros(number, np.int64)
    seen, rim = np.empty(most, np.int64), np.empty((most, 3), np.int64)
    while waiting > 0:
        waiting -= 1
        facet = pending[waiting]
        facets[facet, _QUEUED] = 0
        if facets[facet, _ALIVE] == 0 or facets[facet, _FIRST] == _NONE:
            continue
        apex = _farthest(points, facets, facet, next_above)
        hidden, edges = _look(points, apex, facet, facets, seen, rim)
        for i in range(edges):
            left -= 1
            made[i] = free[left]
        _cover(points, apex, facets, rim[:edges], made, starts)
        for i in range(hidden):
            _pass_on(points, seen[i], facets, made, edges, next_above)
            free[left] = seen[i]
            left += 1
        for i in range(edges):
            waiting = _await(facets, made[i], pending, waiting)
    return _corners(facets)


@part_of_kernel
def _cover(
    points: np.ndarray,
    apex: int,
    facets: np.ndarray,
    rim: np.ndarray,
    made: np.ndarray,
    starts: np.ndarray,
) -> None:
    """Make the facets between a point and the edges of a rim, all neighbours of each other."""
    for i in range(len(rim)):
        _make(points, facets, made[i], rim[i, 0], rim[i, 1], apex)
        _join(facets, made[i], rim[i, 2], rim[i, 1])
        starts[rim[i, 0]] = made[i]
    for i in range(len(rim)):
        after = starts[rim[i, 1]]
        facets[made[i], _ACROSS + 1], facets[after, _ACROSS + 2] = after, made[i]


@part_of_kernel
def _pass_on(
    points: np.ndarray,
    gone: int,
    facets: np.ndarray,
    made: np.ndarray,
    number: int,
    next_above: np.ndarray,
) -> None:
    """Put the points outside a facet that is gone on the lists of new ones."""
    point = facets[gone, _FIRST]
    while point != _NONE:
        following = next_above[point]
        _put(points, point, facets, made, number, next_above)
        point = following
    facets[gone, _FIRST] = _NONE


@part_of_kernel
def _await(facets: np.ndarray, row: int, pending: np.ndarray, waiting: int) -> int:
    """Put a facet on the stack, if points lie outside it and it is not there."""
    if facets[row, _FIRST] == _NONE or facets[row, _QUEUED] != 0:
        return waiting
    pending[waiting], facets[row, _QUEUED] = row, 1
    return waiting + 1


@part_of_kernel
def _corners(facets: np.ndarray) -> np.ndarray:
    """Return the corners of the facets that are left."""
    kept = np.empty((len(facets), 3), np.int64)
    found = 0
    for row in range(len(facets)):
        if facets[row, _ALIVE] != 0:
            for corner in range(3):
                kept[found, corner] = facets[row, _A + corner]
            found += 1
    return kept[:found]


@part_of_kernel
def _begin(points: np.ndarray, facets: np.ndarray) -> None:
    """Make a tetrahedron of the first point and three more that span the space with it."""
    second, third = _span(points)
    _make(points, facets, 0, 0, second, third)
    fourth, most = 0, 0
    for i in range(len(points)):
        if abs(_above(facets, 0, points, i)) > most:
            fourth, most = i, abs(_above(facets, 0, points, i))
    if _above(facets, 0, points, fourth) > 0:  # it must lie below the triangle of the others
        second, third = third, second
    _make(points, facets, 0, 0, second, third)
    _make(points, facets, 1, 0, fourth, second)
    _make(points, facets, 2, second, fourth, third)
    _make(points, facets, 3, third, fourth, 0)
    for i in range(12):
        facets[i // 3, _ACROSS + i % 3] = _TETRAHEDRON[i]


@part_of_kernel
def _span(points: np.ndarray) -> tuple[int, int]:
    """Return the point farthest from the first, and the one farthest from the line of both."""
    second, third, most = 0, 0, 0
    for i in range(len(points)):
        distance = 0
        for axis in range(3):
            distance += (points[i, axis] - points[0, axis]) ** 2
        if distance > most:
            second, most = i, distance
    most = 0
    for i in range(len(points)):
        x, y, z = _cross(points, 0, second, i)
        if abs(x) + abs(y) + abs(z) > most:
            third, most = i, abs(x) + abs(y) + abs(z)
    return second, third


@part_of_kernel
def _cross(points: np.ndarray, a: int, b: int, c: int) -> tuple[int, int, int]:
    """Return the product of two edges of a triangle."""
    x, y, z = points[a, 0], points[a, 1], points[a, 2]
    u0, u1, u2 = points[b, 0] - x, points[b, 1] - y, points[b, 2] - z
    v0, v1, v2 = points[c, 0] - x, points[c, 1] - y, points[c, 2] - z
    return u1 * v2 - u2 * v1, u2 * v0 - u0 * v2, u0 * v1 - u1 * v0


@part_of_kernel
def _make(points: np.ndarray, facets: np.ndarray, row: int, a: int, b: int, c: int) -> None:
    """Fill the row of a new triangle, but for what lies across its edges."""
    x, y, z = _cross(points, a, b, c)
    facets[row, _A], facets[row, _A + 1], facets[row, _A + 2] = a, b, c
    facets[row, _NORMAL], facets[row, _NORMAL + 1], facets[row, _NORMAL + 2] = x, y, z
    facets[row, _OFFSET] = x * points[a, 0] + y * points[a, 1] + z * points[a, 2]
    facets[row, _ALIVE], facets[row, _FIRST] = 1, _NONE


@part_of_kernel
def _join(facets: np.ndarray, new: int, old: int, corner: int) -> None:
    """Let a new facet and an old one be neighbours across the edge that begins at a corner."""
    facets[new, _ACROSS] = old
    for edge in range(3):
        if facets[old, _A + edge] == corner:
            facets[old, _ACROSS + edge] = new


@part_of_kernel
def _above(facets: np.ndarray, row: int, points: np.ndarray, point: int) -> int:
    """Return how far a point lies outside a facet, in steps of its normal's length."""
    return (
        facets[row, _NORMAL] * points[point, 0]
        + facets[row, _NORMAL + 1] * points[point, 1]
        + facets[row, _NORMAL + 2] * points[point, 2]
        - facets[row, _OFFSET]
    )


@part_of_kernel
def _put(
    points: np.ndarray,
    point: int,
    facets: np.ndarray,
    rows: np.ndarray,
    number: int,
    next_above: np.ndarray,
) -> None:
    """Put a point on the list of the first facet that it is outside; inside all, on none."""
    for i in range(number):
        if _above(facets, rows[i], points, point) > 0:
            next_above[point] = facets[rows[i], _FIRST]
            facets[rows[i], _FIRST] = point
            return


@part_of_kernel
def _farthest(points: np.ndarray, facets: np.ndarray, facet: int, next_above: np.ndarray) -> int:
    """Return the point that is farthest outside a facet, of those on its list."""
    point = facets[facet, _FIRST]
    best, most = point, 0
    while point != _NONE:
        above = _above(facets, facet, points, point)
        if above > most:
            best, most = point, above
        point = next_above[point]
    return best


@part_of_kernel
def _look(
    points: np.ndarray,
    apex: int,
    facet: int,
    facets: np.ndarray,
    seen: np.ndarray,
    rim: np.ndarray,
) -> tuple[int, int]:
    """Take out the facets seen from a point; find the edges of the rim, and what is beyond."""
    seen[0], facets[facet, _ALIVE] = facet, 0
    done, hidden, edges = 0, 1, 0
    while done < hidden:
        looked = seen[done]
        done += 1
        for edge in range(3):
            other = facets[looked, _ACROSS + edge]
            if facets[other, _ALIVE] == 0:
                continue
            if _above(facets, other, points, apex) >= 0:
                facets[other, _ALIVE] = 0
                seen[hidden] = other
                hidden += 1
            else:
                rim[edges, 0] = facets[looked, _A + edge]
                rim[edges, 1] = facets[looked, _A + (edge + 1) % 3]
                rim[edges, 2] = other
                edges += 1
    return hidden, edges
