"""The matrices of texture families against plain loops over voxels."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ksfeat.errors import InputError
from ksfeat.features.kernels.lattice import directions
from ksfeat.features.textures import Textures

NUMBER = 4
STEPS = {2: directions(2), 3: directions(3)}
CASES = settings(max_examples=80, derandomize=True, deadline=None)


def volumes(side=6):
    shapes = hnp.array_shapes(min_dims=3, max_dims=3, max_side=side)
    return hnp.arrays(np.uint16, shapes, elements=st.integers(0, NUMBER))


def boxes(levels, dimensions):
    """What is counted apart: the slices, or the one volume."""
    return [levels] if dimensions == 3 else [levels[z : z + 1] for z in range(len(levels))]


def at(box, place):
    """The level at a place, 0 outside the image."""
    inside = all(0 <= here < size for here, size in zip(place, box.shape, strict=True))
    return int(box[place]) if inside else 0


def moved(place, step, times=1):
    return tuple(here + times * way for here, way in zip(place, step, strict=True))


def neighbours(place, dimensions):
    back = [tuple(-way for way in step) for step in STEPS[dimensions]]
    return [moved(place, step) for step in [*STEPS[dimensions], *back]]


def filled(counted, shape):
    matrix = np.zeros(shape, dtype=np.int64)
    for (level, size), count in counted.items():
        matrix[level - 1, size - 1] = count
    return matrix


def zones_of(box, dimensions):
    """Sets of connected places of one level."""
    left = {place for place in np.ndindex(box.shape) if box[place]}
    while left:
        todo = [left.pop()]
        zone = set(todo)
        while todo:
            near = neighbours(todo.pop(), dimensions)
            found = {p for p in near if p in left and box[p] == box[next(iter(zone))]}
            left -= found
            zone |= found
            todo.extend(found)
        yield zone


def depth(box, place, dimensions):
    """Fewest steps along the axes from a place out of the region."""
    reach = range(-3, 4)  # enough for an image of 5 voxels a side
    ways = product(reach if dimensions == 3 else (0,), reach, reach)
    return min(sum(map(abs, way)) for way in ways if at(box, moved(place, way)) == 0)


@CASES
@given(volumes(), st.sampled_from([2, 3]))
def test_pairs_are_those_of_a_loop_over_voxels(levels, dimensions):
    textures = Textures(levels, NUMBER, dimensions)
    for box, ours in zip(boxes(levels, dimensions), textures.pairs, strict=True):
        for step, matrix in zip(STEPS[dimensions], ours, strict=True):
            counted = Counter()
            for place in np.ndindex(box.shape):
                pair = sorted((at(box, place), at(box, moved(place, step))))
                counted[tuple(pair)] += pair[0] > 0
            np.testing.assert_array_equal(
                matrix, filled({key: n for key, n in counted.items() if n}, matrix.shape)
            )


@CASES
@given(volumes(), st.sampled_from([2, 3]))
def test_runs_are_those_of_a_walk_along_each_line(levels, dimensions):
    textures = Textures(levels, NUMBER, dimensions)
    for box, ours in zip(boxes(levels, dimensions), textures.runs, strict=True):
        for step, matrix in zip(STEPS[dimensions], ours, strict=True):
            counted = Counter()
            for place in np.ndindex(box.shape):
                level = at(box, place)
                if level and at(box, moved(place, step, -1)) != level:
                    length = 1
                    while at(box, moved(place, step, length)) == level:
                        length += 1
                    counted[level, length] += 1
            np.testing.assert_array_equal(matrix, filled(counted, matrix.shape))


@CASES
@given(volumes(side=5), st.sampled_from([2, 3]))
def test_zones_are_those_of_a_flood_fill(levels, dimensions):
    textures = Textures(levels, NUMBER, dimensions)
    for z, box in enumerate(boxes(levels, dimensions)):
        zones = list(zones_of(box, dimensions))
        sizes = Counter((at(box, next(iter(zone))), len(zone)) for zone in zones)
        ours = textures.zones.sizes[z, 0]
        np.testing.assert_array_equal(ours, filled(sizes, ours.shape))
        assert textures.zones.large[z].size == 0
        depths = Counter(
            (at(box, next(iter(zone))), min(depth(box, place, dimensions) for place in zone))
            for zone in zones
        )
        ours = textures.depths[z, 0]
        np.testing.assert_array_equal(ours, filled(depths, ours.shape))


def test_zones_too_large_for_the_table_are_listed_in_order():
    levels = np.ones((40, 60), dtype=np.uint16)
    levels[:, 20] = 0
    levels[3:7, 30:34] = 2
    textures = Textures(levels, 2)
    (large,) = textures.zones.large
    assert [(key >> 16, key & 65535) for key in large] == [(800, 1), (39 * 40 - 16, 1)]
    assert textures.zones.sizes.sum() == textures.zones.sizes[0, 0, 1, 15] == 1


def test_a_spiral_is_one_zone():
    # Labels of a spiral meet again and again: the worst case of uniting.
    levels = np.zeros((33, 33), dtype=np.uint16)
    for ring in range(0, 16, 2):
        levels[ring, ring : -ring or None] = levels[-ring - 1, ring : -ring or None] = 1
        levels[ring : -ring or None, ring] = levels[ring : -ring or None, -ring - 1] = 1
        levels[ring + 1, ring + 1] = 1
    sizes, large = Textures(levels, 1).zones.sizes, Textures(levels, 1).zones.large[0]
    assert sizes.sum() == 0
    assert [key >> 16 for key in large] == [levels.sum()]


@CASES
@given(volumes(), st.sampled_from([2, 3]))
def test_neighbourhoods_are_those_of_a_loop_over_neighbours(levels, dimensions):
    textures = Textures(levels, NUMBER, dimensions)
    for z, box in enumerate(boxes(levels, dimensions)):
        differences = np.zeros_like(textures.differences[z, 0])
        dependences = np.zeros_like(textures.dependences[z, 0])
        for place in np.ndindex(box.shape):
            level = at(box, place)
            if level:
                near = [at(box, p) for p in neighbours(place, dimensions) if at(box, p)]
                apart = abs(len(near) * level - sum(near)) if near else 1
                differences[level - 1, len(near)] += apart
                dependences[level - 1, near.count(level)] += 1
        np.testing.assert_array_equal(textures.differences[z, 0], differences)
        np.testing.assert_array_equal(textures.dependences[z, 0], dependences)


def test_the_arrays_kept_between_calls_carry_nothing_over():
    rng = np.random.default_rng(1)
    small = rng.integers(0, 4, (9, 7))
    fresh = [Textures(small, 3), Textures(small[None], 3, 3)]
    before = [(t.pairs.copy(), t.runs, t.zones.sizes, t.depths) for t in fresh]
    Textures(rng.integers(0, 3, (5, 40, 40)), 2, 3).pairs.sum()
    Textures(np.ones((50, 90), dtype=int), 5).zones.large[0].sum()
    after = [Textures(small, 3), Textures(small[None], 3, 3)]
    for then, now in zip(before, after, strict=True):
        for old, new in zip(then, (now.pairs, now.runs, now.zones.sizes, now.depths), strict=True):
            np.testing.assert_array_equal(old, new)


def test_rows_longer_than_a_chunk_are_counted_whole():
    levels = np.ones((3, 5000), dtype=np.uint16)
    textures = Textures(levels, 1)
    assert textures.runs[0, 0, 0, -1] == textures.runs.shape[-1] - 5000 + 3 == 3
    assert textures.pairs[0, 0, 0, 0] == 3 * 4999
    assert textures.zones.large[0].tolist() == [15000 * 65536 + 1]


@pytest.mark.parametrize(
    ("levels", "number", "message"),
    [
        (np.ones((4, 4), dtype=int), 70000, "70000 grey levels; expected at most 4096"),
        (np.ones((1, 70000), dtype=int), 1, "70000 pixels along a side; expected at most 65534"),
        (np.array([[1, 9]]), 8, r"levels from 1 to 9; expected 0 \(outside the region\) to 8"),
        (np.array([[-1, 3]]), 8, "levels from -1 to 3"),
    ],
)
def test_what_would_not_fit_the_tables_is_refused(levels, number, message):
    with pytest.raises(InputError, match=message):
        Textures(levels, number)


@CASES
@given(volumes(side=5), st.sampled_from([2, 3]), st.integers(1, 3))
def test_pairs_at_a_distance_are_those_of_a_loop_over_voxels(levels, dimensions, distance):
    textures = Textures(levels, NUMBER, dimensions)
    counted = textures.pairs_at(distance)
    for box, ours in zip(boxes(levels, dimensions), counted, strict=True):
        for step, matrix in zip(STEPS[dimensions], ours, strict=True):
            expected = np.zeros_like(matrix)
            for place in np.ndindex(box.shape):
                low, high = sorted((at(box, place), at(box, moved(place, step, distance))))
                if low:
                    expected[low - 1, high - 1] += 1
            np.testing.assert_array_equal(matrix, expected)
    if distance == 1:
        np.testing.assert_array_equal(counted, textures.pairs)


@settings(max_examples=40, derandomize=True, deadline=None)
@given(volumes(side=4), st.sampled_from([2, 3]), st.integers(1, 2), st.integers(0, 2))
def test_dependences_are_those_of_a_loop_over_a_cube(levels, dimensions, distance, coarseness):
    textures = Textures(levels, NUMBER, dimensions)
    counted = textures.dependences_within(distance, coarseness)
    side = range(-distance, distance + 1)
    cube = [way for way in product(side if dimensions == 3 else (0,), side, side) if any(way)]
    for box, ours in zip(boxes(levels, dimensions), counted[:, 0], strict=True):
        expected = np.zeros_like(ours)
        for place in np.ndindex(box.shape):
            level = at(box, place)
            near = [at(box, moved(place, way)) for way in cube]
            alike = sum(1 for other in near if other and abs(other - level) <= coarseness)
            if level:
                expected[level - 1, alike] += 1
        np.testing.assert_array_equal(ours, expected)
    if (distance, coarseness) == (1, 0):
        np.testing.assert_array_equal(counted, textures.dependences)


def test_depths_are_measured_from_the_border_of_the_region_as_drawn():
    levels = np.ones((5, 7), dtype=int)
    levels[2, 3] = 0  # left out by re-segmentation, inside the outline
    levels[2, 2] = 2
    drawn = Textures(levels, 2, 2, np.ones(levels.shape, dtype=bool))
    assert np.argwhere(drawn.depths[0, 0]).tolist() == [[0, 0], [1, 2]]
    assert np.argwhere(Textures(levels, 2).depths[0, 0]).tolist() == [[0, 0], [1, 0]]


def test_a_voxel_joins_all_the_zones_that_meet_in_it():
    levels = np.zeros((3, 3, 3), dtype=int)
    levels[0, ::2, ::2] = levels[2, ::2, ::2] = 1  # eight corners, none beside another
    assert Textures(levels, 1, 3).zones.sizes[0, 0, 0, 0] == 8
    levels[1, 1, 1] = 1
    assert np.argwhere(Textures(levels, 1, 3).zones.sizes[0, 0]).tolist() == [[0, 9 - 1]]
