"""`fit` and `evaluate` tell what was asked for: on the terminal, on a page and in JSON."""

import json

import numpy as np
import pandas as pd
import pytest

QUICK = ("--features", "first_order", "--jobs", "1", "--cv", "2", "--model", "linear")
ASKED = ("--prevalence", "stone=0.1", "--subgroups", "sex")


@pytest.fixture(scope="module")
def manifest(stone_data, tmp_path_factory):
    """The phantom with a column of sexes; one cell is empty."""
    folder = tmp_path_factory.mktemp("asked")
    (folder / "images").symlink_to(stone_data.parent / "images")
    table = pd.read_csv(stone_data)
    table["sex"] = np.where(np.arange(len(table)) % 2, "<b>f", "m")
    table.loc[0, "sex"] = None
    table["age"] = np.arange(len(table)) + 0.5
    table.to_csv(folder / "m.csv", index=False)
    return folder / "m.csv"


@pytest.fixture(scope="module")
def fitted(manifest, tmp_path_factory):
    from ksfeat.cli.main import main

    folder = tmp_path_factory.mktemp("fitted")
    options = ("--out", folder / "m.ksf", "--report", folder / "report", "--learning-curve")
    main([str(part) for part in ("fit", manifest, *QUICK, *ASKED, *options)])
    return folder


def test_fit_writes_a_page_and_scores(fitted):
    page = (fitted / "report" / "index.html").read_text()
    for words in (
        "Sensitivity",
        "Specificity",
        "AUPRC",
        "Brier score",
        "its resolution",
        "Expected calibration error",
        "PPV of &#39;stone&#39; at a prevalence of 10 %",
        "By &#39;sex&#39;",
        "&lt;b&gt;f",
        "By training groups",
        "net benefit",
    ):
        assert words in page or words.replace("net benefit", "gains most") in page, words
    assert page.count("<img ") == 3  # reliability, decision, learning
    assert "<b>f" not in page
    written = json.loads((fitted / "report" / "scores.json").read_text())
    subgroups = written["cross_validation"]["details"]["subgroups"]
    assert subgroups["column"] == "sex"
    assert {row["subgroup"] for row in subgroups["scores"]} == {"<b>f", "m", "(not given)"}


def test_a_column_of_subgroups_is_not_shown_to_the_model(fitted):
    from ksfeat import load_model

    names = load_model(fitted / "m.ksf").get_feature_names_out().tolist()
    assert not [name for name in names if name.startswith("sex")]


def test_evaluate_prints_it_and_writes_a_page(ksfeat_command, fitted, manifest, tmp_path):
    model = fitted / "m.ksf"
    answer = ksfeat_command("evaluate", model, manifest, *ASKED, "--out", tmp_path / "scores")
    assert answer.code == 0, answer.err
    assert "PPV of 'stone' at a prevalence of 10 %: " in answer.out
    assert "calibration (" in answer.out
    assert "conformal sets of 90 % coverage hold nostone " in answer.out
    assert "subgroup" in answer.out
    assert (tmp_path / "scores" / "pictures" / "decision_stone.png").is_file()
    page = (tmp_path / "scores" / "index.html").read_text()
    assert "NOT A TEST: 24 of 24 images were in the training set" in page
    told = ksfeat_command("evaluate", model, manifest, *ASKED, "--json").json()
    assert [row["name"] for row in told["details"]["predictive_values"]] == ["ppv", "npv"]
    assert told["unlike_training"] == 0


def test_the_lines_of_the_terminal_are_not_folded(ksfeat_command, fitted, manifest):
    answer = ksfeat_command("evaluate", fitted / "m.ksf", manifest)
    header = next(line for line in answer.out.splitlines() if line.startswith("class "))
    assert header.split() == ["class", "Sensitivity", "Specificity", "Precision", "AUROC"]
    (row,) = [line for line in answer.out.splitlines() if line.startswith("stone  ")][:1]
    assert row.count("(") == 4


def test_evaluate_says_how_many_images_predict_would_refuse(ksfeat_command, fitted, manifest):
    from PIL import Image
    from skimage import color, data

    cat = (color.rgb2gray(data.chelsea()) * 255).astype(np.uint8)
    Image.fromarray(cat).save(manifest.parent / "cat.png")
    table = pd.read_csv(manifest)
    cats = pd.DataFrame({"path": ["cat.png"], "label": ["stone"], "group": ["cat"]})
    pd.concat([table, cats]).to_csv(manifest.parent / "with_cat.csv", index=False)
    answer = ksfeat_command("evaluate", fitted / "m.ksf", manifest.parent / "with_cat.csv")
    assert "1 of 25 images are unlike those of training: `predict` refuses them" in answer.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--prevalence", "stone"), "expected a class and its share, such as stone=0.1"),
        (("--prevalence", "gravel=0.1"), "prevalence of 'gravel', which is no class"),
        (("--prevalence", "stone=7"), "prevalence 7 of 'stone'; expected a share"),
        (("--subgroups", "weight"), "no covariate column 'weight'"),
        (("--subgroups", "age"), "column 'age' has 24 different values"),
    ],
)
def test_what_cannot_be_told_is_one_line(ksfeat_command, manifest, tmp_path, options, message):
    out = tmp_path / "m.ksf"
    answer = ksfeat_command("fit", manifest, "--out", out, *QUICK, *options)
    assert answer.code == 2
    assert message in answer.err
    assert not out.exists()


def test_a_report_that_cannot_be_written_is_refused_first(ksfeat_command, manifest, tmp_path):
    (tmp_path / "taken").touch()
    out = tmp_path / "m.ksf"
    answer = ksfeat_command("fit", manifest, "--out", out, *QUICK, "--report", tmp_path / "taken")
    assert answer.code == 2
    assert "a file; expected a folder to write to" in answer.err
    assert not out.exists()
