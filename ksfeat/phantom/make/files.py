"""A patient to files, in one of the formats: pictures, volumes or DICOM series, and masks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io.nifti import import_nibabel
from ksfeat.io.write import write_image, write_mask
from ksfeat.phantom.make.case import Case, name_of
from ksfeat.phantom.make.dicom import Study, write_slice
from ksfeat.phantom.make.halves import halve, has_one_sided_stones
from ksfeat.phantom.make.manifest import Row, box_of, scan_cells
from ksfeat.phantom.make.parameters import Order
from ksfeat.phantom.make.pictures import Picture, image_of, scan_case, stack
from ksfeat.phantom.photo import photograph_stone
from ksfeat.phantom.scanner import window8

_IMAGES, _SECOND, _MASKS = "images", "second_energy", "masks"


def require_writer(order: Order) -> None:
    """Raise a `MissingExtraError` if the format needs a package that is not installed."""
    if order.format == "nifti":
        import_nibabel()


def write_case(case: Case, order: Order, folder: Path) -> list[Row]:
    """Scan a patient, write its files and return its rows of the manifest."""
    write = {"png": _write_png, "nifti": _write_nifti, "dicom": _write_dicom}[order.format]
    shared = scan_cells(case, order.scan)
    rows = [{**shared, **cells} for cells in write(case, order, folder)]
    return (
        [half for row in rows for half in halve(row, order.scan.size)] if _halved(order) else rows
    )


def write_photographs(number: int, label: str, order: Order, folder: Path) -> list[Row]:
    """Photograph the stone of a patient, write the files and return the rows."""
    rng = np.random.default_rng([order.random_state, number])
    rows: list[Row] = []
    shared: Row = {"label": label, "group": name_of(number), "type": label}
    views = photograph_stone(label, order.slices, order.scan.size, rng)
    for view, (pixels, mask) in enumerate(views):
        stem = f"{label}/{name_of(number)}_{view:02d}.png"
        image = StoneImage(pixels, unit="rgb", mask=mask, key=stem)
        cells: Row = {
            "path": _saved(folder, f"{_IMAGES}/{stem}", image),
            "slice": view,
            "stone_mask": _masked(folder, f"{_MASKS}/{stem}", image),
            "stone_box": box_of(mask),
        }
        rows.append(shared | cells)
    return rows


def _write_png(case: Case, order: Order, folder: Path) -> list[Row]:
    rows: list[Row] = []
    for number, picture in _pictures(case, order):
        stem = f"{case.label}/{case.name}_{number:02d}.png"
        image = image_of(case, order.scan, picture, stem)
        shown = [window8(hu, order.png_window) for hu in picture.hu]
        cells: Row = {
            "path": _saved(folder, f"{_IMAGES}/{stem}", StoneImage(shown[0], key=stem)),
            "slice": number,
            _mask_column(order): _masked(folder, f"{_MASKS}/{stem}", image),
            "stone_box": box_of(image.mask),
        }
        if len(shown) > 1:
            second = StoneImage(shown[1], key=stem)
            cells["second_path"] = _saved(folder, f"{_SECOND}/{stem}", second)
        rows.append(cells)
    return rows


def _write_nifti(case: Case, order: Order, folder: Path) -> list[Row]:
    """Write one volume a patient: the slices follow each other at one step."""
    stem = f"{case.label}/{case.name}.nii.gz"
    image = stack(case, order.scan, list(scan_case(case, order.scan, order.slices)))
    cells: Row = {
        "path": _saved(folder, f"{_IMAGES}/{stem}", image),
        _mask_column(order): _masked(folder, f"{_MASKS}/{stem}", image),
        "stone_box": box_of(image.mask) if order.scan.plane == "axial" else "",
        "unit": "HU",
    }
    if image.second_energy is not None:
        second = image.with_(pixels=image.second_energy, second_energy=None)
        cells["second_path"] = _saved(folder, f"{_SECOND}/{stem}", second)
    return [cells]


def _write_dicom(case: Case, order: Order, folder: Path) -> list[Row]:
    rows: list[Row] = []
    for number, picture in _pictures(case, order):
        stem = f"{case.label}/{case.name}/{number:02d}"
        image = image_of(case, order.scan, picture, stem)
        paths = []
        for energy, (place, hu) in enumerate(zip((_IMAGES, _SECOND), picture.hu, strict=False)):
            target = _room(folder, f"{place}/{stem}.dcm")
            study = Study(case, order.scan, energy, order.window)
            write_slice(target, image.with_(pixels=hu, second_energy=None), number, study)
            paths.append(f"{place}/{stem}.dcm")
        cells: Row = {
            "path": paths[0],
            "slice": number,
            _mask_column(order): _masked(folder, f"{_MASKS}/{stem}.png", image),
            "stone_box": box_of(image.mask),
        }
        rows.append(cells | ({"second_path": paths[1]} if len(paths) > 1 else {}))
    return rows


def _pictures(case: Case, order: Order) -> Iterator[tuple[int, Picture]]:
    """Yield the slices that are asked for, with their numbers."""
    for number, picture in enumerate(scan_case(case, order.scan, order.slices)):
        if not _halved(order) or has_one_sided_stones(picture.mask):
            yield number, picture


def _halved(order: Order) -> bool:
    return order.task == "half"


def _mask_column(order: Order) -> str:
    """Return where masks stand: readers outline a stone before they ask which kind it is."""
    return "mask" if order.task == "type" else "stone_mask"


def _saved(folder: Path, path: str, image: StoneImage) -> str:
    write_image(image, _room(folder, path))
    return path


def _masked(folder: Path, path: str, image: StoneImage) -> str:
    """Write the mask beside the images and return its path; "" without one."""
    if image.mask is None:
        return ""
    write_mask(image.mask, _room(folder, path), image)
    return path


def _room(folder: Path, path: str) -> Path:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
