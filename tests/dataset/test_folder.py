"""A folder of class folders."""

import numpy as np
import pytest
from PIL import Image

from ksfeat.dataset import list_images, load_dataset
from ksfeat.errors import InputError


def test_class_folders_become_labels_in_a_fixed_order(folder):
    data = load_dataset(folder)
    assert data.keys == ["nostone/c.png", "nostone/d e.png", "stone/a.png", "stone/b.png"]
    assert data.labels.tolist() == ["nostone", "nostone", "stone", "stone"]
    assert data.classes == ["nostone", "stone"]
    assert data.groups is None
    assert str(data.grouping) == "no groups known"
    assert [int(source.read().pixels[0, 0]) for source in data.images] == [2, 3, 0, 1]


def test_images_in_folders_below_a_class_belong_to_it(folder):
    (folder / "stone" / "exam 1").mkdir()
    (folder / "stone" / "b.png").rename(folder / "stone" / "exam 1" / "größe_腎.png")
    data = load_dataset(folder)
    assert data.keys[2:] == ["stone/a.png", "stone/exam 1/größe_腎.png"]
    assert data.class_counts() == {"nostone": 2, "stone": 2}
    assert data.images[3].read().shape == (6, 10)


def test_what_systems_leave_behind_and_other_files_are_passed_over(folder):
    (folder / "README.txt").write_text("about")
    (folder / "stone" / "Thumbs.db").write_bytes(b"of Windows")
    (folder / "stone" / ".ipynb_checkpoints").mkdir()
    (folder / "stone" / ".ipynb_checkpoints" / "a.png").write_bytes(b"a copy")
    (folder / "stone" / "groups.csv").write_text("path,group\n")
    (folder / "stone" / "._a.png").write_bytes(b"resource fork")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x.png").write_bytes(b"")
    (folder / "stone" / "folder.png").mkdir()
    (folder / "stone" / "desktop.ini").write_text("of Windows")
    assert len(load_dataset(folder)) == 4


def test_an_image_is_read_when_it_is_used_and_not_before(folder):
    (folder / "stone" / "a.png").write_bytes(b"")
    data = load_dataset(folder)
    with pytest.raises(InputError, match=r"^stone/a\.png: an empty file \(0 bytes\)"):
        data.images[2].read()


def test_images_of_mixed_sizes_and_depths_are_one_data_set(folder):
    Image.fromarray(np.full((3, 5), 40_000, dtype=np.uint16)).save(folder / "stone" / "a.png")
    shapes = [source.read().shape for source in load_dataset(folder).images]
    assert shapes == [(6, 10), (6, 10), (3, 5), (6, 10)]


def test_without_labels_every_image_below_counts(folder):
    Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(folder / "top.png")
    data = load_dataset(folder, labelled=False)
    assert data.labels is None
    assert len(data) == 5
    assert [source.key for source in list_images(folder)] == data.keys


def test_one_file_stands_for_itself(folder):
    (source,) = list_images(folder / "stone" / "a.png")
    assert source.key == "a.png"


def empty(root):
    root.mkdir()


def images_without_class_folders(root):
    root.mkdir()
    Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(root / "a.png")


def class_folders_without_images(root):
    (root / "stone").mkdir(parents=True)
    (root / "stone" / "a.txt").write_text("no image")


def splits_instead_of_classes(root):
    for name in ("Train", "test"):
        (root / name / "stone").mkdir(parents=True)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (empty, r"^data: no images in class folders; expected data/CLASS/IMAGE with .*\.png"),
        (images_without_class_folders, r"^data: no images in class folders; expected data/CLASS"),
        (class_folders_without_images, r"^data: no images in class folders; expected data/CLASS"),
        (splits_instead_of_classes, r"^data: holds Train, test, which look like splits .* manife"),
        (lambda root: None, r"data: no such file or folder; check the path$"),
        (
            lambda root: root.write_text("x"),
            r"^data: neither a folder nor a manifest nor an image; expected",
        ),
    ],
)
def test_a_place_without_classes_is_named_with_what_was_expected(tmp_path, make, says):
    make(tmp_path / "data")
    with pytest.raises(InputError, match=says) as caught:
        load_dataset(tmp_path / "data")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (empty, r"^data: no images in this folder"),
        (lambda root: None, r"data: no such file or folder; check the path$"),
    ],
)
def test_nothing_to_list_is_an_error(tmp_path, make, says):
    make(tmp_path / "data")
    with pytest.raises(InputError, match=says):
        list_images(tmp_path / "data")


def test_covariates_of_a_folder_are_refused(folder):
    with pytest.raises(InputError, match="data: covariates need a manifest"):
        load_dataset(folder, covariates=["age"])
