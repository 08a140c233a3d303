"""`--params`: a parameter file of pyradiomics."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ksfeat.cli.extract import extract_table
from ksfeat.cli.params import read_params
from ksfeat.errors import InputError


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "params.yaml"
        file.write_text(text)
        return str(file)

    return write


def test_what_pyradiomics_says_becomes_what_ksfeat_says(write):
    params = read_params(
        write(
            "setting: {binWidth: 25, resampledPixelSpacing: [1, 1, 0], label: 2, force2D: true}\n"
            "imageType: {Original: {}}\n"
            "featureClass: {glcm: [Contrast], gldm: , shape2D: }\n"
        )
    )
    assert params.label == 2
    assert params.extractor == {
        "names": "pyradiomics",
        "levels": "fbw25",
        "aggregation": "2d_avg",
        "preprocess": "isotropic:1",
        "features": ("glcm", "ngldm", "morphology_2d"),
    }


def test_a_number_of_bins_goes_before_their_width(write):  # as in pyradiomics
    assert read_params(write("setting: {binWidth: 25, binCount: 64}")).extractor["levels"] == 64


def test_a_range_to_resegment_is_the_limits_of_the_chain(write):
    asked = read_params(write("setting: {resegmentRange: [-50, 400.5]}"))
    assert asked.extractor["chain"] == "limits:-50:400.5"
    upwards = read_params(write("setting: {resegmentRange: [-50]}"))
    assert upwards.extractor["chain"] == "limits:-50:inf"
    with pytest.raises(InputError, match=r"resegmentRange \[400, -50\]; expected \[low, high\]"):
        read_params(write("setting: {resegmentRange: [400, -50]}"))


def test_filtered_images_are_families_of_their_own(write):
    asked = read_params(write("imageType: {Original: {}, LoG: {}}\nfeatureClass: {glcm: []}"))
    assert asked.extractor["features"] == ("glcm", "log_glcm")


def test_all_that_is_unknown_is_named_in_one_line(write):
    text = "setting: {normalize: true}\nimageType: {Square: {}, LoG: {sigma: [1]}}\nx: 1"
    with pytest.raises(InputError) as caught:
        read_params(write(text))
    message = str(caught.value)
    for name in ("setting.normalize", "imageType.Square", "imageType.LoG.sigma", " x,"):
        assert name in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("setting: {binWidth: -1}", "binWidth -1; expected a number above 0"),
        ("setting: {binWidth: wide}", "binWidth 'wide'"),
        ("setting: {binCount: 2.5}", "binCount 2.5; expected a whole number"),
        ("setting: {label: yes}", "label True"),
        ("setting: {force2D: 1}", "force2D 1; expected true or false"),
        ("setting: {resampledPixelSpacing: [1, 2, 0]}", "expected one size for x and y"),
        ("setting: {resampledPixelSpacing: [1, 1, 3]}", "expected 0 for z"),
        ("setting: [1]", "setting is no mapping"),
        ("- 1", "holds no options"),
        ("!!python/object/apply:os.system [ls]", "not YAML"),
        ("a: [", "not YAML"),
    ],
)
def test_bad_files_get_one_line(write, text, words):
    with pytest.raises(InputError, match=r"^params\.yaml: ") as caught:
        read_params(write(text))
    assert words in str(caught.value)


def test_extract_describes_the_label_under_pyradiomics_names(write, tmp_path):
    grey = np.full((16, 16), 10, np.uint8)
    grey[4:8, 4:12] = np.arange(100, 132, dtype=np.uint8).reshape(4, 8)
    mask = np.zeros((16, 16), np.uint8)
    mask[:4], mask[4:8, 4:12] = 1, 2
    Image.fromarray(grey).save(tmp_path / "image.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    (tmp_path / "manifest.csv").write_text("path,mask\nimage.png,mask.png\n")
    file = write("setting: {label: 2}\nfeatureClass: {firstorder: }")
    out = tmp_path / "features.csv"
    extract_table(str(tmp_path / "manifest.csv"), out, params=file, jobs=1)
    row = pd.read_csv(out).iloc[0]
    assert row["original_firstorder_Minimum"] == 100
    assert row["original_firstorder_Maximum"] == 131


def test_options_given_here_win(write, tmp_path):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (16, 16)).astype(np.uint8)).save(tmp_path / "image.png")
    (tmp_path / "manifest.csv").write_text("path\nimage.png\n")
    out = tmp_path / "features.csv"
    file = write("featureClass: {firstorder: }")
    data = str(tmp_path / "manifest.csv")
    extract_table(data, out, params=file, features=("ngtdm",), jobs=1)
    assert [name for name in pd.read_csv(out).columns if "firstorder" in name] == []
