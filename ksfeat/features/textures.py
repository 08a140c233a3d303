"""`Textures`: the matrices that texture families share, counted once and unmerged."""

from __future__ import annotations

from functools import cached_property
from math import prod
from weakref import WeakKeyDictionary

import numpy as np

from ksfeat.errors import InputError
from ksfeat.features.aggregation import Aggregation, dimensions_of
from ksfeat.features.kernels.cooccurrence import count_dependences_within, count_pairs_at
from ksfeat.features.kernels.lattice import Lattice, cube, directions, lattice
from ksfeat.features.kernels.levels import spread_levels
from ksfeat.features.kernels.neighbourhoods import count_neighbourhoods
from ksfeat.features.kernels.pairs import CHUNK, count_pairs, row_stride
from ksfeat.features.kernels.words import WORD
from ksfeat.features.kernels.workspace import workspace
from ksfeat.features.texture_limits import check_cells, check_levels, check_neighbours
from ksfeat.features.zones import TABLED_SIZES, Zones, count_depths, count_zones
from ksfeat.roi import Region
from ksfeat.roi.discretise import Discretisation


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
        shape = depth + 2 * deep, height + 2, width + 2
        # Kernels read beyond the end, a word at a time.
        padded = np.zeros(prod(shape) + WORD, dtype=np.uint16)[:-WORD].reshape(shape)
        padded[deep : deep + depth, 1:-1, 1:-1] = volume
        return padded.reshape(1 if deep else depth, -1)

    @cached_property
    def counts(self) -> np.ndarray:
        """Voxels by slice and level, shape (slices, N)."""
        return self.dependences[:, 0].sum(axis=-1, dtype=np.uint32)

    @cached_property
    def voxels(self) -> np.ndarray:
        """Voxels of the region in each slice, shape (slices, 1)."""
        return self.counts.sum(axis=1, dtype=np.int64, keepdims=True)

    @property
    def pairs(self) -> np.ndarray:
        """Pairs at distance 1, each once and i <= j, shape (slices, directions, N, N)."""
        return self._pairs_and_runs[0]

    @cached_property
    def runs(self) -> np.ndarray:
        """Runs by level and length - 1, shape (slices, directions, N, longest)."""
        runs = self._pairs_and_runs[1]
        runs[..., 0] += self.counts[:, None]
        return runs

    @cached_property
    def _pairs_and_runs(self) -> tuple[np.ndarray, np.ndarray]:
        number, where = self.number, self.lattice
        shape = (len(self.slices), len(where.offsets), number)
        check_cells(*shape, max(number, self.longest))
        pairs = np.zeros((*shape, number), dtype=np.uint32)
        runs = np.zeros((*shape, self.longest), dtype=np.uint32)
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
                workspace("positions", 2 * (flat.size + WORD), np.uint16).reshape(2, -1),
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
        check_cells(len(self.slices), 1, self.number, TABLED_SIZES)
        alone = self.dependences[..., 0]
        return count_zones(self.slices, self.lattice, alone)

    @cached_property
    def depths(self) -> np.ndarray:
        """Zones by level and distance to the border - 1, shape (slices, 1, N, deepest)."""
        shape = (len(self.slices), 1, self.number, self.longest)
        check_cells(*shape)
        drawn = self.slices
        if self._outline is not None:
            drawn = self._laid_out(self._outline.reshape(self._shape))
        return count_depths(self.slices, drawn, self.lattice, shape)

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
                workspace("border", CHUNK, np.uint8),
                workspace("cells", CHUNK, np.uint32),
                workspace("values", CHUNK, np.uint32),
                workspace("sides", 4 * shape[1] * shape[2], np.uint64).reshape(4, -1),
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
        found = region.levels(how, discretised)
        kept[key] = Textures(found, region.level_count(how), dimensions, region.outline)
    return kept[key]


def discretised(how: Discretisation, pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Do as `Discretisation.apply`, by a kernel where the number of bins is fixed.

    Examples
    --------
    >>> pixels = np.array([[0.0, 1.0, 2.0, 3.0, 99.0]])
    >>> discretised(Discretisation.of(2), pixels, pixels < 50)
    array([[1, 1, 2, 2, 0]], dtype=uint16)
    """
    if how.method != "fbn":
        return how.apply(pixels, mask)
    levels = np.empty(pixels.shape, dtype=np.uint16)
    flat = np.ascontiguousarray(pixels, dtype=np.float64).reshape(-1)
    inside = np.ascontiguousarray(mask).reshape(-1)
    spread_levels(flat, inside, int(how.value), levels.reshape(-1))
    return levels
