"""Data sets: folders, manifests, and what Roboflow, Kaggle and pyradiomics leave behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.cases.case import GREY, Case
from ksfeat.dataset import Dataset, load_dataset

_TABLE = "path,label,group\nstone/0.png,stone,p1\nnone/0.png,none,p2\n"
_CLASSES = ("stone", "none")


def _tree(folder: Path, *parts: str) -> None:
    """Write two images, all different, in each class folder below some parts."""
    for part in parts:
        for name in _CLASSES:
            home = folder / part / name
            home.mkdir(parents=True)
            for number in range(2):
                pixels = np.random.default_rng([number, len(str(home))]).integers(0, 256, (9, 9))
                Image.fromarray(pixels.astype(np.uint8)).save(home / f"{number}.png")


def _folders(*parts: str, **how: Any) -> Callable[[Path], Dataset]:
    def make(folder: Path) -> Dataset:
        _tree(folder, *parts)
        return load_dataset(folder, **how)

    return make


def _manifest(text: str, encoding: str = "utf-8", **how: Any) -> Callable[[Path], Dataset]:
    def make(folder: Path) -> Dataset:
        _tree(folder, ".")
        (folder / "set.csv").write_bytes(text.encode(encoding))
        return load_dataset(folder / "set.csv", **how)

    return make


def _parquet(folder: Path) -> Dataset:
    _tree(folder, ".")
    rows = {"path": ["stone/0.png", "none/0.png"], "label": list(_CLASSES), "group": ["a", "b"]}
    pd.DataFrame(rows).to_parquet(folder / "set.parquet")
    return load_dataset(folder / "set.parquet")


def _yolo(label: str) -> Callable[[Path], Dataset]:
    def make(folder: Path) -> Dataset:
        for split in ("train", "valid", "test"):
            for part in ("images", "labels"):
                (folder / split / part).mkdir(parents=True)
            Image.fromarray(GREY).save(folder / split / "images" / "a.jpg")
            (folder / split / "labels" / "a.txt").write_text(label)
        (folder / "data.yaml").write_text("train: ../train/images\nnc: 1\nnames: ['stone']\n")
        return load_dataset(folder)

    return make


def _pyradiomics(folder: Path) -> Dataset:
    for name in ("image", "mask"):
        voxels = np.zeros((9, 9, 4), dtype=np.int16)
        voxels[2:5, 2:5, 1:3] = 1
        nibabel.Nifti1Image(voxels, np.eye(4)).to_filename(folder / f"{name}.nii.gz")
    (folder / "batch.csv").write_text("Image,Mask\nimage.nii.gz,mask.nii.gz\n")
    return load_dataset(folder / "batch.csv", labelled=False)


def sets() -> Iterator[Case]:
    """Yield the cases of data sets."""
    kind = "Data sets"
    yield Case(kind, "class folders", _folders("."))
    yield Case(kind, "Train/Test of class folders (Kaggle)", _folders("Train", "Test"))
    yield Case(kind, "train/valid/test of class folders", _folders("train", "valid", "test"))
    yield Case(kind, "folder without images", _folders(), reads=False)
    yield Case(kind, "manifest, commas", _manifest(_TABLE))
    yield Case(kind, "manifest, semicolons", _manifest(_TABLE.replace(",", ";")))
    yield Case(kind, "manifest, tabs", _manifest(_TABLE.replace(",", "\t")))
    yield Case(kind, "manifest, byte order mark", _manifest(_TABLE, "utf-8-sig"))
    umlaut = _TABLE.replace("p1", "Müller")
    yield Case(kind, "manifest, cp1252", _manifest(umlaut, "cp1252"))
    yield Case(kind, "manifest, Parquet", _parquet)
    crops = "path,label,group,x0,y0,x1,y1\nstone/0.png,s,p1,0,0,5,5\nnone/0.png,n,p2,0,0,5,5\n"
    yield Case(kind, "manifest with crops", _manifest(crops))
    yield Case(kind, "manifest without paths", _manifest("file,label\na.png,s\n"), reads=False)
    outside = _TABLE.replace("none/0", "../../0")
    yield Case(kind, "path out of the folder", _manifest(outside), reads=False)
    gone = _TABLE.replace("none/0", "none/9")
    yield Case(kind, "path to no file", _manifest(gone), reads=False)
    yield Case(kind, "YOLO export (Roboflow)", _yolo("0 0.5 0.5 0.2 0.2\n"))
    yield Case(kind, "YOLO, polygons", _yolo("0 0.1 0.1 0.5 0.1 0.5 0.5\n"))
    yield Case(kind, "YOLO, a class that is not named", _yolo("4 0.5 0.5 0.2 0.2\n"), reads=False)
    yield Case(kind, "batch file of pyradiomics", _pyradiomics)
