"""An image as the bytes of a PNG, NIfTI or NRRD file."""

from __future__ import annotations

import gzip
import io

import numpy as np
from PIL import Image

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.alignment import grid_of_volume
from ksfeat.io.nifti import import_nibabel
from ksfeat.io.orientation import RAS_TO_LPS, Grid

_NRRD_TYPES = {"f4": "float", "f8": "double"}


def encode_png(image: StoneImage) -> bytes:
    """Return a PNG of one slice or photograph of unsigned 8 or 16 bit."""
    if image.volume or image.pixels.dtype not in (np.uint8, np.uint16):
        found = "a volume" if image.volume else f"pixels of type {image.pixels.dtype}"
        raise InputError(
            f"{image.name}: {found}; a PNG holds one image of unsigned 8 or 16 bit; "
            "take a slice or apply a window first, or write .nii.gz or .nrrd"
        )
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image.pixels)).save(buffer, format="PNG")
    return buffer.getvalue()


def encode_nifti(image: StoneImage) -> bytes:
    """Return an uncompressed NIfTI file, with the place of a volume if it is known."""
    grid = grid_of_volume(image)
    nibabel = import_nibabel()
    voxels = _storable(image)
    long = max(voxels.shape) > np.iinfo(np.int16).max  # NIfTI-1 counts voxels in 16 bit
    kind = nibabel.Nifti2Image if long else nibabel.Nifti1Image
    if grid is None:
        # Codes of 0 say that the axes are unknown; they are then taken to run to left, front, head.
        file = kind(voxels[:, ::-1], None, dtype=voxels.dtype)
        file.header.set_zooms(_spacing(image) or (1.0, 1.0, 1.0))
    else:
        affine = np.eye(4)
        affine[:3, :3] = RAS_TO_LPS @ grid.steps[::-1].T
        if grid.origin_mm is not None:  # NIfTI cannot leave it out
            affine[:3, 3] = RAS_TO_LPS @ grid.origin_mm
        file = kind(voxels, affine, dtype=voxels.dtype)
        file.set_sform(affine, code=1)
        file.set_qform(affine, code=1)
    if image.spacing_mm is not None:
        file.header.set_xyzt_units("mm")
    return file.to_bytes()


def encode_nrrd(image: StoneImage) -> bytes:
    """Return a compressed NRRD file, with the place of a volume if it is known."""
    grid = grid_of_volume(image)
    voxels = _storable(image)
    stored = voxels.astype(voxels.dtype.newbyteorder("<"), copy=False)
    sizes = voxels.shape if image.volume else voxels.shape[:2]
    code = stored.dtype.str[1:]
    lines = [
        "NRRD0005",
        f"type: {_NRRD_TYPES.get(code, stored.dtype.name)}",
        f"dimension: {len(sizes)}",
        *([] if grid is None else ["space: left-posterior-superior"]),
        f"sizes: {' '.join(map(str, sizes))}",
        *_nrrd_place(image, grid),
        f"kinds: {' '.join(['domain'] * len(sizes))}",
        "endian: little",
        "encoding: gzip",
    ]
    header = "\n".join(lines) + "\n\n"
    return header.encode("ascii") + gzip.compress(stored.tobytes(order="F"), 6, mtime=0)


def _nrrd_place(image: StoneImage, grid: Grid | None) -> list[str]:
    if grid is not None:
        vectors = " ".join(_vector(step) for step in grid.steps[::-1])
        said = grid.origin_mm
        origin = [] if said is None else [f"space origin: {_vector(said)}"]
        return [f"space directions: {vectors}", *origin]
    if image.spacing_mm is not None:
        return [f"spacings: {' '.join(repr(length) for length in image.spacing_mm[::-1])}"]
    return []


def _vector(values: np.ndarray) -> str:
    return f"({','.join(repr(float(value)) for value in values)})"


def _storable(image: StoneImage) -> np.ndarray:
    """Return the voxels as files order them, the fastest axis first, in a type that files have."""
    if image.unit == "rgb":
        raise InputError(f"{image.name}: colours; NIfTI and NRRD hold grey images; write a PNG")
    pixels = image.pixels if image.volume else image.pixels[None]
    small = {"b1": np.uint8, "f2": np.float32}.get(pixels.dtype.str[1:])
    return (pixels if small is None else pixels.astype(small)).T


def _spacing(image: StoneImage) -> tuple[float, ...] | None:
    """Return the spacing, the fastest axis first; 1 across a single slice."""
    if image.spacing_mm is None or image.volume:
        return image.spacing_mm and image.spacing_mm[::-1]
    return (*image.spacing_mm[::-1], 1.0)
