"""A folder of DICOM slices to a volume, put in order by where each slice lies in the patient."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.energies import pair_energies
from ksfeat.io.dicom.frames import MAX_VOXELS, decode_frames, frame_count, require_size
from ksfeat.io.dicom.geometry import plane_of, stack
from ksfeat.io.dicom.header import (
    dicom_files,
    is_beside_images,
    open_dicom,
    reading,
    refuse_unless_image,
    text,
)
from ksfeat.io.dicom.instance import image_of, modality_of, piled, volume_of
from ksfeat.io.dicom.values import tube_voltage, unit_of, values_of


@dataclass(frozen=True)
class Series:
    """The files of one series in a folder.

    Parameters
    ----------
    number : int
        From 1: how `read_series` is told which one is meant.
    modality : str or None
        Such as "CT".
    kvp : tuple of float
        Tube voltages in it, in kV.
    size : tuple of int
        Rows and columns of its first slice.
    paths : tuple of Path
        Its files, sorted by name.
    """

    number: int
    modality: str | None
    kvp: tuple[float, ...]
    size: tuple[int, int]
    paths: tuple[Path, ...]

    def __str__(self) -> str:
        voltage = "".join(f" {kvp:g} kV" for kvp in self.kvp)
        rows, columns = self.size
        files = f"{len(self.paths)} file{'s' * (len(self.paths) > 1)}"
        return f"{self.number}: {self.modality or 'image'}{voltage}, {files} of {columns}x{rows}"


@dataclass(frozen=True, eq=False)
class _Member:
    """A file of a folder, opened; `name` says which, without its own name: it may be a person's."""

    path: Path
    dataset: pydicom.Dataset
    name: str

    @property
    def series(self) -> str:
        # The patient too: anonymisers leave the slices of two of them without a series.
        keywords = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")
        return "\n".join(text(self.dataset.get(keyword)) for keyword in keywords)

    @property
    def kvp(self) -> float | None:
        return tube_voltage(self.dataset)


def list_series(folder: str | os.PathLike[str], name: str | None = None) -> list[Series]:
    """Return the series of a folder, by their identifier; files without one are one series.

    Segmentations, contours and reports beside the images are left out.

    Parameters
    ----------
    folder : path-like
        Its own files are looked at, not those of its folders.
    name : str, optional
        How to call it in an error; "folder" by default.

    Raises
    ------
    InputError
        If there is no DICOM image in it, or one cannot be read.

    Examples
    --------
    >>> from pydicom.data import get_testdata_file
    >>> tests = Path(get_testdata_file("CT_small.dcm", download=False)).parent
    >>> for series in list_series(tests / "dicomdirtests" / "98892003" / "MR2"):
    ...     print(series)
    1: MR, 3 files of 16x16
    2: MR, 3 files of 16x16
    3: MR, 1 file of 16x16
    """
    name = name or "folder"
    with reading(name):
        return [_described(number, group) for number, group in _numbered(Path(folder), name)]


def read_series(
    folder: str | os.PathLike[str], name: str | None = None, series: int | None = None
) -> StoneImage:
    """Read the one series of a folder as a volume.

    Slices are sorted by their position along their normal, never by name, number or thickness,
    and turned to superior, posterior and left, whatever the orientation they were taken in.
    Two stacks of the same grid at two tube voltages become one image with a second energy.

    Parameters
    ----------
    folder : path-like
        Files of one series, named and ordered in any way.
    name : str, optional
        How to call it in an error, and the volume's key; "folder" by default.
    series : int, optional
        Number of the series in `list_series`, where there are several.

    Returns
    -------
    StoneImage
        (Z, H, W), at most 2**28 voxels.

    Raises
    ------
    InputError
        If slices are missing, doubled, uneven, of several series, sizes or orientations, without
        a position, or shifted by more than 1 degree (a tilted gantry).
    MissingExtraError
        If their pixels need a decoder that is not installed.

    Examples
    --------
    >>> from pydicom.data import get_testdata_file
    >>> tests = Path(get_testdata_file("CT_small.dcm", download=False)).parent
    >>> volume = read_series(tests / "dicomdirtests" / "98892001" / "CT5N")
    >>> volume.unit, volume.shape, volume.spacing_mm
    ('HU', (5, 16, 16), (2.5, 0.488281, 0.488281))
    """
    name = name or "folder"
    with reading(name):
        groups = dict(_numbered(Path(folder), name))
        if series is not None and series not in groups:
            raise InputError(f"{name}: no series {series}; {_listed(groups)}")
        chosen = groups if series is None else {series: groups[series]}
        stacks = _by_voltage(chosen)
        if len(stacks) == 1:
            return _volume(stacks[0], name)
        if _are_two_energies(stacks):
            return pair_energies(*(_volume(members, name) for members in stacks))
        raise InputError(
            f"{name}: {len(stacks)} stacks of slices; expected one series ({_listed(groups)}); "
            "give a folder of one series, or name it in Python: read_series(folder, series=1)"
        )


