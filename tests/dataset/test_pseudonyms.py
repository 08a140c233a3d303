"""Pseudonyms for any data, and the map that says what they mean."""

import csv

import pytest
from ct_slice import write as write_slice

from ksfeat.dataset import load_dataset
from ksfeat.errors import InputError
from ksfeat.io.dicom.pseudonyms import pseudonym

pytestmark = pytest.mark.usefixtures("own_key")
TABLE = (
    "path,label,group,x0,y0,x1,y1\nstone/a.png,s,Jane,0,0,5,6\nstone/a.png,s,Jane,5,0,10,6\n"
    "nostone/c.png,n,Joe,,,,\n"
)


def test_images_and_groups_get_names_that_say_nothing(write):
    plain, data = load_dataset(write(TABLE)), load_dataset(write(TABLE), pseudonyms=True)
    assert all(key.startswith("image_") for key in data.keys)
    assert data.keys[0].endswith("[0,0,5,6]")
    assert data.keys[0].split("[")[0] == data.keys[1].split("[")[0] != data.keys[2]
    assert data.groups[0] == data.groups[1] != data.groups[2]
    assert not set(plain.groups) & set(data.groups)
    assert [source.path for source in data.images] == [source.path for source in plain.images]
    assert data.images[0].read().key == data.keys[0]


@pytest.mark.parametrize("beside", ["nothing", "dicom"])
@pytest.mark.parametrize("masks", [["roe_seg.nii"], ["roe.nii", "roe_seg.nii", "roe_mask.nii"]])
def test_an_error_about_masks_names_no_file(tmp_path, masks, beside):
    """Neither where pseudonyms were asked for, nor beside DICOM, where nobody needs to."""
    root = tmp_path / "data"
    (root / "roe").mkdir(parents=True)
    for name in masks:
        (root / "roe" / name).write_bytes(b"")
    if beside == "dicom":
        write_slice(root / "stone" / "1.dcm", "P")
    with pytest.raises(InputError, match=r"^image_[0-9a-f]{12}: ") as caught:
        load_dataset(root, pseudonyms=beside == "nothing")
    assert "roe" not in str(caught.value)


def test_an_error_about_labels_names_them_by_their_image(tmp_path, save):
    (tmp_path / "data.yaml").write_text("names: [stone]")
    save(tmp_path / "train" / "images" / "roe.png", 0)
    (tmp_path / "train" / "labels").mkdir()
    (tmp_path / "train" / "labels" / "roe.txt").write_text("7 0.5 0.5 0.1 0.1")
    hidden = pseudonym("image", "train/images/roe.png")
    with pytest.raises(InputError, match=rf"^labels of {hidden}: row 1: class 7; ") as caught:
        load_dataset(tmp_path, pseudonyms=True)
    assert "roe" not in str(caught.value)
    with pytest.raises(InputError, match=r"^train/labels/roe\.txt: row 1: class 7; "):
        load_dataset(tmp_path)


def test_another_key_gives_other_names(folder, monkeypatch):
    names = load_dataset(folder, pseudonyms=True).keys
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "another")
    assert not set(load_dataset(folder, pseudonyms=True).keys) & set(names)


def test_the_map_says_what_is_meant_to_its_owner_only(write, tmp_path):
    file = tmp_path / "map.csv"
    data = load_dataset(write(TABLE), pseudonym_map=file)
    assert all(key.startswith("image_") for key in data.keys)
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(encoding="utf-8") as stream:
        meaning = {hidden: (kind, original) for kind, original, hidden in csv.reader(stream)}
    assert meaning[data.keys[2]] == ("image", "nostone/c.png")
    assert meaning[data.groups[0]] == ("group", "Jane")
    assert len(meaning) == 4


def test_no_map_without_asking_and_none_to_the_network(write, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    path = write(TABLE)
    load_dataset(path, pseudonyms=True)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, path])
    with pytest.raises(InputError, match="a map of identities is written to this machine only"):
        load_dataset(path, pseudonym_map="memory://bucket/map.csv")
