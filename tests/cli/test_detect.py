"""`ksfeat fit --features stones` and `ksfeat detect`: where, how large, how dense."""

import csv
import json

import cv2
import numpy as np
import pytest
from spotted import spotted

from ksfeat import load_model


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """16 slices of 8 patients, every second one with a stone."""
    root = tmp_path_factory.mktemp("slices")
    rows = ["path,label,group,boxes"]
    for seed in range(16):
        spots = [(30.5 + seed, 40.5, 3.0)] if seed % 2 else []
        image = spotted(spots, seed)
        cv2.imwrite(str(root / f"{seed:02d}.png"), image.pixels)
        boxes = ";".join(" ".join(map(str, box)) for box in image.boxes)
        rows.append(f"{seed:02d}.png,{'stone' if spots else 'none'},p{seed // 2},{boxes}")
    (root / "manifest.csv").write_text("\n".join(rows) + "\n")
    return root


@pytest.fixture(scope="module")
def seeing(halves, tmp_path_factory):
    from ksfeat.cli.main import main

    path = tmp_path_factory.mktemp("seeing") / "stones.ksf"
    how = ["--features", "stones,density", "--model", "linear", "--cv", "2", "--jobs", "1"]
    main(["fit", str(halves / "manifest.csv"), "--out", str(path), "--seed", "3", *how])
    return path


def test_the_stones_are_found_measured_and_drawn(ksfeat_command, seeing, halves, tmp_path):
    out = tmp_path / "found"
    answer = ksfeat_command("detect", seeing, halves, "--out", out, "--jobs", "1", "--json")
    stones = answer.json()["stones"]
    first = [row for row in stones if row["stone"] == 1]
    assert [row["path"] for row in first] == [f"{seed:02d}.png" for seed in range(1, 16, 2)]
    for row in first:
        assert abs(row["x"] - (30.5 + int(row["path"][:2]))) < 2
        assert abs(row["y"] - 40.5) < 2
        assert 4 < row["diameter_px"] < 8
        assert row["mean_hu"] == row["max_hu"] == "not available: no HU in this file"
        assert row["diameter_mm"] == "not available: no spacing in this file"
    assert json.loads((out / "stones.json").read_text()) == stones
    with (out / "stones.csv").open() as stream:
        assert [row["path"] for row in csv.DictReader(stream)] == [row["path"] for row in stones]
    picture = cv2.imread(str(out / "0002_01_stones.png"))
    blue = (picture[..., 0] > 200) & (picture[..., 2] < 130)
    assert blue.any()
    assert len(list(out.glob("*_stones.png"))) == 16


def test_predict_and_explain_take_such_a_model(ksfeat_command, seeing, halves, tmp_path):
    answer = ksfeat_command("predict", seeing, halves / "05.png", "--jobs", "1", "--json")
    assert answer.json()["predictions"][0]["class"] == "stone"
    told = ksfeat_command("explain", seeing, halves / "05.png", "--out", tmp_path / "w", "--json")
    assert told.json()["additivity_error"] < 1e-9
    names = json.loads((tmp_path / "w" / "explanation.json").read_text())["feature_names"]
    assert {"stones_margin", "hounsfield_maximum_hu"} & set(names) == {"stones_margin"}


def test_it_learnt_from_the_boxes_of_the_manifest(seeing):
    detector = load_model(seeing).model_.stones_.detector_
    assert detector.supervision_ == "boxes"
    assert detector.random_state == 3  # the seed of the command reaches it


def test_a_threshold_of_nought_tells_every_candidate(ksfeat_command, seeing, halves, tmp_path):
    few = ksfeat_command("detect", seeing, halves, "--out", tmp_path / "a", "--json").json()
    all_ = ksfeat_command(
        "detect", seeing, halves, "--out", tmp_path / "b", "--least", "0", "--json"
    ).json()
    assert len(all_["stones"]) > len(few["stones"])
    scores = [row["probability"] for row in all_["stones"] if row["path"] == "01.png"]
    assert scores == sorted(scores, reverse=True)


def test_a_model_that_sees_no_stones_is_refused(ksfeat_command, model_file, halves, tmp_path):
    answer = ksfeat_command("detect", model_file, halves, "--out", tmp_path / "out")
    assert answer.code == 2
    assert "the model sees no stones; fit it with 'stones' among its features" in answer.err
    assert not (tmp_path / "out").exists()


def test_a_table_of_what_is_learnt_later_is_refused(ksfeat_command, halves, tmp_path):
    answer = ksfeat_command("extract", halves, "--out", tmp_path / "a.csv", "--features", "stones")
    assert answer.code == 2
    assert "a table of features: of measured features, and 'stones' are learnt" in answer.err


def test_an_image_that_cannot_be_used_stops_it_or_is_skipped(
    ksfeat_command, seeing, halves, tmp_path
):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "good.png").write_bytes((halves / "01.png").read_bytes())
    cv2.imwrite(str(folder / "flat.png"), np.full((96, 96), 7, dtype=np.uint8))
    stopped = ksfeat_command("detect", seeing, folder, "--out", tmp_path / "no")
    assert stopped.code == 2
    assert not (tmp_path / "no").exists()
    skipped = ksfeat_command(
        "detect", seeing, folder, "--out", tmp_path / "yes", "--on-error", "skip", "--json"
    ).json()
    assert list(skipped["skipped"]) == ["flat.png"]
    assert skipped["n_images"] == 1
