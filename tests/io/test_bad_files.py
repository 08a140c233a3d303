"""Bad files: one line that names the file and the mend, whatever the bytes are."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ksfeat.errors import InputError
from ksfeat.io import formats, raster, read_image
from ksfeat.io.raster import MAX_PIXELS

# Noise, because it does not compress: a cut anywhere takes pixels away.
GREY, *PAGES = np.random.default_rng(0).integers(0, 256, size=(3, 30, 40), dtype=np.uint8)
FORMATS = {"png": {}, "jpg": {"quality": 90}, "tif": {}, "webp": {"lossless": True}, "gif": {}}


def encoded(suffix: str, pixels: np.ndarray = GREY) -> bytes:
    buffer = io.BytesIO()
    kind = {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper())
    Image.fromarray(pixels).save(buffer, format=kind, **FORMATS[suffix])
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, rows: bytes) -> bytes:
    """Return a grey 8-bit PNG by hand (PNG specification, section 11.2), whatever it claims."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def frames(suffix: str) -> bytes:
    buffer = io.BytesIO()
    pages = [Image.fromarray(page) for page in (GREY, *PAGES)]
    kind = {"tif": "TIFF"}.get(suffix, suffix.upper())
    pages[0].save(buffer, format=kind, save_all=True, append_images=pages[1:], duration=50)
    return buffer.getvalue()


def with_nan(value: float) -> bytes:
    pixels = GREY.astype(np.float32)
    pixels[3, 4] = value
    return encoded("tif", pixels)


BAD = {
    "0 bytes": ("a.png", b"", "an empty file (0 bytes)", "export it again"),
    "text named .png": ("a.png", b"not an image\n" * 9, "not an image", "expected one of PNG, JP"),
    "HTML named .jpg": ("a.jpg", b"<html>404</html>", "not an image", "expected one of PNG, JPEG"),
    "PDF named .tif": ("a.tif", b"%PDF-1.7\n%", "not an image", "expected one of PNG, JPEG"),
    "signature only": ("a.png", encoded("png")[:8], "", "expected one of PNG, JPEG"),
    "header only": ("a.png", encoded("png")[:33], "not an image", "expected one of PNG, JPEG"),
    "half a PNG": ("a.png", encoded("png")[:500], "cannot be decoded", "truncated or damaged"),
    "half a JPEG": ("a.jpg", encoded("jpg")[:800], "cannot be decoded", "truncated or damaged"),
    "half a TIFF": ("a.tif", encoded("tif")[:600], "cannot be decoded", "truncated or damaged"),
    "half a WebP": ("a.webp", encoded("webp")[:400], "", "export it again"),
    "half a GIF": ("a.gif", encoded("gif")[:900], "cannot be decoded", "truncated or damaged"),
    "wrong checksum": (
        "a.png",
        encoded("png")[:60] + b"\0\0" + encoded("png")[62:],
        "cannot be decoded",
        "truncated or damaged",
    ),
    "animated GIF": ("a.gif", frames("gif"), "3 frames", "save each frame as a file of its own"),
    "animated PNG": ("a.png", frames("png"), "3 frames", "save each frame as a file of its own"),
    "animated WebP": ("a.webp", frames("webp"), "3 frames", "save each frame as a file of its own"),
    "pages of a TIFF": ("a.tif", frames("tif"), "3 frames", "save each frame as a file of its own"),
    "NaN in a float TIFF": ("a.tif", with_nan(np.nan), "NaN or infinite", "replace them"),
    "infinity in a float TIFF": ("a.tif", with_nan(np.inf), "NaN or infinite", "replace them"),
    "bomb": ("a.png", png(30_000, 30_000, b"\0" * 30_001), "pixels", "crop or shrink it"),
    "bomb below Pillow's own limit": (
        "a.png",
        png(9_000, 9_000, b"\0" * 9_001),
        "9000x9000 pixels",
        "expected at most 64,000,000; crop or shrink it",
    ),
    "zero width": ("a.png", png(0, 5, b"\0" * 5), "", "expected"),
    "DICOM named .dcm": ("a.dcm", b"\0" * 128 + b"DICM", "without pixels", "export it with"),
    "no ending": ("slice", encoded("png"), "type 'without an ending'", "expected one of .png"),
    "SVG": ("a.svg", b"<svg/>", "files of type '.svg' are not read", "expected one of .png"),
}


