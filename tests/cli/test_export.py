"""`ksfeat export`: what is written lies on its image, whatever format it came from or goes to."""

import json
import re
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
from PIL import Image
from planted import leaks, leaks_in, patient_folder, write_slice
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from ksfeat.io import read_image
from ksfeat.io.dicom import read_series
from ksfeat.io.write import write_mask

SHAPE = (4, 32, 32)  # slices, rows, columns, as ksfeat has them: upright
SPACING = np.diag([-0.8, -0.8, 3.0, 1.0])  # NIfTI's axes that run to left and posterior


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path, monkeypatch) -> None:
    """Commands run in an empty folder, with a key of pseudonyms."""
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "a key for tests")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def region() -> np.ndarray:
    """Two boxes, labelled 1 and 2, that no flip or turn leaves where they are; most in slice 2."""
    found = np.zeros(SHAPE, dtype=np.uint8)
    found[1, 5:9, 3:6] = 1
    found[2, 5:12, 3:20] = 1
    found[3, 20:22, 24:30] = 2
    return found


@pytest.fixture
def volume(region) -> Path:
    """ct.nii.gz and its mask labels.nii.gz."""
    values = np.random.default_rng(0).integers(-200, 900, SHAPE, dtype=np.int16)
    for name, array in (("ct", values), ("labels", region)):
        nibabel.save(nibabel.Nifti1Image(array.T, SPACING), f"{name}.nii.gz")
    return Path("ct.nii.gz")


@pytest.fixture
def series() -> Path:
    """A folder of 4 CT slices of one patient, named for her."""
    folder = patient_folder(Path("data"), 1)
    for number in range(SHAPE[0]):
        write_slice(folder / f"IM{number}.dcm", 1, number, 1100)
    return folder


def write_mask_of(series: Path, region: np.ndarray) -> None:
    """Write a region as drawn.nrrd, where the series lies."""
    write_mask(region > 0, "drawn.nrrd", read_series(series))


def contours_on(series: Path) -> Path:
    """Write an RTSTRUCT file with a square round pixels 6 to 11 of rows 4 to 9 of slice 2."""
    scan = pydicom.dcmread(next(series.iterdir()))
    corners = [(5.5, 3.5), (11.5, 3.5), (11.5, 9.5), (5.5, 9.5)]
    contour, drawn, roi = Dataset(), Dataset(), Dataset()
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(corners)
    contour.ContourData = [value for x, y in corners for value in (x, y, 6.0)]
    drawn.ReferencedROINumber, drawn.ContourSequence = 1, [contour]
    roi.ROINumber, roi.ROIName = 1, "stone"
    roi.ReferencedFrameOfReferenceUID = scan.FrameOfReferenceUID
    structures = Dataset()
    structures.file_meta = FileMetaDataset()
    structures.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    structures.SOPClassUID = structures.file_meta.MediaStorageSOPClassUID = RTStructureSetStorage
    uid = generate_uid(entropy_srcs=["structures"])
    structures.SOPInstanceUID = structures.file_meta.MediaStorageSOPInstanceUID = uid
    structures.Modality = "RTSTRUCT"
    structures.StructureSetROISequence, structures.ROIContourSequence = [roi], [drawn]
    structures.save_as("contours.dcm", enforce_file_format=True)
    return Path("contours.dcm")


@pytest.fixture
def export(ksfeat_command):
    """Run a command that must succeed, and return what it says as JSON."""

    def run(*arguments: object):
        answer = ksfeat_command("export", *arguments, "--json")
        assert answer.code == 0, answer
        return json.loads(answer.out)

    return run


@pytest.mark.parametrize("ending", ["nii", "nii.gz", "nrrd"])
def test_one_label_of_a_mask_comes_back_on_the_grid_of_its_image(export, volume, region, ending):
    out = Path(f"out.{ending}")
    said = export(volume, "--mask", "labels.nii.gz", "--mask-label", 2, "--out", out)
    assert said["what"] == "mask"
    assert said["region_pixels"] == (region == 2).sum()
    found = read_image(out)
    np.testing.assert_array_equal(found.pixels, region == 2)
    assert found.spacing_mm == read_image(volume).spacing_mm
    np.testing.assert_allclose(found.origin_mm, read_image(volume).origin_mm)


def test_a_png_of_a_volume_is_the_slice_with_most_of_the_region(export, volume, region):
    said = export(volume, "--mask", "labels.nii.gz", "--out", "m.png")
    assert (said["axis"], said["slice"]) == ("axial", 2)
    np.testing.assert_array_equal(np.asarray(Image.open("m.png")), 255 * (region[2] == 1))
    said = export(volume, "--mask", "labels.nii.gz", "--out", "m.png", "--slice", 3)
    np.testing.assert_array_equal(np.asarray(Image.open("m.png")), 255 * (region[3] == 2))
    said = export(volume, "--mask", "labels.nii.gz", "--out", "m.png", "--axis", "coronal")
    assert said["slice"] == int((region > 0).sum(axis=(0, 2)).argmax())
    expected = region[::-1, said["slice"]] > 0  # the head is on top
    np.testing.assert_array_equal(np.asarray(Image.open("m.png")), 255 * expected)


