"""Broken, hostile and foreign DICOM files end in one line, which holds no identity."""

import struct
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    MPEG4HP41,
    JPEG2000Lossless,
    JPEGLosslessSV1,
)

from ksfeat.errors import InputError, KsfeatError
from ksfeat.io.dicom import read, read_delineation, read_series
from ksfeat.io.dicom.codestream import frame_size
from ksfeat.io.dicom.header import open_dicom, reading
from ksfeat.io.dicom.pseudonyms import identities_of

IDENTITIES = ("DOE", "JANE", "MRN-4711", "19500102", "ACC-0815")
STORED = np.random.default_rng(0).integers(0, 4096, size=(64, 48), dtype=np.uint16)


def identities(path, name):
    with reading(name):
        return list(identities_of(open_dicom(path, name)))


JPEG_2000_HEADER = b"\xff\x4f\xff\x51\x00\x29\x00\x00" + struct.pack(
    ">8IH", 60_000, 50_000, 0, 0, 60_000, 50_000, 0, 0, 1
)


def refusal(path, name="a.dcm"):
    with pytest.raises(InputError) as caught:
        read(path, name)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert "\n" not in message
    assert not any(word in message for word in IDENTITIES)
    return message


@pytest.mark.parametrize(
    ("modality", "says"),
    [
        ("SEG", "a segmentation (SEG), not an image; give it as the mask of its series"),
        ("RTSTRUCT", "contours (RTSTRUCT), not an image; give it as the mask of its series, with"),
        ("SR", "a structured report (SR), not an image; give the images that it reports on"),
        ("RTDOSE", "a radiation dose (RTDOSE), not an image"),
        ("PR", "a presentation state (PR), not an image"),
    ],
)
def test_what_is_no_image_is_named_with_its_use(save, make_slice, modality, says):
    assert says in refusal(save(make_slice(STORED), Modality=modality))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"PixelData": None}, "DICOM without pixels, or cut before them; expected an image"),
        ({"Rows": 0}, "48x0 pixels of 1 samples; expected at least one pixel"),
        ({"SamplesPerPixel": 4}, "48x64 pixels of 4 samples"),
        ({"Rows": 65535, "Columns": 65535}, "65535x65535 pixels, 1 samples, 1 frames; expected"),
        ({"NumberOfFrames": 90_000}, "48x64 pixels, 1 samples, 90000 frames; expected at most"),
        ({"Columns": 49}, "cannot be decoded (ValueError); the file is truncated or damaged"),
        ({"BitsAllocated": 7}, "cannot be decoded"),
        ({"RescaleSlope": "0"}, "rescale slope 0, intercept -1024; expected finite numbers"),
        ({"RescaleSlope": "1e400"}, "rescale slope inf"),
        ({"RescaleSlope": "1e300"}, "NaN or infinite pixels"),
        ({"PixelSpacing": ["0", "1"]}, "spacing_mm"),
        ({"NumberOfFrames": 2, "Rows": 32}, "2 frames without positions in the patient (a clip"),
    ],
    ids=str,
)
def test_a_header_that_makes_no_sense_is_refused(save, make_slice, changes, says):
    assert says in refusal(save(make_slice(STORED), **changes))


def test_a_size_beyond_measure_is_refused_before_anything_is_decoded(save, make_slice, monkeypatch):
    path = save(make_slice(STORED), Rows=65535, Columns=65535)
    monkeypatch.setattr("ksfeat.io.dicom.instance.decode_frames", None)
    assert "expected at most 64,000,000 values" in refusal(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "an empty file (0 bytes); expected DICOM; export it again"),
        (b"not DICOM\n" * 90, "not DICOM, whatever its name says; expected a DICOM file"),
        (b"<html>404</html>", "not DICOM, whatever its name says"),
        (b"\0" * 4000, "not DICOM, whatever its name says"),
        (b"\0" * 128 + b"DICM", "DICOM without pixels, or cut before them"),
    ],
)
def test_what_is_no_dicom_is_refused(tmp_path, content, says):
    (tmp_path / "a.dcm").write_bytes(content)
    assert says in refusal(tmp_path / "a.dcm")


def test_a_frame_larger_than_its_header_says_is_not_decoded(save, make_slice):
    dataset = make_slice(STORED, syntax=JPEG2000Lossless)
    dataset.PixelData = encapsulate([JPEG_2000_HEADER + bytes(200)])
    says = "a compressed frame of 60000x50000x1 in a file that says 48x64x1; it is damaged"
    assert says in refusal(save(dataset))


def test_compressed_garbage_is_refused(save, make_slice):
    dataset = make_slice(STORED, syntax=JPEG2000Lossless)
    dataset.PixelData = encapsulate([bytes(range(256)) * 4])
    assert "cannot be decoded" in refusal(save(dataset))


@pytest.mark.parametrize(
    ("syntax", "says", "mend"),
    [
        (
            JPEGLosslessSV1,
            "pixels stored as JPEG Lossless, Non-Hierarchical, First-Order Pred",
            "install python-gdcm, or transcode it first, such as with dcmdjpeg (DCMTK) or",
        ),
        (
            MPEG4HP41,
            "pixels stored as MPEG-4 AVC/H.264 High Profile / Level 4.1",
            "it is a video: export the frame that you mean as an image",
        ),
    ],
)
def test_pixels_that_nothing_here_decodes_are_refused(save, make_slice, syntax, says, mend):
    dataset = make_slice(STORED, syntax=syntax)
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    message = refusal(save(dataset))
    assert says in message
    assert f"which no decoder here reads; {mend}" in message


