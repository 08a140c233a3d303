"""How voxels lie in a file behind its header, and how they are read within bounds."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from io import BufferedIOBase

import numpy as np

from ksfeat.errors import InputError
from ksfeat.io.guard import read_block, require_size
from ksfeat.io.orientation import Grid

_LONGEST_HEADER = 2**20  # a segmentation of a hundred named segments takes a tenth of it
_CHUNK = 2**20
_LONGEST_NUMBER = 32  # in characters, with what stands between two
_ZLIB_OR_GZIP = 47  # zlib's window bits: 15, and the header tells which of the two


@dataclass(frozen=True)
class Layout:
    """What a header says of its voxels, checked.

    Parameters
    ----------
    shape : tuple of int
        Three axes, the fastest first.
    dtype : dtype
        With byte order.
    encoding : {"raw", "deflate", "text"}
    grid : Grid, optional
        In the order of `shape`; None where the header does not say how the axes run.
    spacing_mm : tuple of float, optional
        Of the upright volume, where there is no grid: slowest axis first.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype
    encoding: str
    grid: Grid | None = None
    spacing_mm: tuple[float, ...] | None = None


def three_axes(sizes: list[int], name: str) -> tuple[int, int, int]:
    """Return the sizes of a volume, or of a slice as a volume of one."""
    require_size(tuple(sizes), 1, name)
    if len(sizes) not in (2, 3):
        raise InputError(
            f"{name}: {len(sizes)} axes ({'x'.join(map(str, sizes))}); expected one grey image or "
            "volume; export each of several, or a label map of the segments"
        )
    return sizes[0], sizes[1], sizes[2] if len(sizes) == 3 else 1


def header_line(file: BufferedIOBase, name: str) -> str:
    """Return the next line of a header, without its end."""
    line = file.readline(_LONGEST_HEADER)
    if not line.endswith(b"\n") or file.tell() > _LONGEST_HEADER:
        raise InputError(
            f"{name}: a header without an end in its first {file.tell():,} bytes; "
            "the file is truncated or of another format; export it again"
        )
    return line.decode("utf-8", "replace").strip()


def not_alone(name: str, said: str) -> InputError:
    """Return the error for a header whose voxels are in another file."""
    return InputError(
        f"{name}: its header names another file for the voxels ({said[:60]}); no other file is "
        "opened; save header and voxels as one .nrrd or .mha"
    )


def read_voxels(file: BufferedIOBase, layout: Layout, name: str) -> np.ndarray:
    """Read the voxels that follow the header, the fastest axis first."""
    if layout.encoding == "text":
        flat = _spelled(file, layout, name)
    else:
        needed = require_size(layout.shape, layout.dtype.itemsize, name)
        raw = layout.encoding == "raw"
        block = read_block(file, needed) if raw else _inflated(file, needed, name)
        flat = np.frombuffer(block, dtype=layout.dtype)
    return flat.reshape(layout.shape, order="F")


def _inflated(file: BufferedIOBase, needed: int, name: str) -> bytearray:
    """Decompress no more than is needed; the stream's checksum is compared at its end."""
    block, filled, stream = bytearray(needed), 0, zlib.decompressobj(_ZLIB_OR_GZIP)
    while not stream.eof:
        more = stream.unconsumed_tail or file.read(_CHUNK)
        if not more:
            raise EOFError(f"{filled:,} bytes of voxels instead of {needed:,}")
        part = stream.decompress(more, 4 * _CHUNK)
        if filled + len(part) > needed:
            raise InputError(
                f"{name}: more than the {needed:,} bytes of voxels that its header says; "
                "mend the header's sizes or type"
            )
        block[filled : filled + len(part)] = part
        filled += len(part)
    if filled != needed:
        raise EOFError(f"{filled:,} bytes of voxels instead of {needed:,}")
    return block


def _spelled(file: BufferedIOBase, layout: Layout, name: str) -> np.ndarray:
    text = file.read(require_size(layout.shape, _LONGEST_NUMBER, name))
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        warnings.simplefilter("error")  # numpy only warns of what is no number
        numbers = np.fromstring(text, dtype=float, sep=" ")
        voxels = numbers.astype(layout.dtype)
    count = layout.shape[0] * layout.shape[1] * layout.shape[2]
    if numbers.size != count:
        raise InputError(
            f"{name}: {numbers.size:,} numbers; expected the header's {count:,}; "
            "the file is truncated or damaged; export it again"
        )
    if layout.dtype.kind != "f" and not np.array_equal(voxels, numbers):
        raise InputError(f"{name}: numbers that are no {layout.dtype}; mend the header's type")
    return voxels
