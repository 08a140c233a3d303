"""Stored values: Hounsfield units only where the file says so, padding, and what is inverted."""

import numpy as np
import pytest

from ksfeat.io.dicom import read

STORED = np.array([[0, 24, 1024], [1124, 2024, 4095]], dtype=np.uint16)
HU = STORED.astype(int) - 1024


def image_of(path):
    return read(path, "a.dcm")


@pytest.mark.parametrize(
    ("stored", "slope", "intercept"),
    [
        (STORED, "1", "-1024"),
        (STORED.astype(np.int16) - 1024, "1", "0"),
        (STORED, "2", "-1000"),
        (STORED, "0.25", "-1024"),
        (STORED * np.uint16(16), "1", "-1024"),  # up to 64496 HU: more than 16 bits hold
        (np.array([[-32768, 32767]], dtype=np.int16), "1", "-1024"),
        (np.array([[-32768, 32767]], dtype=np.int16), "-1", "0"),
        (STORED, "1", "-40000"),
    ],
)
def test_values_are_slope_times_stored_plus_intercept_from_1024_down_cut(
    save, make_slice, stored, slope, intercept
):
    path = save(make_slice(stored), RescaleSlope=slope, RescaleIntercept=intercept)
    expected = np.maximum(stored.astype(float) * float(slope) + float(intercept), -1024)
    np.testing.assert_array_equal(image_of(path).pixels, expected)


@pytest.mark.parametrize(
    ("padding", "limit", "expected"),
    [
        (None, None, [[-976, 24, 976, 1000]]),
        (2000, None, [[-976, 24, -1024, 1000]]),
        (2000, 2024, [[-976, 24, -1024, -1024]]),
        (2024, 2000, [[-976, 24, -1024, -1024]]),
    ],
)
def test_padding_is_air(save, make_slice, padding, limit, expected):
    dataset = make_slice(np.array([[48, 1048, 2000, 2024]], dtype=np.uint16))
    if padding is not None:
        dataset.PixelPaddingValue = padding
    if limit is not None:
        dataset.PixelPaddingRangeLimit = limit
    np.testing.assert_array_equal(image_of(save(dataset)).pixels, expected)


@pytest.mark.parametrize(("limit", "other"), [(None, -1020), (20, -1024)])
def test_a_range_of_padding_counts_whole_where_the_slope_is_negative(
    save, make_slice, limit, other
):
    """Its lower end is then the highest in HU: -980, above air, and the other one at -1040."""
    dataset = make_slice(np.array([[-10, 10, 20, -1000]], dtype=np.int16))
    dataset.RescaleSlope, dataset.RescaleIntercept = "-2", "-1000"
    dataset.PixelPaddingValue = -10
    found = image_of(save(dataset, **({} if limit is None else {"PixelPaddingRangeLimit": limit})))
    np.testing.assert_array_equal(found.pixels, [[-1024, other, -1024, 1000]])


def test_padding_of_signed_pixels_may_be_written_unsigned(save, make_slice):
    dataset = make_slice(np.array([[-2000, 5, 100]], dtype=np.int16))
    dataset.RescaleIntercept = "1500"
    dataset.add_new("PixelPaddingValue", "US", 65536 - 2000)
    np.testing.assert_array_equal(image_of(save(dataset)).pixels, [[-1024, 1505, 1600]])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [[40, 30, 0, 50, 31]]),
        ({"PixelPaddingValue": 0}, [[40, 30, 30, 50, 31]]),
        ({"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 31}, [[40, 40, 40, 50, 40]]),
        ({"PixelPaddingValue": 0, "PixelPaddingRangeLimit": 60}, [[40, 30, 0, 50, 31]]),
        ({"PixelPaddingValue": 0, "RescaleSlope": "2"}, [[80, 60, 60, 100, 62]]),
        ({"PixelPaddingValue": 0, "RescaleSlope": "-2"}, [[-80, -60, -100, -100, -62]]),
    ],
    ids=str,
)
def test_padding_beside_grey_is_its_darkest_pixel(save, make_slice, changes, expected):
    """Unless all of the image is padding: then there is no other pixel."""
    dataset = make_slice(np.array([[40, 30, 0, 50, 31]], dtype=np.uint16))
    dataset.Modality, dataset.RescaleIntercept = "MR", "0"
    np.testing.assert_array_equal(image_of(save(dataset, **changes)).pixels, expected)