def test_a_segmentation_is_written_and_read_back_on_its_series(export, series, region):
    write_mask_of(series, region)
    export(series, "--mask", "drawn.nrrd", "--out", "seg.dcm")
    written = pydicom.dcmread("seg.dcm")
    assert written.Modality == "SEG"
    assert (
        written.ReferencedSeriesSequence[0].SeriesInstanceUID
        == pydicom.dcmread(next(series.iterdir())).SeriesInstanceUID
    )
    said = export(series, "--mask", "seg.dcm", "--out", "again.nrrd")
    assert said["region_pixels"] == (region > 0).sum()
    np.testing.assert_array_equal(read_image("again.nrrd").pixels, region > 0)
    np.testing.assert_allclose(read_image("again.nrrd").origin_mm, read_series(series).origin_mm)


def test_contours_become_a_mask_on_every_grid(export, series):
    contours = contours_on(series)
    export(series, "--mask", contours, "--out", "m.nii.gz")
    found = read_image("m.nii.gz").pixels
    expected = np.zeros(SHAPE)
    expected[2, 4:10, 6:12] = 1
    np.testing.assert_array_equal(found, expected)
    said = export(series, "--mask", contours, "--mask-label", 1, "--out", "m.png", "--overlay")
    assert (said["slice"], said["alt"]) == (2, "The region of 36 pixels is outlined.")


def test_an_overlay_shows_the_outline(export, volume, ksfeat_command):
    plain = ("--overlay", "--unit", "HU", "--slice", 2, "--out")
    assert export(volume, *plain, "plain.png")["alt"] == "Nothing is marked."
    said = export(volume, "--mask", "labels.nii.gz", *plain, "marked.png")
    assert said["what"] == "overlay"
    assert said["alt"] == "The region of 119 pixels is outlined."
    orange = [
        (np.abs(np.asarray(Image.open(name))[..., :3] - [0xE6, 0x9F, 0]).max(axis=-1) < 5).any()
        for name in ("plain.png", "marked.png")
    ]
    assert orange == [False, True]
    told = ksfeat_command("export", volume, "--mask", "labels.nii.gz", *plain, "marked.png")
    assert told.out.startswith("overlay (axial slice 2) in marked.png\nThe region of 119 pixels")


def test_without_a_mask_the_image_itself_is_written(export, series):
    said = export(series, "--out", "ct.nii.gz")
    assert said["what"] == "image"
    found, scan = read_image("ct.nii.gz", unit="HU"), read_series(series)
    np.testing.assert_array_equal(found.pixels, scan.pixels)
    np.testing.assert_allclose(found.direction, scan.direction)


@pytest.mark.parametrize(
    ("option", "low", "high"), [((), -160, 240), (("--window", "stone"), 0, 1600)]
)
def test_a_picture_of_ct_is_windowed(export, series, option, low, high):
    export(series, "--slice", 1, "--out", "ct.png", *option)
    found = np.asarray(Image.open("ct.png"))
    hounsfield = read_series(series).pixels[1].astype(float)
    expected = np.clip((hounsfield - low) / (high - low), 0, 1) * 255
    assert found.dtype == np.uint8
    np.testing.assert_allclose(found, expected, atol=0.51)
    assert {found.min(), found.max()} == {0, round(expected.max())}


def test_a_window_is_of_ct_and_of_a_picture(ksfeat_command, volume):
    for arguments, says in (
        (("--out", "o.png", "--slice", 1), "found unit 'grey'; read DICOM, or pass --unit HU"),
        (("--out", "o.nrrd"), "window 'bone': only a picture of the image itself has one"),
        (("--out", "o.png", "--mask", "labels.nii.gz"), "leave --window out"),
        (("--out", "o.png", "--overlay", "--slice", 1), "leave --window out"),
    ):
        answer = ksfeat_command("export", volume, "--window", "bone", *arguments)
        assert answer.code == 2
        assert says in answer.err
    assert not Path("o.png").exists()


