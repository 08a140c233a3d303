"""`Textures`: the matrices that texture families share, counted once and unmerged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from ksfeat.errors import InputError
from ksfeat.features.aggregation import Aggregation, dimensions_of
from ksfeat.features.kernels.cooccurrence import count_dependences_within, count_pairs_at
from ksfeat.features.kernels.lattice import Lattice, cube, directions, lattice
from ksfeat.features.kernels.neighbourhoods import count_neighbourhoods
from ksfeat.features.kernels.pairs import CHUNK, count_levels, count_pairs, row_stride
from ksfeat.features.kernels.workspace import workspace
from ksfeat.features.kernels.zones import (
    collect_distances,
    collect_sizes,
    label_zones,
    measure_depth,
)
from ksfeat.features.texture_limits import check_cells, check_levels, check_neighbours
from ksfeat.roi import Region
from ksfeat.roi.discretise import Discretisation

_TABLED_SIZES = 256  # larger zones are few: they are listed


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


class Textures:
    """Texture matrices of a region; each is counted when it is first asked for, then kept.

    Parameters
    ----------
    levels : ndarray of integers, shape (H, W) or (Z, H, W)
        Grey levels 1..N, 0 outside the region.
    number : int
        Number of levels N, at most 4096.
    dimensions : {2, 3}
        Whether neighbours lie in a slice or in the volume.
    outline : ndarray of bool, in the shape of `levels`, optional
        The region as it was drawn, whose border `depths` are measured from; by default, where
        there are levels.

    Raises
    ------
    InputError
        If levels are no whole numbers, too many or beyond N, or a side or matrix is too large.

    Examples
    --------
    >>> textures = Textures(np.array([[1, 1, 2], [1, 2, 2]]), 2)
    >>> textures.pairs[0, 0]  # left to right; each pair once, i <= j
    array([[1, 2],
           [0, 1]], dtype=uint32)
    >>> textures.runs[0, 0]  # one run of two pixels and one of one pixel, of each level
    array([[1, 1],
           [1, 1]], dtype=uint32)
    """

    def __init__(
        self,
        levels: np.ndarray,
        number: int,
        dimensions: int = 2,
        outline: np.ndarray | None = None,
    ) -> None:
        check_levels(levels, number, dimensions)
        shape = levels.shape if levels.ndim == 3 else (1, *levels.shape)
        self.number, self.dimensions = number, dimensions
        self.longest = max(shape[3 - dimensions :])
        self.lattice: Lattice = lattice(shape, dimensions)
        self.slices = self._laid_out(levels.reshape(shape))
        self._shape, self._outline = shape, outline

    def _laid_out(self, volume: np.ndarray) -> np.ndarray:
        """Return flat padded slices where neighbours lie in slices, else the one flat volume."""
        deep = self.dimensions - 2
        depth, height, width = volume.shape
        padded = np.zeros((depth + 2 * deep, height + 2, width + 2), dtype=np.uint16)
        padded[deep : deep + depth, 1:-1, 1:-1] = volume
        return padded.reshape(1 if deep else depth, -1)

    @cached_property
    def counts(self) -> np.ndarray:
        """Voxels by slice and level, shape (slices, N)."""
        return np.stack([count_levels(flat, self.number) for flat in self.slices])

    @cached_property
    def voxels(self) -> np.ndarray:
        """Voxels of the region in each slice, shape (slices, 1)."""
        return self.counts.sum(axis=1, dtype=np.int64, keepdims=True)

    @property
    def pairs(self) -> np.ndarray:
        """Pairs at distance 1, each once and i <= j, shape (slices, directions, N, N)."""
        return self._pairs_and_runs[0]

    @property
    def runs(self) -> np.ndarray:
        """Runs by level and length - 1, shape (slices, directions, N, longest)."""
        return self._pairs_and_runs[1]

    @cached_property
    def _pairs_and_runs(self) -> tuple[np.ndarray, np.ndarray]:
        number, where = self.number, self.lattice
        shape = (len(self.slices), len(where.offsets), number)
        check_cells(*shape, max(number, self.longest))
        pairs = np.zeros((*shape, number), dtype=np.uint32)
        runs = np.zeros((*shape, self.longest), dtype=np.uint32)
        runs[..., 0] = self.counts[:, None]
        stride = row_stride(self.longest)
        span = (number + 1) * (number + 1 + stride)
        longest = 1
        for flat, pair, run in zip(self.slices, pairs, runs, strict=True):
            reached = count_pairs(
                flat,
                where.planes,
                where.offsets,
                where.plane,
                stride,
                workspace("positions", 2 * flat.size, np.uint16).reshape(2, -1),
                workspace("indices", 2 * CHUNK, np.uint32).reshape(2, -1),
                workspace("tables", 2 * span, np.uint32).reshape(2, -1),
                pair,
                run,
            )
            longest = max(longest, reached)
        return pairs, runs[..., :longest]

    @cached_property
    def zones(self) -> Zones:
        """Connected voxels of one level, by level and size."""
        check_cells(len(self.slices), 1, self.number, _TABLED_SIZES)
        most = self.slices.shape[1]
        sizes = np.zeros((len(self.slices), 1, self.number, _TABLED_SIZES), dtype=np.uint32)
        listed = workspace("large", most // _TABLED_SIZES + 1, np.int64)
        large = []
        for flat, table in zip(self.slices, sizes[:, 0], strict=True):
            number, _, parents, voxels, greys = self._labels(flat)
            found = collect_sizes(number, parents, voxels, greys, table, listed)
            large.append(np.sort(listed[:found]))
        return Zones(sizes, tuple(large))

    @cached_property
    def depths(self) -> np.ndarray:
        """Zones by level and distance to the border - 1, shape (slices, 1, N, deepest)."""
        where = self.lattice
        shape = (len(self.slices), 1, self.number, self.longest)
        check_cells(*shape)
        counts = np.zeros(shape, dtype=np.uint32)
        deepest = 1
        drawn = self.slices
        if self._outline is not None:
            drawn = self._laid_out(self._outline.reshape(self._shape))
        for flat, inside, table in zip(self.slices, drawn, counts[:, 0], strict=True):
            depth = np.zeros(flat.size, dtype=np.int32)
            reached = measure_depth(inside, where.planes, where.plane, where.steps, depth)
            deepest = max(deepest, reached)
            number, labels, parents, _, greys = self._labels(flat)
            nearest = np.empty(flat.size + 1, dtype=np.int32)
            collect_distances(
                number, where.planes, where.plane, labels, parents, greys, depth, nearest, table
            )
        return counts[..., :deepest]

    def _labels(
        self, flat: np.ndarray
    ) -> tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Label the zones of a slice; return the number of labels and what is known of each."""
        where, size = self.lattice, flat.size + 1
        found = (
            workspace("labels", size, np.int32),
            workspace("parents", size, np.int32),
            workspace("sizes", size, np.uint32),
            workspace("greys", size, np.uint16),
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

    @property
    def differences(self) -> np.ndarray:
        """Sums of `count_neighbourhoods`, shape (slices, 1, N, neighbours + 1)."""
        return self._neighbourhoods[0]

    @property
    def dependences(self) -> np.ndarray:
        """Voxels by level and number of equal neighbours, shape (slices, 1, N, neighbours + 1)."""
        return self._neighbourhoods[1]

    @cached_property
    def _neighbourhoods(self) -> tuple[np.ndarray, np.ndarray]:
        where = self.lattice
        shape = (len(self.slices), self.number + 1, len(where.around) + 1)
        check_cells(len(self.slices), 1, *shape[1:])
        differences, dependences = np.zeros(shape, np.int64), np.zeros(shape, np.uint32)
        for flat, difference, dependence in zip(self.slices, differences, dependences, strict=True):
            count_neighbourhoods(
                flat,
                where.planes,
                where.plane,
                where.rows,
                where.around,
                workspace("sums", CHUNK + 2, np.uint32),
                workspace("equal", CHUNK, np.uint8),
                workspace("cells", CHUNK, np.uint32),
                workspace("values", CHUNK, np.int32),
                difference,
                dependence,
            )
        return differences[:, None, 1:], dependences[:, None, 1:]

    def pairs_at(self, distance: int) -> np.ndarray:
        """Pairs some steps apart, each once and i <= j, shape (slices, directions, N, N)."""
        check_neighbours(distance)
        check_cells(len(self.slices), len(self.lattice.offsets), self.number, self.number)
        steps = distance * np.array(directions(self.dimensions))
        return np.stack([count_pairs_at(box, steps, self.number) for box in self._boxes()])

    def dependences_within(self, distance: int, coarseness: int) -> np.ndarray:
        """Voxels by level and number of similar neighbours, shape (slices, 1, N, neighbours + 1).

        Up to `distance` voxels away (Chebyshev), and up to `coarseness` levels apart.
        """
        check_neighbours(distance, coarseness)
        check_cells(len(self.slices), 1, self.number, (2 * distance + 1) ** self.dimensions)
        steps = cube(distance, self.dimensions)
        counted = [
            count_dependences_within(box, steps, self.number, coarseness) for box in self._boxes()
        ]
        return np.stack(counted)[:, None]

    def _boxes(self) -> np.ndarray:
        """Levels of what is counted apart, shape (slices, Z, H, W), one plane or all of them."""
        deep = self.dimensions - 2
        depth, height, width = self._shape
        padded = self.slices.reshape(depth + 2 * deep, height + 2, width + 2)
        volume = np.ascontiguousarray(padded[deep : deep + depth, 1:-1, 1:-1])
        return volume[None] if deep else volume[:, None]


_kept: WeakKeyDictionary[Region, dict[tuple[Discretisation, int], Textures]] = WeakKeyDictionary()


def textures_of(region: Region, levels: int | Discretisation, aggregation: Aggregation) -> Textures:
    """Return the textures of a region, counted once for all families that ask.

    Parameters
    ----------
    region, levels, aggregation
        As the families' `compute` takes them.

    Raises
    ------
    InputError
        As from `Textures`, and where a slice alone is to be described in three dimensions.
    """
    dimensions = dimensions_of(aggregation)
    if dimensions > region.pixels.ndim:
        raise InputError(
            f"aggregation {aggregation!r} of a single slice; expected a volume (Z, H, W); "
            "use a 2-D aggregation"
        )
    kept = _kept.setdefault(region, {})
    how = Discretisation.of(levels)
    key = (how, dimensions)
    if key not in kept:
        kept[key] = Textures(
            region.levels(how), region.level_count(how), dimensions, region.outline
        )
    return kept[key]
