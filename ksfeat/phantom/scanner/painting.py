"""Shapes and tubes painted over one another, with the share of each pixel that they fill."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel


@part_of_kernel
def window(points: np.ndarray, x: float, y: float, reach: float, frame: np.ndarray) -> tuple:
    """Return the first and last rows and columns (half-open) that hold a disc in the patient."""
    cos, sin, step, high, wide = frame[0], frame[1], frame[4], points.shape[1], points.shape[2]
    j = (cos * x - sin * y + frame[2]) / step + 0.5 * (wide - 1)
    i = (sin * x + cos * y + frame[3]) / step + frame[6]
    for _ in range(2):  # from where the point would lie without the warp to where it lies
        near_i, near_j = min(max(round(i), 0), high - 1), min(max(round(j), 0), wide - 1)
        dx, dy = x - points[0, near_i, near_j], y - points[1, near_i, near_j]
        i, j = near_i + (sin * dx + cos * dy) / step, near_j + (cos * dx - sin * dy) / step
    half = reach * (1.0 + frame[5]) / step + 2.0
    top, bottom = min(max(int(i - half), 0), high), min(max(int(i + half) + 2, 0), high)
    left, right = min(max(int(j - half), 0), wide), min(max(int(j + half) + 2, 0), wide)
    return top, bottom, left, right


@part_of_kernel
def _outline(a: float, b: float, power: float, step: float) -> tuple:
    """Return an outline's numbers: half axes, exponent, pixel, and two limits.

    Below the first squared distance a pixel is surely in, above the second surely out, and no root
    or power is needed: the edge is at least as far as it is along the short axis, and a rounded
    rectangle lies between an ellipse and a wider one.
    """
    half = 0.5 * step / min(a, b)
    inner = (1.0 - half) ** 2 if half < 1.0 else -1.0
    return a, b, power, step, inner, 2.0 ** (1.0 - 2.0 / power) * (1.0 + half) ** 2


@part_of_kernel
def _filled(across: float, down: float, outline: tuple) -> float:
    """Return the share of a pixel inside an outline: a ramp one pixel wide across the edge."""
    a, b, power, step, inner, outer = outline
    u, v = abs(across) / a, abs(down) / b
    square = u * u + v * v
    if square <= inner:
        return 1.0
    if square >= outer:
        return 0.0
    if power == 2.0:
        rho = np.sqrt(square)
        slope = np.sqrt((u / a) ** 2 + (v / b) ** 2) / max(rho, 1e-9)
    else:
        rho = (u**power + v**power) ** (1.0 / power)
        du, dv = u ** (power - 1.0) / a, v ** (power - 1.0) / b
        slope = np.sqrt(du * du + dv * dv) * max(rho, 1e-9) ** (1.0 - power)
    depth = (1.0 - rho) / max(slope, 1.0 / max(a, b))
    return min(max(0.5 + depth / step, 0.0), 1.0)


@part_of_kernel
def _mix(layer: np.ndarray, i: int, j: int, share: float, hu: np.ndarray) -> None:
    for beam in range(hu.shape[0]):
        layer[beam, i, j] += np.float32(share) * (hu[beam] - layer[beam, i, j])


@part_of_kernel
def _paint_region(
    layer: np.ndarray,
    points: np.ndarray,
    row: np.ndarray,
    z: float,
    hu: np.ndarray,
    frame: np.ndarray,
) -> None:
    """Paint a `Shape` at a height; see `Shape.row` for the numbers."""
    dz, step = z - row[2], frame[4]
    left_over = 1.0 - abs(dz / row[5]) ** row[9]
    outside = row[11] != 0.0
    if left_over <= 0.0 and not outside:
        return
    grown = np.sqrt(max(left_over, 0.0)) * (1.0 + row[15] * dz + row[16] * dz * dz)
    # What is thinner than a pixel fills it in proportion to its width.
    a, b = max(row[3] * grown, 0.5 * step), max(row[4] * grown, 0.5 * step)
    thin = row[3] * grown / a * (row[4] * grown / b)
    # The ramp of a small round edge holds more outside of it than inside: drawn in by that much.
    inset = step * step / (12.0 * (a + b))
    a, b = a - inset, b - inset
    middle_x = row[0] + row[7] * dz + row[13] * dz * dz
    middle_y = row[1] + row[8] * dz + row[14] * dz * dz
    cos, sin, power = np.cos(row[6]), np.sin(row[6]), row[10]
    top, bottom, left, right = 0, points.shape[1], 0, points.shape[2]
    if not outside:
        reach = max(a, b) if power == 2.0 else np.sqrt(a * a + b * b)
        top, bottom, left, right = window(points, middle_x, middle_y, reach, frame)
    outline = _outline(a, b, power, step)
    for i in range(top, bottom):
        for j in range(left, right):
            dx, dy = points[0, i, j] - middle_x, points[1, i, j] - middle_y
            share = thin * _filled(cos * dx + sin * dy, cos * dy - sin * dx, outline)
            if outside:
                share = 1.0 - share
            if share > 0.0:
                _mix(layer, i, j, share, hu)


@part_of_kernel
def _stretch_of_tube(row: np.ndarray, z: float) -> tuple:
    """Return which share of a tube's axis, from and to, is near enough to a height."""
    reach = max(row[6], row[7]) * row[8]
    rise = row[5] - row[2]
    if abs(rise) < 1e-9:
        return (0.0, 1.0) if abs(z - row[2]) < reach else (1.0, 0.0)
    one, two = (z - reach - row[2]) / rise, (z + reach - row[2]) / rise
    return max(min(one, two), 0.0), min(max(one, two), 1.0)