def test_nothing_that_is_said_or_written_names_the_patient(ksfeat_command, series, tmp_path):
    """But a DICOM segmentation, which is of the patient's study, as the standard has it."""
    write_mask_of(series, np.ones(SHAPE, dtype=np.uint8))
    outside = tmp_path.parent / f"{tmp_path.name}-data"
    Path("data").rename(outside)
    scan = patient_folder(outside, 1)
    for arguments in (
        (scan, "--mask", "drawn.nrrd", "--overlay", "--out", "o.png"),
        (scan, "--mask", "drawn.nrrd", "--out", "m.nii.gz"),
        (scan, "--out", "ct.nrrd"),
        (next(scan.iterdir()), "--out", "slice.nii"),
        (scan, "--out", "refused.png"),
        (scan, "--mask", "o.png", "--out", "refused.nrrd"),
    ):
        answer = ksfeat_command("export", *arguments)
        assert answer.code == (2 if "refused" in arguments[-1] else 0), answer
        assert leaks(f"{answer.out}\n{answer.err}".encode()) == []
    assert leaks_in(tmp_path) == {}


REFUSED = [
    (("--out", "o.jpg"), r"o\.jpg: cannot be written; expected a name that ends in"),
    (("--out", "gone/o.png"), "there is no folder gone; make it first"),
    (("--out", "o.nrrd", "--overlay"), "an overlay is a picture; expected a name that ends in"),
    (("--out", "o.png"), "a volume, and a PNG holds one slice; say which: --slice INDEX"),
    (("--out", "o.png", "--slice", 9), "no axial slice 9; it has 4"),
    (("--out", "o.dcm"), "a DICOM segmentation of no region; give --mask FILE, too"),
    (("--out", "o.dcm", "--mask", "labels.nii.gz"), "no DICOM series"),
    (("--out", "o.dcm", "--mask", "labels.nii.gz", "--slice", 1), "leave --slice 1 out"),
    (("--out", "o.png", "--mask-label", 1), "mask label 1 without a mask; give --mask FILE, too"),
    (("--out", "o.png", "--mask", "no.png"), r"mask of ct\.nii\.gz: no such file"),
    (("--out", "o.png", "--mask", "labels.nii.gz", "--mask-label", 7), "no pixel of value 7"),
    (("--out", "./ct.nii.gz"), "it would take the place of what is read"),
    (("--out", "labels.nii.gz", "--mask", "labels.nii.gz"), "it would take the place of what"),
    (("--out", "link.nii.gz", "--mask", "labels.nii.gz"), "it would take the place of what"),
]


@pytest.mark.parametrize(("options", "says"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(
    ksfeat_command, volume, options, says
):
    Path("link.nii.gz").symlink_to("labels.nii.gz")
    before = {file.name: file.read_bytes() for file in Path().iterdir()}
    answer = ksfeat_command("export", volume, *options)
    assert answer.code == 2
    assert answer.out == ""
    assert len(answer.err.splitlines()) == 1
    assert re.search(says, answer.err), answer.err
    assert {file.name: file.read_bytes() for file in Path().iterdir()} == before


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("{series}/IM2.dcm", "it would take the place of what is read"),
        ("{series}/new.dcm", "new.dcm: lies in the folder that is read; choose a place outside"),
        ("{series}/sub/new.dcm", "lies in the folder that is read"),
        ("link/new.dcm", "lies in the folder that is read"),
        ("elsewhere.dcm", "it would take the place of what is read"),
    ],
)
def test_nothing_is_written_among_the_slices_of_a_series(ksfeat_command, series, region, out, says):
    write_mask_of(series, region)
    (series / "sub").mkdir()
    Path("link").symlink_to(series)
    Path("elsewhere.dcm").write_bytes((series / "IM3.dcm").read_bytes())
    (series / "IM3.dcm").unlink()
    (series / "IM3.dcm").symlink_to(Path("elsewhere.dcm").absolute())
    before = {file: file.read_bytes() for file in series.rglob("*") if file.is_file()}
    place = out.format(series=series)
    answer = ksfeat_command("export", series, "--mask", "drawn.nrrd", "--out", place)
    assert answer.code == 2
    assert says in answer.err
    assert len(answer.err.splitlines()) == 1
    assert {file: file.read_bytes() for file in series.rglob("*") if file.is_file()} == before


def test_a_mask_beside_the_image_is_written_only_where_it_is_named(export, volume, region):
    Path("labels.nii.gz").rename("ct_seg.nii.gz")
    assert export(volume, "--out", "again.nrrd")["what"] == "image"
    assert export(volume, "--mask", "ct_seg.nii.gz", "--out", "m.nrrd")["what"] == "mask"


def test_several_images_at_once_are_refused(ksfeat_command, volume):
    answer = ksfeat_command("export", Path(), "--out", "o.nrrd")
    assert answer.code == 2
    assert "2 images; expected one file, or the folder of one DICOM series" in answer.err
    assert "give one of the files, or the folder of one series" in answer.err


def test_a_photograph_has_one_slice(ksfeat_command):
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save("a.png")
    answer = ksfeat_command("export", "a.png", "--out", "o.png", "--slice", 0)
    assert answer.code == 2
    assert "a.png: one slice; leave --slice 0 out" in answer.err
