import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import Region
from ksfeat.roi.body import foreground, largest_component


def test_without_a_mask_the_region_is_the_whole_image():
    region = Region.of(StoneImage(np.arange(12).reshape(3, 4)))
    assert not region.has_mask
    assert region.mask.all()
    assert region.sorted_values.tolist() == list(range(12))


def test_a_region_ends_at_the_bounding_box_of_its_mask():
    mask = np.zeros((6, 7), dtype=bool)
    mask[2, 3] = mask[4, 5] = True
    region = Region.of(StoneImage(np.arange(42).reshape(6, 7), mask=mask))
    assert region.has_mask
    assert region.pixels.shape == (3, 3)
    assert region.values.tolist() == [17, 33]
    assert region.levels(2).tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 2]]


def test_colours_are_described_by_their_luminance():
    green = np.zeros((2, 2, 3), dtype=np.uint8)
    green[..., 1] = 100
    np.testing.assert_allclose(Region.of(StoneImage(green, unit="rgb")).values, 58.7)


def test_a_region_that_cannot_be_described_is_refused():
    empty = StoneImage(np.eye(8), mask=np.zeros((8, 8)), key="a.png")
    with pytest.raises(InputError, match=r"a\.png: an empty mask; expected at least one pixel"):
        Region.of(empty)
    with pytest.raises(InputError, match="a volume of 3 slices"):
        Region.of(StoneImage(np.zeros((3, 8, 8)), volume=True))


def test_the_foreground_is_the_largest_bright_part_joined_over_corners():
    grey = np.zeros((12, 12))
    grey[1:4, 1:4] = grey[4:7, 4:7] = 100  # touch at a corner: one part of 18 pixels
    grey[8:12, 8:12] = 100
    expected = np.zeros((12, 12), dtype=bool)
    expected[1:4, 1:4] = expected[4:7, 4:7] = True
    np.testing.assert_array_equal(foreground(grey), expected)


def test_one_grey_level_has_no_foreground():
    assert not foreground(np.full((8, 8), 5.0)).any()
    assert not largest_component(np.zeros((3, 3), dtype=bool)).any()
