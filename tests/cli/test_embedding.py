"""Embeddings on the command line: fit, predict, explain and extract take them as features."""

import json
import sys

import pandas as pd
import pytest

SMALL = ("--features", "embedding", "--size", "32", "--jobs", "1")


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    return tmp_path_factory.mktemp("vectors")


@pytest.fixture(scope="module")
def embedded(stone_data, tmp_path_factory, vectors):
    """A model of features beside an embedding, whose vectors are kept."""
    from ksfeat.cli.main import main

    path = tmp_path_factory.mktemp("embedded") / "both.ksf"
    features = ("--features", "first_order,embedding", "--cache", str(vectors), "--jobs", "1")
    main(["fit", str(stone_data), "--out", str(path), "--model", "linear", "--cv", "2", *features])
    return path


def test_predict_evaluate_and_explain_take_such_a_model(
    ksfeat_command, embedded, stone_data, tmp_path
):
    answer = ksfeat_command("predict", embedded, stone_data, "--jobs", "1", "--json")
    assert len(answer.json()["predictions"]) == 24
    scored = ksfeat_command("evaluate", embedded, stone_data, "--jobs", "1")
    assert "NOT A TEST: 24 of 24 images were in the training set" in scored.out
    told = ksfeat_command(
        "explain", embedded, stone_data, "--out", tmp_path / "why", "--jobs", "1", "--json"
    )
    assert told.json()["additivity_error"] < 1e-9
    names = json.loads((tmp_path / "why" / "explanation.json").read_text())["feature_names"]
    assert "embedding_efficientnet_lite0_last_1279" in names


def test_the_vectors_were_kept(embedded, vectors):
    assert len(list(vectors.rglob("*.f32"))) == 24


def test_a_table_of_the_embedding(ksfeat_command, stone_data, tmp_path):
    answer = ksfeat_command("extract", stone_data, "--out", tmp_path / "t.parquet", *SMALL)
    assert answer.code == 0, answer.err
    assert pd.read_parquet(tmp_path / "t.parquet").shape == (24, 1280 + 3)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ((*SMALL, "--levels", "8"), "levels says how families are computed"),
        (("--cache", "folder"), "cache of an embedding, and none is asked for"),
        ((*SMALL, "--embedding-model", "resnet"), "model 'resnet'; expected one of efficientnet"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(ksfeat_command, stone_data, tmp_path, options, line):
    answer = ksfeat_command("fit", stone_data, "--out", tmp_path / "m.ksf", *options)
    assert answer.code == 2
    assert line in answer.err
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "m.ksf").exists()


@pytest.mark.parametrize("features", ["all", "embedding"])
def test_without_torch_the_line_says_how_to_install_it(
    ksfeat_command, stone_data, tmp_path, monkeypatch, features
):
    monkeypatch.setitem(sys.modules, "torch", None)
    answer = ksfeat_command(
        "fit", stone_data, "--out", tmp_path / "m.ksf", "--features", features, "--jobs", "1"
    )
    assert answer.code == 2
    assert "pip install 'ksfeat[cnn]'" in answer.err