def _numbered(folder: Path, name: str) -> Iterator[tuple[int, list[_Member]]]:
    groups: dict[str, list[_Member]] = {}
    for member in _members(folder, name):
        groups.setdefault(member.series, []).append(member)
    if not groups:
        raise InputError(
            f"{name}: a folder without DICOM images; "
            "expected an image file, or a folder with the slices of one series"
        )
    return enumerate((groups[uid] for uid in sorted(groups)), 1)


def _members(folder: Path, name: str) -> Iterator[_Member]:
    if not folder.is_dir():
        raise InputError(f"{name}: no such folder; check the path")
    paths = dicom_files(folder)
    for number, path in enumerate(paths, 1):
        member_name = f"{name}, file {number} of {len(paths)} by name"
        with reading(member_name):
            member = _opened(path, member_name)
        # Outside of the block: a generator that is left half-way would restore warnings too late.
        if member is not None:
            yield member


def _opened(path: Path, name: str) -> _Member | None:
    dataset = open_dicom(path, name)
    if is_beside_images(dataset):
        return None
    refuse_unless_image(dataset, name)
    require_size(dataset, name, frame_count(dataset))
    return _Member(path, dataset, name)


def _described(number: int, members: Sequence[_Member]) -> Series:
    first = members[0].dataset
    return Series(
        number,
        modality_of(first),
        tuple(sorted({member.kvp for member in members if member.kvp is not None})),
        (int(first.Rows), int(first.Columns)),
        tuple(member.path for member in members),
    )


def _listed(groups: dict[int, list[_Member]]) -> str:
    return "; ".join(str(_described(number, members)) for number, members in groups.items())


def _by_voltage(groups: dict[int, list[_Member]]) -> list[list[_Member]]:
    stacks: dict[tuple[int, float | None], list[_Member]] = {}
    for number, members in groups.items():
        for member in members:
            stacks.setdefault((number, member.kvp), []).append(member)
    return list(stacks.values())


def _are_two_energies(stacks: Sequence[list[_Member]]) -> bool:
    voltages = {members[0].kvp for members in stacks}
    lengths = {len(members) for members in stacks}
    return len(stacks) == 2 and len(voltages) == 2 and None not in voltages and len(lengths) == 1


def _volume(members: list[_Member], name: str) -> StoneImage:
    first = members[0].dataset
    if len(members) == 1:
        image = image_of(first, name)
        if not image.volume:
            raise InputError(
                f"{name}: a single slice; expected a series of two or more; read it as a file"
            )
        return image
    shape = _one_shape(members, name)
    unit = _one_unit(members, name)
    planes = [plane_of(member.dataset) for member in members]
    known = [plane for plane in planes if plane is not None]
    if len(known) < len(planes):
        raise InputError(
            f"{name}: {len(planes) - len(known)} of {len(planes)} slices without a position or "
            "orientation in the patient; expected both, since names do not put slices in order; "
            "export the series again"
        )
    order, grid = stack(known, shape, name)
    return volume_of(piled(_decoded(members, unit), order), grid, first, unit, name)


def _decoded(members: Sequence[_Member], unit: str) -> Iterator[np.ndarray]:
    for member in members:
        with reading(member.name):
            (raw,) = decode_frames(member.dataset, member.name)
            values = values_of(member.dataset, raw, unit, member.name)
            del member.dataset.PixelData  # or all of them would stay in memory
        yield values


def _one_shape(members: Sequence[_Member], name: str) -> tuple[int, int]:
    shapes = {(int(m.dataset.Rows), int(m.dataset.Columns)) for m in members}
    if len(shapes) > 1 or any(frame_count(m.dataset) > 1 for m in members):
        sizes = ", ".join(sorted(f"{columns}x{rows}" for rows, columns in shapes))
        raise InputError(
            f"{name}: slices of {sizes} pixels, or files of many frames among them; "
            "expected slices of one size; keep those of one series"
        )
    (shape,) = shapes
    if len(members) * shape[0] * shape[1] > MAX_VOXELS:
        raise InputError(
            f"{name}: {len(members)} slices of {shape[1]}x{shape[0]}; "
            f"expected at most {MAX_VOXELS:,} voxels; take fewer slices"
        )
    return shape


def _one_unit(members: Sequence[_Member], name: str) -> str:
    units = sorted({unit_of(member.dataset) for member in members})
    if len(units) > 1 or units == ["rgb"]:
        raise InputError(
            f"{name}: slices of unit {' and '.join(units)}; expected one unit, HU or grey; "
            "keep those of one series"
        )
    return units[0]
