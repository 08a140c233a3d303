"""A CSV or Parquet manifest to rows, each cell judged before anything is read."""

from __future__ import annotations

import posixpath
from pathlib import Path

import numpy as np
import pandas as pd

from ksfeat.dataset.dataset import SPLITS
from ksfeat.errors import InputError
from ksfeat.io import Box, ImageSource

SUFFIXES = (".csv", ".parquet")
_CROP = ["x0", "y0", "x1", "y1"]
_MISSING = ["", "NA", "N/A", "NaN", "nan"]  # as R and pandas write an empty cell


def read_table(path: Path) -> pd.DataFrame:
    """Read a manifest as text cells, an empty cell being an empty string."""
    try:
        if path.suffix.lower() == ".parquet":
            table = pd.read_parquet(path)
            table = table.astype(object).where(table.notna(), "").astype(str)
        else:
            table = pd.read_csv(
                path, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False
            )
    except Exception as error:
        # pandas and pyarrow raise many types on damaged tables.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{path.name}: cannot be read as a table ({reason[:100]})") from error
    table.columns = [str(column).strip() for column in table.columns]
    if len(table) == 0:
        raise InputError(f"{path.name}: a table without rows; expected one row an image")
    return table


def column(table: pd.DataFrame, name: str, table_name: str) -> pd.Series:
    """Return a column whose cells must all be filled."""
    if name not in table.columns:
        raise InputError(
            f"{table_name}: no column {name!r}; it has {', '.join(map(repr, table.columns))}"
        )
    cells = table[name].str.strip()
    empty = cells.isin(_MISSING)
    if empty.any():
        raise InputError(
            f"{table_name}: {name} missing in {_rows(empty)}; fill it in or delete the row"
        )
    return cells


def is_filled(table: pd.DataFrame, name: str) -> bool:
    """Tell whether a table has a column with anything in it."""
    return name in table.columns and not table[name].str.strip().isin(_MISSING).all()


def read_splits(table: pd.DataFrame, table_name: str) -> np.ndarray:
    """Return the side of each row, "train" or "test"; another word is an error, not a guess."""
    words = column(table, "split", table_name).str.lower()
    unknown = words[~words.isin(list(SPLITS))]
    if len(unknown):
        raise InputError(
            f"{table_name}: split {unknown.iloc[0]!r}; expected one of {', '.join(SPLITS)}"
        )
    return words.map(SPLITS).to_numpy(str)


def read_sources(table: pd.DataFrame, root: Path, table_name: str) -> list[ImageSource]:
    """Return the image of each row: its path, crop and mask, all inside `root`."""
    paths = [_inside(cell, root, table_name) for cell in column(table, "path", table_name)]
    crops = _crops(table, table_name)
    masks = table["mask"].str.strip() if "mask" in table.columns else [""] * len(table)
    sources = [
        ImageSource(
            path, _key(path, root, crop), crop, _inside(mask, root, table_name) if mask else None
        )
        for path, crop, mask in zip(paths, crops, masks, strict=True)
    ]
    keys = pd.Series([source.key for source in sources])
    if keys.duplicated().any():
        again = keys[keys.duplicated()].iloc[0]
        raise InputError(f"{table_name}: {again} stands in more than one row; keep one of them")
    return sources


def read_covariates(table: pd.DataFrame, names: list[str], table_name: str) -> pd.DataFrame:
    """Return the named columns: numbers where every filled cell is one, else text."""
    for name in names:
        if name not in table.columns:
            raise InputError(
                f"{table_name}: no covariate column {name!r}; "
                f"it has {', '.join(map(repr, table.columns))}"
            )
    return pd.DataFrame({name: _typed(table[name].str.strip()) for name in names})


def _typed(cells: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(cells.where(cells != ""), errors="coerce")
    if numbers[cells != ""].notna().all():
        return numbers.astype(float)
    return cells.where(cells != "", None).astype(object)


def _inside(cell: str, root: Path, table_name: str) -> Path:
    """Resolve a cell below `root`; what leads out of it is refused, not followed."""
    # By one rule on every system: Windows' own calls "/a.png" relative.
    relative = posixpath.normpath(cell.replace("\\", "/"))
    first = relative.split("/")[0]
    if first in ("", "..") or ":" in first:
        raise InputError(
            f"{table_name}: path {cell!r} leads out of the manifest's folder; "
            "expected a path relative to it; put the manifest above its images"
        )
    return root / relative


def _crops(table: pd.DataFrame, table_name: str) -> list[Box | None]:
    present = [name for name in _CROP if name in table.columns]
    if not present:
        return [None] * len(table)
    if present != _CROP:
        raise InputError(f"{table_name}: crop columns {present}; expected all of {_CROP} or none")
    return [_crop(row, number, table_name) for number, row in enumerate(_crop_cells(table), 2)]


def _crop_cells(table: pd.DataFrame) -> list[list[str]]:
    return table[_CROP].apply(lambda cells: cells.str.strip()).to_numpy().tolist()


def _crop(cells: list[str], line: int, table_name: str) -> Box | None:
    if not any(cells):
        return None
    try:
        x0, y0, x1, y1 = (float(cell) for cell in cells)
        if all(value.is_integer() for value in (x0, y0, x1, y1)):
            return int(x0), int(y0), int(x1), int(y1)
    except ValueError:
        pass
    raise InputError(
        f"{table_name}: crop {','.join(cells)} in row {line}; expected four whole numbers"
    )


def _key(path: Path, root: Path, crop: Box | None) -> str:
    key = path.relative_to(root).as_posix()
    return key if crop is None else f"{key}[{','.join(map(str, crop))}]"


def _rows(chosen: pd.Series) -> str:
    # Row 1 is the header, so that the number is the one an editor or a spreadsheet shows.
    lines = [str(row + 2) for row in chosen[chosen].index[:3]]
    more = int(chosen.sum()) - len(lines)
    return f"row {', '.join(lines)}" + (f" and {more} more" if more else "")
