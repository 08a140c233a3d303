"""The kernel that discretises, against `ksfeat.roi.discretise`, bit for bit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ksfeat.features.textures import discretised
from ksfeat.roi.discretise import Discretisation

CASES = settings(max_examples=100, derandomize=True, deadline=None)
SHAPES = hnp.array_shapes(min_dims=2, max_dims=3, max_side=40)
SEEDS = st.integers(0, 2**32 - 1)


@CASES
@given(SHAPES, SEEDS, st.sampled_from([2, 3, 32, 255, 4096]), st.sampled_from([0, 1, 12, 40]))
def test_levels_are_those_of_the_region_to_the_last_bit(shape, seed, number, bits):
    """Intensities of few bits, such as whole numbers, are those that lie on the edges of bins."""
    rng = np.random.default_rng(seed)
    pixels = np.round(rng.normal(size=shape) * 2**bits) * rng.choice([1, 0.1, 1e5])
    mask = rng.random(shape) < rng.choice([0.1, 0.9, 1.1])
    mask.flat[rng.integers(mask.size)] = True
    how = Discretisation.of(number)
    np.testing.assert_array_equal(discretised(how, pixels, mask), how.apply(pixels, mask))


def test_an_intensity_on_the_edge_of_a_bin_belongs_to_the_upper_one():
    # 700 bins over 0..700: every whole intensity is the lower edge of a bin; the last bin has two.
    pixels = np.arange(701.0)[None]
    levels = discretised(Discretisation.of(700), pixels, np.ones(pixels.shape, bool))
    np.testing.assert_array_equal(levels[0], [*range(1, 701), 700])


def test_scaled_whole_intensities_stay_in_their_bins():
    pixels = np.random.default_rng(0).integers(0, 4000, (60, 50)).astype(float)
    mask = np.ones(pixels.shape, bool)
    how = Discretisation.of(32)
    np.testing.assert_array_equal(
        discretised(how, 3 * pixels + 7, mask), discretised(how, pixels, mask)
    )


def test_what_is_outside_the_region_does_not_matter():
    pixels = np.random.default_rng(1).normal(size=(40, 40))
    mask = pixels > 0
    outside = np.where(mask, pixels, np.nan)
    how = Discretisation.of(16)
    with np.errstate(invalid="raise"):
        levels = discretised(how, outside, mask)
    np.testing.assert_array_equal(levels, how.apply(pixels, mask))
    assert (levels[~mask] == 0).all()


def test_a_flat_region_has_level_1():
    pixels = np.full((5, 90), 41.5)
    mask = np.arange(450).reshape(5, 90) % 3 > 0
    pixels[~mask] = 1e300
    np.testing.assert_array_equal(discretised(Discretisation.of(8), pixels, mask), mask)


def test_any_layout_of_the_pixels_will_do():
    pixels = np.random.default_rng(2).normal(size=(30, 50)).astype(np.float32)
    mask = np.ones((50, 30), bool)
    how = Discretisation.of(32)
    expected = how.apply(np.ascontiguousarray(pixels.T), mask)
    np.testing.assert_array_equal(discretised(how, pixels.T, mask), expected)


def test_bins_of_a_fixed_size_are_those_of_the_region():
    pixels = np.arange(12.0).reshape(3, 4)
    mask = pixels > 2
    how = Discretisation("fbs", 2.5)
    np.testing.assert_array_equal(discretised(how, pixels, mask), how.apply(pixels, mask))
