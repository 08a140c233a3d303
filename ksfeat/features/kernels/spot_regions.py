"""The part of a bright spot: grown downhill from its seed, and measured."""

from __future__ import annotations

import math

import numpy as np

from ksfeat.scale.compiled import part_of_kernel

LARGEST = 4000  # pixels
N_REGION = 19


@part_of_kernel
def grow_region(  # noqa: PLR0913 - what numba takes: arrays, no object
    levels: np.ndarray,
    guide: np.ndarray,
    seed: tuple[int, int],
    limits: tuple[float, float, int],
    mark: np.ndarray,
    stamp: int,
    queue: np.ndarray,
) -> int:
    """Collect the pixels above a level that a downhill way leads to, and return their number.

    Parameters
    ----------
    levels, guide : ndarray of float32, shape (H, W)
        What must exceed the lower limit, and what must not rise along the way.
    seed : tuple of int
        Row and column.
    limits : tuple of float
        The lower limit, how much the guide may rise from a pixel to the next, and how many pixels
        there may be, at most LARGEST.
    mark : ndarray of int32, shape (H, W)
        `stamp` where a pixel belongs.
    stamp : int
        Of this region, unlike all before.
    queue : ndarray of int64, shape (LARGEST, 2)
        Filled with rows and columns.
    """
    height, width = levels.shape
    queue[0, 0], queue[0, 1] = seed
    mark[seed] = stamp
    count, at = 1, 0
    while at < count:
        row, column = queue[at]
        at += 1
        ceiling = guide[row, column] + limits[1]
        for step in range(4):
            r = row + (1 if step == 0 else -1 if step == 1 else 0)
            c = column + (1 if step == 2 else -1 if step == 3 else 0)
            if r < 0 or c < 0 or r >= height or c >= width or mark[r, c] == stamp:
                continue
            if levels[r, c] > limits[0] and guide[r, c] <= ceiling and count < limits[2]:
                mark[r, c] = stamp
                queue[count, 0], queue[count, 1] = r, c
                count += 1
    return count


@part_of_kernel
def measure_region(
    levels: np.ndarray,
    mark: np.ndarray,
    queue: np.ndarray,
    count: int,
    out: np.ndarray,
) -> None:
    """Write size, shape and density of a grown region, in the order of `stones.REGION`.

    The first pixel of `queue` is the seed, and `mark` there is the region's stamp.
    """
    row, column = queue[0]
    stamp = mark[row, column]
    _measure_extent(mark.shape, queue, count, out)
    _measure_moments(queue, count, out)
    mean, highest, sd = _density(levels, queue, count)
    sides, n_edge, edge_level, slope = _outline(levels, mark, stamp, queue, count)
    inner = (mean * count - edge_level) / (count - n_edge) if count > n_edge else highest
    out[0] = count
    out[6] = sides * sides / (16.0 * count)  # 1 for a square
    out[7] = count / (out[1] * out[2])
    out[8], out[9], out[10] = mean, highest, sd
    out[11] = inner - edge_level / n_edge if n_edge > 0 else 0.0
    out[12] = slope / sides if sides > 0 else 0.0
    out[15] = _box_dimension(mark, stamp, queue, count)


@part_of_kernel
def _measure_extent(shape: tuple[int, int], queue: np.ndarray, count: int, out: np.ndarray) -> None:
    rows, columns = queue[:count, 0], queue[:count, 1]
    top, bottom, left, right = rows.min(), rows.max(), columns.min(), columns.max()
    out[1], out[2] = right - left + 1.0, bottom - top + 1.0
    cut = top == 0 or left == 0 or bottom == shape[0] - 1 or right == shape[1] - 1
    out[18] = 1.0 if cut else 0.0


@part_of_kernel
def _measure_moments(queue: np.ndarray, count: int, out: np.ndarray) -> None:
    rows = columns = rr = cc = rc = 0.0
    for k in range(count):
        y, x = float(queue[k, 0] - queue[0, 0]), float(queue[k, 1] - queue[0, 1])
        rows += y
        columns += x
        rr += y * y
        cc += x * x
        rc += x * y
    rows, columns = rows / count, columns / count
    # A pixel is a square, not a point: 1/12 is its own variance along an axis.
    rr = rr / count - rows * rows + 1 / 12
    cc = cc / count - columns * columns + 1 / 12
    rc = rc / count - rows * columns
    middle, spread = (rr + cc) / 2, math.sqrt(((rr - cc) / 2) ** 2 + rc * rc)
    large, small = middle + spread, max(middle - spread, 1e-6)
    out[3], out[4], out[5] = 4 * math.sqrt(large), 4 * math.sqrt(small), math.sqrt(small / large)
    out[13] = math.sqrt(rows * rows + columns * columns)
    out[14] = (large + small) * 2 * math.pi / count  # Hu's first moment, 1 for a disc
    out[16], out[17] = columns, rows


@part_of_kernel
def _density(levels: np.ndarray, queue: np.ndarray, count: int) -> tuple[float, float, float]:
    """Return mean, highest level and standard deviation."""
    total = squares = 0.0
    highest = float(levels[queue[0, 0], queue[0, 1]])
    for k in range(count):
        value = float(levels[queue[k, 0], queue[k, 1]])
        total += value
        squares += value * value
        highest = max(highest, value)
    mean = total / count
    return mean, highest, math.sqrt(max(squares / count - mean * mean, 0.0))


@part_of_kernel
def _outline(
    levels: np.ndarray, mark: np.ndarray, stamp: int, queue: np.ndarray, count: int
) -> tuple[int, int, float, float]:
    """Return sides of pixels on the outline, pixels there, their summed level, and its steps."""
    height, width = levels.shape
    sides, n_edge, edge_level, slope = 0, 0, 0.0, 0.0
    for k in range(count):
        r, c = queue[k]
        open_sides = 0
        for step in range(4):
            a = r + (1 if step == 0 else -1 if step == 1 else 0)
            b = c + (1 if step == 2 else -1 if step == 3 else 0)
            inside = a >= 0 and b >= 0 and a < height and b < width
            if not inside or mark[a, b] != stamp:
                open_sides += 1
                slope += levels[r, c] - levels[a, b] if inside else 0.0
        sides += open_sides
        if open_sides > 0:
            edge_level += levels[r, c]
            n_edge += 1
    return sides, n_edge, edge_level, slope


@part_of_kernel
def _box_dimension(mark: np.ndarray, stamp: int, queue: np.ndarray, count: int) -> float:
    """Return the box-counting dimension of the outline between boxes of 1 and 4 pixels."""
    width = mark.shape[1]
    fine = coarse = 0
    for k in range(count):
        r, c = queue[k]
        if not _on_edge(mark, stamp, r, c):
            continue
        fine += 1
        # A box of 4 pixels counts once: at the first of its pixels that is on the edge.
        first = True
        for a in range(r - r % 4, r + 1):
            for b in range(c - c % 4, min(c - c % 4 + 4, width)):
                if (a < r or b < c) and mark[a, b] == stamp and _on_edge(mark, stamp, a, b):
                    first = False
        coarse += first
    return math.log(fine / coarse) / math.log(4.0) if coarse > 0 else 0.0


@part_of_kernel
def _on_edge(mark: np.ndarray, stamp: int, row: int, column: int) -> bool:
    height, width = mark.shape
    if row == 0 or column == 0 or row == height - 1 or column == width - 1:
        return True
    return (
        mark[row - 1, column] != stamp
        or mark[row + 1, column] != stamp
        or mark[row, column - 1] != stamp
        or mark[row, column + 1] != stamp
    )
