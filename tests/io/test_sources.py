"""Image-likes, masks and crops: everything comes in through one door."""

import os

import numpy as np
import pytest
from PIL import Image
from scipy import sparse

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource, as_image, image_digest
from ksfeat.io.formats import format_of

GREY = np.arange(60, dtype=np.uint8).reshape(6, 10)
BLOB = np.zeros((6, 10), dtype=np.uint8)
BLOB[1:4, 2:7] = 255


@pytest.fixture
def folder(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    Image.fromarray(BLOB).save(tmp_path / "mask.png")
    return tmp_path


def test_everything_image_like_becomes_the_same_image(folder):
    image = StoneImage(GREY)
    path = folder / "a.png"
    for like in (image, GREY, GREY.tolist(), path, str(path), ImageSource(path, "a.png")):
        found = as_image(like)
        assert found.unit == "grey"
        np.testing.assert_array_equal(found.pixels, GREY)
    assert as_image(image) is image


def test_a_sparse_matrix_is_refused_with_the_call_that_mends_it():
    with pytest.raises(InputError, match=r"sparse matrix \(csr_array\).*use \.toarray\(\)"):
        as_image(sparse.csr_array(GREY))


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (GREY * np.nan, "NaN or infinite pixels"),
        (np.array("text"), "expected numbers"),
        (np.array([None, 1]), "expected numbers"),
        (np.zeros((4, 4, 4)), "say volume=True"),
        (np.zeros((2, 4, 4, 3)), r"shape \(2, 4, 4, 3\)"),
    ],
)
def test_an_array_that_is_no_image_is_refused(array, says):
    with pytest.raises(InputError, match=says):
        as_image(array)


MASKS = {
    "grey": BLOB,
    "labels 1 and 2": np.where(BLOB > 0, 1 + GREY % 2, 0).astype(np.uint8),
    "1 bit": BLOB > 0,
    "16 bit": BLOB.astype(np.uint16) * 200,
    "colour": np.dstack([BLOB, BLOB * 0, BLOB * 0]),
    "RGBA": np.dstack([BLOB, BLOB, BLOB, np.full_like(BLOB, 255)]),
}


@pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
def test_a_mask_is_every_pixel_that_is_not_black(folder, mask):
    Image.fromarray(mask).save(folder / "m.png")
    image = ImageSource(folder / "a.png", "a.png", mask=folder / "m.png").read()
    assert image.mask.dtype == bool
    np.testing.assert_array_equal(image.mask, BLOB > 0)


def test_a_crop_cuts_the_image_and_its_mask(folder):
    source = ImageSource(folder / "a.png", "a.png[2,1,8,5]", (2, 1, 8, 5), folder / "mask.png")
    image = source.read()
    np.testing.assert_array_equal(image.pixels, GREY[1:5, 2:8])
    np.testing.assert_array_equal(image.mask, BLOB[1:5, 2:8] > 0)
    assert image.key == "a.png[2,1,8,5]"


@pytest.mark.parametrize(
    ("crop", "mask", "says"),
    [
        ((0, 0, 11, 6), None, "^a: crop 0,0,11,6 does not fit an image of 10x6; expected 0 <= x0"),
        (None, "small.png", "^mask of a: a mask of 4x3; expected the image's 10x6; draw it"),
        ((0, 0, 4, 3), "small.png", "^mask of a: a mask of 4x3; expected the image's 10x6"),
        (None, "gone.png", "^mask of a: no such file; check the path"),
        (None, "text.png", "^mask of a: not an image, whatever its name says; expected one of"),
        (None, ".", "^mask of a: a folder; expected an image file"),
    ],
)
def test_a_crop_or_mask_that_does_not_fit_names_the_image(folder, crop, mask, says):
    Image.fromarray(BLOB[:3, :4]).save(folder / "small.png")
    (folder / "text.png").write_text("not a mask")
    source = ImageSource(folder / "a.png", "a", crop, mask and folder / mask)
    with pytest.raises(InputError, match=says):
        source.read()


def test_nan_in_a_mask_is_refused_and_not_taken_for_the_region(folder):
    Image.fromarray(np.where(BLOB > 0, 1, np.nan).astype(np.float32)).save(folder / "m.tif")
    source = ImageSource(folder / "a.png", "a", mask=folder / "m.tif")
    with pytest.raises(InputError, match=r"^mask of a: NaN or infinite pixels"):
        source.read()


def test_a_digest_is_of_the_whole_images_pixels(folder):
    Image.fromarray(GREY).save(folder / "same.bmp")
    Image.fromarray(GREY + 1).save(folder / "other.png")
    digest = image_digest(ImageSource(folder / "a.png", "a"))
    assert image_digest(ImageSource(folder / "same.bmp", "b")) == digest
    assert image_digest(ImageSource(folder / "a.png", "a", (0, 0, 4, 4))) == digest
    assert image_digest(ImageSource(folder / "other.png", "a")) != digest
    assert image_digest(GREY) == digest
    assert image_digest(GREY.reshape(GREY.shape[::-1])) != digest


def test_the_digest_of_a_missing_file_names_it(folder):
    with pytest.raises(InputError, match=r"^x/gone\.png: no such file; check the path"):
        image_digest(ImageSource(folder / "gone.png", "x/gone.png"))


def test_a_mask_with_losses_is_refused(folder):
    Image.fromarray(GREY).save(folder / "mask.jpg")
    with pytest.raises(InputError, match=r"mask of a: a JPEG, whose losses spread a mask"):
        ImageSource(folder / "a.png", "a", mask=folder / "mask.jpg").read()


def test_a_pipe_is_no_file_and_is_not_waited_for(folder):
    os.mkfifo(folder / "pipe")
    assert format_of(folder / "pipe") is None
    with pytest.raises(InputError, match=r"x: no such file; check the path"):
        ImageSource(folder / "pipe", "x").read()
