"""`make_phantom`: what is in the folder, and that nothing is left of a failed attempt."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ksfeat import StoneClassifier, load_dataset
from ksfeat.errors import InputError, MissingExtraError
from ksfeat.phantom import Scan, make_phantom
from ksfeat.phantom.compositions import COMPOSITIONS
from ksfeat.phantom.make import dataset, files

TINY = {"patients": 2, "slices": 1, "scan": Scan(size=64)}
PHOTOGRAPHS = {"task": "photograph", "patients": 5, "slices": 1, "scan": Scan(size=32)}


def read_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def content(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def pixels(manifest: Path, cell: str) -> np.ndarray:
    return np.asarray(Image.open(manifest.parent / cell)).astype(float)


@pytest.mark.parametrize("more", [TINY, PHOTOGRAPHS], ids=["ct", "photograph"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, more):
    first, second, other = (
        content(make_phantom(tmp_path / name, random_state=seed, **more))
        for name, seed in [("a", 3), ("b", 3), ("c", 4)]
    )
    assert first == second
    images = [name for name in first if name.startswith("images") and name in other]
    assert images
    assert all(first[name] != other[name] for name in images)


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["png", "nifti", "dicom"])
def test_the_number_of_processes_changes_no_byte(tmp_path, format_):
    one, two = (
        content(make_phantom(tmp_path / str(jobs), format=format_, n_jobs=jobs, **TINY))
        for jobs in (1, 2)
    )
    assert one == two


def test_a_manifest_row_names_files_that_exist_in_the_size_asked_for(stone_data):
    rows = read_rows(stone_data.parent)
    assert len(rows) == 24
    for row in rows:
        assert pixels(stone_data, row["path"]).shape == (96, 96)
        assert row["path"] == f"images/{row['label']}/{row['group']}_{int(row['slice']):02d}.png"
        assert row["simulated"] == "yes"
        assert row["kvp"] == row["beams"] == "120"


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


@pytest.mark.parametrize("format_", ["png", "dicom", "nifti"])
def test_the_stone_is_outlined_for_the_question_of_its_type_and_is_never_empty(tmp_path, format_):
    tiny = {"patients": 5, "slices": 2, "scan": Scan(size=32)}
    made = make_phantom(tmp_path / "p", task="type", format=format_, **tiny)
    assert all(row["mask"] and not row["stone_mask"] for row in read_rows(made))
    data = load_dataset(made / "manifest.csv")
    areas = [int(source.read().mask.sum()) for source in data.images]
    assert len(areas) == 10
    assert min(areas) == 1  # of a small stone in pixels of 11 mm: described all the same
    model = StoneClassifier(model="svm").fit(data.images, data.labels)
    assert set(model.predict(data.images)) <= set(COMPOSITIONS)


def test_whole_images_are_described_for_the_question_of_a_stone(stone_data):
    rows = read_rows(stone_data.parent)
    assert {row["mask"] for row in rows} == {""}
    assert all(bool(row["stone_mask"]) == (row["label"] == "stone") for row in rows)


def test_the_order_of_patients_does_not_tell_their_class(tmp_path):
    rows = read_rows(make_phantom(tmp_path / "p", **{**PHOTOGRAPHS, "patients": 20}))
    labels = [row["label"] for row in rows]
    assert labels != sorted(labels)
    assert all(len(set(labels[start::5])) > 1 for start in range(5))  # not by turns either


def test_stones_have_a_mask_and_its_box_and_the_others_have_neither(stone_data):
    for row in read_rows(stone_data.parent):
        if row["label"] == "nostone":
            assert (row["stone_mask"], row["stone_box"], row["composition"]) == ("", "", "")
            continue
        mask = pixels(stone_data, row["stone_mask"]) > 0
        x0, y0, x1, y1 = map(int, row["stone_box"].split())
        assert mask[y0:y1, x0:x1].sum() == mask.sum() > 0
        assert mask[y0].any()
        assert mask[y1 - 1].any()
        assert mask[:, x0].any()
        assert mask[:, x1 - 1].any()


def test_what_a_stone_is_made_of_stands_in_the_manifest(type_data):
    for row in read_rows(type_data.parent):
        assert row["type"] == row["label"]
        shares = [float(part.split()[1]) for part in row["composition"].split(", ")]
        assert sum(shares) == pytest.approx(1, abs=0.03)  # written with two decimals each
        assert 1 < float(row["diameter_mm"]) < 60
        assert row["location"]
        assert row["contrast"] in ("none", "corticomedullary", "nephrographic", "excretory")


def test_slices_of_a_patient_are_more_alike_than_slices_of_two(stone_data):
    rows = read_rows(stone_data.parent)
    images = np.array([pixels(stone_data, row["path"]) for row in rows])
    groups = np.array([row["group"] for row in rows])
    distance = np.abs(images[:, None] - images[None]).mean(axis=(2, 3))
    same = groups[:, None] == groups[None]
    neighbours = distance[same & ~np.eye(len(rows), dtype=bool)]
    # Every pair within a patient, not the mean: this is what leaks into a random split.
    assert neighbours.max() < distance[~same].min()


def test_phleboliths_are_a_class_when_asked_for(tmp_path):
    folder = make_phantom(
        tmp_path / "p", task="type", patients=6, phleboliths=True, slices=1, scan=Scan(size=64)
    )
    rows = read_rows(folder)
    assert {row["label"] for row in rows} == {*COMPOSITIONS, "phlebolith"}
    (found,) = [row for row in rows if row["label"] == "phlebolith"]
    assert found["type"] == "phlebolith"
    assert found["stone_box"]


def test_photographs_are_in_colour_with_masks(tmp_path):
    folder = make_phantom(tmp_path / "p", **PHOTOGRAPHS)
    for row in read_rows(folder):
        assert pixels(folder / "manifest.csv", row["path"]).shape == (32, 32, 3)
        assert pixels(folder / "manifest.csv", row["stone_mask"]).any()
        assert (row["kvp"], row["simulated"]) == ("", "yes")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (
            {"task": "colour"},
            "task 'colour'; expected one of 'stone', 'half', 'type', 'photograph'",
        ),
        ({"format": "jpg"}, "format 'jpg'; expected one of 'png', 'nifti', 'dicom'"),
        ({"patients": 1}, "patients=1; expected a whole number from 2"),
        ({"task": "type", "patients": 4}, "patients=4; expected a whole number from 5"),
        ({"patients": 2.5}, "patients=2.5; expected a whole number"),
        ({"slices": 0}, "slices=0; expected a whole number from 1"),
        ({"slices": True}, "slices=True; expected a whole number"),
        ({"random_state": -1}, "random_state=-1; expected a whole number from 0"),
        ({"random_state": None}, "random_state=None; expected a whole number"),
        ({"scan": 256}, r"scan=256; expected a Scan, such as Scan\(size=256\)"),
        ({"scan": Scan(beams=("80", "100", "140"))}, "3 beams; an image holds one energy or two"),
        ({"scan": Scan(beams=("140", "80"))}, "expected the lower voltage first"),
        ({"phleboliths": True}, "phleboliths with task 'stone'; expected task 'type'"),
        ({"window": (40, 40)}, r"window=\(40, 40\); expected the lower and the upper edge"),
        ({"window": 40}, "window=40; expected the lower and the upper edge"),
        ({"window": (0, 80), "format": "nifti"}, "a window for NIfTI, which holds HU"),
        ({"task": "photograph", "format": "dicom", "patients": 5}, "photographs as dicom"),
        ({"task": "half", "format": "nifti"}, "halves as nifti, whose volumes have no crop"),
    ],
)
def test_a_wrong_parameter_is_named_and_nothing_is_written(tmp_path, wrong, says):
    with pytest.raises(InputError, match=says) as caught:
        make_phantom(tmp_path / "out", **wrong)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_without_nibabel_nothing_is_begun(tmp_path, monkeypatch):
    def absent():
        raise MissingExtraError("reading and writing NIfTI files", "nifti")

    monkeypatch.setattr(files, "import_nibabel", absent)
    with pytest.raises(MissingExtraError, match="nifti"):
        make_phantom(tmp_path / "out", format="nifti")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_refused_and_left_as_it_was(tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"mine: exists and is not an empty folder; .* new folder"):
        make_phantom(out)
    assert content(tmp_path) == {"mine/thesis.txt": b"years of work"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="out: exists and is not an empty folder"):
        make_phantom(tmp_path / "out")


def test_an_empty_or_deep_folder_is_filled(tmp_path):
    (tmp_path / "out").mkdir()
    for out in (tmp_path / "out", tmp_path / "new" / "deep"):
        assert make_phantom(out, **PHOTOGRAPHS) == out
        assert (out / "manifest.csv").is_file()


def test_an_error_half_way_leaves_nothing_behind(tmp_path, monkeypatch):
    write, written = dataset.write_photographs, []

    def fail_at_the_third(*arguments):
        if len(written) == 2:
            raise OSError("disk full")
        written.append(write(*arguments))
        return written[-1]

    monkeypatch.setattr(dataset, "write_photographs", fail_at_the_third)
    with pytest.raises(OSError, match="disk full"):
        make_phantom(tmp_path / "out", **PHOTOGRAPHS)
    assert len(written) == 2
    assert list(tmp_path.iterdir()) == []
