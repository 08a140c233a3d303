"""The part of a bright spot: grown downhill from its seed, and measured."""

from __future__ import annotations

import math

import numpy as np

from ksfeat.scale.compiled import part_of_kernel

LARGEST = 4000  # pixels; growing stops there
N_REGION = 19


@part_of_kernel
def grow_region(
    levels: np.ndarray,
    guide: np.ndarray,
    seed: tuple[int, int],
    limits: tuple[float, float],
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
        The lower limit, and how much the guide may rise from a pixel to the next.
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
            if levels[r, c] > limits[0] and guide[r, c] <= ceiling and count < LARGEST:
                mark[r, c] = stamp
                queue[count, 0], queue[count, 1] = r, c
                count += 1
    return count


@part_of_kernel
def measure_region(
    levels: np.ndarray,
    mark: np.ndarray,
    stamp: int,
    queue: np.ndarray,
    count: int,
    seed: tuple[int, int],
    out: np.ndarray,
) -> None:
    """Write size, shape and density of a grown region, in the order of `stones.REGION`."""
    height, width = levels.shape
    total = squares = rows = columns = rr = cc = rc = 0.0
    top, bottom, left, right = height, 0, width, 0
    highest = levels[queue[0, 0], queue[0, 1]]
    edges, slope, edge_level, n_edge = 0, 0.0, 0.0, 0
    for k in range(count):
        r, c = queue[k]
        value = levels[r, c]
        total += value
        squares += value * value
        highest = max(highest, value)
        y, x = float(r - seed[0]), float(c - seed[1])
        rows += y
        columns += x
        rr += y * y
        cc += x * x
        rc += x * y
        top, bottom = min(top, r), max(bottom, r)
        left, right = min(left, c), max(right, c)
        open_sides = 0
        for step in range(4):
            a = r + (1 if step == 0 else -1 if step == 1 else 0)
            b = c + (1 if step == 2 else -1 if step == 3 else 0)
            if a < 0 or b < 0 or a >= height or b >= width or mark[a, b] != stamp:
                open_sides += 1
                if a >= 0 and b >= 0 and a < height and b < width:
                    slope += value - levels[a, b]
        edges += open_sides
        if open_sides > 0:
            edge_level += value
            n_edge += 1
    mean = total / count
    rows, columns = rows / count, columns / count
    rr = rr / count - rows * rows + 1 / 12
    cc = cc / count - columns * columns + 1 / 12
    rc = rc / count - rows * columns
    middle, spread = (rr + cc) / 2, math.sqrt(((rr - cc) / 2) ** 2 + rc * rc)
    large, small = middle + spread, max(middle - spread, 1e-6)
    high, wide = bottom - top + 1.0, right - left + 1.0
    inner = (total - edge_level) / (count - n_edge) if count > n_edge else highest
    out[0] = count
    out[1], out[2] = wide, high
    out[3], out[4] = 4 * math.sqrt(large), 4 * math.sqrt(small)
    out[5] = math.sqrt(small / large)
    out[6] = edges * edges / (16.0 * count)  # 1 for a square
    out[7] = count / (wide * high)
    out[8], out[9] = mean, highest
    out[10] = math.sqrt(max(squares / count - mean * mean, 0.0))
    out[11] = inner - edge_level / n_edge if n_edge > 0 else 0.0
    out[12] = slope / edges if edges > 0 else 0.0
    out[13] = math.sqrt(rows * rows + columns * columns)
    out[14] = (large + small) * 2 * math.pi / count  # Hu's first moment, 1 for a disc
    out[15] = _box_dimension(mark, stamp, queue, count)
    out[16], out[17] = columns, rows
    cut = top == 0 or left == 0 or bottom == height - 1 or right == width - 1
    out[18] = 1.0 if cut else 0.0


@part_of_kernel
def _box_dimension(mark: np.ndarray, stamp: int, queue: np.ndarray, count: int) -> float:
    """Return the box-counting dimension of the outline between boxes of 1 and 4 pixels."""
    height, width = mark.shape
    fine = coarse = 0
    for k in range(count):
        r, c = queue[k]
        first = True
        on_edge = False
        for step in range(4):
            a = r + (1 if step == 0 else -1 if step == 1 else 0)
            b = c + (1 if step == 2 else -1 if step == 3 else 0)
            if a < 0 or b < 0 or a >= height or b >= width or mark[a, b] != stamp:
                on_edge = True
        if not on_edge:
            continue
        fine += 1
        # A box of 4 pixels counts once: at the first of its pixels, row by row, that is on the edge.
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
