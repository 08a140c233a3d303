"""Files of many frames: an enhanced CT is the volume that its slices are."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import JPEG2000Lossless

from ksfeat.errors import InputError
from ksfeat.io import ImageSource, SlicePlace
from ksfeat.io.dicom import read, read_series


def item(**elements):
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


@pytest.fixture
def enhanced(make_slice, body):
    """An enhanced CT whose frames are shuffled and each rescaled in its own way."""
    order = [3, 0, 4, 2, 1]
    slopes = [1, 1, 2, 1, 1]
    stored = [(body[z] + 1024) // slope for z, slope in zip(order, slopes, strict=True)]
    dataset = make_slice(np.stack(stored).astype(np.uint16))
    for keyword in ("RescaleSlope", "RescaleIntercept", "ImagePositionPatient", "PixelSpacing"):
        delattr(dataset, keyword)
    del dataset.ImageOrientationPatient, dataset.KVP
    dataset.NumberOfFrames = 5
    dataset.SharedFunctionalGroupsSequence = Sequence(
        [
            item(
                PlaneOrientationSequence=Sequence(
                    [item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]
                ),
                PixelMeasuresSequence=Sequence([item(PixelSpacing=[0.5, 0.75], SliceThickness=9)]),
                CTXRayDetailsSequence=Sequence([item(KVP=100)]),
            )
        ]
    )
    dataset.PerFrameFunctionalGroupsSequence = Sequence(
        [
            item(
                PlanePositionSequence=Sequence([item(ImagePositionPatient=[-10, -20, 30 + 3 * z])]),
                PixelValueTransformationSequence=Sequence(
                    [item(RescaleSlope=slope, RescaleIntercept=-1024, RescaleType="HU")]
                ),
            )
            for z, slope in zip(order, slopes, strict=True)
        ]
    )
    return dataset


@pytest.fixture
def expected(body):
    volume = body.copy()
    volume[4] = (body[4] + 1024) // 2 * 2 - 1024
    return volume


@pytest.mark.parametrize("compressed", [False, True])
def test_frames_are_put_in_order_and_rescaled_each_for_itself(save, enhanced, expected, compressed):
    if compressed:
        pytest.importorskip("openjpeg")
        larger = np.pad(enhanced.pixel_array, ((0, 0), (0, 58), (0, 57)))
        enhanced.Rows, enhanced.Columns = larger.shape[1:]
        enhanced.PixelData = larger.tobytes()
        enhanced.compress(JPEG2000Lossless, generate_instance_uid=False)
    volume = read(save(enhanced), "a")
    assert (volume.volume, volume.unit, volume.kvp) == (True, "HU", 100)
    np.testing.assert_array_equal(volume.pixels[:, :6, :7], expected)
    assert volume.spacing_mm == (3, 0.5, 0.75)
    np.testing.assert_array_equal(volume.origin_mm, [-10, -20, 30])


def test_a_source_reads_one_slice_of_it(save, enhanced, expected):
    image = ImageSource(save(enhanced), "a", place=SlicePlace("axial", 1)).read()
    np.testing.assert_array_equal(image.pixels, expected[1])


def test_a_folder_with_one_file_of_many_frames_is_that_volume(save, enhanced, expected):
    volume = read_series(save(enhanced, "series/a.dcm").parent, "s")
    np.testing.assert_array_equal(volume.pixels, expected)


def test_one_frame_is_a_slice(save, enhanced, expected):
    enhanced.PixelData = enhanced.PixelData[: 6 * 7 * 2]
    enhanced.NumberOfFrames = 1
    image = read(save(enhanced), "a")
    assert not image.volume
    np.testing.assert_array_equal(image.pixels, expected[3])
    np.testing.assert_array_equal(image.origin_mm, [-10, -20, 39])


def test_frames_of_two_phases_are_refused(save, enhanced):
    groups = enhanced.PerFrameFunctionalGroupsSequence
    groups[0].PlanePositionSequence = groups[1].PlanePositionSequence
    with pytest.raises(InputError, match=r"^a: 2 or more slices at one position \(30 mm"):
        read(save(enhanced), "a")


def test_frames_of_two_units_are_refused(save, enhanced):
    groups = enhanced.PerFrameFunctionalGroupsSequence
    groups[2].PixelValueTransformationSequence[0].RescaleType = "Z_EFF"
    with pytest.raises(InputError, match=r"^a: 5 frames of unit HU and grey; expected one unit"):
        read(save(enhanced), "a")


@pytest.mark.parametrize(("kind", "unit"), [("MAT_SPECIFIC", "grey"), ("VMI", "HU")])
def test_a_frame_says_itself_whether_it_is_a_map(save, enhanced, kind, unit):
    enhanced.ImageType = ["DERIVED", "PRIMARY", "VOLUME", "MIXED"]
    frame_type = item(FrameType=["DERIVED", "PRIMARY", "VOLUME", kind])
    enhanced.SharedFunctionalGroupsSequence[0].CTImageFrameTypeSequence = Sequence([frame_type])
    volume = read(save(enhanced), "a")
    assert (volume.unit, volume.kvp) == (unit, 100 if unit == "HU" else None)


def test_a_clip_is_no_volume(save, enhanced):
    with pytest.raises(InputError, match=r"^a: 5 frames without positions in the patient \(a clip"):
        read(save(enhanced, PerFrameFunctionalGroupsSequence=None), "a")
