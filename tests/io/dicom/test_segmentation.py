"""DICOM SEG, written by highdicom: segments come to their place, whatever the order of frames."""

import numpy as np
import pydicom
import pytest

from ksfeat.errors import InputError
from ksfeat.io import ImageSource, SlicePlace
from ksfeat.io.dicom import read, read_delineation, read_series
from ksfeat.io.dicom.placement import Placement
from ksfeat.io.orientation import Grid

highdicom = pytest.importorskip("highdicom")
KIDNEY, STONE = 1, 2


@pytest.fixture
def labels(body):
    """Two segments in a volume (Z, Y, X); no voxel is symmetrical to another one."""
    marked = np.zeros(body.shape, dtype=np.uint8)
    marked[1:4, 1:5, 2:6] = KIDNEY
    marked[2, 2, 3:5] = marked[3, 2, 3] = STONE
    return marked


@pytest.fixture
def segment(reread, tmp_path):
    """Return a function that has highdicom write a segmentation of the files of a folder."""

    def segment(folder, stored, kind="BINARY", order=None, **changes):
        sources = [reread(path) for path in sorted(folder.iterdir())]
        for source in sources:
            source.PatientSex = "F"
        chosen = range(len(sources)) if order is None else order
        seg = highdicom.seg.Segmentation(
            source_images=[sources[n] for n in chosen],
            pixel_array=stored[list(chosen)],
            segmentation_type=kind,
            segment_descriptions=[
                highdicom.seg.SegmentDescription(
                    number,
                    name,
                    pydicom.sr.codedict.codes.SCT.Kidney,
                    pydicom.sr.codedict.codes.SCT.Kidney,
                    "MANUAL" if kind != "FRACTIONAL" else "SEMIAUTOMATIC",
                    None if kind != "FRACTIONAL" else ALGORITHM,
                )
                for number, name in ((KIDNEY, "kidney"), (STONE, "stone"))
            ],
            series_instance_uid="1.2.9",
            series_number=9,
            sop_instance_uid="1.2.9.1",
            instance_number=1,
            manufacturer="x",
            manufacturer_model_name="x",
            software_versions="1",
            device_serial_number="1",
            **changes,
        )
        path = tmp_path / "seg.dcm"
        seg.save_as(path)
        return path

    return segment


ALGORITHM = highdicom.AlgorithmIdentificationSequence(
    "test", pydicom.sr.codedict.codes.DCM.ArtificialIntelligence, "1"
)


def as_stored(labels, plane):
    """Return labels as the slices of `save_series` in that plane show them."""
    if plane == "axial":
        return labels
    if plane == "prone":
        return labels[:, ::-1, ::-1]
    return labels.transpose(1, 0, 2)[:, ::-1]  # coronal, head on top


@pytest.mark.parametrize("plane", ["axial", "prone", "coronal"])
@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_segments_lie_where_they_were_drawn(save_series, body, labels, segment, plane, kind):
    folder = save_series(body, plane)
    path = segment(folder, as_stored(labels, plane), kind)
    volume = read_series(folder, "s")
    for number in (KIDNEY, STONE):
        mask = read_delineation(path, volume, "m", number)
        np.testing.assert_array_equal(mask, labels == number)
    np.testing.assert_array_equal(read_delineation(path, volume, "m"), labels != 0)


def test_frames_come_in_any_order_and_empty_ones_not_at_all(save_series, body, labels, segment):
    folder = save_series(body)
    path = segment(folder, labels, order=[3, 1, 4, 0, 2], omit_empty_frames=True)
    mask = read_delineation(path, read_series(folder, "s"), "m", KIDNEY)
    np.testing.assert_array_equal(mask, labels == KIDNEY)


def test_fractions_count_from_one_half(save_series, body, labels, segment):
    folder = save_series(body)
    parts = np.stack([(labels == KIDNEY) * 0.5, (labels == STONE) * 0.49], axis=-1)
    path = segment(folder, parts.astype(np.float32), "FRACTIONAL")
    volume = read_series(folder, "s")
    np.testing.assert_array_equal(read_delineation(path, volume, "m", KIDNEY), labels == KIDNEY)
    with pytest.raises(InputError, match=r"^m: no pixel of segment 2 on this image; expected the"):
        read_delineation(path, volume, "m", STONE)


def test_a_source_takes_a_segment_as_its_mask(save_series, body, labels, segment):
    folder = save_series(body)
    path = segment(folder, labels)
    image = ImageSource(folder, "k", mask=path, mask_label=STONE).read()
    np.testing.assert_array_equal(image.mask, labels == STONE)
    place = SlicePlace("coronal", 2)
    image = ImageSource(folder, "k", mask=path, mask_label=STONE, place=place).read()
    np.testing.assert_array_equal(image.mask, labels[::-1, 2] == STONE)
    crop = (2, 1, 6, 5)
    one = ImageSource(folder / "003.dcm", "k", crop, mask=path, mask_label=STONE).read()
    np.testing.assert_array_equal(one.mask, labels[3, 1:5, 2:6] == STONE)


def test_a_single_slice_takes_its_own_frame(save_series, body, labels, segment):
    folder = save_series(body, "prone")
    path = segment(folder, as_stored(labels, "prone"))
    for place in (1, 2, 3):
        image = read(folder / f"{place:03d}.dcm", "a")  # as it was stored, not upright
        np.testing.assert_array_equal(
            read_delineation(path, image, "m", KIDNEY), labels[place, ::-1, ::-1] == KIDNEY
        )
    with pytest.raises(InputError, match=r"^m: no pixel of segments on this image"):
        read_delineation(path, read(folder / "000.dcm", "a"), "m")


def test_a_slice_looks_past_frames_beside_it_and_a_volume_must_hold_them():
    grid = Grid((1, 4, 4), np.eye(3), np.zeros(3))
    beside = Placement(grid, True, "m")
    assert [beside.slice_at(place, 0) for place in (-0.4, 0.1, 0.4, 1.0)] == [None, 0, None, None]
    with pytest.raises(InputError, match=r"^m: drawn between the slices of the image \(at 0\.40"):
        Placement(grid, False, "m").slice_at(0.4, 0)


def test_part_of_a_series_takes_its_part(save_series, body, labels, segment):
    folder = save_series(body)
    path = segment(folder, labels)
    for name in ("000", "001", "004"):
        (folder / f"{name}.dcm").unlink()
    mask = read_delineation(path, read_series(folder, "s"), "m", KIDNEY)
    np.testing.assert_array_equal(mask, labels[2:4] == KIDNEY)


@pytest.mark.parametrize(
    ("change", "label", "says"),
    [
        ({}, 3, "no segment 3; it holds 1, 2$"),
        ({"origin_mm": None}, 1, "drawn by position in the patient, which the image does not ha"),
        ({"frame_of_reference": "other"}, 1, "drawn in another frame of reference than the imag"),
        ({"spacing_mm": (3, 0.6, 0.75)}, 1, "drawn on another grid than the image's"),
        ({"origin_mm": (-10.4, -20, 30)}, 1, "drawn on another grid than the image's"),
        ({"origin_mm": (-10, -20, 31.5)}, 1, "drawn between the slices of the image"),
        ({"origin_mm": (-10, -20, 300)}, 1, "no pixel of segment 1 on this image"),
    ],
    ids=str,
)
def test_a_segmentation_of_something_else_is_refused(
    save_series, body, labels, segment, change, label, says
):
    folder = save_series(body)
    path = segment(folder, labels)
    image = read_series(folder, "s").with_(**change)
    with pytest.raises(InputError, match=f"^m: {says}"):
        read_delineation(path, image, "m", label)
