"""Ultrasound: millimetres from its regions, and nothing of what is burnt in around them."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, SecondaryCaptureImageStorage

from ksfeat.errors import InputError
from ksfeat.io import read_image
from ksfeat.io.dicom import read
from ksfeat.io.dicom.ultrasound import burnt_in_annotation

TISSUE = np.random.default_rng(0).integers(1, 200, size=(20, 30), dtype=np.uint8)


def region(box=(5, 10, 34, 29), unit=3, kind=1, delta=(0.025, 0.05)):
    dataset = Dataset()
    dataset.RegionSpatialFormat, dataset.RegionDataType, dataset.RegionFlags = kind, 1, 0
    dataset.RegionLocationMinX0, dataset.RegionLocationMinY0 = box[:2]
    dataset.RegionLocationMaxX1, dataset.RegionLocationMaxY1 = box[2:]
    dataset.PhysicalUnitsXDirection = dataset.PhysicalUnitsYDirection = unit
    dataset.PhysicalDeltaX, dataset.PhysicalDeltaY = delta
    return dataset


@pytest.fixture
def ultrasound(make_slice):
    """Tissue at x 5 to 34, y 10 to 29 of 40x40, and white text everywhere else."""

    def ultrasound(*regions, colour=False):
        pixels = np.full((40, 40), 255, dtype=np.uint8)
        pixels[10:30, 5:35] = TISSUE
        if colour:
            pixels = np.dstack([pixels] * 3)
            pixels[:10, :, 0] = 0  # a coloured logo
        dataset = make_slice(pixels)
        for keyword in ("KVP", "RescaleSlope", "RescaleIntercept", "PixelSpacing"):
            delattr(dataset, keyword)
        del dataset.ImagePositionPatient, dataset.ImageOrientationPatient
        dataset.Modality = "US"
        if regions:
            dataset.SequenceOfUltrasoundRegions = Sequence(regions)
        return dataset

    return ultrasound


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
def test_the_region_alone_is_left_in_millimetres(save, ultrasound, colour):
    image = read(save(ultrasound(region(), colour=colour)), "a")
    np.testing.assert_array_equal(image.pixels, TISSUE)  # 255 is nowhere
    assert (image.unit, image.modality) == ("grey", "US")
    assert image.spacing_mm == pytest.approx((0.5, 0.25))  # y first; 1 cm is 10 mm


def test_coloured_flow_stays_in_colour(save, ultrasound):
    dataset = ultrasound(region(), colour=True)
    pixels = dataset.pixel_array.copy()
    pixels[15, 15] = 200, 0, 0
    dataset.PixelData = pixels.tobytes()
    image = read(save(dataset), "a")
    assert (image.unit, image.shape) == ("rgb", (20, 30))
    assert image.spacing_mm == pytest.approx((0.5, 0.25))


def test_of_several_regions_the_largest_picture_is_taken(save, ultrasound):
    small = region((0, 0, 3, 3))
    image = read(save(ultrasound(CURVE, small, region())), "a")
    np.testing.assert_array_equal(image.pixels, TISSUE)


@pytest.mark.parametrize("changes", [{"unit": 0}, {"delta": (0.0, 0.05)}], ids=str)
def test_other_units_are_no_millimetres(save, ultrasound, changes):
    image = read(save(ultrasound(region(**changes))), "a")
    assert image.shape == TISSUE.shape
    assert image.spacing_mm is None


def test_without_a_region_nothing_is_cut(save, ultrasound):
    image = read(save(ultrasound()), "a")
    assert image.shape == (40, 40)
    assert image.spacing_mm is None


CURVE = region((0, 0, 39, 39), unit=4, kind=3)


@pytest.mark.parametrize(
    ("modality", "regions", "said", "expected"),
    [
        ("US", [], None, True),
        ("US", [], "", True),
        ("US", [CURVE], None, True),  # nothing to be cut to
        ("US", [], "YES", True),
        ("US", [], "NO", False),
        ("US", [region()], None, False),
        ("US", [region()], "YES", True),
        ("CT", [], None, False),
        ("CT", [], "NO", False),
        ("CT", [], "YES", True),
        ("XC", [], "YES ", True),
    ],
)
def test_burnt_in_text_is_known_before_pixels_are_read(
    ultrasound, modality, regions, said, expected
):
    header = ultrasound(*regions)
    header.Modality = modality
    if said is not None:
        header.BurnedInAnnotation = said
    del header.PixelData
    assert burnt_in_annotation(header) is expected


def test_a_region_beyond_the_edge_is_cut_at_it(save, ultrasound):
    assert read(save(ultrasound(region((5, 10, 60, 29)))), "a").shape == (20, 35)


def test_a_region_outside_of_the_image_is_refused(save, ultrasound):
    with pytest.raises(InputError, match=r"^a: an ultrasound region 50,10,61,30 outside of the im"):
        read(save(ultrasound(region((50, 10, 60, 29)))), "a")


CAPTURE = {"Modality": "OT", "SOPClassUID": SecondaryCaptureImageStorage}


@pytest.mark.parametrize("tags", [{"Modality": "US"}, CAPTURE], ids=str)
def test_an_image_that_is_read_alone_tells_of_text_in_it(save, make_slice, tags):
    """Unless a crop is given, which is taken to cut it off, or the file denies it."""
    path = save(make_slice(np.arange(64, dtype=np.uint8).reshape(8, 8)), **tags)
    with pytest.warns(UserWarning, match="^text, a name perhaps, may be burnt into") as told:
        read_image(path)
    assert len(told) == 1
    assert told[0].filename == __file__
    read_image(path, crop=(0, 0, 4, 4))  # warnings are errors here
    read_image(save(make_slice(np.zeros((8, 8), np.uint8)), BurnedInAnnotation="NO", **tags))


def test_a_screen_capture_may_hold_text_and_another_image_of_its_modality_not(make_slice):
    header = make_slice(np.zeros((8, 8), dtype=np.uint8))
    header.Modality = "OT"
    assert header.SOPClassUID == CTImageStorage
    assert not burnt_in_annotation(header)
    header.SOPClassUID = SecondaryCaptureImageStorage
    assert burnt_in_annotation(header)
    header.BurnedInAnnotation = "NO"
    assert not burnt_in_annotation(header)
