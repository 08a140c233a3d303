"""Convex hulls of masks, and the boxes and ellipsoids around them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.spatial import ConvexHull

from ksfeat.features.kernels.solid_hull import hull_facets, measure_facets
from ksfeat.features.kernels.solid_points import find_corners, grow_corners, largest_distance
from ksfeat.features.kernels.solids import estimate_boxes, weigh_ellipsoid

_TERMS = 20  # where the IBSI stops the series of an ellipsoid's area
_ANGLES, _CANDIDATES = 12, 8  # tried of each facet, and then exactly
_LEVEL = 1e-9  # below it a coordinate of a unit vector is rounding
_TOLERANCE = 1e-8  # of the ellipsoid; the IBSI's values were found to 0.1 %


@dataclass(frozen=True)
class Hull:
    """A convex hull.

    Parameters
    ----------
    points : ndarray of float64, shape (n, 2) or (n, 3)
        Its vertices, in millimetres.
    normals : ndarray of float64, shape (m, 2) or (m, 3)
        Of its facets, or of the triangles that they are made of.
    size, border : float
        Volume and area of a solid; area and length of the outline of a flat one.
    diameter : float
        Largest distance of two vertices.
    """

    points: np.ndarray
    normals: np.ndarray
    size: float
    border: float
    diameter: float


def hull_of(mask: np.ndarray, spacing_mm: tuple[float, ...]) -> Hull:
    """Return the hull of the vertices of a mask's mesh.

    Those vertices lie half a step from voxels along an axis, so their hull is that of the voxels'
    centres, grown by that.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W) or (Z, H, W)
        Not empty.
    spacing_mm : tuple of float
        Of its axes.

    Examples
    --------
    >>> hull = hull_of(np.ones((2, 2, 2), dtype=bool), (1.0, 1.0, 1.0))
    >>> len(hull.points), round(hull.diameter, 6)
    (24, 2.44949)
    """
    solid = mask.reshape((1,) * (3 - mask.ndim) + mask.shape).view(np.uint8)
    if mask.ndim == 2:
        return _flat_hull(find_corners(solid)[:, 1:] * np.asarray(spacing_mm), spacing_mm)
    grown = grow_corners(solid, _corners(solid))
    facets = hull_facets(grown)
    vertices = np.zeros(len(grown), dtype=bool)
    vertices[facets] = True
    places = grown * (np.asarray(spacing_mm) / 2)
    measured = measure_facets(places, facets)
    area = measured[:, 3]
    return Hull(
        points := places[vertices],
        measured[:, :3],
        float(area @ measured[:, 4]) / 3,
        float(area.sum()),
        _diameter(points),
    )


def diameter_of(mask: np.ndarray, spacing_mm: tuple[float, ...]) -> float:
    """Return the largest distance of two vertices of a volume's mesh, without its hull.

    Parameters
    ----------
    mask : ndarray of bool, shape (Z, H, W)
        Not empty.
    spacing_mm : tuple of float
        Of its axes.

    Examples
    --------
    >>> round(diameter_of(np.ones((2, 2, 2), dtype=bool), (1.0, 1.0, 1.0)), 6)
    2.44949
    """
    solid = mask.view(np.uint8)
    return _diameter(grow_corners(solid, _corners(solid)) * (np.asarray(spacing_mm) / 2))


def _diameter(points: np.ndarray) -> float:
    away = np.sqrt(np.square(points - points.mean(axis=0)).sum(axis=1))
    order = np.argsort(-away)
    return float(largest_distance(points[order], away[order]))


def _corners(solid: np.ndarray) -> np.ndarray:
    """Return the voxels at corners of the hulls of the slices across all three axes."""
    corners = find_corners(solid)
    for order in ((1, 0, 2), (2, 0, 1)):
        cut = np.zeros(solid.shape, dtype=bool)
        cut.transpose(order)[tuple(find_corners(solid.transpose(order)).T)] = True
        corners = corners[cut[tuple(corners.T)]]
    return corners


def _flat_hull(points: np.ndarray, spacing_mm: tuple[float, ...]) -> Hull:
    steps = np.diag(spacing_mm) / 2
    grown = np.concatenate([points + sign * step for step in steps for sign in (1, -1)])
    hull = ConvexHull(grown)
    points = np.ascontiguousarray(grown[hull.vertices])
    normals = hull.equations[:, :-1]
    return Hull(points, normals, hull.volume, hull.area, _diameter(points))


def _directions(normals: np.ndarray) -> np.ndarray:
    """Return each direction once, with its first coordinate that is not 0 above 0."""
    first = (np.abs(normals) > _LEVEL).argmax(axis=1)
    signs = np.sign(normals[np.arange(len(normals)), first])
    rounded = np.round(normals * signs[:, None], 9) + 0.0
    ordered = rounded[np.lexsort(rounded.T[::-1])]
    return ordered[np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))]


def straight_box(hull: Hull) -> np.ndarray:
    """Return the sides of the smallest box along the axes."""
    return np.ptp(hull.points, axis=0)


def turned_box(hull: Hull) -> np.ndarray:
    """Return the sides of a smallest box in any direction, of those that lie on a facet.

    Of a solid hull, boxes on every facet are estimated at some angles, and those that come out
    smallest are turned exactly. The smallest of all may lie on two edges; it is a little smaller.
    """
    if hull.points.shape[1] == 2:
        return np.array(cv2.minAreaRect(hull.points.astype(np.float32))[1], dtype=np.float64)
    normals = _directions(hull.normals)
    across = np.cross(normals, np.eye(3)[np.abs(normals).argmin(axis=1)])
    across /= np.sqrt((across**2).sum(axis=1, keepdims=True))
    frames = np.stack([normals, across, np.cross(normals, across)], axis=1)
    rows = np.ascontiguousarray(hull.points.T)
    volumes = estimate_boxes(rows, frames.reshape(-1, 9), _ANGLES)
    boxes = [_box_in(hull.points, frames[n]) for n in np.argsort(volumes)[:_CANDIDATES]]
    return min([straight_box(hull), *boxes], key=np.prod)


def _box_in(points: np.ndarray, frame: np.ndarray) -> np.ndarray:
    along = points @ frame.T
    sides = cv2.minAreaRect(along[:, 1:].astype(np.float32))[1]
    return np.array([np.ptp(along[:, 0]), *sides])


def enclosing_ellipsoid(hull: Hull) -> np.ndarray:
    """Return the semi-axes of the smallest ellipsoid around a solid hull, falling.

    References
    ----------
    .. [1] M. J. Todd, E. A. Yildirim, "On Khachiyan's algorithm for the computation of
           minimum-volume enclosing ellipsoids", Discrete Applied Mathematics 155 (2007) 1731-1744.

    Examples
    --------
    >>> hull = hull_of(np.ones((1, 1, 1), dtype=bool), (2.0, 2.0, 2.0))
    >>> enclosing_ellipsoid(hull).round(3).tolist()
    [1.0, 1.0, 1.0]
    """
    middle, scale = hull.points.mean(axis=0), hull.diameter / 2
    points = np.column_stack([(hull.points - middle) / scale, np.ones(len(hull.points))])
    weights = _start(points[:, :3])
    inverse = np.linalg.inv((points.T * weights) @ points)
    weights = weigh_ellipsoid(points, weights, np.ascontiguousarray(inverse), _TOLERANCE)
    centre = weights @ points[:, :3]
    away = points[:, :3] - centre
    shape = 3 * (away.T * weights) @ away
    reach = np.einsum("ij,jk,ik->i", away, np.linalg.inv(shape), away).max()
    return np.sqrt(np.linalg.eigvalsh(shape)[::-1] * reach) * scale


def _start(points: np.ndarray) -> np.ndarray:
    """Return weights of the outermost points along three directions that span the space."""
    weights = np.zeros(len(points))
    basis = np.eye(3)
    for _ in range(3):
        axis = basis[(basis**2).sum(axis=1).argmax()]
        along = points @ axis
        ends = [along.argmax(), along.argmin()]
        weights[ends] += 1 / 6
        step = points[ends[0]] - points[ends[1]]
        step = basis.T @ np.linalg.lstsq(basis.T, step, rcond=None)[0]
        basis = basis - np.outer(basis @ step, step) / (step @ step)
    return weights


def ellipsoid_size(axes: np.ndarray) -> tuple[float, float]:
    """Return volume and area of an ellipsoid.

    Parameters
    ----------
    axes : ndarray of shape (3,)
        Semi-axes, falling.

    Returns
    -------
    volume, area : float
        The area by the series of Legendre polynomials that the IBSI prints, to its 20th term. Its
        consensus values follow from it, though it is the true area of a ball only: of axes 2, 2
        and 1 it is a quarter too large.

    Examples
    --------
    >>> [round(value, 6) for value in ellipsoid_size(np.array([1.0, 1.0, 1.0]))]
    [4.18879, 12.566371]
    """
    a, b, c = axes
    volume = 4 / 3 * np.pi * a * b * c
    first, second = 1 - (b / a) ** 2, 1 - (c / a) ** 2  # squared eccentricities
    # Legendre's recurrence on whole terms, so that nothing is divided by an eccentricity of 0.
    before, term, total = 0.0, 1.0, 0.0
    for degree in range(_TERMS + 1):
        total += term / (1 - 4 * degree**2)
        following = (2 * degree + 1) * (
            first + second
        ) / 2 * term - degree * first * second * before
        before, term = term, following / (degree + 1)
    return float(volume), float(4 * np.pi * a * b * total)
