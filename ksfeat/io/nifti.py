"""NIfTI files (.nii, .nii.gz) to volumes, by nibabel."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from ksfeat.errors import InputError, MissingExtraError
from ksfeat.image import StoneImage
from ksfeat.io.guard import decoding, read_block, require_size
from ksfeat.io.orientation import RAS_TO_LPS, Grid, checked_grid, image_of, upright

_MILLIMETRES = {"unknown": 1.0, "mm": 1.0, "meter": 1000.0, "micron": 0.001}
_UNSCALED = (1.0, 0.0)
_LONGEST_HEADER = 540
_MAX_OFFSET = 2**24  # header extensions are skipped, and a compressed file must not hide more


@dataclass(frozen=True)
class _Header:
    """What a NIfTI header says, checked."""

    shape: tuple[int, int, int]
    dtype: np.dtype
    offset: int
    scaling: tuple[float, float]
    grid: Grid
    says_direction: bool
    says_spacing: bool


def read(path: Path, name: str) -> StoneImage:
    """Read one NIfTI volume, turned to superior, posterior and left.

    `scl_slope` and `scl_inter` are applied. A NIfTI file does not say Hounsfield units, so the
    unit is "grey". Lengths are millimetres unless the header says metres or microns, as every
    common writer means it. Oblique axes go to the nearest ones and `direction` keeps their angle.
    A volume of one slice is that slice.

    Parameters
    ----------
    path : Path
        A NIfTI-1 or NIfTI-2 file, of at most 1 GiB of voxels once decompressed.
    name : str
        How to call it in an error, and the image's key.

    Returns
    -------
    StoneImage
        Its pixels are those of the file (Z, H, W), float64 where the header scales them.

    Raises
    ------
    InputError
        If the file is broken or hostile, holds several volumes, colours or complex numbers.
    MissingExtraError
        Without nibabel.
    """
    nibabel = import_nibabel()
    with decoding(name), _opened(path) as file:
        header = _parsed(nibabel, file, name)
        file.seek(header.offset)
        # Never mapped into memory: a file that is cut meanwhile would end the process.
        block = read_block(file, prod(header.shape) * header.dtype.itemsize)
        file.read(1)  # or gzip does not compare its checksum
        voxels = np.frombuffer(block, header.dtype).reshape(header.shape, order="F")
        if header.scaling != _UNSCALED:
            with np.errstate(all="ignore"):  # infinite voxels are refused below
                voxels = nibabel.volumeutils.apply_read_scaling(voxels, *header.scaling)
        pixels, grid = upright(voxels, header.grid)
        spacing = grid.spacing_mm if header.says_spacing else None
        return image_of(pixels, name, grid if header.says_direction else None, spacing)


def read_grid(path: Path, name: str) -> Grid | None:
    """Return where the voxels of `read` lie; None where the header does not say it."""
    nibabel = import_nibabel()
    with decoding(name), _opened(path) as file:
        header = _parsed(nibabel, file, name)
    if not header.says_direction:
        return None
    return upright(np.broadcast_to(np.uint8(0), header.shape), header.grid)[1]


def import_nibabel() -> Any:
    """Return the module nibabel, or say which extra brings it."""
    try:
        import nibabel
    except ImportError as error:
        raise MissingExtraError("reading and writing NIfTI files", "nifti") from error
    return nibabel


def _opened(path: Path) -> Any:
    return gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")


def _parsed(nibabel: Any, file: io.BufferedIOBase, name: str) -> _Header:
    header = _raw_header(nibabel, file.read(_LONGEST_HEADER), name)
    dtype = header.get_data_dtype()
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise InputError(
            f"{name}: voxels of type {header.get_value_label('datatype')}; expected one number of "
            "at most 64 bit a voxel; save a grey volume"
        )
    slope, inter = header.get_slope_inter()
    scaling = (1.0 if slope is None else slope, 0.0 if inter is None else inter)
    shape = _shape(header, dtype.itemsize if scaling == _UNSCALED else 8, name)
    says_direction = bool(header["sform_code"] > 0 or header["qform_code"] > 0)
    unit = header.get_xyzt_units()[0]
    # What is written where nothing is known: no orientation, no unit, and steps of one.
    lacks_spacing = not says_direction and unit == "unknown" and (header["pixdim"][1:4] == 1).all()
    return _Header(
        shape,
        dtype,
        _offset(header, name),
        scaling,
        _grid(header, shape, _MILLIMETRES[unit], name),
        says_direction,
        not lacks_spacing,
    )


def _raw_header(nibabel: Any, block: bytes, name: str) -> Any:
    """Return nibabel's header, without its extensions: their sizes could claim any memory."""
    marks = ((348, 344, b"n+1\0", "Nifti1Header"), (540, 4, b"n+2\0", "Nifti2Header"))
    for size, place, magic, kind in marks:
        if len(block) >= size and block[place : place + 4] == magic:
            order = "<" if int.from_bytes(block[:4], "little") == size else ">"
            return getattr(nibabel, kind)(block[:size], endianness=order, check=False)
    raise InputError(
        f"{name}: no NIfTI file, whatever its name says; expected header and voxels in one file "
        "(magic n+1 or n+2); .nii is plain and .nii.gz compressed"
    )


def _shape(header: Any, bytes_per_voxel: int, name: str) -> tuple[int, int, int]:
    axes = tuple(int(length) for length in header.get_data_shape())
    require_size(axes, bytes_per_voxel, name)
    if not 2 <= header["dim"][0] <= 7 or any(length > 1 for length in axes[3:]):
        raise InputError(
            f"{name}: voxels of {'x'.join(map(str, axes))}; expected one volume of 3 axes; "
            "save each of several as a file of its own"
        )
    return axes[0], axes[1], axes[2] if len(axes) > 2 else 1


def _offset(header: Any, name: str) -> int:
    offset = int(header.get_data_offset())
    smallest = header.template_dtype.itemsize
    if not smallest <= offset <= _MAX_OFFSET:
        raise InputError(
            f"{name}: voxels from byte {offset} on; expected {smallest} to {_MAX_OFFSET:,}; "
            "the header is damaged; export it again"
        )
    return offset


def _grid(header: Any, shape: tuple[int, int, int], millimetres: float, name: str) -> Grid:
    affine = header.get_best_affine().astype(float)
    affine[:3] = RAS_TO_LPS @ affine[:3] * millimetres
    return checked_grid(shape, affine[:3, :3].T, affine[:3, 3], name)