@part_of_kernel
def _paint_tube(
    layer: np.ndarray,
    points: np.ndarray,
    row: np.ndarray,
    z: float,
    hu: np.ndarray,
    frame: np.ndarray,
) -> None:
    """Paint a `Tube` at a height; see `Tube.row` for the numbers."""
    first, last = _stretch_of_tube(row, z)
    if first > last:
        return
    along_x, along_y, along_z = row[3] - row[0], row[4] - row[1], (row[5] - row[2]) / row[8]
    square = max(along_x**2 + along_y**2 + along_z**2, 1e-12)
    middle, step = 0.5 * (first + last), frame[4]
    reach = max(row[6], row[7], 0.5 * step) + 0.5 * (last - first) * np.hypot(along_x, along_y)
    top, bottom, left, right = window(
        points, row[0] + middle * along_x, row[1] + middle * along_y, reach, frame
    )
    dz = (z - row[2]) / row[8]
    for i in range(top, bottom):
        for j in range(left, right):
            dx, dy = points[0, i, j] - row[0], points[1, i, j] - row[1]
            share = min(max((dx * along_x + dy * along_y + dz * along_z) / square, 0.0), 1.0)
            away = (dx - share * along_x) ** 2 + (dy - share * along_y) ** 2
            away += (dz - share * along_z) ** 2
            radius = row[6] + share * (row[7] - row[6])
            wide = max(radius, 0.5 * step)
            if away < (wide + 0.5 * step) ** 2:
                inset = step * step / (24.0 * wide)
                filled = min(max(0.5 + (wide - inset - np.sqrt(away)) / step, 0.0), 1.0)
                _mix(layer, i, j, filled * (radius / wide) ** 2, hu)


@kernel(
    "float32[:,:,::1](float32[:,:,::1], float64[:,::1], float32[:,::1], float64[:,::1],"
    " float64[::1])"
)
def paint_shapes(
    points: np.ndarray, rows: np.ndarray, hu: np.ndarray, layers: np.ndarray, frame: np.ndarray
) -> np.ndarray:
    """Add up sub-slices, in each of which shapes are painted in their order.

    Parameters
    ----------
    points : ndarray of float32, shape (2, m, n)
        x and y of the pixels in the patient, in mm.
    rows : ndarray of float64, shape (k, 17)
        `Shape.row` or `Tube.row` of each.
    hu : ndarray of float32, shape (k, beams)
        Density of each shape.
    layers : ndarray of float64, shape (l, 2)
        Where the sub-slices lie, in mm, and what they count; the latter adds up to 1.
    frame : ndarray of float64, shape (7,)
        As in `Grid`.

    Returns
    -------
    ndarray of float32, shape (beams, m, n)
        Hounsfield units; 0 where no shape is.
    """
    mean = np.zeros((hu.shape[1], points.shape[1], points.shape[2]), dtype=np.float32)
    layer = np.empty_like(mean)
    for number in range(layers.shape[0]):
        layer[:] = 0.0
        for k in range(rows.shape[0]):
            if rows[k, 12] == 0.0:
                _paint_region(layer, points, rows[k], layers[number, 0], hu[k], frame)
            else:
                _paint_tube(layer, points, rows[k], layers[number, 0], hu[k], frame)
        mean += np.float32(layers[number, 1]) * layer
    return mean
