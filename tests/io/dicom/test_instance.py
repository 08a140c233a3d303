"""One file: Hounsfield units only where the file says so, and every way of storing pixels."""

import io
import subprocess
import sys

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from ksfeat.io import read_image
from ksfeat.io.dicom import read, read_instance
from ksfeat.io.formats import format_of

STORED = np.array([[0, 24, 1024], [1124, 2024, 4095]], dtype=np.uint16)
HU = STORED.astype(int) - 1024
NOISE = np.random.default_rng(0).integers(0, 4096, size=(80, 64), dtype=np.uint16)
COLOURS = np.random.default_rng(1).integers(0, 256, size=(8, 6, 3), dtype=np.uint8)


def image_of(path):
    return read(path, "a.dcm")


def test_ct_is_hounsfield_units_with_millimetres_voltage_and_place(save, make_slice):
    image = image_of(save(make_slice(STORED)))
    assert (image.unit, image.modality, image.kvp, image.key) == ("HU", "CT", 120, "a.dcm")
    assert image.pixels.dtype == np.int16
    np.testing.assert_array_equal(image.pixels, HU)
    assert image.spacing_mm == (0.5, 0.75)  # between rows first (PS3.3 10.7.1.1)
    np.testing.assert_array_equal(image.origin_mm, [-10, -20, 30])
    np.testing.assert_array_equal(image.direction, [[0, 0, 1], [0, 1, 0], [1, 0, 0]])


def test_read_image_takes_dicom(save, make_slice):
    assert read_image(save(make_slice(STORED))).unit == "HU"


def test_overlays_in_unused_bits_are_no_pixels(save, make_slice):
    dataset = make_slice(STORED | np.uint16(0x8000))
    dataset.BitsStored, dataset.HighBit = 12, 11
    np.testing.assert_array_equal(image_of(save(dataset)).pixels, HU)


def test_spacing_at_the_detector_is_not_in_the_patient(save, make_slice):
    dataset = make_slice(STORED)
    dataset.ImagerPixelSpacing = [0.1, 0.1]
    assert image_of(save(dataset, PixelSpacing=None)).spacing_mm is None


def test_a_place_that_makes_no_sense_is_not_kept(save, make_slice):
    image = image_of(save(make_slice(STORED), ImageOrientationPatient=[1, 0, 0, 1, 0, 0]))
    assert image.origin_mm is None
    assert image.direction is None


def test_photographs_are_colours(save, make_slice):
    image = image_of(save(make_slice(COLOURS), Modality="XC"))
    assert (image.unit, image.modality) == ("rgb", "XC")
    np.testing.assert_array_equal(image.pixels, COLOURS)


def test_colours_of_equal_channels_are_grey_as_in_a_raster_file(save, make_slice):
    image = image_of(save(make_slice(COLOURS[..., :1].repeat(3, axis=-1)), Modality="XC"))
    assert image.unit == "grey"
    np.testing.assert_array_equal(image.pixels, COLOURS[..., 0])


def test_colours_of_16_bits_become_8(save, make_slice):
    image = image_of(save(make_slice(COLOURS.astype(np.uint16) * 257), Modality="XC"))
    np.testing.assert_array_equal(image.pixels, COLOURS)


def test_ybr_becomes_rgb(save, make_slice):
    # PS3.3 C.7.6.3.1.2: red (255, 0, 0) is Y 76, CB 85, CR 255; grey has CB and CR 128.
    ybr = np.array([[[76, 85, 255], [100, 128, 128]]], dtype=np.uint8)
    image = image_of(save(make_slice(ybr), PhotometricInterpretation="YBR_FULL", Modality="XC"))
    np.testing.assert_allclose(image.pixels, [[[255, 0, 0], [100, 100, 100]]], atol=1)


