"""Raster files (PNG, JPEG, TIFF, WebP, BMP, GIF) to pixels, refusing what is broken or hostile."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from ksfeat.errors import InputError
from ksfeat.image import StoneImage, handed_over

MAX_PIXELS = 64_000_000  # four times a large radiograph; a decoded image stays under 256 MB
_FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
_GREY_MODES = {"1": np.uint8, "L": np.uint8, "I;16": np.uint16, "I": np.int32, "F": np.float32}


def read(path: Path, name: str) -> StoneImage:
    """Read one raster file; it says neither Hounsfield units nor millimetres."""
    pixels, unit = read_raster(path, name)
    return StoneImage(handed_over(pixels), unit=unit, key=name)


def read_raster(path: Path, name: str) -> tuple[np.ndarray, str]:
    """Decode one raster file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        How to call it in an error.

    Returns
    -------
    pixels : ndarray
        (H, W), or (H, W, 3) for colours. EXIF rotation is applied; transparent pixels lie on black.
    unit : {"grey", "rgb"}
        "grey" too where the three channels of a colour file are equal.

    Raises
    ------
    InputError
        If the file is empty, no image, truncated, animated or too large.
    """
    if path.stat().st_size == 0:
        raise InputError(f"{name}: an empty file (0 bytes); expected an image; export it again")
    with warnings.catch_warnings():
        # Pillow warns of half-broken metadata and of large images; both are judged below.
        warnings.simplefilter("ignore")
        try:
            # A file and not its path: of a path, Pillow maps a plain TIFF into memory and then
            # mixes up width and height where the orientation turns them.
            with path.open("rb") as file, Image.open(file, formats=_FORMATS) as image:
                _check_header(image, name)
                return _decode(image)
        except UnidentifiedImageError as error:
            raise InputError(
                f"{name}: not an image, whatever its name says; "
                f"expected one of {', '.join(_FORMATS)}"
            ) from error
        except InputError:
            raise
        except PermissionError as error:
            raise InputError(f"{name}: no permission to read it; change the file's mode") from error
        except Image.DecompressionBombError as error:
            raise InputError(_too_large(name, "far too many")) from error
        except Exception as error:
            # Decoders raise nearly anything on damaged bytes: OSError, SyntaxError, struct.error...
            raise InputError(
                f"{name}: cannot be decoded ({_first_line(error)}); "
                "the file is truncated or damaged; export it again"
            ) from error


def _check_header(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise InputError(_too_large(name, f"{width}x{height}"))
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        raise InputError(
            f"{name}: {frames} frames (an animation or several pages); expected one image; "
            "save each frame as a file of its own"
        )


def _decode(image: Image.Image) -> tuple[np.ndarray, str]:
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        return np.asarray(upright).astype(np.uint16), "grey"
    if upright.mode in ("1", "L", "I", "F"):
        grey = upright.convert("L") if upright.mode == "1" else upright
        return np.array(grey, dtype=_GREY_MODES[upright.mode]), "grey"
    return grey_if_equal(np.array(_on_black(upright)))


def _on_black(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        canvas = Image.new("RGBA", rgba.size, (0, 0, 0, 255))
        return Image.alpha_composite(canvas, rgba).convert("RGB")
    return image.convert("RGB")


def grey_if_equal(colour: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the one channel of a colour image whose three are equal, and its unit."""
    red, green, blue = colour[..., 0], colour[..., 1], colour[..., 2]
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return np.ascontiguousarray(red), "grey"
    return colour, "rgb"


def _too_large(name: str, size: str) -> str:
    return (
        f"{name}: {size} pixels; expected at most {MAX_PIXELS:,}; "
        "crop or shrink it (a small file of so many pixels may be a decompression bomb)"
    )


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:80] if text else type(error).__name__
