"""Where groups come from: a column, a file, the caller, the patient, the case, or nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ksfeat.dataset.dataset import Dataset, Grouping
from ksfeat.dataset.identity import part_name, region_name, relative_name
from ksfeat.dataset.location import locate
from ksfeat.dataset.manifest import normalised
from ksfeat.dataset.patients import HeaderFacts, joined, patients_of
from ksfeat.dataset.reading import Reading
from ksfeat.dataset.table import SUFFIXES, Table, read_table
from ksfeat.dataset.volumes import holds_volume
from ksfeat.errors import InputError
from ksfeat.io import ImageSource

_GROUP_COLUMN = "group"
Groups = str | Sequence[str] | np.ndarray


def with_named_groups(
    dataset: Dataset, table: Table | None, groups: Groups | None, name: str
) -> Dataset:
    """Return the data set with the groups that a user names: a column, a file, values, "none"."""
    if groups is None:
        if table is None or table.find(_GROUP_COLUMN) is None:
            return dataset
        groups = _GROUP_COLUMN
    if not isinstance(groups, str):
        return dataset.with_groups(groups, Grouping("given"))
    if groups == "none":
        cut = _groups_cut(dataset.splits, table)
        return replace(dataset, groups=None, grouping=Grouping("none", on_both_sides=cut))
    if groups.lower().endswith(SUFFIXES):
        return _from_file(dataset, groups)
    if table is None:
        raise InputError(
            f"{name}: a folder has no column {groups!r}; "
            "give a CSV file with the columns path and group"
        )
    return dataset.with_groups(table.filled(groups).to_numpy(str), Grouping("column", groups))


def _groups_cut(splits: np.ndarray | None, table: Table | None) -> int | None:
    """Return how many of the groups that are ignored by name a given split cuts through."""
    if splits is None or table is None or table.find(_GROUP_COLUMN) is None:
        return None
    groups, is_test = np.array(table.optional(_GROUP_COLUMN), dtype=str), splits == "test"
    return len((set(groups[is_test]) & set(groups[~is_test])) - {""})


def with_joined_patients(
    dataset: Dataset, headers: Mapping[Path, HeaderFacts], *, as_given: bool = False
) -> Dataset:
    """Return the data set with one group where the user's groups share a patient of DICOM files.

    It is called by the smallest of their names. A PatientID that all files share joins nothing:
    an anonymiser wrote it, and the user's groups are all that tells patients apart.

    Parameters
    ----------
    dataset : Dataset
        Perhaps with groups.
    headers : mapping of Path to HeaderFacts
        From `read_headers`.
    as_given : bool, default=False
        Whether the groups stay as they are, and their title says of how many patients.
    """
    if dataset.groups is None:
        return dataset
    patients = patients_of(headers, grouped=True)
    stood_in: dict[str, set[str]] = defaultdict(set)
    for source, group in zip(dataset.images, dataset.groups.tolist(), strict=True):
        if patient := patients.get(source.path):
            stood_in[patient].add(group)
    several = [groups for groups in stood_in.values() if len(groups) > 1]
    if not several:
        return dataset
    grouping = replace(dataset.grouping, joined=len(several), as_given=as_given)
    if as_given:
        return replace(dataset, grouping=grouping)
    each = [{group} for group in dataset.groups.tolist()]
    found = joined([*several, *each])[len(several) :]
    return dataset.with_groups([str(group) for group in found], grouping)


def with_natural_groups(
    dataset: Dataset,
    reading: Reading,
    headers: Mapping[Path, HeaderFacts],
    *,
    in_class_folders: bool,
) -> Dataset:
    """Return the data set with the groups that its files say: patients, cases, or volumes.

    All slices of a DICOM patient (see `patients_of`) are one group; a DICOM file without any
    identifier is one by itself. All volumes in folders of one name, below any class and split, are
    one case; a volume that lies in a class folder itself is one group. Where none occurs, groups
    stay unknown.
    """
    if dataset.grouping.kind != "unknown":
        return dataset
    patients = patients_of(headers)
    if any(patients.values()):
        return _with_patients(dataset, reading, patients)
    others = (source for source in dataset.images if source.path not in headers)
    if any(_is_of_volume(source, reading) for source in others):
        return _with_cases(dataset, in_class_folders)
    return dataset


def _with_patients(
    dataset: Dataset, reading: Reading, patients: Mapping[Path, str | None]
) -> Dataset:
    # A damaged DICOM file is told when it is read, or skipped; a volume is a group of its own.
    others = (source for source in dataset.images if source.path not in patients)
    loose = [source.key for source in others if not _is_of_volume(source, reading)]
    groups = [patients.get(source.path) or _file_name(source) for source in dataset.images]
    said = f"{len(loose)} images of no known patient, such as {loose[0]}" if loose else ""
    return dataset.with_groups(groups, Grouping("dicom", said))


def _with_cases(dataset: Dataset, in_class_folders: bool) -> Dataset:
    files = [_file_name(source) for source in dataset.images]
    cases = [_case(source.path, dataset) if in_class_folders else None for source in dataset.images]
    if not any(cases):
        return dataset.with_groups(files, Grouping("volume"))
    groups = [case or file for case, file in zip(cases, files, strict=True)]
    flat = len({file for case, file in zip(cases, files, strict=True) if case is None})
    said = f"in none: {flat}, each a group of its own" if flat else ""
    return dataset.with_groups(groups, Grouping("folder", said))


def _case(path: Path, dataset: Dataset) -> str | None:
    """Return the folder below the class folder that a file lies in, None where it lies flat.

    Its name alone: a case that has stones on one side lies in both classes.
    """
    parts = relative_name(path, dataset.root).split("/")
    depth = 2 if dataset.splits is None else 3  # class and case, perhaps below a split
    return parts[depth - 1] if len(parts) > depth else None


def _and_more(count: int) -> str:
    return f" and {count} more" if count else ""


def _is_of_volume(source: ImageSource, reading: Reading) -> bool:
    is_region = reading.volume == "region" and holds_volume(source.path)
    return source.place is not None or is_region


def _file_name(source: ImageSource) -> str:
    # The regions of a volume are of one patient, like its slices.
    region = source.key.removesuffix(part_name("", source.place, source.crop))
    return region.removesuffix(region_name(source.mask_label))


def _from_file(dataset: Dataset, address: str) -> Dataset:
    path = locate(address)
    if not path.is_file():
        raise InputError(f"{path}: no such group file; check the path")
    table = read_table(path)
    paths = table.filled("path").map(normalised)
    groups = table.filled(_GROUP_COLUMN)
    _require_one_group(paths, groups, path.name)
    known = dict(zip(paths, groups, strict=True))
    # A crop is part of a key, but all crops of one file belong to one group.
    names = [relative_name(source.path, dataset.root) for source in dataset.images]
    keys = [part_name(n, None, s.crop) for n, s in zip(names, dataset.images, strict=True)]
    found = [known.get(key, known.get(name)) for key, name in zip(keys, names, strict=True)]
    missing = [s.key for s, group in zip(dataset.images, found, strict=True) if group is None]
    if missing:
        raise InputError(
            f"{path.name}: has no group for {missing[0]}"
            + _and_more(len(missing) - 1)
            + "; expected each path of the data, relative to it"
        )
    return dataset.with_groups([str(group) for group in found], Grouping("file", path.name))


def _require_one_group(paths: pd.Series, groups: pd.Series, name: str) -> None:
    counts = groups.groupby(paths).nunique()
    if (counts > 1).any():
        # By their rows: a path may name a patient.
        rows = [str(row + 2) for row in np.flatnonzero(paths == counts.idxmax())]
        raise InputError(
            f"{name}: one path stands in {counts.max()} groups (rows {', '.join(rows)}); "
            "expected one; delete the other rows"
        )
