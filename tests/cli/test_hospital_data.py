"""Images as hospitals have them, from files to predictions: DICOM, NIfTI, NRRD, exports."""

from pathlib import Path

import nibabel
import nrrd
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from ksfeat import load_dataset, load_model

QUICK = ("--jobs", "1", "--cv", "2")
FIRST = ("--features", "first_order")
pytestmark = pytest.mark.usefixtures("in_own_folder")


@pytest.fixture
def in_own_folder(tmp_path, monkeypatch) -> None:
    """Commands run in an empty folder, with a key of pseudonyms."""
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "a key for tests")
    monkeypatch.chdir(tmp_path)


def hounsfield(case: int, index: int, bright: int) -> np.ndarray:
    """A body of 40 HU in air, 32 x 32, with a spot: a stone, or nothing to speak of."""
    rows, columns = np.mgrid[:32, :32] - 15.5
    values = np.where(rows**2 + columns**2 < 196, 40.0, -1000.0)
    values[14:18, 11 + index : 15 + index] = bright
    return values + np.random.default_rng([case, index]).normal(0, 10, values.shape)


def write_slice(path: Path, case: int, number: int, bright: int) -> None:
    """Write a CT slice with intercept -1024, as scanners do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    uid = generate_uid(entropy_srcs=[str(case), str(number)])
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = uid
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=[str(case)])
    dataset.PatientID, dataset.Modality = f"P{case}", "CT"
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, 3 * number]
    dataset.PixelSpacing, dataset.SliceThickness = [0.8, 0.8], 3
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows = dataset.Columns = 32
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    stored = np.clip(hounsfield(case, number, bright) + 1024, 0, 4095)
    dataset.PixelData = stored.astype(np.uint16).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def bright_of(case: int) -> tuple[str, int]:
    return ("stone", 1100) if case % 2 else ("nostone", 60)


@pytest.fixture(scope="module")
def dicom_tree(tmp_path_factory) -> Path:
    """CLASS/PATIENT/SLICE: 8 patients, the first one in two folders, of 2 slices. Read only."""
    root = tmp_path_factory.mktemp("pacs") / "data"
    for case in range(8):
        name, bright = bright_of(case)
        for number in range(2):
            folder = root / name / (f"exam{number}" if case == 0 else f"case{case}")
            write_slice(folder / f"IM{number}", case, number, bright)
    return root


def volume_of(case: int) -> tuple[str, np.ndarray, np.ndarray]:
    """Class, voxels (x, y, z) and mask of one case; the mask holds 2 of 4 slices."""
    name, bright = bright_of(case)
    voxels = np.stack([hounsfield(case, index, bright) for index in range(4)], axis=-1)
    mask = np.zeros(voxels.shape, dtype=np.uint8)
    mask[6:26, 6:26, 1:3] = 1
    return name, voxels.astype(np.int16), mask


@pytest.fixture(scope="module")
def nifti_folder(tmp_path_factory) -> Path:
    """CLASS/CASE.nii.gz with CASE_seg.nii.gz beside it, 6 cases. Read only."""
    root = tmp_path_factory.mktemp("nifti") / "data"
    for case in range(6):
        name, voxels, mask = volume_of(case)
        (root / name).mkdir(parents=True, exist_ok=True)
        for ending, array in (("", voxels), ("_seg", mask)):
            image = nibabel.Nifti1Image(array, np.diag([0.8, 0.8, 3, 1]))
            nibabel.save(image, root / name / f"case{case}{ending}.nii.gz")
    return root


@pytest.fixture
def works(ksfeat_command):
    """Run a command that must succeed, and return what it says as JSON."""

    def run(*arguments: object):
        answer = ksfeat_command(*arguments, "--json")
        assert answer.code == 0, answer
        return answer.json()

    return run


def use(works, data: Path, *options: object, images: int) -> None:
    """Predict, explain and evaluate model.ksf on data; what they say fits together."""
    predicted = works("predict", "model.ksf", data, "--jobs", 1, *options)["predictions"]
    assert len({row["path"] for row in predicted}) == images
    explained = works("explain", "model.ksf", data, "--out", "why", "--jobs", 1, *options)
    assert explained["n_images"] == images
    assert explained["additivity_error"] < 1e-5  # XGBoost adds up in single precision
    scored = works("evaluate", "model.ksf", data, "--jobs", 1, *options)
    assert scored["seen_in_training"] == scored["n_images"] == images
    calls = pd.Series([row["class"] for row in predicted]).value_counts().sort_index()
    confusion = np.array(scored["confusion"]).sum(axis=0)
    assert dict(zip(scored["classes"], confusion.tolist(), strict=True)) == calls.to_dict()


def test_a_model_is_made_of_a_tree_of_dicom_files(works, dicom_tree):
    fitted = works("fit", dicom_tree, *QUICK)
    assert fitted["class_counts"] == {"nostone": 8, "stone": 8}
    assert fitted["cross_validation"]["split"]["n_groups"] == 8  # patients, not 9 folders
    assert "patient or exam, by keyed hash" in fitted["cross_validation"]["title"]
    columns = load_model("model.ksf").get_feature_names_out()
    assert any(name.startswith("hounsfield") for name in columns)  # the files say it is HU
    use(works, dicom_tree, images=16)


def test_a_window_is_kept_in_the_model(works, dicom_tree):
    works("fit", dicom_tree, "--window", "stone", "--out", "stone.ksf", *QUICK, *FIRST)
    works("extract", dicom_tree, "--window", "stone", "--out", "t.csv", "--jobs", 1, *FIRST)
    table = pd.read_csv("t.csv")
    assert table["first_order_minimum"].min() == 0  # stone: 0 to 1600 HU
    model, data = load_model("stone.ksf"), load_dataset(dicom_tree)
    np.testing.assert_array_equal(
        model.extractor_.transform(data.images), table.filter(like="first_order")
    )


def test_a_model_is_made_of_volumes_with_masks_beside_them(works, nifti_folder):
    hu = ("--unit", "HU")
    fitted = works("fit", nifti_folder, *hu, *QUICK)
    assert fitted["class_counts"] == {"nostone": 6, "stone": 6}  # slices with a mask
    assert fitted["cross_validation"]["split"]["n_groups"] == 6
    assert "the volume that each image is from" in fitted["cross_validation"]["title"]
    use(works, nifti_folder, *hu, images=12)
    works("extract", nifti_folder, *hu, "--out", "t.csv", "--jobs", 1)
    table = pd.read_csv("t.csv")
    assert any(name.startswith("hounsfield") for name in table)
    # Masked: body and stone without the air outside.
    assert table["first_order_minimum"].min() > -100


def test_without_a_word_on_the_unit_there_is_no_hounsfield(works, nifti_folder):
    found = works("extract", nifti_folder, "--out", "t.csv", "--jobs", 1)
    assert "hounsfield" in found["families_left_out"]
    assert not any(name.startswith("hounsfield") for name in pd.read_csv("t.csv"))


def test_whole_volumes_are_described_by_what_knows_volumes(works, nifti_folder):
    found = works("extract", nifti_folder, "--volume", "region", "--out", "t.csv", "--jobs", 1)
    assert {"glcm", "lbp", "shape"} <= set(found["families_left_out"])
    assert pd.read_csv("t.csv").columns.str.startswith("first_order").sum() == 18


def test_texture_of_whole_volumes_is_refused_in_one_line_without_an_aggregation(
    ksfeat_command, nifti_folder
):
    answer = ksfeat_command(
        "extract", nifti_folder, "--volume", "region", "--features", "glcm", "--out", "t.csv"
    )
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
    assert "is a volume, which needs an aggregation, such as '3d_mrg'" in answer.err


def test_a_model_is_made_of_what_slicer_writes(works, tmp_path):
    for case in range(4):
        name, voxels, mask = volume_of(case)
        (tmp_path / "data" / name).mkdir(parents=True, exist_ok=True)
        header = {"space": "left-posterior-superior", "space directions": np.diag([0.8, 0.8, 3])}
        for ending, array in (("", voxels), ("-label", mask)):
            file = tmp_path / "data" / name / f"Case{case}{ending}.nrrd"
            nrrd.write(str(file), array, {**header, "space origin": [0, 0, 0]})
    fitted = works("fit", tmp_path / "data", "--unit", "HU", *QUICK, *FIRST)
    assert fitted["class_counts"] == {"nostone": 4, "stone": 4}
    assert fitted["cross_validation"]["split"]["n_groups"] == 4
    use(works, tmp_path / "data", "--unit", "HU", images=8)


def test_a_yolo_export_is_fitted_and_its_own_test_split_scored(works, tmp_path):
    root = tmp_path / "export"
    for place, split in enumerate(["train"] * 8 + ["valid"] * 2 + ["test"] * 4):
        for kind in ("images", "labels"):
            (root / split / kind).mkdir(parents=True, exist_ok=True)
        pixels = np.clip(hounsfield(place, 0, 1100 if place % 2 else 60) / 5, 0, 255)
        Image.fromarray(pixels.astype(np.uint8)).save(root / split / "images" / f"{place}.png")
        line = "0 0.5 0.5 0.2 0.2\n" if place % 2 else ""
        (root / split / "labels" / f"{place}.txt").write_text(line)
    (root / "data.yaml").write_text("names: [stone]\nnc: 1\n")
    fitted = works("fit", root, "--groups", "none", *QUICK, *FIRST)
    assert fitted["class_counts"] == {"background": 5, "stone": 5}  # train and valid
    assert works("evaluate", "model.ksf", root, "--jobs", 1)["n_images"] == 4
    assert len(works("predict", "model.ksf", root, "--jobs", 1)["predictions"]) == 14


def test_a_batch_file_of_pyradiomics_is_described(works, nifti_folder, tmp_path):
    (tmp_path / "data").symlink_to(nifti_folder)
    rows = [
        f"P{case},data/{bright_of(case)[0]}/case{case}.nii.gz,"
        f"data/{bright_of(case)[0]}/case{case}_seg.nii.gz,1"
        for case in range(3)
    ]
    (tmp_path / "batch.csv").write_text("\n".join(["ID,Image,Mask,Label", *rows]) + "\n")
    assert works("extract", "batch.csv", "--out", "t.csv", *QUICK[:2], *FIRST)["n_images"] == 6
    table = pd.read_csv("t.csv")
    assert table["group"].tolist() == ["P0", "P0", "P1", "P1", "P2", "P2"]
    assert "label" not in table


def test_regions_of_one_volume_are_images_of_one_group(works, tmp_path):
    _, voxels, mask = volume_of(1)
    mask[16:] *= 2
    for name, array in (("ct", voxels), ("seg", mask)):
        nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / f"{name}.nii.gz")
    rows = "".join(f"ct.nii.gz,{side},seg.nii.gz,{side}\n" for side in (1, 2))
    (tmp_path / "m.csv").write_text("path,label,mask,mask_label\n" + rows)
    works("extract", "m.csv", "--out", "t.csv", *QUICK[:2], *FIRST)
    table = pd.read_csv("t.csv")
    assert table["path"].tolist() == [
        f"ct.nii.gz[label {side}][axial {index}]" for side in (1, 2) for index in (1, 2)
    ]
    assert table["group"].unique().tolist() == ["ct.nii.gz"]


def test_steps_of_preparation_are_kept_in_the_model_and_applied(works, dicom_tree):
    steps = ("--preprocess", "clahe,crop:body", "--augment", "2")
    fitted = works("fit", dicom_tree, *steps, "--model", "linear", *QUICK, *FIRST)
    assert fitted["n_images"] == 16
    model, data = load_model("model.ksf"), load_dataset(dicom_tree)
    predicted = works("predict", "model.ksf", dicom_tree, "--jobs", 1)["predictions"]
    margins = [row["margin"]["stone"] for row in predicted]
    np.testing.assert_allclose(margins, model.decision_function(data.images), rtol=1e-12)
    plain = load_model("model.ksf")
    plain.extractor_.set_params(preprocess=None)
    assert not np.allclose(margins, plain.decision_function(data.images))


def test_real_series_of_two_makers_are_described_in_hounsfield_units(works, real_data, tmp_path):
    for name, series in (("contrast", "contrast_series"), ("plain", "jpeg2000_series")):
        (tmp_path / "data" / name).mkdir(parents=True)
        for file in (real_data / "dicom" / series).iterdir():
            (tmp_path / "data" / name / file.name).symlink_to(file)
    # Absolute: workers that an earlier test has started keep the folder they were started in.
    data = tmp_path / "data"
    works("extract", data, "--out", "t.csv", "--jobs", 2, "--features", "density")
    table = pd.read_csv("t.csv")
    assert table["label"].value_counts().to_dict() == {"contrast": 12, "plain": 20}
    assert table["group"].nunique() == 2
    assert any(name.startswith("hounsfield") for name in table)


def test_each_kidney_of_a_real_volume_is_described_by_its_label(works, real_data, tmp_path):
    for name in ("kidneys_ct", "kidneys_seg"):
        (tmp_path / f"{name}.nii.gz").symlink_to(real_data / "dicom" / "volume" / f"{name}.nii.gz")
    (tmp_path / "m.csv").write_text(
        "path,label,mask,mask_label,unit\n"
        "kidneys_ct.nii.gz,right,kidneys_seg.nii.gz,2,HU\n"
        "kidneys_ct.nii.gz,left,kidneys_seg.nii.gz,3,HU\n"
    )
    works("extract", "m.csv", "--out", "t.csv", "--jobs", 1, *FIRST)
    mask = np.asarray(nibabel.load("kidneys_seg.nii.gz").dataobj)
    filled = {
        name: int((mask == value).any(axis=(0, 1)).sum())
        for name, value in (("right", 2), ("left", 3))
    }
    table = pd.read_csv("t.csv")
    assert table["label"].value_counts().to_dict() == filled
    assert len(set(table["group"])) == 1
