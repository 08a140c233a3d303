"""A folder of class folders to images, with splits where the folders above them are splits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.dicom import list_series
from ksfeat.dataset.identity import public_name, relative_name
from ksfeat.dataset.reading import SPLITS, Reading, split_name
from ksfeat.dataset.source import DatasetSource
from ksfeat.dataset.table import SUFFIXES as TABLES
from ksfeat.dataset.volumes import pair_masks
from ksfeat.errors import InputError
from ksfeat.io.formats import SUFFIXES, format_of

_LEFT_BEHIND = ("thumbs.db", "desktop.ini")


def read_class_folders(root: Path, reading: Reading) -> Dataset:
    """Return the images below each class folder, sorted by path.

    Where the folders are splits in any case (Train, valid, TEST...) and hold class folders in
    turn, each image keeps the name of its split.

    Raises
    ------
    InputError
        If there is no class folder with an image in it.
    """
    names = [folder.name for folder in subfolders(root)]
    if names and {name.lower() for name in names} <= set(SPLITS):
        return _read_splits(root, reading)
    sources, labels = _read_classes(root, root, reading)
    if not sources:
        raise InputError(
            f"{root.name}: no images in class folders; expected {root.name}/CLASS/IMAGE "
            f"with files ending in {', '.join(SUFFIXES)}"
        )
    return Dataset(root, tuple(sources), np.asarray(labels, dtype=str))


def find_images(folder: Path, root: Path, reading: Reading) -> list[DatasetSource]:
    """Return every image below `folder`, sorted, named relative to `root`.

    Files without an ending are looked into: DICOM files often have none. A DICOM series is one
    image a file, or one in all where a region or another axis is wanted. Masks beside volumes
    are theirs, see `pair_masks`. Other files are counted in ``reading.ignored``.
    """
    files, series = list_series(_images_below(folder, reading), by_file=reading.by_file)
    masks = pair_masks(files, root, hidden=reading.pseudonyms) | dict.fromkeys(series)
    return [
        DatasetSource(
            path,
            public_name(path, root, hidden=reading.pseudonyms),
            mask=masks[path],
            unit=reading.unit,
        )
        for path in sorted(masks)
    ]


def subfolders(root: Path) -> list[Path]:
    """Return the folders in a folder, sorted, without hidden ones."""
    return sorted(entry for entry in root.iterdir() if _visible(entry) and entry.is_dir())


def _read_splits(root: Path, reading: Reading) -> Dataset:
    sources: list[DatasetSource] = []
    labels: list[str] = []
    splits: list[str] = []
    for folder in subfolders(root):
        found, classes = _read_classes(folder, root, reading)
        if not found:
            names = ", ".join(entry.name for entry in subfolders(root))
            raise InputError(
                f"{root.name}: holds {names}, which look like splits and not like classes, and "
                f"{folder.name} has no class folders with images; give one of them, "
                "or write a manifest with the columns path, label and split"
            )
        sources += found
        labels += classes
        splits += [split_name(folder.name)] * len(found)
    return Dataset(root, tuple(sources), np.asarray(labels, str), splits=np.asarray(splits, str))


def _read_classes(
    folder: Path, root: Path, reading: Reading
) -> tuple[list[DatasetSource], list[str]]:
    sources: list[DatasetSource] = []
    labels: list[str] = []
    for entry in subfolders(folder):
        found = find_images(entry, root, reading)
        sources += found
        labels += [entry.name] * len(found)
    return sources, labels


def _images_below(folder: Path, reading: Reading) -> list[Path]:
    below = [path for path in sorted(folder.rglob("*")) if _all_visible(path, folder)]
    files = [path for path in below if path.is_file()]
    images = [path for path in files if format_of(path) is not None]
    ignored = (path.suffix.lower() for path in set(files).difference(images))
    # Tables are read: they are manifests, and lists of groups or boxes.
    reading.ignored.update(suffix for suffix in ignored if suffix not in TABLES)
    return images


def _all_visible(path: Path, folder: Path) -> bool:
    folders = relative_name(path, folder).split("/")[:-1]
    return _visible(path) and not any(name.startswith(".") for name in folders)


def _visible(path: Path) -> bool:
    """Tell whether a file is not one of those that systems leave behind (.DS_Store, ._x.png)."""
    return not path.name.startswith(".") and path.name.lower() not in _LEFT_BEHIND
