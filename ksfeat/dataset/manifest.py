"""The rows of a manifest to images, each cell judged before anything is read."""

from __future__ import annotations

import math
import posixpath
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.identity import part_name, public_name, region_name, relative_name
from ksfeat.dataset.reading import SPLITS, USER_UNITS, Reading, split_name
from ksfeat.dataset.source import DatasetSource
from ksfeat.dataset.table import MISSING, Table, read_table
from ksfeat.errors import InputError
from ksfeat.io import Box

_CROP = ["x0", "y0", "x1", "y1"]
_PATIENT = ("id", "patientid")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
FloatBox = tuple[float, float, float, float]


def read_manifest(path: Path, reading: Reading) -> tuple[Dataset, Table]:
    """Return the images of a manifest, one a row, and the table that they come from.

    A batch file of pyradiomics (``Image,Mask``, perhaps with the ``Label`` of the mask and an
    ``ID``) is read as it is; its images have no class.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    table = read_table(path)
    from_pyradiomics = table.find("path") is None and {"image", "mask"} <= _names(table)
    if from_pyradiomics:
        table = _renamed_batch(table)
    has_labels = not from_pyradiomics and (reading.labelled or table.is_filled("label"))
    labels = table.filled("label").to_numpy(str) if has_labels else None
    splits = None
    if table.find("split") is not None:
        splits = np.array([_side(cell, table.name) for cell in table.filled("split")], dtype=str)
    dataset = Dataset(
        root=path.parent,
        images=tuple(_sources(table, path.parent, reading)),
        labels=labels,
        splits=splits,
        covariates=(_covariates(table, reading.covariates) if reading.covariates else None),
        simulated=_is_simulated(table),
    )
    return dataset, table


def read_boxes(path: Path) -> dict[str, tuple[FloatBox, ...]]:
    """Return the boxes of each image from a table with the columns path, x0, y0, x1, y1."""
    if not path.is_file():
        raise InputError(f"{path}: no such file of boxes; check the path")
    table = read_table(path)
    found: dict[str, tuple[FloatBox, ...]] = {}
    corners = zip(*(table.column(name) for name in _CROP), strict=True)
    for line, (cell, cells) in enumerate(zip(table.filled("path"), corners, strict=True), 2):
        name = normalised(cell)
        found[name] = (*found.get(name, ()), _box(list(cells), table, line))
    return found


def normalised(cell: str) -> str:
    """Return a relative path as the data set writes it: slashes, no ``./``, no detours."""
    return posixpath.normpath(cell.strip().replace("\\", "/"))


def _side(cell: str, table_name: str) -> str:
    """Return the side of a split; another word is an error, not a guess."""
    side = split_name(cell)
    if side not in SPLITS.values():
        raise InputError(f"{table_name}: split {cell!r}; expected one of {', '.join(SPLITS)}")
    return side


def _is_simulated(table: Table) -> bool:
    """Tell whether a row says that its image is simulated; another word is an error."""
    cells = table.optional("simulated")
    for line, cell in enumerate(cells, 2):
        if cell.lower() not in (*_YES, *_NO) and cell not in MISSING:
            raise InputError(
                f"{table.name}: simulated {cell!r} in row {line}; "
                "expected yes or no, or an empty cell; rename a column that means something else"
            )
    return any(cell.lower() in _YES for cell in cells)


def _names(table: Table) -> set[str]:
    return {str(header).casefold() for header in table.cells.columns}


def _renamed_batch(table: Table) -> Table:
    names = {"image": "path", "label": "mask_label"}
    if "group" not in _names(table):
        patient = next((name for name in _PATIENT if name in _names(table)), None)
        names |= {patient: "group"} if patient else {}
    headers = {header: table.find(header) for header in names}
    return table.renamed({header: names[name] for name, header in headers.items() if header})


def _sources(table: Table, root: Path, reading: Reading) -> list[DatasetSource]:
    """Return the image of each row: its files, all inside `root`, its crop and its boxes."""
    rows = zip(
        [
            _inside(cell, root, f"{table.name}: path in row {line}")
            for line, cell in enumerate(table.filled("path"), 2)
        ],
        _beside(table, "mask", root),
        _beside(table, "second_path", root),
        _crops(table),
        _mask_labels(table),
        _units(table, reading.unit),
        _boxes(table),
        strict=True,
    )
    sources = [
        DatasetSource(
            path,
            part_name(public_name(path, root, hidden=reading.pseudonyms), None, crop),
            crop=crop,
            mask=mask,
            second=second,
            mask_label=label,
            unit=unit,
            boxes=boxes,
        )
        for path, mask, second, crop, label, unit, boxes in rows
    ]
    sources = _regions_told_apart(sources)
    keys = pd.Series([source.key for source in sources])
    if keys.duplicated().any():
        again = keys[keys.duplicated()].iloc[0]
        raise InputError(f"{table.name}: {again} stands in more than one row; keep one of them")
    return sources


def _beside(table: Table, name: str, root: Path) -> list[Path | None]:
    """Return the files that an optional column names, one a row."""
    return [
        _inside(cell, root, f"{table.name}: {name} in row {line}") if cell else None
        for line, cell in enumerate(table.optional(name), 2)
    ]


def _regions_told_apart(sources: list[DatasetSource]) -> list[DatasetSource]:
    """Name the label of the mask where rows differ in it alone: both kidneys of one volume."""
    counts = Counter(source.key for source in sources)
    return [
        replace(source, key=_region_key(source)) if counts[source.key] > 1 else source
        for source in sources
    ]


def _region_key(source: DatasetSource) -> str:
    crop = part_name("", None, source.crop)
    return source.key.removesuffix(crop) + region_name(source.mask_label) + crop


def _covariates(table: Table, names: tuple[str, ...]) -> pd.DataFrame:
    """Return the named columns: numbers where every filled cell is one, else text."""
    return pd.DataFrame(
        {name: _typed(table.column(name, "covariate column"), table) for name in names}
    )


def _typed(cells: pd.Series, table: Table) -> pd.Series:
    try:
        numbers = [table.number(cell) if cell else math.nan for cell in cells]
    except ValueError:
        return cells.where(cells != "", None).astype(object)
    return pd.Series(numbers, index=cells.index, dtype=float)


def _inside(cell: str, root: Path, place: str) -> Path:
    """Resolve a cell below `root`; a cell that leads out of it is refused, and not named.

    By its text alone: a symbolic link below `root` is the user's own, and is followed.
    """
    # By one rule on every system: Windows' own calls "/a.png" relative.
    relative = normalised(cell)
    below = posixpath.normpath(root.absolute().as_posix()) + "/"
    if isinstance(root, Path) and relative.startswith(below):
        relative = relative.removeprefix(below)  # absolute, but to the manifest's own folder
    first = relative.split("/")[0]
    if first in ("", "..") or ":" in first:
        raise InputError(
            f"{place} leads out of the manifest's folder; "
            "expected a path relative to it; put the manifest above its images"
        )
    return root / relative


def _crops(table: Table) -> list[Box | None]:
    present = [name for name in _CROP if table.find(name) is not None]
    if not present:
        return [None] * len(table.cells)
    if present != _CROP:
        raise InputError(f"{table.name}: crop columns {present}; expected all of {_CROP} or none")
    rows = zip(*(table.column(name) for name in _CROP), strict=True)
    return [_crop(list(cells), line, table) for line, cells in enumerate(rows, 2)]


def _crop(cells: list[str], line: int, table: Table) -> Box | None:
    if not any(cells):
        return None
    try:
        x0, y0, x1, y1 = (table.number(cell) for cell in cells)
        if all(value.is_integer() for value in (x0, y0, x1, y1)):
            return int(x0), int(y0), int(x1), int(y1)
    except ValueError:
        pass
    raise InputError(
        f"{table.name}: crop {','.join(cells)} in row {line}; expected four whole numbers"
    )


def _boxes(table: Table) -> list[tuple[FloatBox, ...] | None]:
    if table.find("boxes") is None:
        return [None] * len(table.cells)
    return [
        tuple(_box(part.split(), table, line) for part in cell.split(";") if part.strip())
        for line, cell in enumerate(table.column("boxes"), 2)
    ]


def _box(cells: list[str], table: Table, line: int) -> FloatBox:
    try:
        x0, y0, x1, y1 = (table.number(cell) for cell in cells)
        if -math.inf < x0 < x1 < math.inf and -math.inf < y0 < y1 < math.inf:
            return x0, y0, x1, y1
    except ValueError:
        pass
    raise InputError(
        f"{table.name}: box {' '.join(cells)!r} in row {line}; "
        "expected x0 y0 x1 y1 in pixels with x0 < x1 and y0 < y1"
    )


def _mask_labels(table: Table) -> list[int | None]:
    return [
        _mask_label(cell, line, table) if cell else None
        for line, cell in enumerate(table.optional("mask_label"), 2)
    ]


def _mask_label(cell: str, line: int, table: Table) -> int:
    try:
        value = table.number(cell)
        if value.is_integer():
            return int(value)
    except ValueError:
        pass
    raise InputError(
        f"{table.name}: mask label {cell!r} in row {line}; "
        "expected a whole number, the value of the region in the mask"
    )


def _units(table: Table, default: str | None) -> list[str | None]:
    cells = table.optional("unit")
    for line, cell in enumerate(cells, 2):
        if cell not in ("", *USER_UNITS):
            raise InputError(
                f"{table.name}: unit {cell!r} in row {line}; "
                f"expected {', '.join(USER_UNITS)}, or none: then the file says it"
            )
    return [cell or default for cell in cells]


def with_boxes(dataset: Dataset, path: Path) -> Dataset:
    """Return the data set with the boxes of a second file; an image that it lacks holds none."""
    boxes = read_boxes(path)
    names = [relative_name(source.path, dataset.root) for source in dataset.images]
    unknown = sorted(set(boxes) - set(names))
    if unknown:
        # By its row: the path may name a patient.
        row = read_table(path).filled("path").map(normalised).tolist().index(unknown[0]) + 2
        raise InputError(
            f"{path.name}: boxes in row {row} of a path that is no image of the data; "
            "expected paths relative to it"
        )
    images = tuple(
        replace(source, boxes=boxes.get(name, ()), fractions=False)
        for source, name in zip(dataset.images, names, strict=True)
    )
    return replace(dataset, images=images)
