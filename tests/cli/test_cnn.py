"""`--model cnn:NAME`: a CNN on the command line, from fit to predict."""

import sys

import pytest

from ksfeat import load_model
from ksfeat.cli.main import main

SMALL = ("--model", "cnn:seed_cnn", "--size", "32", "--cv", "2", "--jobs", "1")


@pytest.fixture(scope="module")
def trained(stone_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cnn")
    given = ("--epochs", "1", "--training", "batch_size=8,augment=false", "--preprocess", "clahe")
    report = ("--report", str(folder / "page"))
    main(["fit", str(stone_data), "--out", str(folder / "cnn.ksf"), *SMALL, *given, *report])
    return folder / "cnn.ksf"


def test_options_reach_the_network_and_its_pictures(trained):
    loaded = load_model(trained)
    model, pictures = loaded.model_, loaded.extractor_
    assert (model.model, model.epochs, model.batch_size, model.augment) == ("seed_cnn", 1, 8, False)
    assert (model.size, pictures.size, pictures.preprocess) == (32, 32, "clahe")
    assert (trained.parent / "page" / "index.html").exists()


def test_predict_and_evaluate_take_it(ksfeat_command, trained, stone_data):
    answer = ksfeat_command("predict", trained, stone_data, "--jobs", "1", "--json").json()
    assert answer["calibration"] == "temperature"
    assert len(answer["predictions"]) == 24
    scored = ksfeat_command("evaluate", trained, stone_data, "--jobs", "1")
    assert "NOT A TEST: 24 of 24 images were in the training set" in scored.out


def test_explain_is_refused_in_one_line(ksfeat_command, trained, stone_data, tmp_path):
    answer = ksfeat_command("explain", trained, stone_data, "--out", tmp_path / "why")
    assert answer.code == 2
    assert "an explanation by feature: of features, and a CNN looks at pictures" in answer.err
    assert not (tmp_path / "why").exists()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ((*SMALL, "--features", "lbp"), "--features says how features are computed, and a CNN"),
        ((*SMALL, "--cache", "folder"), "--cache says how features are computed"),
        ((*SMALL, "--min-icc", "0.5"), "min_icc: of features"),
        ((*SMALL, "--training", "depth=3"), "cnn:seed_cnn has no parameter 'depth'"),
        ((*SMALL, "--training", "size=64"), "--training size: it has its own option (--size)"),
        ((*SMALL, "--training", "channels"), "expected NAME=VALUE,..., such as"),
        ((*SMALL, "--training", "learning_rate=fast"), "learning_rate 'fast'"),
        ((*SMALL, "--epochs", "0"), "epochs 0; expected a whole number from 1 to 1000"),
        (("--model", "cnn:resnet"), "model 'resnet'; expected one of efficientnet_lite0"),
        (("--model", "svm", "--epochs", "3"), "--epochs is of a CNN, and the model is svm"),
        (("--model", "forest"), "'forest'; expected one of xgboost, svm, linear, cnn:NAME"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(ksfeat_command, stone_data, tmp_path, options, line):
    answer = ksfeat_command("fit", stone_data, "--out", tmp_path / "m.ksf", *options)
    assert answer.code == 2
    assert line in answer.err
    assert answer.err.count("\n") == 1
    assert not (tmp_path / "m.ksf").exists()


def test_a_configuration_may_say_how_it_is_trained(ksfeat_command, stone_data, tmp_path):
    config = tmp_path / "cnn.yaml"
    config.write_text("model: cnn:seed_cnn\ntraining: {learning_rate: 0.5, validation: 2}\n")
    answer = ksfeat_command("fit", stone_data, "--config", config)
    assert "validation 2; expected a number from 0 to 0.5" in answer.err


def test_without_torch_the_line_says_how_to_install_it(
    ksfeat_command, stone_data, tmp_path, monkeypatch
):
    for name in [name for name in sys.modules if name.startswith("ksfeat.cnn")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    answer = ksfeat_command("fit", stone_data, "--out", tmp_path / "m.ksf", *SMALL)
    assert answer.code == 2
    assert "pip install 'ksfeat[cnn]'" in answer.err
