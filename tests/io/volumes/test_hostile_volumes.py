"""Broken and hostile volumes: one line that names the file, within bounds, and no other file."""

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.io import guard, read_image

nib = pytest.importorskip("nibabel")
NOISE = np.random.default_rng(0).integers(-1000, 2000, size=(4, 3, 5), dtype=np.int16)
RAW = NOISE.tobytes(order="F")
NIFTI = nib.Nifti1Image(NOISE, np.diag([-1.0, -1.0, 1.0, 1.0])).to_bytes()
MORE = 200 * 2**20  # zeros that take 200 kB compressed


def outcome(path) -> str:
    """Return what became of a file: an image or an `InputError`, or the test ends here."""
    try:
        return f"an image of {read_image(path).shape}"
    except InputError as error:
        return str(error)


def nifti(**fields) -> bytes:
    """Return the file with some header fields overwritten, whatever they then claim."""
    header = nib.Nifti1Header(NIFTI[:348], check=False)
    for field, value in fields.items():
        header[field] = value
    return header.binaryblock + NIFTI[348:]


def of_type(dtype) -> bytes:
    return nib.Nifti1Image(np.zeros((2, 2, 2), dtype), np.eye(4)).to_bytes()


def nrrd(payload: bytes = RAW, **fields) -> bytes:
    said = {"type": "short", "dimension": 3, "sizes": "4 3 5", "endian": "little"}
    said |= {"encoding": "raw"} | {key.replace("_", " "): value for key, value in fields.items()}
    lines = "".join(f"{key}: {value}\n" for key, value in said.items())
    return b"NRRD0005\n" + lines.encode() + b"\n" + payload


def mha(payload: bytes = RAW, **fields) -> bytes:
    said = {"ObjectType": "Image", "NDims": 3, "DimSize": "4 3 5", "ElementType": "MET_SHORT"}
    said |= fields
    said["ElementDataFile"] = said.pop("ElementDataFile", "LOCAL")
    return "".join(f"{key} = {value}\n" for key, value in said.items()).encode() + payload