@pytest.mark.parametrize(("name", "content", "found", "mend"), BAD.values(), ids=BAD)
def test_a_bad_file_is_named_with_what_was_found_and_the_mend(tmp_path, name, content, found, mend):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_image(tmp_path / name)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert found in message
    assert mend in message
    assert "\n" not in message


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(InputError, match=r"^gone\.png: no such file; check the path$"):
        read_image(tmp_path / "gone.png")
    (tmp_path / "slices.png").mkdir()
    with pytest.raises(InputError, match=r"^slices\.png: a folder without DICOM images; expected"):
        read_image(tmp_path / "slices.png")


def test_a_file_that_may_not_be_read_is_not_called_damaged(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied", str(tmp_path))

    (tmp_path / "a.png").write_bytes(encoded("png"))
    monkeypatch.setattr(raster.Image, "open", refuse)
    with pytest.raises(InputError, match=r"^a\.png: no permission to read it; change"):
        read_image(tmp_path / "a.png")


def test_a_bomb_is_refused_before_its_pixels_are_decoded(tmp_path, monkeypatch):
    """The claim in the header is enough: nothing of 900 megapixels is ever made."""
    (tmp_path / "bomb.png").write_bytes(png(30_000, 30_000, b"\0" * 30_001))
    assert (tmp_path / "bomb.png").stat().st_size < 1000
    monkeypatch.setattr(raster, "_decode", lambda image: pytest.fail("decoded"))
    with pytest.raises(InputError, match="decompression bomb"):
        read_image(tmp_path / "bomb.png")


def test_the_largest_image_allowed_is_read_up_to_the_last_pixel(tmp_path, monkeypatch):
    monkeypatch.setattr(raster, "MAX_PIXELS", GREY.size)
    (tmp_path / "a.png").write_bytes(encoded("png"))
    assert read_image(tmp_path / "a.png").shape == GREY.shape
    monkeypatch.setattr(raster, "MAX_PIXELS", GREY.size - 1)
    with pytest.raises(InputError, match="40x30 pixels; expected at most 1,199"):
        read_image(tmp_path / "a.png")
    assert MAX_PIXELS < 178_956_970  # where Pillow itself raises


def test_a_file_by_another_ending_is_read_by_what_it_is(tmp_path):
    (tmp_path / "a.jpg").write_bytes(encoded("png"))
    np.testing.assert_array_equal(read_image(tmp_path / "a.jpg").pixels, GREY)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_truncation_ends_in_an_image_or_in_one_line(tmp_path, suffix):
    whole = encoded(suffix)
    refused = 0
    for cut in np.linspace(0, len(whole) - 1, 60).astype(int):
        refused += _image_or_one_line(tmp_path / f"cut.{suffix}", whole[:cut])
    # A file that lost only its end mark may still be whole; one that lost half may not.
    assert refused >= 30


@pytest.mark.parametrize("suffix", FORMATS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_change_of_bytes_ends_in_an_image_or_in_one_line(tmp_path, suffix, data):
    damaged = bytearray(encoded(suffix))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    _image_or_one_line(tmp_path / f"damaged.{suffix}", bytes(damaged[:cut]))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), suffix=st.sampled_from(formats.FORMATS[0].suffixes))
def test_any_bytes_end_in_an_image_or_in_one_line(tmp_path, content, suffix):
    _image_or_one_line(tmp_path / f"any{suffix}", content)


def _image_or_one_line(path: Path, content: bytes) -> bool:
    """Return whether the file was refused; any other exception fails the test."""
    path.write_bytes(content)
    try:
        image = read_image(path)
    except InputError as error:
        message = str(error)
    else:
        assert image.pixels.size > 0
        return False
    assert message.startswith(f"{path.name}: ")
    assert "\n" not in message
    return True
