"""How images are called: relative to the data, or by a keyed hash where a name is an identity."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.dicom import is_dicom_file
from ksfeat.dataset.location import is_address
from ksfeat.errors import InputError
from ksfeat.io import Box, SlicePlace

_HASHED = ("dicom", "volume", "proxy")  # made of hashes already, or of pixels


def relative_name(path: Path, root: Path) -> str:
    """Return a path as the data's owner writes it: below `root`, with slashes."""
    return path.name if path == root else path.relative_to(root).as_posix()


def public_name(path: Path, root: Path, *, hidden: bool = False) -> str:
    """Return what a reader may see of a path.

    Parameters
    ----------
    path : Path
        A file or series folder below `root`.
    root : Path
        The folder of the data.
    hidden : bool, default=False
        Whether pseudonyms were asked for. DICOM files have one in any case: their folders are
        named for patients.

    Returns
    -------
    str
        The relative path, or a keyed hash of it such as ``dicom_3fa9c1...``. The same file has
        another hash where another folder of the data is given, as it has another path: alone its
        name is hashed, in a tree the folders that lead to it as well.
    """
    name = relative_name(path, root)
    kind = _kind(path)
    return _pseudonym(kind, name) if hidden or kind == "dicom" else name


def shown_name(path: Path, root: Path, *, hidden: bool = False) -> str:
    """Return what an error may call a file while a data set is being read.

    By then nobody knows whether patients' DICOM files lie beside it, as `hide_names` does; so
    that is looked up, which errors have the time for.
    """
    beside = hidden or any(is_dicom_file(other) for other in root.rglob("*") if other.is_file())
    return public_name(path, root, hidden=beside)


def part_name(name: str, place: SlicePlace | None, crop: Box | None) -> str:
    """Return the name of a part of a file, such as ``case.nii.gz[axial 12]``."""
    if place is not None:
        name += f"[{place.axis} {place.index}]"
    return name if crop is None else f"{name}[{','.join(map(str, crop))}]"


def region_name(label: int | None) -> str:
    """Return what stands after a file's name where several regions of it are images."""
    return "" if label is None else f"[label {label}]"


def is_dicom(path: Path) -> bool:
    """Tell whether a path is a DICOM file, or a folder (which is read as one series)."""
    return path.is_dir() or is_dicom_file(path)


def hide_names(dataset: Dataset) -> Dataset:
    """Call all images by keyed hashes where some files are DICOM, whose folders name patients.

    A picture that lies beside slices is in such a folder too.
    """
    if not _names_patients(dataset):
        return dataset
    images = []
    for source in dataset.images:
        plain = relative_name(source.path, dataset.root)
        if source.key.startswith(plain):
            hidden = public_name(source.path, dataset.root, hidden=True)
            source = replace(source, key=hidden + source.key.removeprefix(plain))
        images.append(source)
    return replace(dataset, images=tuple(images))


def place_name(path: str, dataset: Dataset, *, hidden: bool = False) -> str:
    """Return what a reader may see of the path that a data set was given as."""
    return _pseudonym("place", path) if hidden or _names_patients(dataset) else path


def hide_groups(dataset: Dataset, *, hidden: bool) -> Dataset:
    """Replace given groups by keyed hashes where pseudonyms were asked for, or files are DICOM."""
    if dataset.groups is None or dataset.grouping.kind in _HASHED:
        return dataset
    if not hidden and not _names_patients(dataset):
        return dataset
    shown = {group: _pseudonym("group", group) for group in np.unique(dataset.groups).tolist()}
    return replace(dataset, groups=np.array([shown[group] for group in dataset.groups], dtype=str))


def write_map(file: str | os.PathLike[str], original: Dataset, shown: Dataset) -> None:
    """Append which file and group each pseudonym stands for to a map that its owner only can read.

    Rows are kind ("dicom", "image", "group"), path or group, and pseudonym. Patients are not
    in it: the files are, and say whose they are.

    Raises
    ------
    InputError
        If the file is not on this machine, can be read by others, or cannot be written.
    """
    if is_address(file):
        raise InputError(
            f"{file}: a map of identities is written to this machine only; give a local file"
        )
    from ksfeat.io.dicom.pseudonyms import append_to_map

    paths = sorted({source.path for source in shown.images})
    pairs = [(_kind(path), relative_name(path, shown.root)) for path in paths]
    if original.groups is not None and shown.groups is not original.groups:
        pairs += [("group", str(group)) for group in np.unique(original.groups)]
    append_to_map(file, pairs)


def _names_patients(dataset: Dataset) -> bool:
    return any(_kind(path) == "dicom" for path in {source.path for source in dataset.images})


def _kind(path: Path) -> str:
    # Without an ending only DICOM is read: a file that is missing or damaged is meant to be it.
    return "dicom" if "." not in path.name or is_dicom(path) else "image"


def _pseudonym(kind: str, value: str) -> str:
    from ksfeat.io.dicom.pseudonyms import pseudonym

    return pseudonym(kind, value)