def gz(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def bomb() -> bytes:
    packed = zlib.compressobj(9, wbits=31)
    return packed.compress(bytes(MORE)) + packed.flush()


NAN = NOISE.astype(np.float32)
NAN[1, 1, 1] = np.nan
DIRECTIONS = {"space": "LPS", "space_directions": "(1,0,0) (0,1,0) (0,0,0)"}
BAD = {
    "empty": ("a.nii", b"", "no NIfTI file"),
    "text": ("a.nii", b"not a volume\n" * 99, "no NIfTI file"),
    "text.gz": ("a.nii.gz", b"not a volume\n" * 99, "cannot be decoded"),
    "plain .gz": ("a.nii.gz", NIFTI, "cannot be decoded"),
    "packed .nii": ("a.nii", gz(NIFTI), ".nii is plain and .nii.gz compressed"),
    "header only": ("a.nii", NIFTI[:348], "no NIfTI file|cannot be decoded"),
    "truncated": ("a.nii", NIFTI[:-1], "cannot be decoded"),
    "truncated gz": ("a.nii.gz", gz(NIFTI)[:-12], "cannot be decoded"),
    "wrong checksum": ("a.nii.gz", gz(NIFTI)[:-5] + b"\0" + gz(NIFTI)[-4:], "cannot be decoded"),
    "pair": ("a.nii", nifti(magic=b"ni1"), "header and voxels in one file"),
    "4-D": ("a.nii", nifti(dim=[4, 2, 3, 5, 2, 1, 1, 1]), "one volume of 3 axes; save each"),
    "1-D": ("a.nii", nifti(dim=[1, 60, 1, 1, 1, 1, 1, 1]), "one volume of 3 axes"),
    "no voxels": ("a.nii", nifti(dim=[3, 4, 0, 5, 1, 1, 1, 1]), "4x0x5; expected at least one"),
    "negative": ("a.nii", nifti(dim=[3, 4, -3, 5, 1, 1, 1, 1]), "4x-3x5; expected at least one"),
    "ranks": ("a.nii", nifti(dim=[99, 4, 3, 5, 1, 1, 1, 1]), "one volume of 3 axes"),
    "10^12": ("a.nii", nifti(dim=[3, 10**4, 10**4, 10**4, 1, 1, 1, 1]), "at most 1,073,741,824"),
    "offset": ("a.nii", nifti(vox_offset=2.0**31), "voxels from byte 2147483648 on; expected 348"),
    "offset NaN": ("a.nii", nifti(vox_offset=np.nan), "cannot be decoded"),
    "offset 0": ("a.nii", nifti(vox_offset=0), "voxels from byte 0 on; expected 348"),
    "intercept": ("a.nii", nifti(scl_slope=2, scl_inter=np.inf), "cannot be decoded"),
    "type": ("a.nii", nifti(datatype=12345), "cannot be decoded"),
    "unit code": ("a.nii", nifti(xyzt_units=7), "cannot be decoded"),
    "no axes": ("a.nii", nifti(srow_x=0, srow_y=0, srow_z=0), "expected three that are finite"),
    "flat": (
        "a.nii",
        nifti(srow_x=[1, 1, 0, 0], srow_y=[1, 1, 0, 0]),
        "expected three that are finite, not zero",
    ),
    "tilted": ("a.nii", nifti(srow_z=[0, 0.2, 1, 0]), "at right angles; resample the volume"),
    "NaN axes": ("a.nii", nifti(srow_x=np.nan), "or mend its header"),
    "complex": ("a.nii", of_type(np.complex64), "type complex64; expected one number"),
    "colour": ("a.nii", of_type([("R", "u1"), ("G", "u1"), ("B", "u1")]), "type RGB; expected one"),
    "NaN": ("a.nii", nib.Nifti1Image(NAN, np.eye(4)).to_bytes(), "NaN or infinite pixels"),
    "nrrd empty": ("a.nrrd", b"", "a header without an end"),
    "nrrd text": ("a.nrrd", b"not a volume\n" * 99, "no NRRD file"),
    "nrrd endless": ("a.nrrd", b"NRRD0004\n" + b"a: b\n" * 2**18, "a header without an end"),
    "nrrd line": ("a.nrrd", b"NRRD0004\n" + b"a" * 2**22, "a header without an end"),
    "nrrd truncated": ("a.nrrd", nrrd(RAW[:-1]), "119 bytes of voxels instead of 120"),
    "nrrd gzip cut": (
        "a.nrrd",
        nrrd(gz(RAW)[:-9], encoding="gzip"),
        "bytes of voxels instead of 120",
    ),
    "nrrd checksum": (
        "a.nrrd",
        nrrd(gz(RAW)[:-5] + b"\0" + gz(RAW)[-4:], encoding="gzip"),
        "cannot be decoded",
    ),
    "nrrd more": ("a.nrrd", nrrd(gz(RAW + b"\0"), encoding="gzip"), "more than the 120 bytes"),
    "nrrd detached": ("a.nrrd", nrrd(data_file="secret.raw"), "names another file for the voxels"),
    "nrrd datafile": ("a.nrrd", nrrd(datafile="LIST"), "names another file for the voxels"),
    "nrrd 10^12": ("a.nrrd", nrrd(sizes="10000 10000 10000"), "at most 1,073,741,824 bytes"),
    "nrrd negative": ("a.nrrd", nrrd(sizes="4 -3 5"), "expected at least one voxel"),
    "nrrd layers": ("a.nrrd", nrrd(dimension=4, sizes="2 2 3 5"), "or a label map of the segments"),
    "nrrd dimension": ("a.nrrd", nrrd(dimension=4), "sizes of 3 axes; expected its dimension, 4"),
    "nrrd skip": ("a.nrrd", nrrd(byte_skip=-1), "behind skipped bytes"),
    "nrrd bzip2": ("a.nrrd", nrrd(encoding="bzip2"), "expected raw, gzip or ascii"),
    "nrrd type": ("a.nrrd", nrrd(type="block"), "type 'block'"),
    "nrrd endian": ("a.nrrd", nrrd(endian="middle"), "endian 'middle'; expected little or big"),
    "nrrd inches": ("a.nrrd", nrrd(space_units='"inch" "inch" "inch"'), "lengths in inch"),
    "nrrd axes": ("a.nrrd", nrrd(**DIRECTIONS), "expected three that are finite, not zero"),
    "nrrd words": ("a.nrrd", nrrd(b"1 2 many", encoding="ascii"), "cannot be decoded"),
    "nrrd few": ("a.nrrd", nrrd(b"1 2 3", encoding="ascii"), "3 numbers; expected the header's 60"),
    "nrrd halves": ("a.nrrd", nrrd(b"1.5 " * 60, encoding="ascii"), "numbers that are no int16"),
    "nrrd field": ("a.nrrd", b"NRRD0004\nkind int\n\n", "expected 'field: value'"),
    "nrrd lacks": ("a.nrrd", b"NRRD0004\ntype: int\n\n", "no 'dimension' in its header"),
    "mha text": ("a.mha", b"not a volume\n" * 99, "no MetaImage file"),
    "mha detached": ("a.mha", mha(ElementDataFile="secret.raw"), "names another file"),
    "mha list": ("a.mha", mha(ElementDataFile="LIST"), "names another file for the voxels"),
    "mha truncated": ("a.mha", mha(RAW[:9]), "9 bytes of voxels instead of 120"),
    "mha 10^12": ("a.mha", mha(DimSize="10000 10000 10000"), "at most 1,073,741,824 bytes"),
    "mha ranks": ("a.mha", mha(NDims=99), "expected NDims, 99"),
    "mha channels": ("a.mha", mha(ElementNumberOfChannels=3), "Channels = 3; expected 1"),
    "mha type": ("a.mha", mha(ElementType="MET_SHORT_ARRAY"), "expected one of MET_CHAR"),
    "mha spacing": ("a.mha", mha(ElementSpacing="1 1"), "expected 3 finite numbers"),
    "mha matrix": (
        "a.mha",
        mha(ElementSpacing="1 1 1", TransformMatrix="1 0 0 0 nan 0 0 0 1"),
        "expected 9 finite numbers",
    ),
    "mha zlib": ("a.mha", mha(b"no stream" * 20, CompressedData=True), "cannot be decoded"),
    "mha lacks": ("a.mha", b"ElementDataFile = LOCAL\n", "no 'NDims' in its header"),
}


@pytest.mark.parametrize(("file", "content", "says"), BAD.values(), ids=BAD)
def test_a_bad_volume_is_one_line_that_names_it(tmp_path, file, content, says):
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError, match=says) as raised:
        read_image(tmp_path / file)
    assert str(raised.value).startswith(f"{file}: ")
    assert "\n" not in str(raised.value)
    assert str(tmp_path) not in str(raised.value)


