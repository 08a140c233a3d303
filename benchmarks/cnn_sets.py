"""The data sets of the benchmark against CNNs: real ones where they are at hand, and a phantom."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import real_data
from ksfeat import load_dataset, make_phantom
from ksfeat.dataset import Dataset, Grouping
from ksfeat.dataset.identity import relative_name
from ksfeat.dataset.manifest import read_boxes
from ksfeat.evaluation.crossval import split_dataset
from ksfeat.phantom import Scan

DOSES = (0.5, 0.25, 0.12, 0.06, 0.03)  # of the phantom's corruption "dose", severities 1 to 5
COVARIATES = ("diameter_mm", "location")  # what a report would say of a stone beside the picture
_MANIFESTS = {
    "ct_kidney": "ct_kidney/manifest.csv",
    "halves": "coronal_ct/halves.csv",
    "patches": "coronal_ct/manifest.csv",
    "stone_type": "stone_type_ct/manifest.csv",
}
_PATIENTS = 200
_HALF_PATIENTS = 60


@dataclass(frozen=True, eq=False)
class BenchmarkSet:
    """One data set, and what belongs to it alone.

    Parameters
    ----------
    dataset : Dataset
    outside : dict of str to Dataset
        Data on which its models are tested too.
    variants : dict of str to list of Dataset
        More kinds of corruption.
    view : str
        What networks look at.
    boxed : bool
        Whether boxes or masks tell where the stones are, for those contenders that learn from them.
    rivals : tuple of str
        Networks at sizes that suit these images better than the fixed recipe's.
    """

    dataset: Dataset
    outside: dict[str, Dataset] = field(default_factory=dict)
    variants: dict[str, list[Dataset]] = field(default_factory=dict)
    view: str = "whole"
    boxed: bool = False
    rivals: tuple[str, ...] = ()


def ct_kidney(folder: Path, seed: int) -> BenchmarkSet:
    """Stone or normal, axial and coronal slices; tested on coronal slices with stones, too."""
    whole = {
        str(source.path): replace(source, crop=None, key=source.path.name)
        for source in _load("halves").images
    }
    images = tuple(whole.values())
    coronal = load_dataset(_real() / "coronal_ct" / "slices", labelled=False)
    labels, groups = ["stone"] * len(images), [source.key.split("_")[0] for source in images]
    coronal = replace(coronal, images=images, labels=np.array(labels), splits=None)
    return BenchmarkSet(
        _load("ct_kidney"),
        outside={"coronal_ct slices": coronal.with_groups(groups, Grouping("given"))},
    )


def halves(folder: Path, seed: int) -> BenchmarkSet:
    """Which half of a coronal slice holds the stone; tested on simulated halves, too."""
    made = _made(folder / "halves", seed, task="half", patients=_HALF_PATIENTS, slices=4)
    return BenchmarkSet(
        _boxed(_load("halves")),
        outside={"phantom halves (simulated)": load_dataset(made / "manifest.csv")},
        boxed=True,
        rivals=("cnn:efficientnet_lite0@256x192",),
    )


def _boxed(dataset: Dataset) -> Dataset:
    """Return the halves with boxes round their stones, which only some contenders ask for.

    The file tells of slices too that are no halves, since both sides of them hold stones.
    """
    boxes = read_boxes(_real() / "coronal_ct" / "boxes.csv")
    images = tuple(
        replace(source, boxes=boxes[relative_name(source.path, dataset.root)], fractions=False)
        for source in dataset.images
    )
    return replace(dataset, images=images)


def patches(folder: Path, seed: int) -> BenchmarkSet:
    """Patches round stones and at the mirrored place."""
    return BenchmarkSet(_load("patches"))


def stone_type(folder: Path, seed: int) -> BenchmarkSet:
    """Uric acid, not uric acid, or mixed, in whole slices."""
    return BenchmarkSet(_load("stone_type"))


def phantom_types(folder: Path, seed: int) -> BenchmarkSet:
    """Five simulated compositions in HU, the stone's place known; dose is a corruption, too."""
    return BenchmarkSet(
        _phantom(folder, seed, 1.0),
        variants={"dose": [_phantom(folder, seed, dose) for dose in DOSES]},
        view="crop",
        boxed=True,
    )


SETS: dict[str, Callable[[Path, int], BenchmarkSet]] = {
    "halves": halves,
    "ct_kidney": ct_kidney,
    "patches": patches,
    "stone_type": stone_type,
    "phantom_types": phantom_types,
}
TITLES = {
    "ct_kidney": "ct_kidney (series blocks)",
    "halves": "coronal_ct halves (exams)",
    "patches": "coronal_ct patches (exams)",
    "stone_type": "stone_type_ct (patients)",
    "phantom_types": "phantom types (simulated)",
}


def quick_set(folder: Path, seed: int) -> BenchmarkSet:
    """Make some simulated halves: enough to see that everything runs."""
    sizes: dict[str, Any] = {"patients": 12, "slices": 2, "scan": Scan(size=128)}
    made = make_phantom(folder / "quick", task="half", random_state=seed, **sizes)
    return BenchmarkSet(load_dataset(made / "manifest.csv"))


def split_hashes(seed: int) -> dict[str, str]:
    """Return the hash of the split of each set that is at hand, as the code makes it today."""
    found = {}
    with tempfile.TemporaryDirectory() as name:
        # Names, labels and groups do not depend on how the phantom is scanned.
        sets = {"phantom_types": _phantom(Path(name), seed, 1.0, size=64)}
        data = real_data()
        if data is not None:
            sets |= {key: load_dataset(data / path) for key, path in _MANIFESTS.items()}
        for key, dataset in sets.items():
            found[TITLES[key]] = split_dataset(dataset, random_state=seed).hash
    return found


def _phantom(folder: Path, seed: int, dose: float, size: int = 512) -> Dataset:
    scan = Scan(size=size, thickness_mm=1.5, dose=dose)
    sizes = {"task": "type", "patients": _PATIENTS, "slices": 1}
    made = _made(folder / f"types-{dose:g}", seed, scan=scan, format="dicom", **sizes)
    return load_dataset(made / "manifest.csv", covariates=COVARIATES)


def _made(folder: Path, seed: int, **settings: Any) -> Path:
    """Make a phantom, unless an earlier run has."""
    if (folder / "manifest.csv").is_file():
        return folder
    return make_phantom(folder, random_state=seed, n_jobs=-1, **settings)


def _load(key: str) -> Dataset:
    return load_dataset(_real() / _MANIFESTS[key])


def _real() -> Path:
    data = real_data()
    if data is None:
        raise FileNotFoundError("no real data at hand; KSFEAT_DATA names their folder")
    return data
