import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ksfeat.errors import InputError
from ksfeat.roi.discretise import Discretisation, fixed_bin_number, fixed_bin_size

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


def test_levels_are_uint16_up_to_the_most_that_it_holds():
    pixels = np.array([[0.0, 1.0]])
    levels = fixed_bin_number(pixels, np.ones((1, 2), bool), 65535)
    assert levels.dtype == np.uint16
    assert levels.tolist() == [[1, 65535]]


@LAW
@given(GRIDS, st.integers(1, 100), st.integers(-40000, -32768))
def test_a_bin_of_a_fixed_size_holds_its_lower_end_and_not_its_upper(pixels, width, start):
    levels = fixed_bin_size(pixels.astype(float), np.ones(pixels.shape, bool), width, start)
    low = start + (levels.astype(int) - 1) * width
    assert (low <= pixels).all()
    assert (pixels < low + width).all()


def test_bins_of_a_fixed_size_begin_at_the_lowest_intensity_inside():
    pixels = np.array([[-99.0, 7.0, 31.9, 32.0]])
    levels = fixed_bin_size(pixels, pixels > 0, 25)
    assert levels.tolist() == [[0, 1, 1, 2]]


@pytest.mark.parametrize(
    ("width", "start", "message"),
    [
        (1, 0, "an intensity of -5 below the first bin; expected at least 0"),
        (1e-4, None, "150000 bins of 0.0001; expected at most 65535; use wider bins"),
    ],
)
def test_bins_that_do_not_fit_are_refused(width, start, message):
    pixels = np.array([[-5.0, 10.0]])
    with pytest.raises(InputError, match=message):
        fixed_bin_size(pixels, pixels > -9, width, start)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bins", 3), "discretisation 'bins'; expected one of"),
        (("fbn", 1), "bins 1; expected a whole number from 2 to 65535"),
        (("fbn", 8, 0.0), "a start of a fixed number of bins"),
        (("fbs", 0), "bin size 0; expected a number above 0"),
        (("fbs", float("nan")), "bin size nan"),
        (("fbs", "wide"), "bin size 'wide'"),
        (("fbs", 25, float("nan")), "start nan; expected a number"),
        (("fbs", 25, float("-inf")), "start -inf; expected a number"),
    ],
)
def test_a_discretisation_that_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Discretisation(*arguments)


def test_a_whole_number_of_any_kind_is_a_number_of_bins():
    assert Discretisation.of(np.int64(8)) == Discretisation("fbn", 8)
    assert Discretisation("fbs", 2.5).suffix == "fbs2.5"
