"""The matrices of texture families on images of many chunks and threads, against scipy."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

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


@pytest.fixture(scope="module", params=[2, 3], ids=["2d", "3d"])
def large(request):
    """A volume of many chunks, the parts of it that are counted apart, and its textures."""
    rng = np.random.default_rng(6)
    smooth = ndimage.gaussian_filter(rng.normal(size=(7, 61, 67)), 1.5)
    mask = ndimage.gaussian_filter(rng.normal(size=smooth.shape), 4) > -0.01
    levels = np.where(mask, np.digitize(smooth, np.quantile(smooth, [0.3, 0.6, 0.8])) + 1, 0)
    parts = levels[None] if request.param == 3 else levels
    return list(parts), Textures(levels, NUMBER, request.param)


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
