"""Halves of slices: one with the stone, one without, of the same file and patient."""

import csv
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ksfeat import load_dataset
from ksfeat.errors import InputError
from ksfeat.phantom import Scan, make_phantom
from ksfeat.phantom.make import files
from ksfeat.phantom.make.halves import halve, has_one_sided_stones

OF_STONE = ("stone_mask", "stone_box", "type", "composition", "diameter_mm", "location")
LAW = settings(max_examples=60, derandomize=True, deadline=None)


@pytest.fixture(scope="module", params=["png", "dicom"])
def halves(request, tmp_path_factory):
    """Manifest of four patients of two slices, 65 pixels wide: the middle column is dropped."""
    out = tmp_path_factory.mktemp("halves") / "made"
    made = make_phantom(
        out, task="half", patients=4, slices=2, scan=Scan(size=65), format=request.param
    )
    return made / "manifest.csv"


def rows_of(manifest):
    with manifest.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_each_slice_gives_a_half_with_and_a_half_without_stones(halves):
    rows = rows_of(halves)
    pairs = [rows[place : place + 2] for place in range(0, len(rows), 2)]
    assert len({left["path"] for left, _ in pairs}) == len(pairs)
    for left, right in pairs:
        assert (left["path"], left["group"]) == (right["path"], right["group"])
        assert {left["label"], right["label"]} == {"stone", "nostone"}
        assert [left[x] for x in ("x0", "y0", "x1", "y1")] == ["0", "0", "32", "65"]
        assert [right[x] for x in ("x0", "y0", "x1", "y1")] == ["33", "0", "65", "65"]
        bare = left if left["label"] == "nostone" else right
        assert {bare[name] for name in OF_STONE} == {""}
        assert bare["contrast"] == left["contrast"]


def test_a_half_is_read_as_its_crop_and_its_box_is_round_the_stone(halves):
    data = load_dataset(halves)
    assert Counter(data.labels.tolist()) == {"stone": len(data) // 2, "nostone": len(data) // 2}
    for source, row in zip(data.images, rows_of(halves), strict=True):
        image = source.read()
        assert image.shape == (65, 32)
        assert (image.unit == "HU") == (source.path.suffix == ".dcm")
        if row["label"] == "stone":
            mask = np.asarray(Image.open(halves.parent / row["stone_mask"]))
            x0, y0, x1, y1 = map(int, row["stone_box"].split())
            half = mask[:, int(row["x0"]) : int(row["x1"])]
            assert half[y0:y1, x0:x1].sum() == mask.sum() > 0


@LAW
@given(st.integers(2, 30), st.data())
def test_a_box_in_a_half_is_the_box_in_the_slice_less_the_columns_before_it(size, data):
    half = size // 2
    first = data.draw(st.sampled_from([0, size - half]))
    x0 = first + data.draw(st.integers(0, half - 1))
    x1 = data.draw(st.integers(x0 + 1, first + half))
    mask = np.zeros((size, size), dtype=bool)
    mask[1, x0:x1] = True
    assert has_one_sided_stones(mask)
    rows = halve({"label": "stone", "stone_box": f"{x0} 1 {x1} 2"}, size)
    assert sorted(row["label"] for row in rows) == ["nostone", "stone"]
    found = next(row for row in rows if row["label"] == "stone")
    assert found["stone_box"] == f"{x0 - first} 1 {x1 - first} 2"
    assert (found["x0"], found["x1"]) == (first, first + half)


@pytest.mark.parametrize("columns", [[0, 6], [3], [2, 3], [0, 3], []])
def test_a_slice_with_stones_on_both_sides_on_the_middle_column_or_nowhere_is_left_out(columns):
    mask = np.zeros((7, 7), dtype=bool)
    mask[2, columns] = True
    assert not has_one_sided_stones(mask)


def test_nothing_is_written_of_a_slice_that_is_left_out(tmp_path, monkeypatch):
    keep = iter([True, False, False, False])
    monkeypatch.setattr(files, "has_one_sided_stones", lambda mask: next(keep))
    tiny = {"task": "half", "patients": 2, "slices": 2, "scan": Scan(size=32)}
    made = make_phantom(tmp_path / "made", **tiny)
    assert len(rows_of(made / "manifest.csv")) == 2
    assert [path.name for path in made.glob("images/*/*")] == ["patient_000_00.png"]
    monkeypatch.setattr(files, "has_one_sided_stones", lambda mask: False)
    with pytest.raises(InputError, match="2 patients, all with stones on both sides; ask for more"):
        make_phantom(tmp_path / "other", **tiny)
    assert not (tmp_path / "other").exists()
