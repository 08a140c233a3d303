"""A YOLO export, such as Roboflow's, to images with boxes, classes and splits."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.folder import find_images, subfolders
from ksfeat.dataset.identity import relative_name
from ksfeat.dataset.manifest import FloatBox
from ksfeat.dataset.reading import SPLITS, Reading, split_name
from ksfeat.dataset.source import DatasetSource
from ksfeat.errors import InputError

BACKGROUND = "background"  # the class of an image without a box
_DESCRIPTIONS = ("data.yaml", "data.yml")
_MOST_YAML_BYTES = 200_000  # a thousand classes take 30,000
_MOST_LABEL_BYTES = 500_000  # about 10,000 boxes
_MOST_CLASSES = 10_000
_SLACK = 0.01  # exporters round, and boxes at an edge end a little outside


def find_description(root: Path) -> Path | None:
    """Return the file that makes a folder a YOLO export, or None.

    Raises
    ------
    InputError
        If the folders are those of an export, but the file is missing.
    """
    for name in _DESCRIPTIONS:
        if (root / name).is_file():
            return root / name
    for images in _image_folders(root):
        if _labels_of(images).is_dir():
            raise InputError(
                f"{root.name}: {images.relative_to(root).as_posix()} and its labels look like a "
                "YOLO export, but there is no data.yaml; add it, with the names of the classes"
            )
    return None


def read_yolo(description: Path, reading: Reading) -> Dataset:
    """Return the images of a YOLO export, with their boxes.

    Images lie in SPLIT/images and labels in SPLIT/labels, or in images/SPLIT and labels/SPLIT. The
    paths in data.yaml are not followed: they mean the machine that wrote it, and may lead anywhere.
    An image's class is that of its boxes, "background" if it has none; where boxes of several
    classes meet in one image, the one with the most (then with the largest) wins, with a warning.
    Polygons become the boxes round them.

    Parameters
    ----------
    description : Path
        The data.yaml; of it, ``names`` and ``nc`` are read.
    reading : Reading
        How to read; without labels, boxes are kept and classes are not.

    Raises
    ------
    InputError
        If data.yaml or a label file is broken, or there are no images.
    """
    root = description.parent
    names = _class_names(description)
    sources: list[DatasetSource] = []
    labels: list[str] = []
    splits: list[str] = []
    mixed = 0
    for folder in _image_folders(root):
        for source in find_images(folder, root, reading):
            file = _label_file(source.path, folder)
            classes, boxes = _read_labels(file, _shown_label(file, source, root), len(names))
            sources.append(_boxed(source, boxes))
            labels.append(names[_main_class(classes, boxes)] if classes else BACKGROUND)
            splits.append(_split_of(folder))
            mixed += len(set(classes)) > 1
    if not sources:
        raise InputError(
            f"{root.name}: no images beside {description.name}; "
            "expected train/images and train/labels, and perhaps the same of valid and test"
        )
    if mixed and reading.labelled:
        warnings.warn(
            f"{root.name}: {mixed} images have boxes of several classes; each got the class with "
            "the most boxes; write a manifest to decide otherwise",
            stacklevel=2,
        )
    known = np.asarray(labels, dtype=str) if reading.labelled else None
    return Dataset(root, tuple(sources), known, splits=np.asarray(splits, dtype=str))


def _image_folders(root: Path) -> list[Path]:
    by_split = [folder / "images" for folder in subfolders(root) if folder.name.lower() in SPLITS]
    inside = root / "images"
    by_kind = subfolders(inside) if inside.is_dir() else []
    found = [*by_split, *(folder for folder in by_kind if folder.name.lower() in SPLITS)]
    return [folder for folder in found if folder.is_dir()]


def _split_of(images: Path) -> str:
    return split_name(images.parent.name if images.name == "images" else images.name)


def _labels_of(images: Path) -> Path:
    if images.name == "images":
        return images.parent / "labels"
    return images.parent.parent / "labels" / images.name


def _label_file(image: Path, images: Path) -> Path:
    return _labels_of(images) / image.relative_to(images).with_suffix(".txt").as_posix()


def _boxed(source: DatasetSource, boxes: list[FloatBox]) -> DatasetSource:
    return replace(source, boxes=tuple(boxes), fractions=True)


def _class_names(path: Path) -> list[str]:
    if path.stat().st_size > _MOST_YAML_BYTES:
        raise InputError(
            f"{path.name}: {path.stat().st_size:,} bytes; "
            f"expected the names of classes, at most {_MOST_YAML_BYTES:,}"
        )
    try:
        # The base loader builds text, lists and dicts only: less than safe_load, and the names
        # "no" and "1" stay what they are.
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path.name}: not YAML ({reason[:80]})") from error
    names = _listed(found.get("names") if isinstance(found, dict) else None)
    if not names or len(names) > _MOST_CLASSES or not all(isinstance(n, str) for n in names):
        raise InputError(
            f"{path.name}: no list of class names; expected a line such as 'names: [stone]'"
        )
    count = found.get("nc", str(len(names)))
    if count != str(len(names)):
        # Written out only if it is text: aliases can make a list of any size from a small file.
        told = repr(count[:20]) if isinstance(count, str) else f"a {type(count).__name__}"
        raise InputError(
            f"{path.name}: nc is {told} and names has {len(names)}; "
            "expected the number of names; correct one of them"
        )
    return [name.strip() for name in names]


def _listed(names: Any) -> list[Any]:
    """Return the names in the order of their numbers, from a list or from ``{0: stone, ...}``."""
    if isinstance(names, dict):
        numbers = [str(number) for number in range(len(names))]
        return [names[number] for number in numbers] if set(names) == set(numbers) else []
    return names if isinstance(names, list) else []


def _shown_label(file: Path, source: DatasetSource, root: Path) -> str:
    """Return what an error calls a label file: by its image where that has a keyed hash."""
    if source.key != relative_name(source.path, root):
        return f"labels of {source.key}"
    return relative_name(file, root)


def _read_labels(path: Path, name: str, n_classes: int) -> tuple[list[int], list[FloatBox]]:
    """Return classes and boxes (as fractions) of an image; none where it has no label file."""
    if not path.is_file():
        return [], []
    if path.stat().st_size > _MOST_LABEL_BYTES:
        raise InputError(f"{name}: too large for a label file; expected one line a box")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not text; expected a label file, one line a box") from error
    classes: list[int] = []
    boxes: list[FloatBox] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            code, box = _parsed(line.split(), f"{name}: row {number}", n_classes)
            classes.append(code)
            boxes.append(box)
    return classes, boxes


def _parsed(cells: list[str], where: str, n_classes: int) -> tuple[int, FloatBox]:
    try:
        code, values = float(cells[0]), np.array(cells[1:], dtype=float)
    except ValueError:
        code, values = -1.0, np.empty(0)
    is_box = len(values) == 4
    is_polygon = len(values) >= 6 and len(values) % 2 == 0
    if not (is_box or is_polygon) or not code.is_integer():
        raise InputError(
            f"{where}: {' '.join(cells)[:60]!r}; "
            "expected a class number and x, y, width, height, or the corners of a polygon"
        )
    if not 0 <= code < n_classes:
        raise InputError(f"{where}: class {code:g}; expected 0 to {n_classes - 1}, as in data.yaml")
    corners = _box_corners(values) if is_box else _polygon_corners(values)
    inside = np.clip(corners, 0, 1)
    if not np.abs(corners - inside).max() <= _SLACK or not (inside[2:] > inside[:2]).all():
        raise InputError(
            f"{where}: {' '.join(cells)[:60]!r}; "
            "expected fractions of the image's width and height, round an area that is not empty"
        )
    x0, y0, x1, y1 = inside.tolist()
    return int(code), (x0, y0, x1, y1)


def _box_corners(values: np.ndarray) -> np.ndarray:
    centre, size = values[:2], values[2:]
    return np.concatenate([centre - size / 2, centre + size / 2])


def _polygon_corners(values: np.ndarray) -> np.ndarray:
    points = values.reshape(-1, 2)
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def _main_class(classes: list[int], boxes: list[FloatBox]) -> int:
    counts = Counter(classes)
    largest = dict.fromkeys(counts, 0.0)
    for code, (x0, y0, x1, y1) in zip(classes, boxes, strict=True):
        largest[code] = max(largest[code], (x1 - x0) * (y1 - y0))
    return max(sorted(counts), key=lambda code: (counts[code], largest[code]))
