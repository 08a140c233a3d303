"""The data sets of the benchmark against CNNs: real ones where they are at hand, and a phantom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import real_data
from ksfeat import load_dataset, make_phantom
from ksfeat.dataset import Dataset, Grouping
from ksfeat.phantom import Scan

DOSES = (0.5, 0.25, 0.12, 0.06, 0.03)  # of the phantom's corruption "dose", severities 1 to 5
COVARIATES = ("diameter_mm", "location")  # what a report would say of a stone beside the picture
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
    size : int or tuple of int
        Height and width of what networks that are trained are shown.
    """

    dataset: Dataset
    outside: dict[str, Dataset] = field(default_factory=dict)
    variants: dict[str, list[Dataset]] = field(default_factory=dict)
    view: str = "whole"
    size: int | tuple[int, int] = 192


def ct_kidney(folder: Path, seed: int) -> BenchmarkSet:
    """Stone or normal, axial and coronal slices; tested on coronal slices with stones, too."""
    data = _real()
    whole = {
        str(source.path): replace(source, crop=None, key=source.path.name)
        for source in load_dataset(data / "coronal_ct" / "halves.csv").images
    }
    images = tuple(whole.values())
    coronal = load_dataset(data / "coronal_ct" / "slices", labelled=False)
    labels, groups = ["stone"] * len(images), [source.key.split("_")[0] for source in images]
    coronal = replace(coronal, images=images, labels=np.array(labels), splits=None)
    return BenchmarkSet(
        load_dataset(data / "ct_kidney" / "manifest.csv"),
        outside={"coronal_ct slices": coronal.with_groups(groups, Grouping("given"))},
    )


def halves(folder: Path, seed: int) -> BenchmarkSet:
    """Which half of a coronal slice holds the stone; tested on simulated halves, too."""
    made = make_phantom(
        folder / "halves",
        task="half",
        patients=_HALF_PATIENTS,
        slices=4,
        random_state=seed,
        n_jobs=-1,
    )
    return BenchmarkSet(
        load_dataset(_real() / "coronal_ct" / "halves.csv"),
        outside={"phantom halves (simulated)": load_dataset(made / "manifest.csv")},
        size=(256, 192),  # half a slice is taller than it is wide
    )


def patches(folder: Path, seed: int) -> BenchmarkSet:
    """Patches round stones and at the mirrored place."""
    return BenchmarkSet(load_dataset(_real() / "coronal_ct" / "manifest.csv"))


def stone_type(folder: Path, seed: int) -> BenchmarkSet:
    """Uric acid, not uric acid, or mixed, in whole slices."""
    return BenchmarkSet(load_dataset(_real() / "stone_type_ct" / "manifest.csv"))


def phantom_types(folder: Path, seed: int) -> BenchmarkSet:
    """Five simulated compositions in HU, the stone's place known; dose is a corruption, too."""
    return BenchmarkSet(
        _phantom(folder, seed, 1.0),
        variants={"dose": [_phantom(folder, seed, dose) for dose in DOSES]},
        view="crop",
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


def _phantom(folder: Path, seed: int, dose: float) -> Dataset:
    made = folder / f"types-{dose:g}"
    if not (made / "manifest.csv").is_file():
        make_phantom(
            made,
            task="type",
            patients=_PATIENTS,
            slices=1,
            scan=Scan(size=512, thickness_mm=1.5, dose=dose),
            format="dicom",
            random_state=seed,
            n_jobs=-1,
        )
    return load_dataset(made / "manifest.csv", covariates=COVARIATES)


def _real() -> Path:
    data = real_data()
    if data is None:
        raise FileNotFoundError("no real data at hand; KSFEAT_DATA names their folder")
    return data
