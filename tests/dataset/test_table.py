"""A table as spreadsheets write it: separators, encodings, and what is no table."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.dataset.table import read_table
from ksfeat.errors import InputError

ROWS = [["path", "label", "group"], ["größe/a.png", "Stein", "p1"], ["b.png", "ohne", "p2"]]
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8 with mark": "utf-8-sig",
    "Windows-1252": "cp1252",
    "utf-16 with mark": "utf-16",
}


def written(rows, separator: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def cells(table) -> list[list[str]]:
    return [list(table.cells.columns), *table.cells.to_numpy().tolist()]


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_separator_in_every_encoding_is_the_same_table(tmp_path, encoding, separator):
    path = tmp_path / "m.csv"
    path.write_bytes(written(ROWS, separator).encode(encoding))
    assert cells(read_table(path)) == ROWS


cell = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P"], exclude_characters='"'), max_size=8
).map(str.strip)


@given(
    rows=st.lists(st.tuples(cell.filter(bool), cell, cell), min_size=1, max_size=4),
    separator=st.sampled_from([",", ";", "\t"]),
    header=st.permutations(["path", "label", "ph, of urine; first"]),
)
@settings(max_examples=40, deadline=None)
def test_any_cells_come_back_whatever_the_separator(tmp_path_factory, rows, separator, header):
    path = tmp_path_factory.mktemp("t") / "m.csv"
    path.write_text(written([header, *rows], separator), encoding="utf-8")
    assert cells(read_table(path)) == [list(header), *map(list, rows)]


def test_excels_own_line_names_the_separator(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes("\ufeffsep=;\r\n".encode() + written(ROWS, ";").encode())
    assert cells(read_table(path)) == ROWS


def test_a_comma_in_a_name_of_a_column_does_not_mislead(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text('a, b, c;"d, e";path;label\n1;2;x.png;s\n')
    assert list(read_table(path).cells.columns) == ["a, b, c", "d, e", "path", "label"]


def test_a_table_of_one_column_needs_no_separator(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("path\na b.png\n")
    assert cells(read_table(path)) == [["path"], ["a b.png"]]


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"path,label\n", b"\x00\x01\x02", b"\xff\xfea", b"PK\x03\x04\x00"]
)
def test_what_is_no_table_is_named_in_one_line(tmp_path, content):
    path = tmp_path / "m.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^m\.csv: ") as caught:
        read_table(path)
    assert "\n" not in str(caught.value)
