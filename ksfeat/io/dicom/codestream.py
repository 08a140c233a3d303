"""What a compressed frame says of its own size, before a decoder reserves memory for it."""

from __future__ import annotations

import struct

_JPEG_START = b"\xff\xd8"
_JPEG_2000_SIZE = b"\xff\x4f\xff\x51"  # SOC and SIZ (ISO/IEC 15444-1, A.4 and A.5)
_NOT_A_FRAME = {0xC4, 0xC8, 0xCC}  # tables among the start-of-frame markers (ISO/IEC 10918-1, B.1)
_START_OF_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_START_OF_FRAME = (set(range(0xC0, 0xD0)) - _NOT_A_FRAME) | {0xF7}  # 0xF7: JPEG-LS


def frame_size(stream: bytes) -> tuple[int, int, int] | None:
    r"""Return rows, columns and samples of a JPEG, JPEG-LS or JPEG 2000 frame; None for others.

    Parameters
    ----------
    stream : bytes
        One compressed frame.

    Examples
    --------
    >>> frame_size(b"\xff\xd8\xff\xf7\x00\x0b\x08\x02\x00\x01\x00\x01" + bytes(3))
    (512, 256, 1)
    """
    place = stream.find(_JPEG_2000_SIZE)
    if place >= 0:
        right, bottom, left, top = struct.unpack_from(">4I", stream, place + 8)
        (samples,) = struct.unpack_from(">H", stream, place + 40)
        return bottom - top, right - left, samples
    return _jpeg_size(stream) if stream.startswith(_JPEG_START) else None


def has_end(stream: bytes) -> bool:
    r"""Return whether the data of a JPEG or JPEG-LS frame are followed by its end mark.

    Parameters
    ----------
    stream : bytes
        One compressed frame.

    Examples
    --------
    >>> has_end(b"\xff\xd8\xff\xda data \xff\xd9"), has_end(b"\xff\xd8\xff\xda data")
    (True, False)
    """
    return stream.find(_END, max(0, stream.find(_START_OF_SCAN))) >= 0


def _jpeg_size(stream: bytes) -> tuple[int, int, int] | None:
    place = len(_JPEG_START)
    while place + 10 <= len(stream):
        mark, kind, length = struct.unpack_from(">BBH", stream, place)
        if mark != 0xFF:
            return None
        if kind in _START_OF_FRAME:
            rows, columns, samples = struct.unpack_from(">HHB", stream, place + 5)
            return rows, columns, samples
        place += 1 if kind == 0xFF else 2 + length  # 0xFF again: a fill byte
    return None