def test_a_flipped_bit_is_told_by_the_checksum_even_behind_the_last_voxel(tmp_path):
    noise = np.random.default_rng(0).integers(0, 9, size=(64, 64, 64)).astype(np.uint8)
    content = bytearray(gz(nib.Nifti1Image(noise, np.eye(4)).to_bytes()))
    (tmp_path / "a.nii.gz").write_bytes(content)
    assert read_image(tmp_path / "a.nii.gz").shape == noise.shape
    content[-6] ^= 1
    (tmp_path / "a.nii.gz").write_bytes(content)
    with pytest.raises(InputError, match=r"^a\.nii\.gz: cannot be decoded \(CRC check failed"):
        read_image(tmp_path / "a.nii.gz")


BOMBS = {
    "nifti extension": (
        "a.nii.gz",
        gz(NIFTI[:348] + b"\1\0\0\0" + np.array([2**31 - 16, 6], "<i4").tobytes()) + bomb(),
    ),
    "nifti offset": ("a.nii.gz", gz(nifti(vox_offset=2.0**30)[:352]) + bomb()),
    "nrrd": ("a.nrrd", nrrd(bomb(), encoding="gzip")),
    "mha": ("a.mha", mha(bomb(), CompressedData=True)),
    "10^12": ("a.nii.gz", gz(nifti(dim=[3, 10**4, 10**4, 10**4, 1, 1, 1, 1]))),
}


@pytest.mark.parametrize(("file", "content"), BOMBS.values(), ids=BOMBS)
def test_what_a_file_claims_is_neither_reserved_nor_decompressed(tmp_path, file, content):
    (tmp_path / file).write_bytes(content)
    tracemalloc.start()
    try:
        outcome(tmp_path / file)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MORE / 8


@pytest.mark.parametrize(("datatype", "each"), [(2, "1 byte"), (4, "2 bytes"), (64, "8 bytes")])
def test_a_bomb_is_told_by_the_size_of_its_own_voxels(tmp_path, datatype, each):
    claimed = [3, 4000, 4000, 4000, 1, 1, 1, 1]
    (tmp_path / "a.nii").write_bytes(nifti(dim=claimed, datatype=datatype))
    with pytest.raises(InputError, match=f"4000x4000x4000 voxels of {each}; expected at most"):
        read_image(tmp_path / "a.nii")


def test_the_limit_is_on_what_is_decoded(tmp_path, monkeypatch):
    (tmp_path / "a.nii").write_bytes(nifti())
    monkeypatch.setattr(guard, "MAX_VOLUME_BYTES", len(RAW))
    assert read_image(tmp_path / "a.nii").pixels.nbytes == len(RAW)
    (tmp_path / "a.nii").write_bytes(nifti(scl_slope=2.0, scl_inter=0.0))  # becomes float64
    with pytest.raises(InputError, match="4x3x5 voxels of 8 bytes; expected at most 120 bytes"):
        read_image(tmp_path / "a.nii")


WHOLE = {
    "a.nii": NIFTI,
    "a.nii.gz": gz(NIFTI),
    "a.nrrd": nrrd(gz(RAW), encoding="gzip", space="LPS", space_directions="(1,0,0)(0,1,0)(0,0,1)"),
    "b.nrrd": nrrd(b"7 " * 60, encoding="ascii", spacings="1 1 1"),
    "a.mha": mha(ElementSpacing="1 1 1", TransformMatrix="1 0 0 0 1 0 0 0 1", Offset="0 0 9"),
    "b.mha": mha(zlib.compress(RAW), CompressedData=True, BinaryData=True),
}


@settings(
    max_examples=150, deadline=5000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
@pytest.mark.parametrize("file", WHOLE)
def test_damaged_bytes_end_in_an_image_or_an_input_error(tmp_path, file, data):
    content = bytearray(WHOLE[file])
    places = st.integers(0, len(content) - 1)
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=4)):
        content[place] = byte
    cut = data.draw(st.one_of(st.none(), places))
    (tmp_path / file).write_bytes(bytes(content[:cut]))
    assert "\n" not in outcome(tmp_path / file)
