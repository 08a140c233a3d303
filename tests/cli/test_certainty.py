"""`ksfeat fit` tells how sure it is, and `ksfeat predict` refuses what it has never seen."""

import importlib
import json
import warnings

import numpy as np
import pydicom
import pytest
from PIL import Image
from skimage import data

from ksfeat import load_model

STRANGERS = importlib.import_module("benchmarks.strangers").STRANGERS


@pytest.fixture(scope="module")
def model(stone_data, tmp_path_factory):
    from ksfeat.cli.fit import fit_model

    out = tmp_path_factory.mktemp("certainty") / "m.ksf"
    fit_model(str(stone_data), out, model="linear", features=("texture",), cv=2, coverage=0.7)
    return str(out)


@pytest.fixture
def picture(tmp_path):
    def written(pixels):
        path = tmp_path / "picture.png"
        Image.fromarray(pixels).save(path)
        return str(path)

    return written


def run(capsys, *arguments):
    from ksfeat.cli.main import main

    code = 0
    try:
        main(list(arguments))
    except SystemExit as stopped:
        code = stopped.code
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_predict_prints_the_set(model, stone_data, capsys):
    image = str(next((stone_data.parent / "images" / "stone").glob("*.png")))
    code, out, _ = run(capsys, "predict", model, image)
    assert code == 0
    assert "set (70 %)" in out
    code, out, _ = run(capsys, "predict", model, image, "--json")
    answer = json.loads(out)
    (row,) = answer["predictions"]
    assert answer["coverage"] == 0.7
    assert set(row["set"]) <= {"stone", "nostone"}
    assert sum(row["probability"].values()) == pytest.approx(1)


@pytest.mark.parametrize("name", [name for name in STRANGERS if name != "all-black slice"])
def test_other_pictures_are_refused_unless_forced(model, picture, capsys, name):
    path = picture(STRANGERS[name]())
    code, out, err = run(capsys, "predict", model, path)
    assert (code, out) == (2, "")
    assert "picture.png: unlike the training images (distance " in err
    assert err.count("\n") == 1
    code, out, err = run(capsys, "predict", model, path, "--force")
    assert code == 0
    assert "picture.png" in out
    assert "unlike the training images" in err


def test_where_every_image_is_refused_each_is_told_and_then_one_line(model, picture, capsys):
    path = picture(next(STRANGERS[name]() for name in STRANGERS if name != "all-black slice"))
    for more in ((), ("--json",)):
        code, out, err = run(capsys, "predict", model, path, "--on-error", "skip", *more)
        assert (code, out) == (2, "")
        first, count, last = err.splitlines()
        assert first.startswith("ksfeat: skipped: picture.png: unlike the training images")
        assert count == "ksfeat: skipped 1 images in all"
        assert last.startswith("ksfeat: no image is predicted: all were refused; bring images")


def test_the_images_of_training_are_not_refused(model, stone_data, capsys):
    code, _, err = run(capsys, "predict", model, str(stone_data))
    assert (code, err) == (0, "")


def test_an_image_of_another_modality_is_refused_by_name(ksfeat_command, tree, tmp_path):
    """The same pixels as emission tomography are no magnetic resonance, whatever they look like."""
    for number, file in enumerate(path for path in tree.rglob("*") if path.is_file()):
        header = pydicom.dcmread(file)
        header.Modality = "MR"
        place = tmp_path / "mr" / file.relative_to(tree).parts[0] / f"{number}.dcm"
        place.parent.mkdir(parents=True, exist_ok=True)
        header.save_as(place)
    model = tmp_path / "m.ksf"
    options = ("--model", "linear", "--features", "first_order", "--cv", "2", "--jobs", "1")
    fitted = ksfeat_command("fit", tmp_path / "mr", "--out", model, *options)
    assert fitted.code == 0, fitted.err
    assert load_model(model).certainty_.novelty.modalities == ("MR",)
    header.Modality = "PT"
    header.save_as(tmp_path / "pt.dcm")
    answer = ksfeat_command("predict", model, tmp_path / "pt.dcm")
    assert answer.code == 2
    assert "its modality is PT; the model was trained on MR" in answer.err
    assert ksfeat_command("predict", model, place).code == 0
    assert ksfeat_command("predict", model, tmp_path / "pt.dcm", "--force").code == 0


@pytest.mark.parametrize(
    ("pixels", "reason", "remark"),
    [
        (data.chelsea(), "an image of unit 'rgb'; expected 'grey'", "described by its luminance"),
        (np.zeros((96, 96), np.uint8), "an image of one colour", "nothing is shown"),
    ],
)
def test_a_colour_photograph_and_a_black_slice_are_refused_unless_forced(
    model, picture, capsys, pixels, reason, remark
):
    path = picture(pixels)
    code, out, err = run(capsys, "predict", model, path)
    assert (code, out) == (2, "")
    assert reason in err
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # features are not defined for it
        code, out, err = run(capsys, "predict", model, path, "--force")
    assert code == 0
    assert "picture.png" in out
    assert remark in err


def test_where_there_are_no_features_the_line_says_that_force_does_not_help(model, picture, capsys):
    path = picture(np.eye(4, dtype=np.uint8))
    code, out, err = run(capsys, "predict", model, path, "--force")
    assert (code, out) == (2, "")
    assert "--force does not help: its features cannot be computed" in err
    assert err.count("\n") == 1
    assert "--force" not in run(capsys, "predict", model, path)[2]
