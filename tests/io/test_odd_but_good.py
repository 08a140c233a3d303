"""What is odd but good is read right: each kind of file, against the pixels it was made of."""

import numpy as np
import pytest
from PIL import Image

from ksfeat.io import read_image

GREY = (np.arange(60, dtype=np.uint8).reshape(6, 10) * 4) % 251
COLOUR = np.stack([GREY, GREY[::-1], 255 - GREY], axis=-1)
ALPHA = np.where(np.arange(60).reshape(6, 10) % 4 == 0, 0, 255).astype(np.uint8)
DEEP = np.arange(60, dtype=np.uint16).reshape(6, 10) * 1000 + 7


def on_black(pixels: np.ndarray) -> np.ndarray:
    return np.where((ALPHA > 0) if pixels.ndim == 2 else (ALPHA > 0)[..., None], pixels, 0)


def palette(colours: np.ndarray, **extra: object) -> Image.Image:
    image = Image.fromarray(np.arange(60, dtype=np.uint8).reshape(6, 10))
    image.putpalette(colours.reshape(-1, 3).astype(np.uint8).tobytes())
    image.info.update(extra)
    return image


def rgba(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.dstack([pixels, ALPHA]))


def cmyk(pixels: np.ndarray) -> Image.Image:
    # Key 0: cyan, magenta and yellow are the complements of red, green and blue.
    return Image.merge("CMYK", [*Image.fromarray(255 - pixels).split(), Image.new("L", (10, 6))])


LOSSLESS = {
    "8 bit": ("a.png", Image.fromarray(GREY), GREY),
    "16 bit PNG": ("a.png", Image.fromarray(DEEP), DEEP),
    "16 bit TIFF": ("a.tif", Image.fromarray(DEEP), DEEP),
    "32 bit TIFF": ("a.tif", Image.fromarray(DEEP.astype(np.int32) - 9), DEEP.astype(int) - 9),
    "float TIFF": ("a.tiff", Image.fromarray(GREY.astype(np.float32) / 7), GREY / np.float32(7)),
    "1 bit": ("a.png", Image.fromarray(GREY > 99).convert("1"), (GREY > 99) * 255),
    "1 bit TIFF": ("a.tif", Image.fromarray(GREY > 99).convert("1"), (GREY > 99) * 255),
    "colour": ("a.png", Image.fromarray(COLOUR), COLOUR),
    "colour TIFF": ("a.tif", Image.fromarray(COLOUR), COLOUR),
    "colour BMP": ("a.bmp", Image.fromarray(COLOUR), COLOUR),
    "colour WebP": ("a.webp", Image.fromarray(COLOUR), COLOUR),
    "grey stored as colour": ("a.png", Image.fromarray(np.dstack([GREY] * 3)), GREY),
    "RGBA": ("a.png", rgba(COLOUR), on_black(COLOUR)),
    "RGBA of a grey image": ("a.png", rgba(np.dstack([GREY] * 3)), on_black(GREY)),
    "LA": ("a.png", Image.fromarray(np.dstack([GREY, ALPHA])), on_black(GREY)),
    "colour palette": ("a.png", palette(COLOUR), COLOUR),
    "grey palette": ("a.png", palette(np.dstack([GREY] * 3)), GREY),
    "palette GIF": ("a.gif", palette(COLOUR), COLOUR),
    "CMYK TIFF": ("a.tif", cmyk(COLOUR), COLOUR),
    "ending in capitals": ("A.PNG", Image.fromarray(GREY), GREY),
    "1x1": ("a.png", Image.fromarray(GREY[:1, 1:2]), GREY[:1, 1:2]),
    "one row": ("a.png", Image.fromarray(GREY[:1]), GREY[:1]),
    "name with a space": ("kidney stone 1.png", Image.fromarray(GREY), GREY),
    "name with other letters": ("Nierenstein_größe_腎臓.png", Image.fromarray(GREY), GREY),
    "name with signs": ("50% [a] #1 'x'.png", Image.fromarray(GREY), GREY),
}


@pytest.mark.parametrize(("name", "image", "expected"), LOSSLESS.values(), ids=LOSSLESS)
def test_a_file_gives_back_the_pixels_it_was_made_of(tmp_path, name, image, expected):
    image.save(tmp_path / name, **({"lossless": True} if name.endswith("webp") else {}))
    found = read_image(tmp_path / name)
    assert found.unit == ("rgb" if expected.ndim == 3 else "grey")
    assert found.key == name
    np.testing.assert_array_equal(found.pixels, expected)


def test_depth_is_kept_as_it_is_stored(tmp_path):
    for name, dtype in [("8", np.uint8), ("16", np.uint16), ("32", np.int32), ("f", np.float32)]:
        Image.fromarray(GREY.astype(dtype)).save(tmp_path / f"{name}.tif")
        assert read_image(tmp_path / f"{name}.tif").pixels.dtype == dtype


def test_big_endian_16_bit_is_the_same_image(tmp_path):
    Image.frombytes("I;16B", (10, 6), DEEP.astype(">u2").tobytes()).save(tmp_path / "a.tif")
    found = read_image(tmp_path / "a.tif").pixels
    np.testing.assert_array_equal(found, DEEP)
    assert found.dtype == np.uint16


@pytest.mark.parametrize("suffix", ["png", "gif"])
def test_a_transparent_colour_of_a_palette_lies_on_black(tmp_path, suffix):
    palette(COLOUR).save(tmp_path / f"a.{suffix}", transparency=11)
    expected = COLOUR.copy()
    expected[1, 1] = 0
    np.testing.assert_array_equal(read_image(tmp_path / f"a.{suffix}").pixels, expected)


@pytest.mark.parametrize("image", [Image.fromarray(COLOUR), cmyk(COLOUR)], ids=["RGB", "CMYK"])
def test_a_jpeg_is_near_what_it_was_made_of(tmp_path, image):
    smooth = image.resize((64, 64), Image.Resampling.BICUBIC)
    smooth.save(tmp_path / "a.jpg", quality=95)
    found = read_image(tmp_path / "a.jpg")
    assert found.unit == "rgb"
    expected = np.asarray(smooth.convert("RGB")).astype(float)
    assert np.abs(found.pixels - expected).mean() < 6


# EXIF 2.3 (CIPA DC-008), tag 0x0112: where the first row and the first column of the file belong.
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.T,
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].T,
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize(("orientation", "turn"), UPRIGHT.items())
@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_an_exif_rotation_is_applied(tmp_path, orientation, turn, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(GREY).save(tmp_path / f"a.{suffix}", exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / f"a.{suffix}").pixels, turn(GREY))


def test_a_crop_counts_in_the_upright_image(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(GREY).save(tmp_path / "a.png", exif=exif)
    found = read_image(tmp_path / "a.png", crop=(0, 0, 3, 8)).pixels
    np.testing.assert_array_equal(found, np.rot90(GREY, -1)[:8, :3])
