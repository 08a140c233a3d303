import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import resize_longest

SIDE = st.integers(8, 60)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(SIDE, SIDE, SIDE)
def test_the_longest_side_is_the_size_and_the_field_of_view_is_kept(height, width, size):
    image = StoneImage(np.zeros((height, width)), spacing_mm=(0.7, 0.9))
    resized = resize_longest(image, size)
    assert max(resized.shape) == size
    exact = np.multiply((height, width), size / max(height, width))
    np.testing.assert_allclose(resized.shape, exact, atol=0.5)
    field = np.multiply(resized.spacing_mm, resized.shape)
    np.testing.assert_allclose(field, [0.7 * height, 0.9 * width])


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.int32, np.float32, np.float64])
def test_every_type_of_pixel_can_be_resampled(dtype):
    # Two by two pixels are averaged into one: the mean of a checkerboard is one half.
    board = (np.indices((16, 16)).sum(axis=0) % 2 * 2).astype(dtype)
    expected = 0.5 if dtype is bool else 1.0
    assert (resize_longest(StoneImage(board), 8).pixels == expected).all()


def test_mask_boxes_and_second_energy_follow():
    mask = np.zeros((20, 40), dtype=bool)
    mask[10:, :20] = True
    image = StoneImage(
        np.zeros((20, 40)), mask=mask, boxes=[[0, 10, 20, 20]], second_energy=np.ones((20, 40))
    )
    small = resize_longest(image, 20)
    np.testing.assert_array_equal(small.mask, mask[::2, ::2])
    np.testing.assert_array_equal(small.boxes, [[0, 5, 10, 10]])
    np.testing.assert_array_equal(small.second_energy, np.ones((10, 20)))


def test_colours_keep_their_channels():
    image = StoneImage(np.full((10, 20, 3), 7, dtype=np.uint8), unit="rgb")
    np.testing.assert_array_equal(resize_longest(image, 10).pixels, np.full((5, 10, 3), 7))


def test_a_mask_that_vanishes_is_told():
    mask = np.zeros((64, 64), dtype=bool)
    mask[1, 1] = True
    with pytest.raises(InputError, match="a mask of 1 pixels vanishes at size 8; use a larger"):
        resize_longest(StoneImage(np.eye(64), mask=mask), 8)


def test_a_volume_is_refused():
    with pytest.raises(InputError, match="a volume; expected one slice"):
        resize_longest(StoneImage(np.zeros((3, 8, 8)), volume=True), 16)


def test_the_place_in_the_patient_follows():
    """Two by two pixels become one, whose centre lies between theirs."""
    place = {"spacing_mm": (0.5, 0.8), "direction": np.eye(3)[::-1], "origin_mm": (10, 20, 30)}
    seen = resize_longest(StoneImage(np.zeros((20, 40)), **place), 20)
    np.testing.assert_allclose(seen.origin_mm, [10.4, 20.25, 30])


@pytest.mark.parametrize("size", [0, 2.5, 8193, "many"])
def test_what_is_no_length_is_refused(size):
    with pytest.raises(InputError, match=r"size .*; expected a whole number from 1 to 8192"):
        resize_longest(StoneImage(np.eye(64)), size)
