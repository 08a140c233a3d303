"""Volumes: NIfTI, NRRD and MetaImage."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from nibabel.orientations import axcodes2ornt, inv_ornt_aff

from benchmarks.cases.case import Case, reads_file
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource, read_image

VOXELS = np.arange(24 * 20 * 6, dtype=np.int16).reshape(24, 20, 6) - 1000  # fastest axis first
_AFFINE = np.diag([0.75, 0.75, 3.0, 1.0])
_NRRD = "NRRD0004\ntype: int16\ndimension: 3\nsizes: 24 20 6\nendian: little\n"
_PLACED = "space: left-posterior-superior\nspace directions: (0.75,0,0) (0,0.75,0) (0,0,3)\n"
_MHA = "ObjectType = Image\nNDims = 3\nBinaryData = True\nElementSpacing = 0.75 0.75 3\n"
_MHA += "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nDimSize = 24 20 6\n"
_LOCAL = "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"


def _nifti(voxels: np.ndarray, name: str = "a.nii.gz", axes: str = "RAS", **how: Any) -> Any:
    def make(folder: Path) -> StoneImage:
        affine = _AFFINE @ inv_ornt_aff(axcodes2ornt(axes), voxels.shape[:3])
        nibabel.Nifti1Image(voxels, affine).to_filename(folder / name)
        return read_image(folder / name, **how)

    return make


def _claiming(shape: tuple[int, ...]) -> bytes:
    """Return a small NIfTI file whose header claims a shape."""
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape(shape)
    header["magic"], header["vox_offset"] = b"n+1", 352
    return gzip.compress(header.binaryblock + bytes(4 + 1000))


def _masked(mask: np.ndarray, label: int | None = None) -> Callable[[Path], StoneImage]:
    def make(folder: Path) -> StoneImage:
        nibabel.Nifti1Image(VOXELS, _AFFINE).to_filename(folder / "a.nii.gz")
        nibabel.Nifti1Image(mask, _AFFINE).to_filename(folder / "mask.nii.gz")
        mask_file = folder / "mask.nii.gz"
        return ImageSource(folder / "a.nii.gz", "a", mask=mask_file, mask_label=label).read()

    return make


def nifti() -> Iterator[Case]:
    """Yield the cases of NIfTI."""
    kind = "NIfTI"
    labels = np.zeros(VOXELS.shape, dtype=np.uint8)
    labels[5:15, 5:15, 1:4], labels[8:10, 8:10, 2] = 1, 2
    nan = VOXELS.astype(np.float32)
    nan[0, 0, 0] = np.nan
    yield Case(kind, ".nii", _nifti(VOXELS, "a.nii"))
    yield Case(kind, ".nii.gz", _nifti(VOXELS))
    yield Case(kind, ".nii.gz, said to be HU", _nifti(VOXELS, unit="HU"))
    for axes in ("LPS", "LAS", "PSR", "SRA"):
        yield Case(kind, f"axes to {axes}", _nifti(VOXELS, axes=axes))
    yield Case(kind, "float", _nifti(VOXELS.astype(np.float32)))
    yield Case(kind, "4-D of one volume", _nifti(VOXELS[..., None]))
    yield Case(kind, "4-D of two volumes", _nifti(np.stack([VOXELS] * 2, axis=-1)), reads=False)
    yield Case(kind, "float with NaN", _nifti(nan), reads=False)
    yield Case(kind, "mask of all labels", _masked(labels))
    yield Case(kind, "mask of label 2", _masked(labels, 2))
    yield Case(kind, "mask without label 7", _masked(labels, 7), reads=False)
    yield Case(kind, "mask of another size", _masked(labels[:-1]), reads=False)
    bomb = reads_file("a.nii.gz", _claiming((4000, 4000, 4000)))
    yield Case(kind, "1 kB that claims 4000x4000x4000", bomb, reads=False)
    yield Case(kind, "cut", reads_file("a.nii.gz", _claiming((24, 20, 6))), reads=False)
    yield Case(kind, "text named .nii", reads_file("a.nii", b"no volume\n" * 99), reads=False)


def _nrrd(fields: str, voxels: bytes) -> Callable[[Path], StoneImage]:
    return reads_file("a.nrrd", f"{_NRRD}{fields}\n".encode() + voxels)


def _mha(fields: str, voxels: bytes) -> Callable[[Path], StoneImage]:
    return reads_file("a.mha", f"{_MHA}{fields}".encode() + voxels)


def itk() -> Iterator[Case]:
    """Yield the cases of NRRD and MetaImage."""
    raw = VOXELS.astype("<i2").tobytes(order="F")
    text = " ".join(map(str, VOXELS.ravel(order="F"))).encode()
    kind = "NRRD"
    yield Case(kind, "raw", _nrrd(_PLACED + "encoding: raw\n", raw))
    yield Case(kind, "gzip", _nrrd(_PLACED + "encoding: gzip\n", gzip.compress(raw)))
    yield Case(kind, "text", _nrrd(_PLACED + "encoding: ascii\n", text))
    yield Case(kind, "without directions", _nrrd("encoding: raw\nspacings: 0.7 0.7 3\n", raw))
    yield Case(kind, "bzip2", _nrrd(_PLACED + "encoding: bzip2\n", raw), reads=False)
    apart = _nrrd("encoding: raw\ndata file: a.raw\n", b"")
    yield Case(kind, "detached header", apart, reads=False)
    yield Case(kind, "cut", _nrrd(_PLACED + "encoding: raw\n", raw[:999]), reads=False)
    kind = "MetaImage"
    yield Case(kind, ".mha, raw", _mha(_LOCAL, raw))
    packed = _mha("CompressedData = True\n" + _LOCAL, zlib.compress(raw))
    yield Case(kind, ".mha, compressed", packed)
    apart = _mha("ElementType = MET_SHORT\nElementDataFile = a.raw\n", b"")
    yield Case(kind, "detached header", apart, reads=False)
    yield Case(kind, "cut", _mha(_LOCAL, raw[:999]), reads=False)
