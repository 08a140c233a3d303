"""`Dataset`: images that are read when needed, with their labels, groups and covariates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from ksfeat.dataset.source import DatasetSource
from ksfeat.errors import InputError


@dataclass(frozen=True)
class Grouping:
    """Where the groups of a data set come from.

    Parameters
    ----------
    kind : {"column", "file", "given", "dicom", "folder", "volume", "proxy", "none", "unknown"}
        "dicom" groups are patients; "folder" groups are the folders of cases that volumes lie in;
        "volume" groups are the files that slices are from; "proxy" groups were found from the
        pixels; "none" means that a random split was asked for by name; "unknown" means that nobody
        has said yet.
    detail : str
        The column or file; of "dicom", what of the data has no patient; of "folder", what lies in
        none.
    joined : int, default=0
        Patients of DICOM files who stood in several of the user's groups, which became one.
    as_given : bool, default=False
        Whether they stayed apart, as the user asked for.
    on_both_sides : int or None
        Of "none": groups of the manifest's column ``group``, ignored by name, that stand on both
        sides of the given split. None where there is no such column, or no split.

    Examples
    --------
    >>> str(Grouping("column", "exam", joined=2))
    "column 'exam', joined over 2 patients who stood in several"
    >>> str(Grouping())
    'no groups known'
    """

    kind: Literal[
        "column", "file", "given", "dicom", "folder", "volume", "proxy", "none", "unknown"
    ] = "unknown"
    detail: str = ""
    joined: int = 0
    as_given: bool = False
    on_both_sides: int | None = None

    def __str__(self) -> str:
        more = f"; {self.detail}" if self.detail else ""
        words = {
            "column": f"column {self.detail!r}",
            "file": f"file {self.detail}",
            "given": "given groups",
            "dicom": f"patient or exam, by keyed hash{more}",
            "folder": f"the case folder of each volume, by name over classes and splits{more}",
            "volume": "the volume that each image is from: volumes, not patients",
            "proxy": "found from the pixels, no patients",
            "none": "no groups: RANDOM split, asked for by name",
            "unknown": "no groups known",
        }
        if not self.joined:
            return words[self.kind]
        who = "1 patient" if self.joined == 1 else f"{self.joined} patients"
        if self.as_given:
            return f"{words[self.kind]}, NOT joined over {who} who stand in several, as asked for"
        return f"{words[self.kind]}, joined over {who} who stood in several"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with what is known of them; nothing is read until an image is used.

    Parameters
    ----------
    root : Path
        The folder that keys are relative to.
    images : tuple of DatasetSource
        Where the images are, and their boxes.
    labels : ndarray of str or None
        One class a image; None where no labels were asked for.
    groups : ndarray of str or None
        What must not stand on both sides of a split: a patient, an exam, a proxy.
    grouping : Grouping
        Where the groups come from.
    splits : ndarray of str or None
        A split given with the data ("train", "valid", "test").
    covariates : DataFrame or None
        Age, sex, urine pH and the like, one row an image.
    simulated : bool, default=False
        Whether images were made and not taken, some of them at least: every score says so first.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=4, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> data.classes, len(data), str(data.grouping)
    (['nostone', 'stone'], 8, "column 'group'")
    >>> stones = data.select(data.labels == "stone")
    >>> stones
    <Dataset: 4 images (stone 4), groups: 2>
    >>> stones.images[0].read().shape
    (256, 256)
    """

    root: Path
    images: tuple[DatasetSource, ...]
    labels: np.ndarray | None = None
    groups: np.ndarray | None = None
    grouping: Grouping = Grouping()
    splits: np.ndarray | None = None
    covariates: pd.DataFrame | None = None
    simulated: bool = False

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        classes = ", ".join(f"{name} {count}" for name, count in self.class_counts().items())
        groups = "unknown" if self.groups is None else len(np.unique(self.groups))
        return f"<Dataset: {len(self)} images ({classes or 'no labels'}), groups: {groups}>"

    @property
    def keys(self) -> list[str]:
        """Name of each image, relative to the data."""
        return [source.key for source in self.images]

    @property
    def classes(self) -> list[str]:
        """Sorted class names."""
        return sorted(self.class_counts())

    @property
    def unit(self) -> str:
        """What stays together and is drawn by a bootstrap: "group", "proxy group" or "image"."""
        if self.groups is None:
            return "image"
        return "proxy group" if self.grouping.kind == "proxy" else "group"

    def class_counts(self) -> dict[str, int]:
        """Return the number of images of each class."""
        if self.labels is None:
            return {}
        names, counts = np.unique(self.labels, return_counts=True)
        return {str(name): int(count) for name, count in zip(names, counts, strict=True)}

    def known_labels(self) -> np.ndarray:
        """Return the labels, or say that there are none."""
        if self.labels is None:
            raise InputError(f"{len(self)} images without labels; expected one class an image")
        return self.labels

    def known_groups(self) -> np.ndarray:
        """Return the groups, or say that there are none."""
        if self.groups is None:
            raise InputError(f"{len(self)} images without groups; expected one an image")
        return self.groups

    def select(self, rows: Sequence[int] | np.ndarray) -> Dataset:
        """Return the data set of the given rows (indices or a boolean mask)."""
        chosen = np.arange(len(self))[np.asarray(rows)]
        covariates = self.covariates
        return replace(
            self,
            images=tuple(self.images[row] for row in chosen),
            labels=None if self.labels is None else self.labels[chosen],
            groups=None if self.groups is None else self.groups[chosen],
            splits=None if self.splits is None else self.splits[chosen],
            covariates=(
                None if covariates is None else covariates.iloc[chosen].reset_index(drop=True)
            ),
        )

    def with_groups(self, groups: Sequence[str] | np.ndarray, grouping: Grouping) -> Dataset:
        """Return the data set with other groups, one an image."""
        if pd.isna(np.asarray(groups, dtype=object)).any():
            raise InputError("a group is missing (None or NaN); expected one an image")
        values = np.asarray(groups, dtype=str)
        if len(values) != len(self):
            raise InputError(f"{len(values)} groups for {len(self)} images; expected one an image")
        return replace(self, groups=values, grouping=grouping)

    def part(self, name: Literal["all", "train", "test"]) -> Dataset:
        """Return one side of a given split; all of the data where none was given.

        "train" holds every row that is not test, so validation rows train too.
        """
        if self.splits is None or name == "all":
            return self
        is_test = self.splits == "test"
        chosen = self.select(is_test if name == "test" else ~is_test)
        if len(chosen) == 0:
            found = ", ".join(sorted(set(self.splits)))
            raise InputError(f"column 'split' has no {name} rows (found: {found})")
        return chosen
