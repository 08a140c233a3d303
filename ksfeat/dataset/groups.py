"""Where groups come from: a column, a file, the caller, the patient, the volume, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ksfeat.dataset.dataset import Dataset, Grouping
from ksfeat.dataset.dicom import patient_group
from ksfeat.dataset.identity import is_dicom, part_name, region_name, relative_name
from ksfeat.dataset.location import locate
from ksfeat.dataset.manifest import normalised
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
        return replace(dataset, groups=None, grouping=Grouping("none"))
    if groups.lower().endswith(SUFFIXES):
        return _from_file(dataset, groups)
    if table is None:
        raise InputError(
            f"{name}: a folder has no column {groups!r}; "
            "give a CSV file with the columns path and group"
        )
    return dataset.with_groups(table.filled(groups).to_numpy(str), Grouping("column", groups))


def with_natural_groups(dataset: Dataset, reading: Reading) -> Dataset:
    """Return the data set with the groups that its files say: patients, or volumes.

    All slices of a DICOM patient, or of another volume, are one group. Where neither occurs,
    groups stay unknown.
    """
    if dataset.grouping.kind != "unknown":
        return dataset
    by_file: dict[object, str | None] = {}
    for source in dataset.images:
        if source.path not in by_file:
            by_file[source.path] = _natural_group(source, reading)
    if not any(by_file.values()):
        return dataset
    dicom = {source.path: is_dicom(source.path) for source in dataset.images}
    patients = any(dicom.values())
    # A damaged DICOM file is told when it is read, or skipped.
    nameless = [s.key for s in dataset.images if not dicom[s.path] and not by_file[s.path]]
    groups = [by_file[source.path] or _file_name(source) for source in dataset.images]
    if not patients:
        return dataset.with_groups(groups, Grouping("volume"))
    loose = f"{len(nameless)} images of no known patient, such as {nameless[0]}" if nameless else ""
    return dataset.with_groups(groups, Grouping("dicom", loose))


def _and_more(count: int) -> str:
    return f" and {count} more" if count else ""


def _natural_group(source: ImageSource, reading: Reading) -> str | None:
    if is_dicom(source.path):
        return patient_group(source.path)
    is_region = reading.volume == "region" and holds_volume(source.path)
    return _file_name(source) if source.place is not None or is_region else None


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
