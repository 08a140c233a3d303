"""Zones of slices or of a volume, counted by level and by size or depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.features.kernels.depths import collect_distances, measure_depth
from ksfeat.features.kernels.lattice import Lattice
from ksfeat.features.kernels.pairs import CHUNK
from ksfeat.features.kernels.words import WORD
from ksfeat.features.kernels.workspace import workspace
from ksfeat.features.kernels.zones import collect_sizes, label_zones

TABLED_SIZES = 256  # larger zones are few: they are listed


@dataclass(frozen=True, eq=False)
class Zones:
    """Zones by level and size.

    Parameters
    ----------
    sizes : ndarray of uint32, shape (slices, 1, N, 256)
        By level - 1 and size - 1.
    large : tuple of ndarray of int64
        Of each slice, size * 65536 + level of every zone of more than 256 voxels, sorted.
    """

    sizes: np.ndarray
    large: tuple[np.ndarray, ...]


def count_zones(slices: np.ndarray, where: Lattice, alone: np.ndarray) -> Zones:
    """Count zones by level and size.

    Parameters
    ----------
    slices : ndarray of uint16, shape (slices, voxels)
        Flat padded levels, each slice counted apart.
    where : Lattice
        Their layout.
    alone : ndarray of integers, shape (slices, 1, N)
        Voxels without an equal neighbour, by level: zones of one voxel.
    """
    sizes = np.zeros((len(slices), alone.shape[2] + 1, TABLED_SIZES), dtype=np.uint32)
    listed = workspace("large", slices.shape[1] // TABLED_SIZES + 1, np.int64)
    large = []
    for flat, table in zip(slices, sizes, strict=True):
        number, _, parents, zones = _labels(flat, where)
        found = collect_sizes(number, parents, zones, table, listed)
        large.append(np.sort(listed[:found]))
    sizes = sizes[:, None, 1:]
    sizes[..., 0] = alone
    return Zones(sizes, tuple(large))


def count_depths(
    slices: np.ndarray, drawn: np.ndarray, where: Lattice, shape: tuple[int, int, int, int]
) -> np.ndarray:
    """Count zones by level and distance to the border, shape (slices, 1, N, deepest).

    Parameters
    ----------
    slices, where
        As in `count_zones`.
    drawn : ndarray of uint16, shape (slices, voxels)
        Not 0 in the region whose border distances are measured from.
    shape : tuple of int
        (slices, 1, N, the greatest possible distance)
    """
    counts = np.zeros(shape, dtype=np.uint32)
    deepest = 1
    for flat, inside, table in zip(slices, drawn, counts[:, 0], strict=True):
        depth = np.zeros(flat.size, dtype=np.int32)
        reached = measure_depth(inside, where.planes, where.plane, where.steps, depth)
        deepest = max(deepest, reached)
        number, labels, parents, zones = _labels(flat, where)
        nearest = np.empty(flat.size + WORD, dtype=np.int32)
        collect_distances(
            number,
            flat,
            where.planes,
            where.offsets,
            where.plane,
            labels,
            parents,
            zones,
            depth,
            nearest,
            table,
        )
    return counts[..., :deepest]


def _labels(flat: np.ndarray, where: Lattice) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """Label the zones of a slice; return the number of labels and what is known of each."""
    # A label begins at a voxel that has equal neighbours, but only after it. Of those that precede
    # one voxel no more than 2 (in a volume 4) do not touch each other, so at least one voxel in 3
    # (in 5) begins none.
    apart = 2 if len(where.offsets) == 4 else 4
    most = flat.size * apart // (apart + 1) + WORD
    found = (
        workspace("labels", flat.size + WORD, np.uint32),
        workspace("parents", most, np.uint32),
        workspace("zones", most, np.uint64),
    )
    number = label_zones(
        flat,
        where.planes,
        where.offsets,
        where.plane,
        where.nearest,
        where.others,
        workspace("bits", CHUNK, np.uint16),
        *found,
    )
    return number, *found