def test_a_palette_becomes_colours(save, make_slice):
    dataset = make_slice(np.array([[0, 1, 2]], dtype=np.uint8))
    dataset.PhotometricInterpretation, dataset.Modality = "PALETTE COLOR", "US"
    for number, colour in enumerate(("Red", "Green", "Blue")):
        entries = np.roll([0xFF00, 0x8000, 0x1000], number).astype("<u2")
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [3, 0, 16])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", entries.tobytes())
    image = image_of(save(dataset))
    np.testing.assert_array_equal(
        image.pixels, [[[0xFF, 0x10, 0x80], [0x80, 0xFF, 0x10], [0x10, 0x80, 0xFF]]]
    )


@pytest.mark.parametrize(
    ("syntax", "module"),
    [
        (RLELossless, "pydicom"),
        (JPEG2000Lossless, "openjpeg"),
        (JPEGLSLossless, "jpeg_ls"),
    ],
    ids=["RLE", "JPEG 2000", "JPEG-LS"],
)
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_lossless_compression_changes_nothing(save, make_slice, syntax, module, signed):
    pytest.importorskip(module)
    dataset = make_slice(NOISE.astype(np.int16) - 2048 if signed else NOISE)
    plain = image_of(save(dataset, "plain.dcm"))
    dataset.compress(syntax, generate_instance_uid=False)
    np.testing.assert_array_equal(image_of(save(dataset)).pixels, plain.pixels)


def test_jpeg_photographs_are_decoded_as_pillow_does(save, make_slice):
    ramp = np.linspace(0, 250, 16 * 16).reshape(16, 16)
    smooth = np.dstack([ramp, 250 - ramp, ramp.T]).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(smooth).save(buffer, "JPEG", quality=95)
    dataset = make_slice(smooth, syntax=JPEGBaseline8Bit)
    dataset.PhotometricInterpretation, dataset.Modality = "YBR_FULL_422", "ES"
    dataset.PixelData = encapsulate([buffer.getvalue()])
    expected = np.asarray(Image.open(buffer)).astype(int)
    assert np.abs(image_of(save(dataset)).pixels - expected).max() <= 3  # rounding of YBR


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_other_transfer_syntaxes(save, make_slice, syntax):
    np.testing.assert_array_equal(image_of(save(make_slice(STORED, syntax=syntax))).pixels, HU)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_a_file_without_meta_information_is_read(tmp_path, make_slice, syntax):
    dataset = make_slice(STORED, syntax=pydicom.uid.UID(syntax))
    implicit = dataset.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
    del dataset.file_meta
    path = tmp_path / "a.dcm"
    pydicom.dcmwrite(path, dataset, implicit_vr=implicit, little_endian=True)
    assert path.read_bytes()[128:132] != b"DICM"
    np.testing.assert_array_equal(image_of(path).pixels, HU)


def test_a_file_without_an_ending_is_told_by_its_first_bytes(save, make_slice):
    assert format_of(save(make_slice(STORED), "IM000001")).name == "DICOM"


def test_without_a_decoder_the_extra_is_named(save, make_slice):
    pytest.importorskip("jpeg_ls")
    dataset = make_slice(NOISE)
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    path = save(dataset)
    code = (
        "import sys, pathlib\n"
        "sys.modules.update(dict.fromkeys(('jpeg_ls', 'pylibjpeg', 'gdcm')))\n"
        "from ksfeat.errors import MissingExtraError\n"
        "from ksfeat.io.dicom import read\n"
        "try:\n    read(pathlib.Path(sys.argv[1]), 'a.dcm')\n"
        "except MissingExtraError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        "a.dcm: reading pixels stored as JPEG-LS Lossless Image Compression needs an optional "
        "part; install it with: pip install 'ksfeat[dicom]'\n"
    )


def test_real_slices_are_what_pydicom_says_by_hand(real_data, reread):
    paths = sorted((real_data / "dicom" / "contrast_series").iterdir())
    for path in paths:
        dataset = reread(path)
        by_hand = dataset.pixel_array * float(dataset.RescaleSlope) + float(
            dataset.RescaleIntercept
        )
        assert by_hand.min() < -1024  # there is padding to cut
        image = read_instance(path, path.name)
        np.testing.assert_array_equal(image.pixels, np.maximum(by_hand, -1024))
        assert image.spacing_mm == (0.796875, 0.796875)
    assert len(paths) == 12
