"""`load_dataset`: a folder or a manifest, with groups from where the user says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ksfeat.dataset import manifest
from ksfeat.dataset.dataset import Dataset, Grouping
from ksfeat.dataset.folder import find_images, read_class_folders
from ksfeat.errors import InputError
from ksfeat.io import ImageSource

_GROUP_COLUMN = "group"
_ENDINGS = " or ".join(manifest.SUFFIXES)


def load_dataset(
    path: str | os.PathLike[str],
    *,
    groups: str | Sequence[str] | np.ndarray | None = None,
    covariates: Sequence[str] = (),
    labelled: bool = True,
) -> Dataset:
    """Load a data set without reading its images.

    Parameters
    ----------
    path : path-like
        A folder of class folders, or a CSV or Parquet manifest with the columns ``path`` and
        ``label``, and optionally ``group``, ``split``, ``mask``, a half-open crop ``x0``, ``y0``,
        ``x1``, ``y1``, and covariates. Paths are relative to the manifest.
    groups : str or sequence of str, optional
        A column of the manifest, a CSV file with the columns ``path`` and ``group``, one group an
        image, or "none" to ask for a random split by name. By default the column ``group``.
    covariates : sequence of str, default=()
        Columns of the manifest to use as covariates.
    labelled : bool, default=True
        Whether each image must have a label.

    Returns
    -------
    Dataset
        Images that are read when they are used.

    Raises
    ------
    InputError
        If the path, a column, a label or a group is missing, or a path leads out of the folder.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=4, slices=2, random_state=0)
    >>> ksfeat.load_dataset(folder / "manifest.csv")
    <Dataset: 8 images (nostone 4, stone 4), groups: 4>
    """
    location = Path(path)
    if location.is_dir():
        dataset, table = _from_folder(location, labelled), None
        if covariates:
            raise InputError(
                f"{location.name}: covariates need a manifest; a folder has no columns"
            )
    elif location.suffix.lower() in manifest.SUFFIXES:
        dataset, table = _from_manifest(location, list(covariates), labelled)
    elif location.exists():
        raise InputError(
            f"{location.name}: neither a folder nor a manifest; "
            f"expected a folder of class folders, or a file ending in {_ENDINGS}"
        )
    else:
        raise InputError(f"{location}: no such file or folder; check the path")
    return _with_groups(dataset, table, groups, location.name)


def list_images(path: str | os.PathLike[str]) -> list[ImageSource]:
    """Return the images that a path stands for: one file, or all below a folder.

    Raises
    ------
    InputError
        If there is nothing at the path, or no image in the folder.
    """
    location = Path(path)
    if not location.is_dir():
        if not location.exists():
            raise InputError(f"{location}: no such file or folder; check the path")
        return [ImageSource(location, location.name)]
    found = find_images(location, location)
    if not found:
        raise InputError(f"{location.name}: no images in this folder")
    return found


def _from_folder(root: Path, labelled: bool) -> Dataset:
    if not labelled:
        return Dataset(root, tuple(list_images(root)))
    sources, labels = read_class_folders(root)
    return Dataset(root, tuple(sources), np.asarray(labels, dtype=str))


def _from_manifest(
    path: Path, covariates: list[str], labelled: bool
) -> tuple[Dataset, pd.DataFrame]:
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    table = manifest.read_table(path)
    has_labels = labelled or manifest.is_filled(table, "label")
    labels = manifest.column(table, "label", path.name).to_numpy(str) if has_labels else None
    splits = None
    if "split" in table.columns:
        splits = manifest.read_splits(table, path.name)
    dataset = Dataset(
        root=path.parent,
        images=tuple(manifest.read_sources(table, path.parent, path.name)),
        labels=labels,
        splits=splits,
        covariates=(manifest.read_covariates(table, covariates, path.name) if covariates else None),
    )
    return dataset, table


def _with_groups(
    dataset: Dataset,
    table: pd.DataFrame | None,
    groups: str | Sequence[str] | np.ndarray | None,
    name: str,
) -> Dataset:
    columns = [] if table is None else list(table.columns)
    if groups is None:
        if table is None or _GROUP_COLUMN not in columns:
            return dataset
        groups = _GROUP_COLUMN
    if not isinstance(groups, str):
        return dataset.with_groups(groups, Grouping("given"))
    if groups == "none":
        return replace(dataset, groups=None, grouping=Grouping("none"))
    if groups.lower().endswith(manifest.SUFFIXES):
        return _groups_from_file(dataset, Path(groups))
    if table is None:
        raise InputError(
            f"{name}: a folder has no column {groups!r}; "
            "give a CSV file with the columns path and group"
        )
    values = manifest.column(table, groups, name).to_numpy(str)
    return dataset.with_groups(values, Grouping("column", groups))


def _groups_from_file(dataset: Dataset, path: Path) -> Dataset:
    if not path.is_file():
        raise InputError(f"{path}: no such group file; check the path")
    table = manifest.read_table(path)
    paths = manifest.column(table, "path", path.name).str.replace("\\", "/")
    groups = manifest.column(table, _GROUP_COLUMN, path.name)
    _require_one_group(paths, groups, path.name)
    known = dict(zip(paths, groups, strict=True))
    # A crop is part of a key, but all crops of one file belong to one group.
    names = [source.path.relative_to(dataset.root).as_posix() for source in dataset.images]
    found = [known.get(key, known.get(name)) for key, name in zip(dataset.keys, names, strict=True)]
    missing = [key for key, group in zip(dataset.keys, found, strict=True) if group is None]
    if missing:
        raise InputError(
            f"{path.name}: has no group for {missing[0]}"
            + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
            + "; expected each path of the data, relative to it"
        )
    return dataset.with_groups([str(group) for group in found], Grouping("file", path.name))


def _require_one_group(paths: pd.Series, groups: pd.Series, name: str) -> None:
    counts = groups.groupby(paths).nunique()
    if (counts > 1).any():
        raise InputError(
            f"{name}: {counts.idxmax()} stands in {counts.max()} groups; "
            "expected one; delete the other rows"
        )
