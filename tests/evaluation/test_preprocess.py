"""Steps before all else, from the command line into the model file and out of it again."""

import numpy as np
import pytest

from ksfeat import FeatureExtractor, load_dataset, load_model
from ksfeat.cli.main import main

STEPS = "resize:64,zscore,clahe:3,crop:body:2"


@pytest.fixture
def model_file(stone_data, tmp_path):
    def fit(*options):
        path = tmp_path / "model.ksf"
        quick = ["--features", "first_order", "--model", "linear", "--cv", "2", "--jobs", "1"]
        main(["fit", str(stone_data), "--out", str(path), *quick, *options])
        return path

    return fit


def test_the_model_file_takes_the_same_steps_again(model_file, stone_data, capsys):
    path = model_file("--preprocess", STEPS, "--augment", "1")
    assert "fitted on all 24 images and 1 augmented copies of each" in capsys.readouterr().out
    loaded = load_model(path)
    assert loaded.extractor_.preprocess == STEPS
    assert loaded.training_["augmentation"]["copies"] == 1
    assert loaded.training_["n_images"] == 24
    images = load_dataset(stone_data).images
    by_hand = FeatureExtractor("first_order", preprocess=STEPS).fit_transform(images)
    np.testing.assert_array_equal(loaded.describe(images), by_hand)
    assert not np.array_equal(FeatureExtractor("first_order").fit_transform(images), by_hand)
    main(["evaluate", str(path), str(stone_data), "--split", "all", "--jobs", "1"])
    main(["predict", str(path), str(images[0].path), "--jobs", "1"])
    assert images[0].path.name in capsys.readouterr().out


def test_without_steps_and_copies_the_model_file_says_so(model_file):
    loaded = load_model(model_file())
    assert loaded.extractor_.preprocess is None
    assert loaded.training_["augmentation"] is None


def test_a_step_that_is_not_known_is_one_line(model_file, capsys):
    with pytest.raises(SystemExit):
        model_file("--preprocess", "sharpen")
    error = capsys.readouterr().err
    assert "preprocessing step 'sharpen'; expected one of window:NAME" in error
    assert error.count("\n") == 1
