"""fit, evaluate, predict, explain, extract: the main job from files to files."""

import json

import numpy as np
import pandas as pd
import pytest

from ksfeat import Explanation, load_dataset, load_model

QUICK = ("--features", "first_order", "--jobs", "1", "--cv", "2")


def test_fit_prints_scores_with_intervals_and_saves_a_model(ksfeat_command, stone_data, tmp_path):
    answer = ksfeat_command("fit", stone_data, "--out", tmp_path / "m.ksf", *QUICK)
    assert answer.code == 0
    assert "simulated images: split by group (8 groups, column 'group'), 2-fold" in answer.out
    for word in ("Accuracy", "Balanced accuracy", "Precision", "Recall", "F1", "AUROC"):
        assert word in answer.out
    assert "8 groups only: the intervals are optimistic" in answer.out
    assert load_model(tmp_path / "m.ksf").classes_.tolist() == ["nostone", "stone"]


def test_json_is_the_only_thing_on_stdout(ksfeat_command, type_data, tmp_path):
    answer = ksfeat_command("fit", type_data, "--out", tmp_path / "m.ksf", "--json", *QUICK)
    document = answer.json()
    assert document["n_images"] == 20
    cross = document["cross_validation"]
    assert np.array(cross["confusion"]).sum() == 20
    assert len(cross["split"]["hash"]) == 12
    named = {(score["name"], score["class"]) for score in cross["scores"]}
    assert {("auroc", None), ("recall", "cystine"), ("macro_f1", None)} <= named


def test_equal_seeds_give_equal_files(ksfeat_command, stone_data, tmp_path):
    for name in ("a.ksf", "b.ksf"):
        ksfeat_command("fit", stone_data, "--out", tmp_path / name, "--seed", "3", *QUICK)
    assert (tmp_path / "a.ksf").read_bytes() == (tmp_path / "b.ksf").read_bytes()


def test_without_a_patient_column_proxy_groups_are_found_and_named(
    ksfeat_command, stone_data, tmp_path
):
    answer = ksfeat_command(
        "fit", stone_data.parent / "images", "--out", tmp_path / "m.ksf", *QUICK
    )
    assert answer.code == 0, answer.err
    assert "no patient column:" in answer.out
    assert "proxy groups found from the pixels; give --groups to use your own" in answer.out


def test_a_random_split_happens_only_by_name_and_says_so(ksfeat_command, stone_data, tmp_path):
    answer = ksfeat_command(
        "fit", stone_data, "--out", tmp_path / "m.ksf", "--groups", "none", *QUICK
    )
    assert "RANDOM split of images (asked for by name)" in answer.out


def test_groups_from_a_file(ksfeat_command, stone_data, tmp_path):
    data = load_dataset(stone_data)
    groups = tmp_path / "groups.csv"
    pd.DataFrame({"path": data.keys, "group": data.groups}).to_csv(groups, index=False)
    answer = ksfeat_command(
        "fit", stone_data, "--out", tmp_path / "m.ksf", "--groups", groups, *QUICK
    )
    assert "8 groups, file groups.csv" in answer.out


def test_a_given_test_split_is_scored_apart_and_a_leak_is_named(
    ksfeat_command, stone_data, tmp_path
):
    table = pd.read_csv(stone_data)
    (tmp_path / "images").symlink_to(stone_data.parent / "images")
    table["split"] = np.where(table["slice"] == table["slice"].max(), "test", "train")
    table.to_csv(tmp_path / "split.csv", index=False)
    answer = ksfeat_command("fit", tmp_path / "split.csv", "--out", tmp_path / "m.ksf", *QUICK)
    assert "LEAK: 8 groups stand on both sides of the given split" in answer.out
    assert "NOT A TEST: 8 groups" in answer.out
    scored = ksfeat_command("evaluate", tmp_path / "m.ksf", tmp_path / "split.csv", "--json").json()
    assert scored["n_images"] == 8
    assert len(scored["groups_on_both_sides"]) == 8


def test_options_come_from_a_file_and_those_given_win(ksfeat_command, stone_data, tmp_path):
    config = tmp_path / "fit.yaml"
    config.write_text("model: svm\nfeatures: [first_order]\ncv: 3\njobs: 1\n")
    answer = ksfeat_command(
        "fit", stone_data, "--config", config, "--cv", 2, "--out", tmp_path / "m.ksf", "--json"
    )
    document = answer.json()
    assert document["model"]["type"] == "SVMClassifier"
    assert document["n_features"] == 18
    assert document["cross_validation"]["split"]["folds"] == 2


@pytest.mark.parametrize("search", ["grid", "random"])
def test_tuning_is_nested_and_kept(ksfeat_command, stone_data, tmp_path, search):
    answer = ksfeat_command(
        "fit",
        stone_data,
        "--out",
        tmp_path / "m.ksf",
        "--model",
        "linear",
        "--tune",
        search,
        *QUICK,
    )
    assert answer.code == 0, answer.err
    assert load_model(tmp_path / "m.ksf").model_.C != 0.1 or search == "grid"


