"""Raster images: photographs, and slices that somebody exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.cases.case import COLOUR, DEEP, GREY, Case, reads_file
from ksfeat.image import StoneImage
from ksfeat.io import read_image


def _raster(pixels: Any, name: str, unit: str | None = None, **how: Any) -> Callable[[Path], Any]:
    def make(folder: Path) -> StoneImage:
        image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        image.save(folder / name, **how)
        return read_image(folder / name, unit=unit)

    return make


def rasters() -> Iterator[Case]:
    """Yield the cases of raster images."""
    kind = "Raster"
    picture, float_ = Image.fromarray(COLOUR), DEEP.astype(np.float32)
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned by 90 degrees
    more = {"save_all": True, "append_images": [Image.fromarray(255 - GREY)]}
    nan = float_.copy()
    nan[0, 0] = np.nan
    alpha = Image.fromarray(np.dstack([COLOUR, np.full_like(GREY, 255)]))
    yield Case(kind, "PNG, grey, 8 bit", _raster(GREY, "a.png"))
    yield Case(kind, "PNG, grey, 16 bit", _raster(DEEP, "a.png"))
    yield Case(kind, "PNG, 16 bit, said to be HU", _raster(DEEP, "a.png", "HU"))
    yield Case(kind, "PNG, 8 bit, said to be HU", _raster(GREY, "a.png", "HU"), reads=False)
    yield Case(kind, "PNG, colour", _raster(COLOUR, "a.png"))
    yield Case(kind, "PNG, colour that is all grey", _raster(np.dstack([GREY] * 3), "a.png"))
    yield Case(kind, "PNG, colour, opaque alpha", _raster(alpha, "a.png"))
    yield Case(kind, "PNG, palette", _raster(picture.quantize(16), "a.png"))
    yield Case(kind, "PNG, 1 bit", _raster(Image.fromarray(GREY > 99), "a.png"))
    yield Case(kind, "PNG, animated", _raster(GREY, "a.png", **more), reads=False)
    yield Case(kind, "JPEG, grey", _raster(GREY, "a.jpg"))
    yield Case(kind, "JPEG, colour, progressive", _raster(COLOUR, "a.jpg", progressive=True))
    yield Case(kind, "JPEG, CMYK", _raster(picture.convert("CMYK"), "a.jpg"))
    yield Case(kind, "JPEG, turned by EXIF", _raster(COLOUR, "a.jpg", exif=turned))
    for packed in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        how = _raster(GREY, "a.tif", compression=packed)
        yield Case(kind, f"TIFF, 8 bit, {packed.removeprefix('tiff_')}", how)
    yield Case(kind, "TIFF, 16 bit", _raster(DEEP, "a.tif"))
    yield Case(kind, "TIFF, float", _raster(float_, "a.tif"))
    yield Case(kind, "TIFF, float with NaN", _raster(nan, "a.tif"), reads=False)
    yield Case(kind, "TIFF, several pages", _raster(GREY, "a.tif", **more), reads=False)
    yield Case(kind, "WebP, lossless", _raster(COLOUR, "a.webp", lossless=True))
    yield Case(kind, "BMP", _raster(GREY, "a.bmp"))
    yield Case(kind, "GIF, still", _raster(GREY, "a.gif"))
    yield Case(kind, "GIF, animated", _raster(GREY, "a.gif", **more), reads=False)
    yield Case(kind, "PNG named .jpg", _raster(GREY, "a.jpg", format="PNG"))
    yield Case(kind, "empty file", reads_file("a.png", b""), reads=False)
    yield Case(kind, "HTML named .jpg", reads_file("a.jpg", b"<html>404</html>"), reads=False)
    yield Case(kind, "SVG", reads_file("a.svg", b"<svg/>"), reads=False)
    bomb = Image.new("1", (30_000, 30_000))
    yield Case(kind, "PNG of 900 megapixels", _raster(bomb, "a.png"), reads=False)
