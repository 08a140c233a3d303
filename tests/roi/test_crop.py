import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import crop_to_body, crop_to_mask

LAW = settings(max_examples=40, derandomize=True, deadline=None)


def numbered(*shape):
    """An image that tells where each pixel was."""
    return np.arange(np.prod(shape)).reshape(shape)


@LAW
@given(st.integers(0, 19), st.integers(0, 29), st.integers(0, 40))
def test_the_margin_ends_at_the_edge_of_the_image(row, column, margin):
    mask = np.zeros((20, 30), dtype=bool)
    mask[row, column] = True
    image = StoneImage(numbered(20, 30), mask=mask, second_energy=numbered(20, 30))
    seen = crop_to_mask(image, margin)
    rows = slice(max(0, row - margin), row + margin + 1)
    columns = slice(max(0, column - margin), column + margin + 1)
    np.testing.assert_array_equal(seen.pixels, numbered(20, 30)[rows, columns])
    np.testing.assert_array_equal(seen.second_energy, seen.pixels)
    np.testing.assert_array_equal(seen.pixels[seen.mask], [row * 30 + column])


def test_millimetres_are_rounded_up_along_each_axis():
    mask = np.zeros((40, 40), dtype=bool)
    mask[20, 20] = True
    image = StoneImage(numbered(40, 40), mask=mask, spacing_mm=(2.0, 0.75))
    seen = crop_to_mask(image, 3.0, "mm")
    assert seen.shape == (1 + 2 * 2, 1 + 2 * 4)
    assert seen.spacing_mm == (2.0, 0.75)


def test_a_volume_is_cropped_along_all_three_axes_and_keeps_its_place():
    mask = np.zeros((10, 20, 30), dtype=bool)
    mask[4:6, 7:9, 11:14] = True
    image = StoneImage(
        numbered(10, 20, 30),
        mask=mask,
        second_energy=numbered(10, 20, 30),
        spacing_mm=(5.0, 1.0, 1.0),
        direction=np.eye(3)[::-1],
        origin_mm=(0, 0, 0),
        volume=True,
    )
    seen = crop_to_mask(image, 1)
    np.testing.assert_array_equal(seen.pixels, numbered(10, 20, 30)[3:7, 6:10, 10:15])
    np.testing.assert_array_equal(seen.second_energy, seen.pixels)
    assert seen.mask.sum() == mask.sum()
    # Axes run to the head, the back and the left, in which order positions are not given.
    np.testing.assert_allclose(seen.origin_mm, [10.0, 6.0, 15.0])


def test_boxes_move_along_and_those_outside_are_gone():
    mask = np.zeros((20, 20), dtype=bool)
    mask[5:10, 5:10] = True
    image = StoneImage(numbered(20, 20), mask=mask, boxes=[[6, 7, 12, 9], [15, 15, 18, 18]])
    np.testing.assert_array_equal(crop_to_mask(image).boxes, [[1, 2, 5, 4]])


def test_the_body_is_found_in_slices_volumes_and_photographs():
    pixels = np.full((40, 50), -1000)
    pixels[10:30, 5:45] = 40
    pixels[2, 2] = 40  # not of the body
    colour = np.stack([pixels + 1000] * 3, axis=-1)
    for image in (
        StoneImage(pixels, unit="HU"),
        StoneImage(np.stack([pixels] * 4), unit="HU", volume=True),
        StoneImage(colour, unit="rgb"),
    ):
        seen = crop_to_body(image, 1)
        assert seen.shape[-2:] == (22, 42)
        assert seen.unit == image.unit


@pytest.mark.parametrize(
    ("crop", "changes", "margin", "message"),
    [
        (crop_to_mask, {}, (0,), r"a\.png: no mask to crop to; expected one; name mask files"),
        (crop_to_mask, {"mask": np.zeros((8, 8))}, (0,), r"a\.png: an empty mask"),
        (crop_to_mask, {"mask": np.eye(8)}, (2, "mm"), "a margin of 2 mm, and no spacing"),
        (crop_to_mask, {"mask": np.eye(8)}, (-1,), "margin -1; expected a number of at least 0"),
        (crop_to_mask, {"mask": np.eye(8)}, (1.5,), "margin in px 1.5; expected a whole number"),
        (crop_to_mask, {"mask": np.eye(8)}, (1, "cm"), "unit of a margin 'cm'; expected px or mm"),
        (crop_to_body, {"pixels": np.ones((8, 8))}, (0,), r"a\.png: one grey level, no body in it"),
    ],
)
def test_what_cannot_be_cropped_is_refused(crop, changes, margin, message):
    with pytest.raises(InputError, match=message):
        crop(StoneImage(np.eye(8), key="a.png").with_(**changes), *margin)
