"""`ksfeat benchmark`: a folder of results that goes on where it stopped."""

import json

import pytest

from ksfeat.errors import InputError

QUICK = ("--contenders", "thumbnails/forest,first_order/linear", "--cv", 2, "--corrupted", 4)


def test_it_writes_tables_and_a_page_and_goes_on(ksfeat_command, stone_data, tmp_path, monkeypatch):
    out = tmp_path / "out"
    given = ("benchmark", stone_data, "--out", out, *QUICK)
    first = ksfeat_command(*given, "--json")
    told = first.json()
    assert told["reference"] == "thumbnails/forest"
    assert told["split"] == json.loads((out / "grouped.json").read_text())["hash"]
    assert "6 of 6: first_order/linear, random fold 1 of 2" in first.err
    names = {file.name for file in out.iterdir()}
    assert {"index.html", "scores.csv", "folds.csv", "grouped.csv", "random.csv"} <= names
    drawn = []
    page = "ksfeat.report.benchmark_page.write_benchmark"  # drawing twice tells nothing more
    monkeypatch.setattr(page, lambda result, folder: drawn.append(folder))
    again = ksfeat_command(*given)
    assert drawn == [out]
    assert again.code == 0
    assert "first_order/linear" in again.out
    assert "fold" not in again.err


@pytest.fixture
def outside(ksfeat_command, stone_data, tmp_path, monkeypatch):
    """Return a function from a manifest's columns and options to the outside data that is read."""
    found = {}

    def keep(dataset, out, *, outside, **_):
        found.update(outside)
        raise InputError("read")

    monkeypatch.setattr("ksfeat.evaluation.benchmark.run_benchmark", keep)

    def read(columns, *options):
        (tmp_path / "data").mkdir()
        lines = [columns, *(f"{name}.png,stone,g{name},p" for name in "ab")]
        for name in "ab":
            (tmp_path / "data" / f"{name}.png").write_bytes(b"not opened")
        (tmp_path / "data" / "manifest.csv").write_text("\n".join(lines))
        named = f"other={tmp_path / 'data'}"
        answer = ksfeat_command(
            "benchmark", stone_data, "--out", tmp_path / "out", "--outside", named, *options
        )
        return found["other"], answer.err

    return read


def test_outside_data_are_read_as_the_data_and_keep_their_own_boxes(outside, stone_data, tmp_path):
    image = next((stone_data.parent / "images").rglob("*.png")).relative_to(stone_data.parent)
    (tmp_path / "boxes.csv").write_text(f"path,x0,y0,x1,y1\n{image.as_posix()},1,1,5,5\n")
    how = ("--unit", "HU", "--boxes", tmp_path / "boxes.csv", "--pseudonyms")
    data, _ = outside("path,label,group,site", *how)
    assert [source.unit for source in data.images] == ["HU", "HU"]
    assert [source.boxes for source in data.images] == [None, None]
    assert not any("a.png" in key for key in data.keys)


@pytest.mark.parametrize(
    ("columns", "options", "groups"),
    [
        ("path,label,group,site", (), ["ga", "gb"]),
        ("path,label,group,site", ("--groups", "none"), ["ga", "gb"]),
        ("path,label,site,label_of", ("--groups", "label"), ["stone", "stone"]),
        ("path,label,exam,group", ("--groups", "label"), ["stone", "stone"]),
    ],
)
def test_groups_of_outside_data_are_their_own(outside, columns, options, groups):
    data, err = outside(columns, *options)
    assert data.groups.tolist() == groups
    assert "no groups known" not in err


def test_outside_data_without_groups_are_told_of(outside):
    data, err = outside("path,label,exam,site")
    assert data.groups is None
    assert "other: no groups known; each image counts as one" in err


def test_bad_input_is_one_line(ksfeat_command, stone_data, tmp_path):
    out = tmp_path / "out"
    for more, line in (
        (("--outside", "elsewhere"), "expected NAME=DATA"),
        (("--contenders", "best"), "expected DESCRIPTION/MODEL"),
        (("--cv", 99), "expected at least as many groups as folds"),
        (("--contenders", "thumbnails/forest,no_such/svm"), "no features named 'no_such'"),
        (("--contenders", "thumbnails/forest,cnn:no_such"), "model 'no_such'"),
        (("--contenders", "thumbnails/forest,cnn:seed_cnn", "--epochs", 0), "epochs 0; expected"),
        (("--contenders", "thumbnails/forest", "--epochs", 2), "no contender is one"),
        (("--random-folds", 9), "9 folds of a random split; it has 5"),
        (("--outside", "a=x", "--outside", "a=y"), "--outside 'a' stands twice"),
    ):
        result = ksfeat_command("benchmark", stone_data, "--out", out, *more)
        assert result.code == 2
        assert line in result.err
        assert len(result.err.strip().splitlines()) == 1
        assert not out.exists()
