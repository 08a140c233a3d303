"""Where the neighbours of a voxel lie in a flat array, and which of them touch each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

# Bits of `Lattice.nearest`: no neighbour, so that a zone begins; others, so that zones may meet.
BEGINS, MEETS = 63, 62


def directions(dimensions: int) -> list[tuple[int, int, int]]:
    """Return the directions to neighbours at Chebyshev distance 1, one of each opposite pair.

    Examples
    --------
    >>> directions(2)
    [(0, 0, 1), (0, 1, -1), (0, 1, 0), (0, 1, 1)]
    >>> len(directions(3))
    13
    """
    deep = (0,) if dimensions == 2 else (-1, 0, 1)
    steps = product(deep, (-1, 0, 1), (-1, 0, 1))
    return sorted(step for step in steps if step > (0, 0, 0))


def cube(distance: int, dimensions: int) -> np.ndarray:
    """Return the steps to all neighbours within a Chebyshev distance, shape (K, 3).

    Examples
    --------
    >>> len(cube(1, 2)), len(cube(2, 3))
    (8, 124)
    """
    side = range(-distance, distance + 1)
    steps = product((0,) if dimensions == 2 else side, side, side)
    return np.array([step for step in steps if any(step)])


@dataclass(frozen=True, eq=False)
class Lattice:
    """The flat layout of a box of voxels with a border of one voxel all round.

    Parameters
    ----------
    planes : ndarray of int64
        Index of the first inner voxel of each plane.
    plane : int
        Voxels from the first inner one of a plane to its last, the border's between them too.
    offsets : ndarray of int64, shape (D,)
        How far the preceding neighbour of each direction lies.
    around : ndarray of int64, shape (2 D,)
        Offsets of all neighbours.
    rows : ndarray of int64
        Offsets of the voxel itself and of those straight above and below, in all planes.
    steps : ndarray of int64
        Offsets, along one axis, of the preceding neighbours that share a side.
    nearest, others : ndarray, shape (2**D,)
        What `label_zones` needs.
    """

    planes: np.ndarray
    plane: int
    offsets: np.ndarray
    around: np.ndarray
    rows: np.ndarray
    steps: np.ndarray
    nearest: np.ndarray
    others: np.ndarray


@lru_cache(maxsize=16)
def lattice(shape: tuple[int, int, int], dimensions: int) -> Lattice:
    """Return the layout of a slice (1, H, W), padded in two dimensions, or of a volume.

    Examples
    --------
    >>> lattice((1, 3, 5), 2).offsets
    array([1, 6, 7, 8])
    """
    depth, height, width = shape
    line = width + 2
    sheet = line * (height + 2) if dimensions == 3 else 0
    ways = directions(dimensions)
    offsets = np.array([z * sheet + y * line + x for z, y, x in ways])
    steps = np.array([1, line, sheet][:dimensions])
    planes = sheet + line + 1 + sheet * np.arange(depth if dimensions == 3 else 1)
    rows = np.array([z * sheet + y for z in (-1, 0, 1) for y in (-line, 0, line)])
    first, others = _components(dimensions)
    nearest = np.where(
        np.arange(len(first)) > 0, offsets[first].astype(np.uint64), np.uint64(1 << BEGINS)
    )
    return Lattice(
        planes=planes,
        plane=(height - 1) * line + width,
        offsets=offsets,
        around=np.concatenate([-offsets, offsets]),
        rows=rows if dimensions == 3 else rows[:3],
        steps=steps,
        nearest=nearest | (others > 0).astype(np.uint64) << np.uint64(MEETS),
        others=others,
    )


@lru_cache(maxsize=2)
def _components(dimensions: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one neighbour, then one of each further component, for every set of neighbours.

    Neighbours that touch each other and equal the same voxel are of one zone already, so each
    component of their adjacency needs to be united once.
    """
    ways = np.array(directions(dimensions))
    touching = np.abs(ways[:, None] - ways).max(axis=2) <= 1
    bit = 1 << np.arange(len(ways))
    reach = touching @ bit
    sets = np.arange(1 << len(ways))
    whole = sets & -sets
    for _ in ways:
        for way, near in enumerate(reach):
            joined = (sets & bit[way] != 0) & (whole & near != 0)
            whole |= np.where(joined, bit[way], 0)
    lowest = sets & -sets
    others = np.zeros_like(sets)
    rest = sets & ~whole
    while rest.any():
        others |= lowest[rest]
        rest &= ~whole[rest]
    first = np.log2(np.maximum(lowest, 1)).astype(np.int64)
    return first, others.astype(np.uint16)
