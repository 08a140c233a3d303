import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import Discretisation, Region
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


def test_a_region_of_a_volume_has_its_box_and_knows_its_place():
    mask = np.zeros((4, 5, 6), dtype=bool)
    mask[1:3, 2, 3:6] = True
    image = StoneImage(np.arange(120).reshape(4, 5, 6), mask=mask, volume=True)
    region = Region.of(image)
    assert region.is_volume
    assert region.pixels.shape == (2, 1, 3)
    assert region.place == (1, 2, 3)
    assert region.source is image
    assert region.outline is region.mask


def test_levels_are_kept_by_how_they_were_made():
    region = Region.of(StoneImage(np.array([[0.0, 10.0, 30.0]])))
    assert region.levels(4) is region.levels(Discretisation("fbn", 4))
    wide = Discretisation("fbs", 20)
    assert region.levels(wide).tolist() == [[1, 1, 2]]
    assert (region.level_count(4), region.level_count(wide)) == (4, 2)


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
