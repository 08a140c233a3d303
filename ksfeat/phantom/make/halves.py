"""Left and right half of a slice: of a stone on one side only, the other side is the control."""

from __future__ import annotations

import numpy as np

from ksfeat.phantom.make.manifest import Row
from ksfeat.phantom.make.parameters import NO_STONE

# What is said of the stone, and of it alone.
_OF_STONE = ("stone_mask", "stone_box", "type", "composition", "diameter_mm", "location")


def has_one_sided_stones(mask: np.ndarray) -> bool:
    """Tell whether all stones of a slice lie in one half, and none on its middle column.

    Examples
    --------
    >>> has_one_sided_stones(np.array([[1, 1, 0, 0, 0]])), has_one_sided_stones(np.ones((1, 2)))
    (True, False)
    """
    half = mask.shape[1] // 2
    columns = np.flatnonzero(mask.any(axis=0))
    return bool(columns.size) and bool(columns[-1] < half or columns[0] >= mask.shape[1] - half)


def halve(row: Row, size: int) -> list[Row]:
    """Return the rows of the two halves of a slice.

    Parameters
    ----------
    row : dict
        Of the whole slice, whose stones lie in one half.
    size : int
        Its side in pixels; the middle column of an odd one is in neither half.

    Returns
    -------
    list of dict
        Left and right half of the picture: with its crop, and the stone, in the half's pixels, or
        the label "nostone" and nothing about stones.

    Examples
    --------
    >>> for half in halve({"path": "a.png", "label": "stone", "stone_box": "5 1 7 2"}, 9):
    ...     print(*half.values())
    a.png nostone 0 0 4 9
    a.png stone 0 1 2 2 5 0 9 9
    """
    half = size // 2
    return [_half(row, (0, half), size), _half(row, (size - half, size), size)]


def _half(row: Row, columns: tuple[int, int], size: int) -> Row:
    first, end = columns
    x0, y0, x1, y1 = map(int, str(row["stone_box"]).split())
    crop: Row = {"x0": first, "y0": 0, "x1": end, "y1": size}
    if first <= x0 and x1 <= end:
        return row | crop | {"stone_box": f"{x0 - first} {y0} {x1 - first} {y1}"}
    bare: Row = {name: cell for name, cell in row.items() if name not in _OF_STONE}
    return bare | {"label": NO_STONE} | crop
