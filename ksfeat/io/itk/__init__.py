"""What 3D Slicer and ITK write, NRRD and MetaImage (MHA), read without either.

Both are a text header and a block of voxels. The libraries that read them follow a header to any
file it names, and reserve or decompress whatever it claims; here nothing outside the file is
opened and every size is judged first, so that a hostile file costs nothing. No extra is needed.
"""

from __future__ import annotations

from io import BufferedIOBase
from pathlib import Path

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io.guard import decoding
from ksfeat.io.itk.layout import Layout, read_voxels
from ksfeat.io.itk.metaimage import parse_metaimage
from ksfeat.io.itk.nrrd import parse_nrrd
from ksfeat.io.orientation import Grid, image_of, upright

__all__ = ["read", "read_grid"]


def read(path: Path, name: str) -> StoneImage:
    """Read one NRRD or MHA file, turned to superior, posterior and left.

    Neither format says Hounsfield units, so the unit is "grey"; lengths are millimetres, as ITK
    means them. Without a known `space` (NRRD) or a matrix (MHA), voxels stay in the file's order
    and `direction` is None. Oblique axes go to the nearest ones and `direction` keeps their angle.

    Parameters
    ----------
    path : Path
        A file of header and voxels, of two or three axes, raw, compressed (gzip, zlib) or text.
    name : str
        How to call it in an error, and the image's key.

    Returns
    -------
    StoneImage
        (Z, H, W), or (H, W) for a file of one slice; pixels in the file's type.

    Raises
    ------
    InputError
        If the file is broken or hostile, names another file, or holds more than one volume.
    """
    with decoding(name), path.open("rb") as file:
        layout = _parsed(path, file, name)
        voxels = read_voxels(file, layout, name)
        if layout.grid is None:
            return image_of(voxels.T, name, None, layout.spacing_mm)
        pixels, grid = upright(voxels, layout.grid)
        return image_of(pixels, name, grid, grid.spacing_mm)


def read_grid(path: Path, name: str) -> Grid | None:
    """Return where the voxels of `read` lie; None where the header does not say it."""
    with decoding(name), path.open("rb") as file:
        layout = _parsed(path, file, name)
    if layout.grid is None:
        return None
    return upright(np.broadcast_to(np.uint8(0), layout.shape), layout.grid)[1]


def _parsed(path: Path, file: BufferedIOBase, name: str) -> Layout:
    parse = parse_metaimage if path.name.lower().endswith(".mha") else parse_nrrd
    return parse(file, name)