def test_padding_of_inverted_pixels_is_their_darkest_too(save, make_slice):
    dataset = make_slice(np.array([[10, 200, 255]], dtype=np.uint8))
    dataset.PhotometricInterpretation, dataset.Modality = "MONOCHROME1", "DX"
    dataset.PixelPaddingValue = 255
    image = image_of(save(dataset, RescaleSlope=None, RescaleIntercept=None))
    np.testing.assert_array_equal(image.pixels, [[245, 55, 55]])


@pytest.mark.parametrize(
    "change",
    [
        {"Modality": "MR"},
        {"Modality": "OT"},
        {"RescaleSlope": None, "RescaleIntercept": None},
        {"RescaleType": "Z_EFF"},
        {"RescaleType": "HU_MOD"},
        {"RescaleType": "10^-2 MGML"},
        {"RescaleType": "US"},
        {"RescaleType": "US", "ImageType": ["DERIVED", "SECONDARY", "AXIAL"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL", "EFF_ATOMIC_NUM"]},
        {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "ELECTRON_DENSITY"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL", "MAT_SPECIFIC"], "RescaleType": "HU"},
        {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "MAT_MODIFIED"], "RescaleType": "HU"},
        {"ImageType": ["DERIVED", "SECONDARY", "RHO_Z"]},
        {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", "IODINE"]},
        {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", "DE_IODINE_MAP"]},
        {"ImageType": ["DERIVED", "SECONDARY", "Z_EFF"], "RescaleType": "HU"},
        {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", "EFF Z"]},
        {"ImageType": ["DERIVED", "SECONDARY", "AXIAL", "ELECTRON DENSITY"]},
    ],
    ids=str,
)
def test_what_does_not_say_hounsfield_units_is_grey(save, make_slice, change):
    assert image_of(save(make_slice(STORED), RescaleType="HU")).unit == "HU"
    assert image_of(save(make_slice(STORED), **change)).unit == "grey"


@pytest.mark.parametrize(
    "change",
    [
        {"RescaleType": ""},
        {"RescaleType": "hu"},
        {"RescaleType": "US", "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]},
        {"ImageType": ["DERIVED", "SECONDARY", "AXIAL"]},
        {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "VMI"], "RescaleType": "HU"},
        {"ImageType": ["DERIVED", "PRIMARY", "AXIAL", "MAT_REMOVED"], "RescaleType": "HU"},
    ],
    ids=str,
)
def test_hounsfield_units_stay_them_under_any_name(save, make_slice, change):
    """VMI is virtual mono-energetic, MAT_REMOVED virtual non-contrast (PS3.3 C.8.2.1.1.1)."""
    image = image_of(save(make_slice(STORED), **change))
    assert (image.unit, image.kvp) == ("HU", 120)


@pytest.mark.parametrize("kind", ["EFF_ATOMIC_NUM", "MAT_SPECIFIC"])
def test_a_map_has_no_tube_voltage_to_be_paired_by(save, make_slice, kind):
    image = image_of(save(make_slice(STORED), ImageType=["DERIVED", "PRIMARY", "AXIAL", kind]))
    assert image.kvp is None


def test_hounsfield_units_do_not_depend_on_how_they_are_shown(save, make_slice):
    image = image_of(save(make_slice(STORED), PhotometricInterpretation="MONOCHROME1"))
    assert image.unit == "HU"
    np.testing.assert_array_equal(image.pixels, HU)


def test_rescaled_grey_keeps_its_low_values(save, make_slice):
    image = image_of(save(make_slice(STORED), Modality="PT", RescaleIntercept="-9000"))
    np.testing.assert_array_equal(image.pixels, STORED.astype(int) - 9000)


@pytest.mark.parametrize(
    ("stored", "bits", "expected"),
    [
        (np.array([[0, 1, 4095]], dtype=np.uint16), 12, [[4095, 4094, 0]]),
        (np.array([[0, 1, 255]], dtype=np.uint8), 8, [[255, 254, 0]]),
        (np.array([[-32768, 0, 32767]], dtype=np.int16), 16, [[32767, -1, -32768]]),
    ],
)
def test_monochrome1_is_inverted(save, make_slice, stored, bits, expected):
    dataset = make_slice(stored)
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.PhotometricInterpretation, dataset.Modality = "MONOCHROME1", "DX"
    image = image_of(save(dataset, RescaleSlope=None, RescaleIntercept=None))
    np.testing.assert_array_equal(image.pixels, expected)
    assert image.pixels.dtype == stored.dtype


@pytest.mark.parametrize("kvp", ["", "0", "-5"])
def test_a_voltage_that_is_none_is_not_kept(save, make_slice, kvp):
    assert image_of(save(make_slice(STORED), KVP=kvp)).kvp is None
