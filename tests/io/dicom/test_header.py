"""Opening a file: nothing is inflated or held in memory before it has been judged."""

import struct
import zlib

import numpy as np
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from ksfeat.errors import InputError
from ksfeat.io.dicom import header, read

STORED = np.random.default_rng(0).integers(0, 4096, size=(64, 48), dtype=np.uint16)


def test_a_deflate_bomb_is_refused_without_being_inflated(save, make_slice, tmp_path, monkeypatch):
    path = save(make_slice(STORED, syntax=DeflatedExplicitVRLittleEndian))
    whole = path.read_bytes()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflate.compress(bytes(3_000_000)) + deflate.flush()
    meta = 128 + 4 + 12 + struct.unpack_from("<I", whole, 140)[0]

    def after(kind, length):
        """The meta information with a first element of its own."""
        extra = b"\2\0\2\1" + kind + bytes(2) + struct.pack("<I", length) + bytes(length)
        return whole[:144] + extra + whole[144:meta]

    starts = {
        "plain": whole[:meta],
        "without preamble": after(b"OB", 6)[132:],
        # More than is looked at first, with the transfer syntax behind it.
        "long": after(b"OB", 5_000),
        "to one byte before the end of what is looked at": after(b"OB", 4095 - 156),
        "of a kind that meta information has not": after(b"UT", 8),
    }
    monkeypatch.setattr(header, "_MAX_INFLATED", 2_000_000)
    for what, start in starts.items():
        (tmp_path / "bomb.dcm").write_bytes(start + bomb)
        with pytest.raises(InputError, match=rf"^{what}: inflates to more than 2,000,000 bytes"):
            read(tmp_path / "bomb.dcm", what)
    assert read(path, "good").shape == STORED.shape


def test_pixels_of_a_very_large_file_wait_for_its_header_to_be_judged(
    save, make_slice, monkeypatch
):
    pixels = np.zeros((256, 256), dtype=np.uint16)
    path = save(make_slice(pixels))
    monkeypatch.setattr(header, "_AT_ONCE_BYTES", path.stat().st_size)
    small = header.open_dicom(path, "a", at_once=True)
    monkeypatch.setattr(header, "_AT_ONCE_BYTES", path.stat().st_size - 1)
    large = header.open_dicom(path, "a", at_once=True)
    assert read(path, "a").shape == pixels.shape
    path.unlink()
    assert small.PixelData == pixels.tobytes()
    with pytest.raises(OSError, match="missing"):
        _ = large.PixelData
