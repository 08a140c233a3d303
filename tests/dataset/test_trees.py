"""A tree whose folders are splits of class folders, as Kaggle's data sets come."""

import pytest

from ksfeat.dataset import load_dataset
from ksfeat.errors import InputError


def test_splits_of_class_folders_keep_both(tmp_path, save):
    names = ("TEST/stone/a.png", "Train/nostone/x/b.png", "Train/stone/c.png", "val/nostone/d.png")
    for value, name in enumerate(names):
        save(tmp_path / name, value)
    (tmp_path / "readme.txt").write_text("about")
    data = load_dataset(tmp_path)
    assert data.keys == list(names)
    assert data.labels.tolist() == ["stone", "nostone", "stone", "nostone"]
    assert data.splits.tolist() == ["test", "train", "train", "valid"]
    assert len(data.part("train")) == 3


def test_a_class_beside_splits_makes_all_of_them_classes(tmp_path, save):
    for name in ("train", "test", "stone"):
        save(tmp_path / name / "x" / "a.png", 0)
    data = load_dataset(tmp_path)
    assert data.classes == ["stone", "test", "train"]
    assert data.splits is None


def test_a_split_without_class_folders_is_named(tmp_path, save):
    save(tmp_path / "data" / "train" / "stone" / "a.png", 0)
    save(tmp_path / "data" / "test" / "a.png", 0)
    with pytest.raises(InputError, match=r"^data: holds test, train, .* test has no class folders"):
        load_dataset(tmp_path / "data")
