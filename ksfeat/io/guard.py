"""What a volume's reader holds against broken and hostile files: limits, and one kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedIOBase
from math import prod

from ksfeat.errors import InputError, KsfeatError

MAX_VOLUME_BYTES = 2**30  # a scan of 1,000 slices of 512x512 in 16 bit takes half of it
_PIECE = 2**22


def require_size(shape: tuple[int, ...], bytes_per_voxel: int, name: str) -> int:
    """Return how many bytes the voxels take; an `InputError` unless that is possible.

    A header is judged before anything of the size it claims is reserved or decompressed.
    """
    size = "x".join(str(length) for length in shape)
    if not shape or min(shape) < 1:
        raise InputError(f"{name}: a grid of {size or 'no axes'}; expected at least one voxel")
    needed = prod(int(length) for length in shape) * bytes_per_voxel
    if needed > MAX_VOLUME_BYTES:
        each = f"{bytes_per_voxel} byte{'s' * (bytes_per_voxel > 1)}"
        raise InputError(
            f"{name}: {size} voxels of {each}; expected at most "
            f"{MAX_VOLUME_BYTES:,} bytes; crop or resample it (a small file that claims so many "
            "may be a decompression bomb)"
        )
    return needed


def read_block(file: BufferedIOBase, needed: int) -> bytearray:
    """Read bytes piece by piece: at once, a gzip file would hold all of them twice.

    Raises
    ------
    EOFError
        If the file ends before.
    """
    block = bytearray(needed)
    view = memoryview(block)
    for start in range(0, needed, _PIECE):
        piece = view[start : start + _PIECE]
        found = file.readinto(piece)
        if found != len(piece):
            raise EOFError(f"{start + found:,} bytes of voxels instead of {needed:,}")
    return block


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises on damaged bytes into an `InputError` of one line."""
    try:
        yield
    except KsfeatError:
        raise
    except PermissionError as error:
        raise InputError(f"{name}: no permission to read it; change the file's mode") from error
    except Exception as error:
        # struct.error, zlib.error, EOFError, HeaderDataError, OverflowError, MemoryError...
        text = str(error).strip()
        reason = text.splitlines()[0][:80] if text else type(error).__name__
        raise InputError(
            f"{name}: cannot be decoded ({reason}); "
            "the file is truncated or damaged; export it again"
        ) from error