def test_a_jpeg_of_12_bits_is_not_called_damaged():
    """pydicom calls its decoder available and then says that it reads 8 bits only."""
    path = Path(pydicom.data.get_testdata_file("JPEG-lossy.dcm", download=False))
    says = "stored as JPEG Extended (Process 2 and 4), which no decoder here reads; transcode it"
    assert says in refusal(path)


def test_a_transfer_syntax_that_nobody_knows_is_refused(save, make_slice):
    path = save(make_slice(STORED))
    known, unknown = b"1.2.840.10008.1.2.1\0", b"1.2.999.10008.1.2.1\0"
    path.write_bytes(path.read_bytes().replace(known, unknown))
    says = "pixels stored in an unknown way, which no decoder here reads; export it uncompressed"
    assert says in refusal(path)


@pytest.mark.parametrize(
    ("stream", "size"),
    [
        (JPEG_2000_HEADER, (50_000, 60_000, 1)),
        (b"a box first" + JPEG_2000_HEADER, (50_000, 60_000, 1)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc0\x00\x11\x08\x01\x00\x02\x00\x03", (256, 512, 3)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9", None),
        (b"\xff\xd8nothing of the kind", None),
        (b"RLE or anything else", None),
    ],
)
def test_a_frame_says_its_own_size(stream, size):
    assert frame_size(stream) == size


def planted(make_slice):
    """A slice whose every readable element holds an identity, and a private one too."""
    dataset = make_slice(STORED)
    dataset.StudyDescription = dataset.SeriesDescription = "DOE^JANE MRN-4711"
    dataset.add_new(0x00110010, "LO", "DOE^JANE")
    item = Dataset()
    item.PatientName = "DOE^JANE"
    dataset.ReferencedPatientPhotoSequence = Sequence([item])
    return dataset


@pytest.mark.parametrize("keyword", ["RescaleSlope", "KVP", "NumberOfFrames"])
def test_an_identity_where_a_number_belongs_is_not_repeated(
    save, make_slice, tmp_path, keyword, capfd, caplog
):
    dataset = planted(make_slice)
    if keyword == "NumberOfFrames":
        dataset.NumberOfFrames = 1
    whole = save(dataset).read_bytes()
    tag = dataset[keyword].tag
    place = whole.index(struct.pack("<HH", tag.group, tag.element)) + 8
    length = struct.unpack_from("<H", whole, place - 2)[0]
    path = tmp_path / "DOE^JANE.dcm"
    path.write_bytes(whole[:place] + b"DOE^JANE"[:length].ljust(length) + whole[place + length :])
    message = refusal(path)
    assert "cannot be decoded" in message or "frames" in message
    said = "".join([*capfd.readouterr(), caplog.text])
    assert not any(word in said for word in IDENTITIES)


@pytest.mark.parametrize("keyword", ["Modality", "RescaleType"])
def test_an_identity_where_a_code_belongs_is_not_repeated(save, make_slice, keyword):
    dataset = make_slice(STORED)
    setattr(dataset, keyword, "DOE JANE")
    image = read(save(dataset), "a")
    assert image.unit == "grey"
    assert not any(word in str(vars(image)) for word in IDENTITIES)
    assert "without pixels" in refusal(save(dataset, PixelData=None))


def test_an_identity_for_a_transfer_syntax_is_not_repeated(save, make_slice):
    path = save(make_slice(STORED))
    known, name = b"1.2.840.10008.1.2.1\0", b"1.2.840.DOE^JANE\0\0\0\0"
    path.write_bytes(path.read_bytes().replace(known, name))
    refusal(path)


def mutants(whole, count):
    """Yield damaged copies: cut, bytes flipped, zeroed or doubled, seeded."""
    rng = np.random.default_rng(0)
    for number in range(count):
        content = bytearray(whole)
        # Half of the damage is done in the header, where it is felt.
        reach = len(content) if number % 2 else 1500
        place, length = int(rng.integers(0, reach)), int(rng.integers(1, 9))
        kind = number % 4
        if kind == 0:
            del content[place:]
        elif kind == 1:
            content[place : place + length] = rng.bytes(length)
        elif kind == 2:
            content[place : place + length] = b"\xff" * length
        else:
            content[place:place] = content[place : place + 40]
        yield bytes(content)


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "JPEG 2000"])
def test_damaged_files_end_in_an_image_or_one_line(
    save, make_slice, tmp_path, compressed, capfd, caplog
):
    dataset = planted(make_slice)
    if compressed:
        pytest.importorskip("openjpeg")
        dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    whole = save(dataset, "good.dcm").read_bytes()
    path, refusals = tmp_path / "JANE.dcm", []
    for content in mutants(whole, 400):
        path.write_bytes(content)
        for use in (read, identities):
            try:
                use(path, "a")
            except KsfeatError as error:
                refusals.append(str(error))
    assert len(refusals) > 50
    assert all(message.startswith("a: ") for message in refusals)
    said = "".join([*refusals, *capfd.readouterr(), caplog.text])
    assert not any(word in said for word in IDENTITIES)


def test_a_file_in_a_folder_is_told_by_its_number_and_not_by_its_name(save_series, body):
    folder = save_series(body, folder="DOE^JANE/MRN-4711")
    (folder / "003 DOE JANE.dcm").write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"^dicom_1, file 4 of 6 by name: not DICOM, whatever"):
        read_series(folder, "dicom_1")
    with pytest.raises(InputError, match=r"^folder, file 4 of 6 by name: not DICOM, whatever"):
        read_series(folder)


def test_a_delineation_that_is_broken_is_refused(tmp_path, save, make_slice):
    image = read(save(make_slice(STORED)), "a")
    (tmp_path / "m.dcm").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"^mask of a: not DICOM"):
        read_delineation(tmp_path / "m.dcm", image, "mask of a")
    assert read_delineation(save(make_slice(STORED)), image, "mask of a") is None
