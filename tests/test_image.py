"""`StoneImage`: what fits, what is refused, and that nothing is guessed or changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.image import StoneImage, from_array

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)
COLOUR = np.arange(144, dtype=np.uint8).reshape(6, 8, 3)
VOLUME = np.arange(96, dtype=np.int16).reshape(2, 6, 8)
NOT_FINITE = np.array([[0.0, np.nan]])


@pytest.mark.parametrize(
    ("pixels", "fields", "shape"),
    [
        (GREY, {}, (6, 8)),
        (GREY.astype(bool), {}, (6, 8)),
        (GREY.astype(np.float32), {"unit": "HU"}, (6, 8)),
        (COLOUR, {"unit": "rgb"}, (6, 8)),
        (VOLUME, {"unit": "HU", "volume": True}, (2, 6, 8)),
        (np.zeros((1, 1)), {}, (1, 1)),
    ],
)
def test_what_fits_is_kept_as_it_is(pixels, fields, shape):
    image = StoneImage(pixels, **fields)
    assert image.shape == shape
    assert image.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(image.pixels, pixels)


@pytest.mark.parametrize(
    ("pixels", "fields", "found", "mend"),
    [
        (GREY, {"unit": "hounsfield"}, "unit 'hounsfield'", "expected one of HU, grey, rgb"),
        (np.array([["a"]]), {}, "pixels of type <U1", "expected numbers"),
        (GREY.astype(complex), {}, "pixels of type complex128", "expected numbers"),
        (COLOUR, {}, "shape (6, 8, 3)", "say volume=True"),
        (VOLUME, {}, "shape (2, 6, 8)", "say volume=True"),
        (GREY, {"unit": "rgb"}, "shape (6, 8)", "expected (H, W, 3) for colour"),
        (VOLUME, {"unit": "rgb"}, "shape (2, 6, 8)", "expected (H, W, 3) for colour"),
        (GREY, {"volume": True}, "shape (6, 8)", "expected (Z, H, W) for a volume"),
        (np.zeros(5), {}, "shape (5,)", "expected (H, W)"),
        (np.zeros((0, 4)), {}, "shape (0, 4)", "expected (H, W)"),
        (NOT_FINITE, {}, "NaN or infinite pixels", "replace them, or leave them out with a mask"),
        (np.array([[np.inf]]), {}, "NaN or infinite pixels", "expected finite values"),
        (GREY, {"mask": np.ones((8, 6))}, "mask of shape (8, 6)", "expected the image's (6, 8)"),
        (
            GREY,
            {"second_energy": np.ones((6, 7))},
            "second_energy of shape (6, 7)",
            "expected the image's (6, 8)",
        ),
        (GREY, {"mask": np.full((6, 8), np.nan)}, "values in mask", "replace them"),
        (GREY, {"second_energy": np.full((6, 8), np.inf)}, "in second_energy", "replace them"),
        (GREY, {"boxes": [1, 2, 3]}, "boxes of shape (3,)", "expected (n, 4): x0, y0, x1, y1"),
        (GREY, {"boxes": np.ones((4, 2))}, "boxes of shape (4, 2)", "expected (n, 4)"),
        (GREY, {"spacing_mm": (1.0,)}, "spacing_mm (1.0,)", "expected 2 positive numbers"),
        (GREY, {"spacing_mm": (1.0, 0.0)}, "spacing_mm (1.0, 0.0)", "2 positive numbers"),
        (GREY, {"spacing_mm": (1.0, np.inf)}, "spacing_mm", "2 positive numbers"),
        (GREY, {"spacing_mm": (1.0, np.nan)}, "spacing_mm", "2 positive numbers"),
        (VOLUME, {"volume": True, "spacing_mm": (1, 1)}, "spacing_mm", "3 positive numbers"),
    ],
)
def test_what_does_not_fit_is_named_with_its_mend(pixels, fields, found, mend):
    with pytest.raises(InputError) as caught:
        StoneImage(pixels, key="a/b.png", **fields)
    message = str(caught.value)
    assert message.startswith("a/b.png: ")
    assert found in message
    assert mend in message
    assert "\n" not in message


def test_an_image_without_a_key_is_called_image():
    with pytest.raises(InputError, match=r"^image: NaN"):
        StoneImage(NOT_FINITE)


def test_grey_is_the_luminance_of_colours():
    """The weights are ITU-R BT.601's: 0.299 red, 0.587 green, 0.114 blue."""
    primaries = np.array([[[100, 0, 0], [0, 100, 0], [0, 0, 100], [100, 100, 100]]], dtype=np.uint8)
    grey = StoneImage(primaries, unit="rgb").grey()
    assert grey.dtype == np.float64
    np.testing.assert_allclose(grey, [[29.9, 58.7, 11.4, 100.0]])