def test_covariates_travel_from_manifest_to_prediction(ksfeat_command, stone_data, tmp_path):
    (tmp_path / "images").symlink_to(stone_data.parent / "images")
    table = pd.read_csv(stone_data)
    table["age"] = range(len(table))
    table["sex"] = np.where(np.arange(len(table)) % 2, "f", "m")
    manifest = tmp_path / "m.csv"
    table.to_csv(manifest, index=False)
    model = tmp_path / "m.ksf"
    fitted = ksfeat_command("fit", manifest, "--out", model, "--covariates", "age,sex", *QUICK)
    assert fitted.code == 0, fitted.err
    assert load_model(model).get_feature_names_out()[-3:].tolist() == ["age", "sex=f", "sex=m"]
    assert ksfeat_command("predict", model, manifest, "--json").json()["predictions"]
    alone = ksfeat_command("predict", model, tmp_path / "images" / "stone")
    assert alone.code == 2
    assert "needs the covariates age, sex" in alone.err


def test_evaluate_says_when_it_is_no_test(ksfeat_command, model_file, stone_data, tmp_path):
    answer = ksfeat_command("evaluate", model_file, stone_data, "--out", tmp_path / "scores")
    assert "NOT A TEST: 24 of 24 images were in the training set" in answer.out
    written = json.loads((tmp_path / "scores" / "scores.json").read_text())
    assert written["seen_in_training"] == 24
    table = pd.read_csv(tmp_path / "scores" / "predictions.csv")
    assert table.columns.tolist() == ["path", "label", "group", "predicted", "margin_stone"]
    agree = (table["predicted"] == "stone") == (table["margin_stone"] > 0)
    assert agree.all()


def test_predict_agrees_with_python(ksfeat_command, model_file, stone_data):
    data = load_dataset(stone_data)
    answer = ksfeat_command("predict", model_file, stone_data, "--json").json()
    assert [row["path"] for row in answer["predictions"]] == data.keys
    loaded = load_model(model_file)
    assert [row["class"] for row in answer["predictions"]] == loaded.predict(data.images).tolist()
    chances = [row["probability"]["stone"] for row in answer["predictions"]]
    np.testing.assert_allclose(chances, loaded.predict_proba(data.images)[:, 1])


def test_predict_prints_a_line_an_image(ksfeat_command, model_file, stone_data):
    image = next((stone_data.parent / "images" / "stone").glob("*.png"))
    answer = ksfeat_command("predict", model_file, image)
    assert image.name in answer.out
    assert "probability (temperature)" in answer.out


def test_a_folder_is_predicted_by_its_manifest_and_not_with_its_masks(
    ksfeat_command, model_file, stone_data
):
    by_folder = ksfeat_command("predict", model_file, stone_data.parent, "--json")
    by_manifest = ksfeat_command("predict", model_file, stone_data, "--json")
    assert by_folder.json()["predictions"] == by_manifest.json()["predictions"]


def test_explaining_one_image_writes_a_waterfall(ksfeat_command, model_file, stone_data, tmp_path):
    image = next((stone_data.parent / "images" / "stone").glob("*.png"))
    answer = ksfeat_command("explain", model_file, image, "--out", tmp_path / "why")
    assert answer.code == 0, answer.err
    names = sorted(file.name for file in (tmp_path / "why").iterdir())
    assert names == ["explanation.json", "waterfall.png", "waterfall.svg"]
    explanation = Explanation.load(tmp_path / "why" / "explanation.json")
    assert explanation.additivity_error() < 1e-9
    assert explanation.keys == (image.name,)


def test_explaining_a_data_set_writes_beeswarm_and_bar(
    ksfeat_command, model_file, stone_data, tmp_path
):
    answer = ksfeat_command("explain", model_file, stone_data, "--out", tmp_path / "why", "--json")
    assert answer.json()["files"] == [
        "bar_stone.png",
        "bar_stone.svg",
        "beeswarm_stone.png",
        "beeswarm_stone.svg",
        "explanation.json",
    ]


@pytest.mark.parametrize(("name", "read"), [("t.csv", pd.read_csv), ("t.parquet", pd.read_parquet)])
def test_extract_writes_a_row_an_image(ksfeat_command, stone_data, tmp_path, name, read):
    answer = ksfeat_command("extract", stone_data, "--out", tmp_path / name, *QUICK[:4])
    assert answer.code == 0, answer.err
    table = read(tmp_path / name)
    assert table.columns[:4].tolist() == ["path", "label", "group", "first_order_mean"]
    assert len(table) == 24


def test_skipping_lists_what_and_why(ksfeat_command, stone_data, tmp_path):
    manifest = pd.read_csv(stone_data)
    (tmp_path / "images").symlink_to(stone_data.parent / "images")
    (tmp_path / "empty.png").touch()
    broken = pd.DataFrame({"path": ["empty.png"], "label": ["stone"], "group": ["patient_000"]})
    pd.concat([manifest, broken]).to_csv(tmp_path / "m.csv", index=False)
    stopped = ksfeat_command("fit", tmp_path / "m.csv", "--out", tmp_path / "m.ksf", *QUICK)
    assert stopped.code == 2
    assert not (tmp_path / "m.ksf").exists()
    answer = ksfeat_command(
        "fit", tmp_path / "m.csv", "--out", tmp_path / "m.ksf", "--on-error", "skip", *QUICK
    )
    assert answer.code == 0
    assert "skipped: empty.png: an empty file (0 bytes)" in answer.err
    assert "skipped 1 images in all" in answer.err
