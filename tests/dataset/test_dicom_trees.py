"""Folders of DICOM files: what is an image, whose it is, and that nobody is named."""

import numpy as np
import pydicom
import pytest
from ct_slice import write
from PIL import Image

from ksfeat.dataset import list_images, load_dataset
from ksfeat.errors import InputError

pytestmark = pytest.mark.usefixtures("own_key")
NAMES = ("DOE^JANE", "Roe")


@pytest.fixture
def tree(tmp_path):
    """Two patients with stones and one without, with and without endings, in folders of names."""
    root = tmp_path / "data"
    for number in (1, 0, 2):
        write(root / "stone" / NAMES[1] / f"{9 - number}.dcm", "P-1", number)
        write(root / "stone" / "IMG" / f"I{number}", "P-2", number)
        write(root / "nostone" / "ct" / f"{number}.ima", "P-3", number)
    write(root / "stone" / NAMES[1] / "seg.dcm", "P-1", 5, "SEG")
    write(root / "stone" / "IMG" / "plan", "P-2", 6, "RTSTRUCT")
    return root


def test_class_folders_of_dicom_give_an_image_a_file_and_a_group_a_patient(tree):
    data = load_dataset(tree)
    assert data.class_counts() == {"nostone": 3, "stone": 6}
    assert str(data.grouping) == "patient or exam, by keyed hash"
    assert len(set(data.groups)) == 3
    by_group = {group: set() for group in data.groups}
    for source, group in zip(data.images, data.groups, strict=True):
        by_group[group].add(str(pydicom.dcmread(source.path).PatientID))
    assert sorted(map(sorted, by_group.values())) == [["P-1"], ["P-2"], ["P-3"]]
    image = data.images[0].read()
    assert (image.unit, image.shape) == ("HU", (6, 5))


def test_nothing_that_a_reader_sees_names_a_patient_or_a_folder(tree):
    data = load_dataset(tree)
    shown = " ".join([*data.keys, *data.groups.tolist(), repr(data), str(data.grouping)])
    assert all(key.startswith("dicom_") for key in data.keys)
    for secret in (*NAMES, "P-1", "P-2", "stone/", ".dcm"):
        assert secret not in shown
    assert len(set(data.keys)) == len(data)
    assert load_dataset(tree).keys == data.keys  # the same key, the same names


@pytest.mark.parametrize(
    ("volume", "axis", "count"), [("region", "axial", 3), ("slices", "coronal", 18)]
)
def test_a_series_is_one_volume_where_that_is_wanted(tree, volume, axis, count):
    data = load_dataset(tree, volume=volume, axis=axis)
    assert len(data) == count
    assert len(set(data.groups)) == 3
    image = data.images[0].read()
    assert image.shape == ((3, 6, 5) if volume == "region" else (3, 5))
    assert image.pixels.min() == 0  # by place: number 0 is the lowest
    assert data.keys[0].startswith("dicom_")


def test_images_that_are_listed_are_named_no_more_than_those_of_a_data_set(tree):
    """A picture beside slices lies in a folder that is named for a patient, too."""
    Image.fromarray(np.zeros((6, 5), dtype=np.uint8)).save(tree / "stone" / NAMES[1] / "roe.png")
    keys = [source.key for source in list_images(tree)]
    assert sorted(keys) == sorted(load_dataset(tree).keys)
    assert len(keys) == 10
    assert all(key.startswith(("dicom_", "image_")) for key in keys)
    # Another folder of the data: another path below it, another name.
    alone = list_images(tree / "stone" / NAMES[1] / "9.dcm")[0].key
    assert alone.startswith("dicom_")
    assert alone not in keys


def test_what_is_no_dicom_is_passed_over_and_told_without_its_name(tree):
    (tree / "stone" / "IMG" / "README").write_text("no DICOM")
    (tree / "stone" / "IMG" / "report.Roe").write_text("no DICOM")
    with pytest.warns(UserWarning, match="^place_.*: files that are not read were ignored") as told:
        assert len(load_dataset(tree)) == 9
    (warning,) = told
    assert str(warning.message).endswith("ignored: 2 of other types")


def test_a_series_folder_alone_is_a_data_set_without_labels(tree):
    data = load_dataset(tree / "nostone" / "ct")
    assert len(data) == 3
    assert data.labels is None
    assert load_dataset(tree / "nostone" / "ct", volume="region").images[0].read().volume


def test_frames_of_one_file_are_slices(tmp_path):
    write(tmp_path / "stone" / "multi.dcm", "P", frames=4)
    data = load_dataset(tmp_path)
    assert len(data) == 4
    assert all("[axial " in key for key in data.keys)
    assert len(set(data.groups)) == 1
    assert data.images[3].read().shape == (6, 5)


def test_a_damaged_file_is_told_when_it_is_read_and_its_group_is_its_own(tree):
    bad = tree / "stone" / "IMG" / "bad.dcm"
    bad.write_bytes(b"\0" * 128 + b"DICM" + b"broken")
    data = load_dataset(tree)
    (place,) = [row for row, source in enumerate(data.images) if source.path == bad]
    assert data.groups[place] == data.keys[place]
    with pytest.raises(InputError, match=rf"^{data.keys[place]}: ") as caught:
        data.images[place].read()
    assert "bad.dcm" not in str(caught.value)


def test_given_groups_of_dicom_are_hashed_as_well(tree):
    (tree / "m.csv").write_text("path,label,group\nstone/IMG/I0,s,Jane Doe\nnostone/ct/1.ima,n,R\n")
    data = load_dataset(tree / "m.csv")
    assert "Jane Doe" not in data.groups
    assert all(group.startswith("group_") for group in data.groups)
    assert str(data.grouping) == "column 'group'"


def test_a_group_file_names_the_files_as_they_are(tree, tmp_path):
    files = [p.relative_to(tree).as_posix() for p in tree.rglob("*") if p.is_file()]
    (tmp_path / "g.csv").write_text("path,group\n" + "".join(f"{name},g\n" for name in files))
    data = load_dataset(tree, groups=str(tmp_path / "g.csv"))
    assert len(set(data.groups)) == 1


def test_the_real_series_is_one_patient(real_data):
    data = load_dataset(real_data / "dicom" / "contrast_series")
    assert len(data) == 12
    assert len(set(data.groups)) == 1
    assert data.images[0].read().unit == "HU"


def test_files_named_by_their_uid_are_found(tree, tmp_path):
    """As archives name them: dots, and no ending that anybody knows."""
    root = tmp_path / "archive"
    files = sorted(path for path in tree.rglob("*") if path.is_file())
    for number, path in enumerate(files):
        target = root / path.relative_to(tree).parts[0] / f"CT.1.2.840.113619.2.{number}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert len(load_dataset(root)) == len(load_dataset(tree))
