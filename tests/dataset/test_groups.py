"""Where groups come from: a column, a file, the caller, or nowhere, by name."""

import numpy as np
import pytest

from ksfeat.dataset import load_dataset
from ksfeat.errors import InputError

TABLE = (
    "path,label,group,exam\nstone/a.png,s,p1,e1\nstone/b.png,s,p1,e2\n"
    "nostone/c.png,n,p2,e3\nnostone/d e.png,n,p3,e3\n"
)
FILE = "path,group\nnostone/d e.png,g4\nstone/a.png,g1\nstone/b.png,g2\nnostone/c.png,g3\n"


@pytest.fixture
def group_file(tmp_path):
    def write(text: str):
        (tmp_path / "groups.csv").write_text(text, encoding="utf-8")
        return str(tmp_path / "groups.csv")

    return write


@pytest.mark.parametrize(
    ("groups", "expected", "words"),
    [
        (None, ["p1", "p1", "p2", "p3"], "column 'group'"),
        ("group", ["p1", "p1", "p2", "p3"], "column 'group'"),
        ("exam", ["e1", "e2", "e3", "e3"], "column 'exam'"),
        (["1", "2", "3", "4"], ["1", "2", "3", "4"], "given groups"),
        (np.array([1, 1, 2, 2]), ["1", "1", "2", "2"], "given groups"),
    ],
)
def test_groups_of_a_manifest(write, groups, expected, words):
    data = load_dataset(write(TABLE), groups=groups)
    assert data.groups.tolist() == expected
    assert str(data.grouping) == words


def test_a_random_split_is_asked_for_by_name_and_says_so(write):
    data = load_dataset(write(TABLE), groups="none")
    assert data.groups is None
    assert data.grouping.kind == "none"
    assert "RANDOM split, asked for by name" in str(data.grouping)


def test_without_a_group_column_nobody_has_said_yet(write):
    data = load_dataset(write("path,label\nstone/a.png,s\n"))
    assert data.groups is None
    assert data.grouping.kind == "unknown"


@pytest.mark.parametrize("text", [FILE, FILE.replace("/", "\\"), "\ufeff" + FILE], ids=str)
def test_a_group_file_is_matched_by_path_and_not_by_order(folder, write, group_file, text):
    by_path = {
        "stone/a.png": "g1",
        "stone/b.png": "g2",
        "nostone/c.png": "g3",
        "nostone/d e.png": "g4",
    }
    for data in (
        load_dataset(folder, groups=group_file(text)),
        load_dataset(write(TABLE), groups=group_file(text)),
    ):
        assert dict(zip(data.keys, data.groups.tolist(), strict=True)) == by_path
        assert str(data.grouping) == "file groups.csv"


def test_all_crops_of_a_file_belong_to_its_group_unless_one_is_named(write, group_file):
    table = "path,label,x0,y0,x1,y1\nstone/a.png,s,0,0,5,6\nstone/a.png,n,5,0,10,6\n"
    named = '"stone/a.png[5,0,10,6]",other\n'
    data = load_dataset(write(table), groups=group_file("path,group\nstone/a.png,g1\n"))
    assert data.groups.tolist() == ["g1", "g1"]
    data = load_dataset(write(table), groups=group_file("path,group\nstone/a.png,g1\n" + named))
    assert data.groups.tolist() == ["g1", "other"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            FILE.replace("stone/b.png,g2\n", ""),
            "groups.csv: has no group for stone/b.png; expected each path of the data, relative",
        ),
        (
            "path,group\nstone/a.png,g1\n",
            "groups.csv: has no group for nostone/c.png and 2 more; expected each path",
        ),
        (FILE.replace("g2", ""), "groups.csv: group missing in row 4; fill it in"),
        (FILE.replace("group", "patient"), "groups.csv: no column 'group'; it has 'path', 'pat"),
        (FILE.replace("path", "file"), "groups.csv: no column 'path'; it has 'file', 'group'"),
        (
            FILE + "stone/a.png,g9\n",
            "groups.csv: one path stands in 2 groups (rows 3, 6); expected one; delete",
        ),
        ("", "groups.csv: cannot be read as a table"),
    ],
)
def test_a_group_file_that_does_not_match_is_named(folder, group_file, text, says):
    with pytest.raises(InputError) as caught:
        load_dataset(folder, groups=group_file(text))
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


def test_a_path_twice_in_one_group_is_no_contradiction(folder, group_file):
    assert len(load_dataset(folder, groups=group_file(FILE + "stone/a.png,g1\n"))) == 4


def test_other_sources_of_groups_that_do_not_fit(folder, write, tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv: no such group file; check the path"):
        load_dataset(folder, groups=str(tmp_path / "gone.csv"))
    with pytest.raises(InputError, match="data: a folder has no column 'exam'; give a CSV file"):
        load_dataset(folder, groups="exam")
    with pytest.raises(InputError, match=r"m\.csv: no column 'ward'; it has 'path', 'label'"):
        load_dataset(write(TABLE), groups="ward")
    with pytest.raises(InputError, match="3 groups for 4 images; expected one an image"):
        load_dataset(folder, groups=["a", "b", "c"])
