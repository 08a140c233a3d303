"""`load_dataset`: a folder, a manifest or a volume, wherever it lies, as a `Dataset`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ksfeat.dataset import table as tables
from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.folder import find_images, read_class_folders, subfolders
from ksfeat.dataset.groups import (
    Groups,
    with_joined_patients,
    with_named_groups,
    with_natural_groups,
)
from ksfeat.dataset.identity import (
    hide_groups,
    hide_names,
    is_dicom,
    place_name,
    public_name,
    write_map,
)
from ksfeat.dataset.location import locate
from ksfeat.dataset.manifest import read_manifest, with_boxes
from ksfeat.dataset.manifest_file import manifest_of
from ksfeat.dataset.notices import (
    warn_of_a_large_group,
    warn_of_burnt_in_text,
    warn_of_ignored,
    warn_of_one_patient,
)
from ksfeat.dataset.patients import HeaderFacts, read_headers
from ksfeat.dataset.reading import Reading
from ksfeat.dataset.source import DatasetSource
from ksfeat.dataset.table import Table
from ksfeat.dataset.volumes import mask_beside, with_slices
from ksfeat.dataset.yolo import find_description, read_yolo
from ksfeat.errors import InputError
from ksfeat.io.formats import format_of
from ksfeat.io.source import require_attached


def load_dataset(  # noqa: PLR0913 - what a user may have to say of data; two are usual
    path: str | os.PathLike[str],
    *,
    groups: Groups | None = None,
    join_patients: bool = True,
    covariates: Sequence[str] = (),
    labelled: bool = True,
    volume: str = "slices",
    axis: str = "axial",
    unit: str | None = None,
    mask_label: int | None = None,
    boxes: str | os.PathLike[str] | None = None,
    pseudonyms: bool = False,
    pseudonym_map: str | os.PathLike[str] | None = None,
) -> Dataset:
    """Load a data set without reading its images.

    Parameters
    ----------
    path : path-like
        One of these, on this machine or wherever fsspec reaches (``s3://bucket/data``):

        - a folder of class folders, or of splits (Train, valid, TEST...) of class folders;
        - a YOLO export (Roboflow's): ``data.yaml`` and train/images, train/labels and so on;
        - a CSV (comma, semicolon or tab) or Parquet manifest with the columns ``path`` and
          ``label``, and optionally ``group``, ``split``, ``mask``, ``mask_label`` (the value of
          the region in the mask), ``unit``, ``second_path`` (the same image at a second tube
          voltage), a half-open crop ``x0``, ``y0``, ``x1``, ``y1``, ``boxes``
          ("x0 y0 x1 y1; ..."), ``simulated`` (yes or no) and covariates. Paths are relative to the
          manifest. A folder that holds a ``manifest.csv`` with the column ``path`` stands for it;
        - a batch file of pyradiomics (``Image,Mask``), whose images have no class;
        - a volume, a folder of one DICOM series, or an image, which have no class either; a mask
          beside a volume (``NAME_seg``) is its mask, as in a folder.
    groups : str or sequence of str, optional
        A column of the manifest, a CSV file with the columns ``path`` and ``group``, one group a
        file (or an image), or "none" to ask for a random split by name. By default the column
        ``group``, else the patients of DICOM files, else the case folders (CLASS/CASE/...) that
        volumes lie in, else the volumes. Groups that share a patient of DICOM files become one.
        Patients are joined over PatientID and the UIDs of study, frame of reference and series; a
        DICOM file that has none of them is a group by itself. Words that anonymisers write
        (`ksfeat.dataset.patients.ANONYMISERS`: "ANON", "unknown", "0"...) join nothing.
    join_patients : bool, default=True
        Whether groups that are given and share a patient of DICOM files become one. False keeps
        them as they are, where an anonymiser's identifiers would join everybody.
    covariates : sequence of str, default=()
        Columns of the manifest to use as covariates.
    labelled : bool, default=True
        Whether each image must have a label.
    volume : {"slices", "region"}, default="slices"
        What a file that holds a volume gives: an image a slice, without those in which its mask
        is empty, or one three-dimensional image.
    axis : {"axial", "coronal", "sagittal"}, default="axial"
        Normal of the slices. Files of a DICOM series are its axial slices, as they were acquired.
    unit : {"HU"}, optional
        Your word that pixels are Hounsfield units, where the format cannot say it.
    mask_label : int, optional
        The value of the region in the masks, where a manifest says none; by default all but zero.
    boxes : path-like, optional
        A CSV file with the columns path, x0, y0, x1, y1 and one row a box.
    pseudonyms : bool, default=False
        Whether images and given groups are called by keyed hashes. DICOM files always are.
    pseudonym_map : path-like, optional
        A local file, readable by its owner only, to write the meaning of the hashes to.
        It asks for pseudonyms.

    Returns
    -------
    Dataset
        Images that are read when they are used.

    Raises
    ------
    InputError
        If the path, a column, a label or a group is missing, or a path leads out of the folder.
    MissingExtraError
        If a path is an address and the extra ``remote`` is not installed.

    Warns
    -----
    UserWarning
        Once a data set: of files in its folders that are not read, counted by suffix; of images
        that may have text burnt into their pixels; and of DICOM identifiers that all files share,
        or that made most of the images one group.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=4, slices=2, random_state=0)
    >>> ksfeat.load_dataset(folder / "manifest.csv")
    <Dataset: 8 images (nostone 4, stone 4), groups: 4>
    """
    hidden = pseudonyms or pseudonym_map is not None
    reading = Reading(labelled, tuple(covariates), volume, axis, unit, hidden)
    location = manifest_of(locate(path))
    dataset, table = _read(location, reading)
    dataset = hide_names(_with_label(dataset, mask_label))
    if boxes is not None:
        dataset = with_boxes(dataset, locate(boxes))
    dataset, headers = _with_groups(
        dataset, table, groups, location.name, reading, as_given=not join_patients
    )
    shown = hide_groups(dataset, hidden=hidden)
    name = place_name(location.name, shown, hidden=hidden)
    warn_of_ignored(reading.ignored, name)
    warn_of_burnt_in_text(shown, headers, name)
    warn_of_one_patient(shown, headers, name)
    warn_of_a_large_group(shown, headers, name)
    if pseudonym_map is not None:
        write_map(pseudonym_map, dataset, shown)
    return shown


def list_images(path: str | os.PathLike[str]) -> list[DatasetSource]:
    """Return the images that a path stands for: one file, or all below a folder.

    Parameters
    ----------
    path : path-like
        A file or folder, here or wherever fsspec reaches.

    Returns
    -------
    list of DatasetSource
        Sorted by path. Where there is DICOM among them, all are called by keyed hashes (of their
        paths below `path`), since the folders of DICOM files name patients.

    Raises
    ------
    InputError
        If there is nothing at the path, or no image in the folder.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=4, slices=1, random_state=0)
    >>> [source.key for source in list_images(folder)][:2]
    ['images/nostone/patient_000_00.png', 'images/nostone/patient_002_00.png']
    """
    location = locate(path)
    if not location.exists():
        raise InputError(f"{location}: no such file or folder; check the path")
    if not location.is_dir():
        return [_lone_image(location, Reading())]
    found = Dataset(location, tuple(_all_images(location, Reading())))
    return list(hide_names(found).images)


def _read(location: Path, reading: Reading) -> tuple[Dataset, Table | None]:
    if location.suffix.lower() in tables.SUFFIXES:
        return read_manifest(location, reading)
    if not location.exists():
        raise InputError(f"{location}: no such file or folder; check the path")
    if reading.covariates:
        raise InputError(f"{location.name}: covariates need a manifest; a folder has no columns")
    if location.is_dir():
        return _from_folder(location, reading), None
    require_attached(location, location.name)
    if format_of(location) is None:
        raise InputError(
            f"{location.name}: neither a folder nor a manifest nor an image; expected a folder "
            f"of class folders, or a file ending in {', '.join(tables.SUFFIXES)}"
        )
    return Dataset(location.parent, (_lone_image(location, reading),)), None


def _with_label(dataset: Dataset, label: int | None) -> Dataset:
    """Return a data set whose masks mean the label, where nothing else is said of them."""
    if label is None:
        return dataset
    images = tuple(
        replace(image, mask_label=label)
        if image.mask is not None and image.mask_label is None
        else image
        for image in dataset.images
    )
    return replace(dataset, images=images)


def _from_folder(root: Path, reading: Reading) -> Dataset:
    description = find_description(root)
    if description is not None:
        return read_yolo(description, reading)
    if not reading.labelled or _is_series(root):
        return Dataset(root, tuple(_all_images(root, reading)))
    return read_class_folders(root, reading)


def _with_groups(
    dataset: Dataset,
    table: Table | None,
    groups: Groups | None,
    name: str,
    reading: Reading,
    *,
    as_given: bool,
) -> tuple[Dataset, dict[Path, HeaderFacts]]:
    by_image = groups is not None and not isinstance(groups, str) and len(groups) != len(dataset)
    if not by_image:  # of files: all slices of one share its group
        dataset = with_named_groups(dataset, table, groups, name)
    dataset = with_slices(dataset, reading)
    if by_image:
        dataset = with_named_groups(dataset, table, groups, name)
    headers = read_headers(dataset)
    dataset = with_joined_patients(dataset, headers, as_given=as_given)
    by_class = table is None and dataset.labels is not None
    return with_natural_groups(dataset, reading, headers, in_class_folders=by_class), headers


def _all_images(root: Path, reading: Reading) -> list[DatasetSource]:
    found = find_images(root, root, reading)
    if not found:
        raise InputError(f"{root.name}: no images in this folder")
    return found


def _lone_image(path: Path, reading: Reading) -> DatasetSource:
    name = public_name(path, path.parent, hidden=reading.pseudonyms)
    mask = mask_beside(path, hidden=reading.pseudonyms)
    return DatasetSource(path, name, mask=mask, unit=reading.unit)


def _is_series(root: Path) -> bool:
    """Tell whether a folder holds the files of a DICOM series and no folders."""
    return not subfolders(root) and any(
        is_dicom(entry) for entry in root.iterdir() if entry.is_file()
    )
