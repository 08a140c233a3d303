"""`make_phantom`: what is in the folder, and that nothing is left of a failed attempt."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ksfeat.errors import InputError
from ksfeat.phantom import make, make_phantom
from ksfeat.phantom.materials import COMPOSITIONS
from ksfeat.phantom.stones import Stone

SMALL = {"patients": 5, "slices": 2, "size": 64}


def read_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def content(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def pixels(manifest: Path, cell: str) -> np.ndarray:
    return np.asarray(Image.open(manifest.parent / cell)).astype(float)


@pytest.mark.parametrize("task", ["stone", "type"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, task):
    first, second, other = (
        content(make_phantom(tmp_path / name, task=task, random_state=seed, **SMALL))
        for name, seed in [("a", 3), ("b", 3), ("c", 4)]
    )
    assert first == second
    images = [name for name in first if name.startswith("images") and name in other]
    assert all(first[name] != other[name] for name in images)


def test_a_manifest_row_names_files_that_exist_in_the_size_asked_for(stone_data):
    rows = read_rows(stone_data.parent)
    assert len(rows) == 24
    for row in rows:
        assert pixels(stone_data, row["path"]).shape == (96, 96)
        assert row["path"] == f"images/{row['label']}/{row['group']}_{int(row['slice']):02d}.png"


@pytest.mark.parametrize(
    ("data", "classes", "each"),
    [("stone_data", ["nostone", "stone"], 12), ("type_data", sorted(COMPOSITIONS), 4)],
)
def test_classes_are_balanced_and_belong_to_patients(request, data, classes, each):
    rows = read_rows(request.getfixturevalue(data).parent)
    labels = [row["label"] for row in rows]
    assert {name: labels.count(name) for name in labels} == dict.fromkeys(classes, each)
    label_of = {(row["group"], row["label"]) for row in rows}
    assert len(label_of) == len({row["group"] for row in rows})


def test_the_order_of_patients_does_not_tell_their_class(tmp_path):
    rows = read_rows(make_phantom(tmp_path / "p", patients=20, slices=1, size=64))
    labels = [row["label"] for row in rows]
    assert labels != sorted(labels)
    assert len(set(labels[::2])) == 2  # not by turns either


def test_stones_have_a_mask_and_its_box_and_the_others_have_neither(stone_data):
    for row in read_rows(stone_data.parent):
        if row["label"] == "nostone":
            assert (row["stone_mask"], row["stone_box"]) == ("", "")
            continue
        mask = pixels(stone_data, row["stone_mask"]) > 0
        x0, y0, x1, y1 = map(int, row["stone_box"].split())
        assert mask[y0:y1, x0:x1].sum() == mask.sum() > 0
        assert mask[y0].any()
        assert mask[y1 - 1].any()
        assert mask[:, x0].any()
        assert mask[:, x1 - 1].any()


def test_slices_of_a_patient_are_more_alike_than_slices_of_two(stone_data):
    rows = read_rows(stone_data.parent)
    images = np.array([pixels(stone_data, row["path"]) for row in rows])
    groups = np.array([row["group"] for row in rows])
    distance = np.abs(images[:, None] - images[None]).mean(axis=(2, 3))
    same = groups[:, None] == groups[None]
    neighbours = distance[same & ~np.eye(len(rows), dtype=bool)]
    # Every pair within a patient, not the mean: this is what leaks into a random split.
    assert neighbours.max() < distance[~same].min()


def ball(z: float, diameter: float) -> Stone:
    radii = np.full((1, 3), diameter / 2)
    return Stone(np.array([[0.0, 0.0, z]]), radii, 1000.0, np.zeros((1, 4)), 0.0)


@pytest.mark.parametrize("slices", [1, 6, 50])
def test_slices_are_spread_over_the_stones_and_never_between_them(slices):
    heights = np.array(make._heights((ball(0, 10), ball(30, 4)), slices))
    assert len(heights) == slices
    assert (np.diff(heights) > 0).all()
    # 15 % of a diameter is left out at each pole: 5 - 1.5 and 2 - 0.6.
    assert ((np.abs(heights) <= 3.5) | (np.abs(heights - 30) <= 1.4)).all()
    if slices > 1:
        assert {bool(height > 15) for height in heights} == {True, False}


def test_the_parameters_change_what_they_say(tmp_path):
    folder = make_phantom(tmp_path / "new" / "deep", task="type", patients=6, slices=3, size=80)
    rows = read_rows(folder)
    assert {row["group"] for row in rows} == {f"patient_{number:03d}" for number in range(6)}
    assert [row["slice"] for row in rows] == ["0", "1", "2"] * 6
    assert pixels(folder / "manifest.csv", rows[0]["path"]).shape == (80, 80)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"task": "colour"}, "task 'colour'; expected one of 'stone', 'type'"),
        ({"patients": 1}, "patients=1; expected a whole number from 2"),
        ({"task": "type", "patients": 4}, "patients=4; expected a whole number from 5"),
        ({"patients": 2.5}, "patients=2.5; expected a whole number"),
        ({"slices": 0}, "slices=0; expected a whole number from 1"),
        ({"slices": True}, "slices=True; expected a whole number"),
        ({"size": 16}, "size=16; expected a whole number from 64 to 1024"),
        ({"size": 5000}, "size=5000; expected a whole number from 64 to 1024"),
        ({"random_state": -1}, "random_state=-1; expected a whole number from 0"),
        ({"random_state": None}, "random_state=None; expected a whole number"),
    ],
)
def test_a_wrong_parameter_is_named_and_nothing_is_written(tmp_path, wrong, says):
    with pytest.raises(InputError, match=says) as caught:
        make_phantom(tmp_path / "out", **wrong)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_refused_and_left_as_it_was(tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"mine: exists and is not an empty folder; .* new folder"):
        make_phantom(out, **SMALL)
    assert content(tmp_path) == {"mine/thesis.txt": b"years of work"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="out: exists and is not an empty folder"):
        make_phantom(tmp_path / "out", **SMALL)


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    assert make_phantom(tmp_path / "out", **SMALL) == tmp_path / "out"
    assert (tmp_path / "out" / "manifest.csv").is_file()


def test_an_error_half_way_leaves_nothing_behind(tmp_path, monkeypatch):
    saved = []

    def fail_at_the_third(path, pixels):
        saved.append(path)
        if len(saved) == 3:
            raise OSError("disk full")
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)

    monkeypatch.setattr(make, "_save_png", fail_at_the_third)
    with pytest.raises(OSError, match="disk full"):
        make_phantom(tmp_path / "out", **SMALL)
    assert list(tmp_path.iterdir()) == []
