"""A table as spreadsheets write it (CSV of any separator and encoding, Parquet) to text cells."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ksfeat.errors import InputError

SUFFIXES = (".csv", ".tsv", ".parquet")
SEPARATORS = (",", ";", "\t")
MISSING = ("", "NA", "N/A", "NaN", "nan")  # as R and pandas write an empty cell
# A header that holds one of these was cut at the right places.
_TELLING = {"path", "image", "label", "group", "mask"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, eq=False)
class Table:
    """Text cells with the name of their file.

    Parameters
    ----------
    name : str
        What errors call it.
    cells : DataFrame of str
        Stripped; an empty cell is an empty string.
    decimal_comma : bool
        Whether numbers may have one: the separator is no comma.
    """

    name: str
    cells: pd.DataFrame
    decimal_comma: bool = False

    def find(self, name: str) -> str | None:
        """Return the header of a column, whatever its case; None where there is none."""
        headers = [str(header) for header in self.cells.columns]
        if name in headers:
            return name
        alike = [header for header in headers if header.casefold() == name.casefold()]
        if len(alike) > 1:
            raise InputError(
                f"{self.name}: columns {', '.join(map(repr, alike))} differ in case only; "
                "keep one of them"
            )
        return alike[0] if alike else None

    def optional(self, name: str) -> list[str]:
        """Return the cells of a column, empty ones where there is no such column."""
        header = self.find(name)
        return [""] * len(self.cells) if header is None else self.cells[header].tolist()

    def column(self, name: str, what: str = "column") -> pd.Series:
        """Return the cells of a column that must be there."""
        header = self.find(name)
        if header is None:
            found = ", ".join(repr(str(header)) for header in self.cells.columns)
            raise InputError(f"{self.name}: no {what} {name!r}; it has {found}")
        return self.cells[header]

    def filled(self, name: str) -> pd.Series:
        """Return the cells of a column that must all be filled."""
        cells = self.column(name)
        empty = cells.isin(MISSING)
        if empty.any():
            raise InputError(
                f"{self.name}: {name} missing in {_rows(empty)}; fill it in or delete the row"
            )
        return cells

    def is_filled(self, name: str) -> bool:
        """Tell whether there is such a column, with anything in it."""
        header = self.find(name)
        return header is not None and not self.cells[header].isin(MISSING).all()

    def number(self, cell: str) -> float:
        """Return a cell as a number; `ValueError` where it is none."""
        value = float(cell.replace(",", ".") if self.decimal_comma and "." not in cell else cell)
        if not math.isfinite(value) or "_" in cell:  # Python's own spelling of 1000 is 1_000
            raise ValueError(cell)
        return value

    def renamed(self, names: dict[str, str]) -> Table:
        """Return the table with other headers."""
        return Table(self.name, self.cells.rename(columns=names), self.decimal_comma)


def read_table(path: Path) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path
        Parquet, or a CSV file: comma, semicolon or tab between cells (found from the header, or
        said by Excel's line ``sep=;``), UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises
    ------
    InputError
        If the file is no table, has rows longer than its header, or no row.
    """
    try:
        parquet = path.suffix.lower() == ".parquet"
        cells, separator = _read_parquet(path) if parquet else _read_text(path)
    except InputError:
        raise
    except Exception as error:
        # pandas and pyarrow raise many types on damaged tables.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"{path.name}: cannot be read as a table ({reason[:100]})") from error
    if len(cells) == 0:
        raise InputError(f"{path.name}: a table without rows; expected one row an image")
    stripped = cells.apply(lambda column: column.str.strip())
    return Table(path.name, stripped, decimal_comma=separator != ",")


def _read_parquet(path: Path) -> tuple[pd.DataFrame, str]:
    with path.open("rb") as file:
        table = pd.read_parquet(file)
    table.columns = [str(header).strip() for header in table.columns]
    return table.astype(object).where(table.notna(), "").astype(str), ","


def _read_text(path: Path) -> tuple[pd.DataFrame, str]:
    text = _decoded(path)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        separator, text = first.strip()[4], rest
    else:
        separator = _separator(text)
    _require_single_columns(text, separator, path.name)
    cells = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
    if not isinstance(cells.index, pd.RangeIndex):
        raise InputError(
            f"{path.name}: rows with more cells than the header has names; "
            "name every column, or delete the last separator of each row"
        )
    cells.columns = [str(header).strip() for header in cells.columns]
    return cells, separator


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_UTF16):
        return content.decode("utf-16")
    if b"\0" in content:
        raise InputError(
            f"{path.name}: cannot be read as a table (it holds bytes that are no text)"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes on a European Windows.
        return content.decode("cp1252")


def _separator(text: str) -> str:
    """Return the separator that cuts the header into known names, else into the most."""
    header = _header(text)

    def score(separator: str) -> tuple[int, int]:
        names = _cut(header, separator)
        return sum(name.casefold() in _TELLING for name in names), len(names)

    return max(SEPARATORS, key=score)  # of equals the first: the comma


def _require_single_columns(text: str, separator: str, name: str) -> None:
    names = _cut(_header(text), separator)
    twice = [header for header in names if header and names.count(header) > 1]
    if twice:
        raise InputError(f"{name}: column {twice[0]!r} stands there twice; keep one of them")


def _header(text: str) -> str:
    return next((line.rstrip("\r\n") for line in io.StringIO(text) if line.strip()), "")


def _cut(header: str, separator: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]


def _rows(chosen: pd.Series) -> str:
    # Row 1 is the header, so that the number is the one an editor or a spreadsheet shows.
    lines = [str(row + 2) for row in chosen[chosen].index[:3]]
    more = int(chosen.sum()) - len(lines)
    return f"row {', '.join(lines)}" + (f" and {more} more" if more else "")
