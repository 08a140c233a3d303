"""DICOM and NIfTI: valid for other readers, and the same pixels whoever reads them."""

import csv
from pathlib import Path

import numpy as np
import pydicom
import pytest

from ksfeat import load_dataset, read_image
from ksfeat.io.dicom import pair_energies, read_series
from ksfeat.phantom import Scan, make_phantom, phantom_slices
from ksfeat.phantom.scanner import window8

DUAL = Scan(size=64, beams=("80", "Sn140"))


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def series(tmp_path_factory) -> Path:
    """Folder of 2 patients of 3 slices in DICOM at two energies. Read only."""
    out = tmp_path_factory.mktemp("dicom") / "out"
    return make_phantom(out, patients=2, slices=3, scan=DUAL, format="dicom", window=(-160, 240))


@pytest.fixture(scope="module")
def volumes(tmp_path_factory) -> Path:
    """Folder of the same patients as NIfTI volumes. Read only."""
    pytest.importorskip("nibabel")
    out = tmp_path_factory.mktemp("nifti") / "out"
    return make_phantom(out, patients=2, slices=3, scan=DUAL, format="nifti")


def stone_row(folder: Path) -> dict[str, str]:
    return next(row for row in rows_of(folder) if row["label"] == "stone")


def test_a_dicom_file_says_what_it_is_and_that_it_is_simulated(series):
    row = stone_row(series)
    first = pydicom.dcmread(series / row["path"])
    assert first.SOPClassUID == pydicom.uid.CTImageStorage
    assert "simulated" in first.ImageComments
    assert first.PatientID == f"PHANTOM-0-{row['group'].removeprefix('patient_')}"
    assert (first.Modality, float(first.KVP), float(first.SliceThickness)) == ("CT", 80, 3)
    assert (float(first.WindowCenter), float(first.WindowWidth)) == (40, 400)
    # Type 1 attributes of the modules of CT Image Storage: present and filled.
    for keyword in ("ImageType", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        assert first[keyword].value
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        assert pydicom.uid.UID(first[keyword].value).is_valid


def test_each_energy_is_a_series_of_one_study(series):
    row = stone_row(series)
    low, high = (pydicom.dcmread(series / row[cell]) for cell in ("path", "second_path"))
    assert low.StudyInstanceUID == high.StudyInstanceUID
    assert low.FrameOfReferenceUID == high.FrameOfReferenceUID
    assert low.SeriesInstanceUID != high.SeriesInstanceUID
    assert low.SOPInstanceUID != high.SOPInstanceUID
    assert "tin filter" in high.SeriesDescription
    assert (row["kvp"], row["second_kvp"], row["beams"]) == ("80", "140", "80 Sn140")


def test_identifiers_of_slices_and_patients_differ(series):
    files = [pydicom.dcmread(path) for path in series.rglob("*.dcm")]
    assert len({file.SOPInstanceUID for file in files}) == len(files) == 12
    assert len({file.SeriesInstanceUID for file in files}) == 4
    assert len({file.StudyInstanceUID for file in files}) == 2


def test_our_reader_gives_the_volume_and_pairs_the_energies(series):
    row = stone_row(series)
    low, high = (read_series((series / row[cell]).parent) for cell in ("path", "second_path"))
    both = pair_energies(high, low)
    assert (both.kvp, both.unit, both.shape) == (80, "HU", (3, 64, 64))


def test_simpleitk_reads_the_same_pixels_in_the_same_place(series):
    sitk = pytest.importorskip("SimpleITK")
    folder = (series / stone_row(series)["path"]).parent
    ours = read_series(folder)
    theirs = sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder)))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(theirs), ours.pixels)
    np.testing.assert_allclose(theirs.GetSpacing()[::-1], ours.spacing_mm, rtol=1e-6)
    np.testing.assert_allclose(theirs.GetOrigin(), ours.origin_mm, atol=1e-4)


def test_the_tree_and_the_manifest_load_as_data(series, monkeypatch):
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "only a test")
    for place in (series / "images", series / "manifest.csv"):
        data = load_dataset(place)
        assert len(data) == 6
        assert len(set(data.groups)) == 2
        assert sorted(set(data.labels)) == ["nostone", "stone"]


def test_nifti_holds_the_same_volume_as_dicom(series, volumes):
    row = stone_row(volumes)
    volume = read_image(volumes / row["path"], unit="HU")
    slices = read_series((series / stone_row(series)["path"]).parent)
    np.testing.assert_array_equal(volume.pixels, slices.pixels)
    np.testing.assert_allclose(volume.spacing_mm, slices.spacing_mm, rtol=1e-5)
    np.testing.assert_allclose(volume.origin_mm, slices.origin_mm, atol=1e-3)
    mask = read_image(volumes / row["stone_mask"]).pixels > 0
    assert mask.any(axis=(1, 2)).all()  # every slice of a stone patient shows a stone
    assert row["unit"] == "HU"


def test_a_second_energy_is_another_image_of_the_same_place(volumes):
    row = stone_row(volumes)
    low, high = (read_image(volumes / row[cell]) for cell in ("path", "second_path"))
    assert low.shape == high.shape
    np.testing.assert_array_equal(low.origin_mm, high.origin_mm)
    mask = read_image(volumes / row["stone_mask"]).pixels > 0
    assert low.pixels[mask].mean() > high.pixels[mask].mean()  # calcium: denser at 80 kVp


def test_a_window_is_the_one_asked_for(tmp_path):
    import PIL.Image

    scan = Scan(size=64)
    folder = make_phantom(tmp_path / "p", patients=2, slices=1, scan=scan, window=(-160, 240))
    row = next(row for row in rows_of(folder) if row["label"] == "nostone")
    number = int(row["group"].removeprefix("patient_"))
    (image,) = phantom_slices(number, composition=None, slices=1, scan=scan)
    shown = np.asarray(PIL.Image.open(folder / row["path"]))
    np.testing.assert_array_equal(shown, window8(image.pixels, (-160, 240)))
