"""The matrices of texture families on images of many chunks and threads, against scipy."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest
from scipy import ndimage

from ksfeat.features.kernels.lattice import directions
from ksfeat.features.kernels.workspace import workspace
from ksfeat.features.textures import Textures

NUMBER = 4
STEPS = {2: directions(2), 3: directions(3)}


def filled(counted, shape):
    matrix = np.zeros(shape, dtype=np.int64)
    for (level, size), count in counted.items():
        matrix[level - 1, size - 1] = count
    return matrix


SHAPES = {"wide": (7, 61, 67), "narrow": (7, 90, 23)}  # lines longer and shorter than a word


@pytest.fixture(scope="module", params=product((2, 3), SHAPES), ids="{0[0]}d-{0[1]}".format)
def large(request):
    """A volume of many chunks, the parts of it that are counted apart, and its textures."""
    dimensions, width = request.param
    rng = np.random.default_rng(6)
    smooth = ndimage.gaussian_filter(rng.normal(size=SHAPES[width]), 1.5)
    mask = ndimage.gaussian_filter(rng.normal(size=smooth.shape), 4) > -0.01
    levels = np.where(mask, np.digitize(smooth, np.quantile(smooth, [0.3, 0.6, 0.8])) + 1, 0)
    parts = levels[None] if dimensions == 3 else levels
    return list(parts), Textures(levels, NUMBER, dimensions)


def positions(padded, step):
    """How far each voxel is into its run of equal voxels, from 1."""
    axes = tuple(range(padded.ndim))
    same = (padded > 0) & (padded == np.roll(padded, step, axes))
    found, before = np.ones_like(padded), None
    while not np.array_equal(found, before):
        found, before = np.where(same, np.roll(found, step, axes) + 1, 1), found
    return found


def test_many_chunks_have_the_pairs_of_shifted_copies(large):
    parts, textures = large
    for part, ours in zip(parts, textures.pairs, strict=True):
        padded = np.pad(part, 1)
        for step, matrix in zip(STEPS[part.ndim], ours, strict=True):
            back = [-way for way in step[3 - part.ndim :]]
            other = np.roll(padded, back, axis=tuple(range(part.ndim)))
            low, high = np.minimum(padded, other), np.maximum(padded, other)
            both = np.bincount((low * 5 + high)[low > 0], minlength=25).reshape(5, 5)
            np.testing.assert_array_equal(matrix, both[1:, 1:])


def test_many_chunks_have_the_runs_of_repeated_shifts(large):
    parts, textures = large
    for part, ours in zip(parts, textures.runs, strict=True):
        padded = np.pad(part, 1)
        for step, matrix in zip(STEPS[part.ndim], ours, strict=True):
            way = step[3 - part.ndim :]
            reached = positions(padded, way)
            following = np.roll(reached, [-w for w in way], tuple(range(part.ndim)))
            last = (padded > 0) & (following == 1)
            counted = Counter(zip(padded[last].tolist(), reached[last].tolist(), strict=True))
            np.testing.assert_array_equal(matrix, filled(counted, matrix.shape))


def test_runs_go_on_from_word_to_word_and_from_chunk_to_chunk():
    levels = np.ones((3, 3000), dtype=int)
    levels[1, [63, 64, 127, 1500]] = 2
    lengths = Counter((1, size) for size in (3000, 63, 62, 1372, 1499, 3000))
    lengths.update({(2, 2): 1, (2, 1): 2})
    runs = Textures(levels, 2).runs[0, 0]
    np.testing.assert_array_equal(runs, filled(lengths, runs.shape))


def test_many_chunks_have_the_zones_that_scipy_labels(large):
    parts, textures = large
    for z, part in enumerate(parts):
        depth = ndimage.distance_transform_cdt(np.pad(part, 1) > 0, "taxicab")
        sizes, depths = Counter(), Counter()
        for level in range(1, NUMBER + 1):
            labels, number = ndimage.label(np.pad(part, 1) == level, np.ones([3] * part.ndim))
            zones = range(1, number + 1)
            counted = ndimage.sum_labels(labels > 0, labels, zones).astype(int)
            sizes.update((level, int(size)) for size in counted)
            depths.update((level, int(d)) for d in ndimage.minimum(depth, labels, zones))
        tabled, listed = textures.zones.sizes[z, 0], textures.zones.large[z].tolist()
        small = {key: count for key, count in sizes.items() if key[1] <= tabled.shape[1]}
        np.testing.assert_array_equal(tabled, filled(small, tabled.shape))
        beyond = {key: count for key, count in sizes.items() if key not in small}
        assert Counter((key & 65535, key >> 16) for key in listed) == beyond
        ours = textures.depths[z, 0]
        np.testing.assert_array_equal(ours, filled(depths, ours.shape))


def test_many_chunks_have_the_neighbourhoods_that_scipy_convolves(large):
    parts, textures = large
    for z, part in enumerate(parts):
        window, inside = np.ones([3] * part.ndim, dtype=int), part > 0
        total = ndimage.convolve(part, window, mode="constant") - part
        around = ndimage.convolve(inside.astype(int), window, mode="constant") - inside
        apart = np.where(around > 0, np.abs(around * part - total), 1)
        expected = np.zeros_like(textures.differences[z, 0])
        np.add.at(expected, (part[inside] - 1, around[inside]), apart[inside])
        np.testing.assert_array_equal(textures.differences[z, 0], expected)


def test_more_voxels_than_are_added_up_at_once_have_the_same_neighbourhoods():
    levels = np.random.default_rng(8).integers(0, 4, (1300, 900))  # more than 2**20
    textures = Textures(levels, 3)
    for level in (1, 2, 3):
        here = np.pad(levels == level, 1).astype(np.uint8)
        alike = ndimage.convolve(here, np.ones((3, 3), np.uint8))[here > 0] - 1
        expected = np.bincount(alike, minlength=9)
        np.testing.assert_array_equal(textures.dependences[0, 0, level - 1], expected)
    padded = np.pad(levels, 1)
    window = np.ones((3, 3), dtype=int)
    near = ndimage.convolve((padded > 0).astype(int), window) - 1
    whole = (padded > 0) & (near == 8)
    apart = np.abs(9 * padded - ndimage.convolve(padded, window))[whole]
    expected = np.bincount(padded[whole], apart, minlength=4)[1:]
    np.testing.assert_array_equal(textures.differences[0, 0, :, 8], expected)


def test_threads_do_not_share_their_working_arrays():
    rng = np.random.default_rng(3)
    images = [rng.integers(0, 9, (60 + 7 * k, 50)) for k in range(8)]
    alone = [Textures(image, 8).runs for image in images]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            together = pool.map(lambda image: Textures(image, 8).runs, images)
            for ours, theirs in zip(alone, together, strict=True):
                np.testing.assert_array_equal(ours, theirs)


def test_each_thread_has_its_own_working_arrays():
    mine = workspace("tests", 10, np.int64)
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(workspace, "tests", 10, np.int64).result()
    assert not np.shares_memory(mine, theirs)
    assert np.shares_memory(mine, workspace("tests", 5, np.int64))
    assert workspace("tests", 20, np.int64).tolist() == [0] * 20
