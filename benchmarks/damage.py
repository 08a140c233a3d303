"""Damage to files: bytes flipped, cut, removed, repeated, numbers and tags at their edges."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_HEADER = 1200  # bytes in which most formats say what they are
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WORDS = (b"0", b"-1", b"2", b"65536", b"4294967296", b"1e400", b"nan", b"9" * 30, b"", b"x")


@dataclass(frozen=True)
class Format:
    """A format, the whole files that are damaged, and a wrapping that damage goes under."""

    name: str
    ending: str
    wholes: tuple[bytes, ...]
    unwrap: Callable[[bytes], bytes] | None = None
    wrap: Callable[[bytes], bytes] | None = None


def damaged(kind: Format, generator: np.random.Generator) -> bytes:
    """Return a file with one to three damages, of some below its compression or checksums."""
    content = kind.wholes[generator.integers(len(kind.wholes))]
    wrap = kind.wrap if kind.unwrap is not None and generator.random() < 0.6 else None
    if wrap is not None and kind.unwrap is not None:
        content = kind.unwrap(content)
    for _ in range(generator.integers(1, 4)):
        damage = _DAMAGES[generator.integers(len(_DAMAGES))]
        content = damage(content, generator) or content
    return content if wrap is None else wrap(content)


def _place(content: bytes, generator: np.random.Generator) -> int:
    """Return a place, half of the time in the header."""
    end = min(len(content), _HEADER) if generator.random() < 0.5 else len(content)
    return int(generator.integers(max(1, end)))


def _flip(content: bytes, generator: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(generator.integers(1, 9)):
        changed[_place(content, generator)] = generator.integers(256)
    return bytes(changed)


def _truncate(content: bytes, generator: np.random.Generator) -> bytes:
    return content[: _place(content, generator)]


def _remove(content: bytes, generator: np.random.Generator) -> bytes:
    start = _place(content, generator)
    return content[:start] + content[start + int(2 ** generator.uniform(0, 12)) :]


def _repeat(content: bytes, generator: np.random.Generator) -> bytes:
    start = _place(content, generator)
    piece = content[start : start + int(2 ** generator.uniform(0, 12))]
    return content[:start] + piece * int(generator.integers(2, 5)) + content[start + len(piece) :]


def _number(content: bytes, generator: np.random.Generator) -> bytes:
    """Write a number at the edge of its type over a tag, a length or a value."""
    start = _place(content, generator) & ~1
    form = ("B", "<H", ">H", "<I", ">I")[generator.integers(5)]
    most = 2 ** (8 * struct.calcsize(form)) - 1
    number = struct.pack(form, _NUMBERS[generator.integers(len(_NUMBERS))] & most)
    return content[:start] + number + content[start + len(number) :]


def _word(content: bytes, generator: np.random.Generator) -> bytes:
    """Replace a number that is written in digits, as headers of text and DICOM have them."""
    digits = [n for n, byte in enumerate(content[:_HEADER]) if chr(byte) in "0123456789"]
    if not digits:
        return content
    start = end = digits[generator.integers(len(digits))]
    while end + 1 < len(content) and end + 1 in digits:
        end += 1
    return content[:start] + _WORDS[generator.integers(len(_WORDS))] + content[end + 1 :]


_DAMAGES = (_flip, _truncate, _remove, _repeat, _number, _word, _number, _flip)


def png_without_checksums(content: bytes) -> bytes:
    """Return a PNG's chunks, pixels inflated, so that damage gets past zlib and CRC."""
    pieces, start = [], 8
    while start + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, start)
        kind, data = content[start + 4 : start + 8], content[start + 8 : start + 8 + length]
        data = zlib.decompress(data) if kind == b"IDAT" else data
        pieces.append(kind + struct.pack(">I", len(data)) + data)
        start += 12 + length
    return b"".join(pieces)


def png_with_checksums(pieces: bytes) -> bytes:
    """Undo `png_without_checksums`, of damaged pieces as well."""
    content, start = b"\x89PNG\r\n\x1a\n", 0
    while start + 8 <= len(pieces):
        (length,) = struct.unpack_from(">I", pieces, start + 4)
        kind, data = pieces[start : start + 4], pieces[start + 8 : start + 8 + length]
        data = zlib.compress(data) if kind == b"IDAT" else data
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        content += struct.pack(">I", len(data)) + kind + data + checksum
        start += 8 + length
    return content
