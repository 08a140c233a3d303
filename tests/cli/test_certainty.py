"""`ksfeat fit` tells how sure it is, and `ksfeat predict` refuses what it has never seen."""

import json

import numpy as np
import pytest
from PIL import Image
from skimage import color, data


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


def test_a_grey_photograph_of_a_cat_is_refused_unless_forced(model, picture, capsys):
    cat = picture((color.rgb2gray(data.chelsea()) * 255).astype(np.uint8))
    code, out, err = run(capsys, "predict", model, cat)
    assert (code, out) == (2, "")
    assert "picture.png: unlike the training images (distance " in err
    assert err.count("\n") == 1
    code, out, err = run(capsys, "predict", model, cat, "--force")
    assert code == 0
    assert "picture.png" in out
    assert "unlike the training images" in err


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (data.chelsea(), "an image of unit 'rgb'; expected 'grey'"),
        (np.zeros((96, 96), np.uint8), "an image of one colour"),
    ],
)
def test_a_colour_photograph_and_a_black_slice_are_refused(model, picture, capsys, pixels, reason):
    code, out, err = run(capsys, "predict", model, picture(pixels))
    assert (code, out) == (2, "")
    assert reason in err
