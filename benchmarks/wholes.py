"""Small whole files of every format, made on the fly: what `damage` is done to."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.damage import Format, png_with_checksums, png_without_checksums
from benchmarks.harness import real_data
from ksfeat.errors import MissingExtraError
from ksfeat.image import StoneImage
from ksfeat.io.encode import encode_nifti, encode_nrrd


def formats(seed: int) -> list[Format]:
    """Return every format that can be written here, each with a few small whole files."""
    generator = np.random.default_rng(seed)
    grey = generator.integers(0, 256, size=(48, 64), dtype=np.uint8)
    colour = generator.integers(0, 256, size=(48, 64, 3), dtype=np.uint8)
    volume = StoneImage(
        generator.integers(-1000, 3000, size=(6, 20, 24)).astype(np.int16),
        spacing_mm=(3.0, 0.75, 0.75),
        direction=np.eye(3)[::-1],  # superior, posterior, left
        origin_mm=np.zeros(3),
        volume=True,
    )
    return [*_rasters(grey, colour), *_volumes(volume), *_dicom(grey, volume.pixels)]


def _rasters(grey: np.ndarray, colour: np.ndarray) -> Iterator[Format]:
    deep = grey.astype(np.uint16) * 257
    palette = Image.fromarray(colour).quantize(16)
    pngs = tuple(_saved(image, "PNG") for image in (grey, colour, deep, palette))
    yield Format("PNG", ".png", pngs, png_without_checksums, png_with_checksums)
    jpegs = (_saved(grey, "JPEG"), _saved(colour, "JPEG", progressive=True, subsampling=2))
    yield Format("JPEG", ".jpg", jpegs)
    packed = (None, "tiff_lzw", "tiff_adobe_deflate", "packbits")
    tiffs = [_saved(image, "TIFF", compression=how) for image in (grey, colour) for how in packed]
    yield Format("TIFF", ".tif", (*tiffs, _saved(deep, "TIFF")))
    for kind, ending in (("WEBP", ".webp"), ("BMP", ".bmp"), ("GIF", ".gif")):
        yield Format(kind, ending, (_saved(grey, kind), _saved(colour, kind)))


def _saved(image: np.ndarray | Image.Image, kind: str, **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, format=kind, **how)
    return buffer.getvalue()


def _volumes(volume: StoneImage) -> Iterator[Format]:
    nrrd = encode_nrrd(volume)
    yield Format("NRRD", ".nrrd", (nrrd, _inflated_nrrd(nrrd)))
    header = "ObjectType = Image\nNDims = 3\nBinaryData = True\nCompressedData = {}\n"
    header += "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 0.7 0.7 3\n"
    header += "DimSize = 24 20 6\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    voxels = volume.pixels.astype("<i2").tobytes()
    mha = (
        header.format(False).encode() + voxels,
        header.format(True).encode() + zlib.compress(voxels),
    )
    yield Format("MHA", ".mha", mha)
    try:
        nifti = encode_nifti(volume)
    except MissingExtraError:
        return
    yield Format("NIfTI", ".nii", (nifti,))
    yield Format("NIfTI, gzip", ".nii.gz", (gzip.compress(nifti),), gzip.decompress, gzip.compress)
    if (data := real_data()) is not None:
        kidneys = (data / "dicom" / "volume" / "kidneys_ct.nii.gz").read_bytes()
        yield Format("NIfTI, real CT", ".nii.gz", (kidneys,), gzip.decompress, _packed_fast)


def _packed_fast(content: bytes) -> bytes:
    return gzip.compress(content, 1)


def _inflated_nrrd(nrrd: bytes) -> bytes:
    header, _, packed = nrrd.partition(b"\n\n")
    return header.replace(b"gzip", b"raw") + b"\n\n" + gzip.decompress(packed)


def _dicom(grey: np.ndarray, volume: np.ndarray) -> Iterator[Format]:
    try:
        from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

        from benchmarks.made_dicom import as_bytes, enhanced, made_slice
    except ImportError:  # an extra that is not installed
        return
    frames = (volume + 1024).astype(np.uint16)
    yield Format("DICOM", ".dcm", (as_bytes(made_slice(frames[0])), as_bytes(made_slice(grey))))
    yield Format("DICOM, multi-frame", ".dcm", (as_bytes(enhanced(frames)),))
    for name, syntax in (
        ("RLE", RLELossless),
        ("JPEG 2000", JPEG2000Lossless),
        ("JPEG-LS", JPEGLSLossless),
    ):
        packed = made_slice(grey.astype(np.uint16) * 16)  # openjpeg takes no 20 rows
        try:
            packed.compress(syntax, generate_instance_uid=False)
        except RuntimeError:  # no encoder
            continue
        yield Format(f"DICOM, {name}", ".dcm", (as_bytes(packed),))
    if (data := real_data()) is not None:
        series = ("contrast_series", "jpeg2000_series")
        slices = [sorted((data / "dicom" / name).glob("*.dcm"))[0] for name in series]
        yield Format("DICOM, real CT", ".dcm", tuple(path.read_bytes() for path in slices))
