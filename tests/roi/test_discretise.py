import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ksfeat.roi.discretise import fixed_bin_number

LAW = settings(max_examples=50, derandomize=True, deadline=None)
GRIDS = hnp.arrays(np.int16, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8))


@LAW
@given(GRIDS, st.integers(2, 64))
def test_a_fixed_number_of_bins_spans_the_range_in_order(pixels, number):
    levels = fixed_bin_number(pixels.astype(float), np.ones(pixels.shape, bool), number)
    assert levels.min() == 1
    assert levels.max() == (1 if pixels.min() == pixels.max() else number)
    order = np.argsort(pixels, axis=None)
    assert (np.diff(levels.ravel()[order]) >= 0).all()


@LAW
@given(GRIDS, st.integers(1, 1000), st.integers(-1000, 1000))
def test_a_change_of_scale_leaves_the_levels_alone(pixels, factor, offset):
    mask = np.ones(pixels.shape, bool)
    before = fixed_bin_number(pixels.astype(float), mask, 32)
    after = fixed_bin_number(pixels * float(factor) + offset, mask, 32)
    np.testing.assert_array_equal(before, after)


def test_pixels_outside_the_mask_are_level_0_and_set_no_range():
    pixels = np.array([[0.0, 1.0, 1e300, -1e300]])
    mask = np.array([[True, True, False, False]])
    assert fixed_bin_number(pixels, mask, 4).tolist() == [[1, 4, 0, 0]]