def test_grey_of_a_grey_image_is_its_values():
    grey = StoneImage(VOLUME, unit="HU", volume=True).grey()
    assert grey.dtype == np.float64
    np.testing.assert_array_equal(grey, VOLUME)


def test_pixels_and_mask_cannot_be_written_and_the_callers_array_still_can():
    mine = GREY.copy()
    image = StoneImage(mine, mask=mine > 3)
    for array in (image.pixels, image.mask):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
    mine[0, 0] = 200


def test_a_mask_of_numbers_is_true_where_it_is_not_zero():
    image = StoneImage(GREY, mask=(GREY % 3).astype(np.uint8) * 100)
    assert image.mask.dtype == bool
    np.testing.assert_array_equal(image.mask, GREY % 3 != 0)


@given(
    st.integers(0, 7), st.integers(1, 8), st.integers(0, 5), st.integers(1, 6), st.integers(0, 2)
)
def test_a_crop_is_the_slice_of_every_array(x0, width, y0, height, kind):
    pixels, fields = [
        (GREY, {"second_energy": GREY + 1}),
        (COLOUR, {"unit": "rgb"}),
        (VOLUME, {"volume": True}),
    ][kind]
    mask = (VOLUME if kind == 2 else GREY) % 2 == 0
    image = StoneImage(pixels, mask=mask, **fields)
    box = (x0, y0, x0 + width, y0 + height)
    if x0 + width > 8 or y0 + height > 6:
        with pytest.raises(InputError, match="does not fit an image of 8x6"):
            image.crop(box)
        return
    part, rows, columns = image.crop(box), slice(y0, y0 + height), slice(x0, x0 + width)
    window = (rows, columns) if kind < 2 else (slice(None), rows, columns)
    np.testing.assert_array_equal(part.pixels, pixels[window])
    np.testing.assert_array_equal(part.mask, mask[window])
    if kind == 0:
        np.testing.assert_array_equal(part.second_energy, (GREY + 1)[window])


@pytest.mark.parametrize("box", [(-1, 0, 4, 4), (0, -1, 4, 4), (3, 0, 3, 4), (4, 0, 3, 4)])
def test_a_crop_that_is_empty_or_outside_names_the_image_and_the_rule(box):
    with pytest.raises(InputError, match=r"s\.png: crop .* expected 0 <= x0 < x1 <= width"):
        StoneImage(GREY, key="s.png").crop(box)


def test_boxes_move_with_the_crop_are_cut_at_its_edge_and_dropped_outside():
    boxes = [(2, 1, 4, 3), (0, 0, 3, 2), (6, 4, 8, 6), (1, 1, 2, 2)]
    part = StoneImage(GREY, boxes=boxes).crop((2, 1, 6, 5))
    np.testing.assert_array_equal(part.boxes, [(0, 0, 2, 2), (0, 0, 1, 1)])


@pytest.mark.parametrize(("boxes", "count"), [((1, 1, 2, 2), 1), ([], 0), ([[0, 0, 1, 1]] * 3, 3)])
def test_one_box_no_box_and_many_boxes(boxes, count):
    assert StoneImage(GREY, boxes=boxes).boxes.shape == (count, 4)


def test_a_crop_keeps_what_it_does_not_change():
    image = StoneImage(GREY, unit="HU", spacing_mm=(0.5, 0.7), kvp=120.0, modality="CT", key="k")
    part = image.crop((0, 0, 2, 2))
    kept = ("unit", "spacing_mm", "kvp", "modality", "key")
    assert all(getattr(part, field) == getattr(image, field) for field in kept)


def test_with_returns_a_checked_copy_and_leaves_the_image():
    image = StoneImage(GREY)
    assert image.with_(unit="HU").unit == "HU"
    assert image.unit == "grey"
    with pytest.raises(InputError, match="mask of shape"):
        image.with_(mask=np.ones((2, 2)))


@pytest.mark.parametrize(
    ("array", "unit"),
    [(GREY, "grey"), (GREY.astype(np.int16), "grey"), (COLOUR, "rgb"), ([[1, 2], [3, 4]], "grey")],
)
def test_an_array_becomes_colour_by_its_shape_and_never_hounsfield_units(array, unit):
    image = from_array(array, key="a")
    assert (image.unit, image.key, image.spacing_mm) == (unit, "a", None)


def test_a_bare_volume_is_refused_and_not_guessed():
    with pytest.raises(InputError, match="say volume=True"):
        from_array(VOLUME)
