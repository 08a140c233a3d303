"""`--params`: a parameter file of pyradiomics."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ksfeat.cli.extract import extract_table
from ksfeat.cli.params import asked_of, read_params
from ksfeat.errors import InputError


@pytest.fixture
def write(tmp_path):
    def write(text):
        file = tmp_path / "params.yaml"
        file.write_text(text)
        return str(file)

    return write


ALL = ("first_order", "histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm")
UNSAID = {
    "names": "pyradiomics",
    "levels": "fbw25",
    "aggregation": "2d_avg",
    "features": (*ALL, "glcm_mcc", "pyradiomics_shape"),
}


def test_what_pyradiomics_says_becomes_what_ksfeat_says(write):
    params = read_params(
        write(
            "setting: {binWidth: 10, resampledPixelSpacing: [1, 1, 0], label: 2, force2D: true}\n"
            "imageType: {Original: {}}\n"
            "featureClass: {glcm: [Contrast], gldm: , shape2D: }\n"
        )
    )
    assert params.label == 2
    assert params.extractor == {
        "names": "pyradiomics",
        "levels": "fbw10",
        "aggregation": "2d_avg",
        "preprocess": "isotropic:1",
        "features": ("glcm", "ngldm", "morphology_2d"),
    }


@pytest.mark.parametrize(
    "text",
    ["", "setting:", "setting: {label: 1}", "setting: {binWidth: , binCount: , force2D: }"],
)
def test_what_a_file_does_not_say_is_as_in_pyradiomics(write, text):
    params = read_params(write(text))
    assert params.extractor == UNSAID
    assert params.label == 1


def test_a_range_to_resegment_is_the_limits_of_the_chain(write):
    asked = read_params(write("setting: {resegmentRange: [-50, 400.5]}"))
    assert asked.extractor["chain"] == "limits:-50:400.5"
    upwards = read_params(write("setting: {resegmentRange: [-50]}"))
    assert upwards.extractor["chain"] == "limits:-50:inf"
    with pytest.raises(InputError, match=r"resegmentRange \[400, -50\]; expected \[low, high\]"):
        read_params(write("setting: {resegmentRange: [400, -50]}"))


@pytest.mark.parametrize(
    ("force", "of_slices", "of_volumes"),
    [("", "2d_avg", "3d_avg"), ("false", "2d_avg", "3d_avg"), ("true", "2d_avg", "2.5d_avg")],
)
def test_textures_are_seen_in_slices_or_in_the_volume(write, force, of_slices, of_volumes):
    file = write(f"setting: {{force2D: {force}}}")
    assert read_params(file).extractor["aggregation"] == of_slices
    assert read_params(file, volumes=True).extractor["aggregation"] == of_volumes
    assert asked_of(file, {"volume": "region"}).extractor["aggregation"] == of_volumes
    assert asked_of(file, {"volume": "slices"}).extractor["aggregation"] == of_slices


def test_no_file_asks_for_nothing():
    assert asked_of(None, {"axis": "axial"}).extractor == {}
    assert asked_of(None, {"axis": "axial"}).reading({"axis": "axial"}) == {"axis": "axial"}


@pytest.mark.parametrize(
    ("setting", "levels"),
    [
        ("binWidth: 12.3456789", "fbw12.3456789"),
        ("binWidth: 1234567.5", "fbw1234567.5"),
        ("binWidth: 0.00000001", "fbw0.00000001"),
        ("binWidth: 25, binCount: 64", 64),  # the number goes before the width, as in pyradiomics
    ],
)
def test_levels_keep_all_their_digits(write, setting, levels):
    assert read_params(write(f"setting: {{{setting}}}")).extractor["levels"] == levels


def test_a_spacing_keeps_all_its_digits(write):
    file = write("setting: {resampledPixelSpacing: [0.9765625, 0.9765625]}")
    assert read_params(file).extractor["preprocess"] == "isotropic:0.9765625"
    with pytest.raises(InputError, match="expected the same for z as for x and y"):
        read_params(file, volumes=True)


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("imageType: {Original: , LoG: }\nfeatureClass: {glcm: [Id]}", ("glcm", "log_glcm")),
        ("imageType: {Wavelet: {}}\nfeatureClass: {ngtdm: []}", ("wavelet_ngtdm",)),
        # The shape is that of the mask, whatever the filter: once, and always.
        ("imageType: {LoG: }\nfeatureClass: {shape: , gldm: }", ("log_ngldm", "morphology")),
        ("imageType: {Original: , Wavelet: }\nfeatureClass: {shape2D: }", ("morphology_2d",)),
        ("featureClass: {shape: , shape2D: }", ("pyradiomics_shape",)),  # whichever fits
        ("featureClass: {glcm: }", ("glcm", "glcm_mcc")),
        ("featureClass: {glcm: [MCC]}", ("glcm", "glcm_mcc")),
        ("imageType: {Wavelet: }", (*(f"wavelet_{name}" for name in ALL), "pyradiomics_shape")),
    ],
)
def test_classes_and_filters_are_families(write, text, families):
    assert read_params(write(text)).extractor["features"] == families


def test_all_that_is_unknown_is_named_in_one_line(write):
    text = "setting: {normalize: true}\nimageType: {Square: {}, LoG: {sigma: [1]}}\nx: 1"
    with pytest.raises(InputError) as caught:
        read_params(write(text))
    message = str(caught.value)
    for name in ("setting.normalize", "imageType.Square", "imageType.LoG.sigma", " x,"):
        assert name in message
    assert "\n" not in message


MANY = ", ".join(["x"] * 10)
BOMB = f"a: &a [{MANY}]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("setting: {binWidth: -1}", "binWidth -1; expected a number from 1e-09 to 1e+09"),
        ("setting: {binWidth: wide}", "binWidth 'wide'"),
        ("setting: {binWidth: 1" + "0" * 400 + "}", "binWidth a whole number of 1329 bits"),
        ("setting: {binWidth: .inf}", "binWidth inf"),
        ("setting: {binWidth: .nan}", "binWidth nan"),
        ("setting: {binWidth: true}", "binWidth True"),
        ("setting: {binCount: 2.5}", "binCount 2.5; expected a whole number"),
        ("setting: {binCount: 1}", "binCount 1; expected a whole number from 2 to 65535"),
        ("setting: {binCount: 65536}", "binCount 65536"),
        ("setting: {label: yes}", "label True"),
        ("setting: {label: 0}", "label 0; expected a whole number from 1 to 65535"),
        ("setting: {label: 0x" + "F" * 90_000 + "}", "label a whole number of 360000 bits"),
        ("setting: {force2D: 1}", "force2D 1; expected true or false"),
        ("setting: {resampledPixelSpacing: [1, 2, 0]}", "expected one size in millimetres"),
        ("setting: {resampledPixelSpacing: [1, 1, 3]}", "expected 0 for z"),
        ("setting: {resampledPixelSpacing: [0, 0, 0]}", "resampledPixelSpacing [0, 0, 0]"),
        ("setting: {resampledPixelSpacing: 1}", "resampledPixelSpacing 1;"),
        ("setting: {resampledPixelSpacing: []}", "resampledPixelSpacing []"),
        ("setting: {resampledPixelSpacing: [[1],[1]]}", "resampledPixelSpacing [[1], [1]]"),
        ("setting: {resampledPixelSpacing: [{a: 1}, 1]}", "resampledPixelSpacing [{'a': 1}, 1]"),
        ("setting: {resampledPixelSpacing: [.inf, .inf]}", "resampledPixelSpacing [inf, inf]"),
        ("setting: {resampledPixelSpacing: [true, true]}", "resampledPixelSpacing [True, True]"),
        ("setting: {resampledPixelSpacing: [1, 0x" + "F" * 9000 + "]}", "expected one size"),
        ("setting: [1]", "setting [1]; expected 'key: value' lines"),
        ("setting: 0", "setting 0; expected 'key: value' lines"),
        ("setting: false", "setting False; expected 'key: value' lines"),
        ("imageType: {Original: 5}", "Original 5; expected 'key: value' lines"),
        ("featureClass: {glcm: 5}", "featureClass.glcm 5; expected a list of its features"),
        ("featureClass: {glcm: [NoSuch]}", "featureClass.glcm has no feature 'NoSuch'"),
        ("featureClass: {glcm: [[Contrast]]}", "featureClass.glcm has no feature ['Contrast']"),
        ("setting: {binWidth: 2}\nsetting: {binWidth: 1}", "the key 'setting' twice in line 2"),
        ("setting: {binWidth: 2, binWidth: 1}", "the key 'binWidth' twice in line 1"),
        (BOMB + "setting: {binWidth: *h}", "an alias (*) in line 2"),
        ("&a {setting: *a}", "an alias (*) in line 1"),
        ("setting: {binWidth: [" + "x, " * 9_000 + "x]}", "binWidth ['x', 'x', 'x', ...]"),
        ("".join(f"k{number}: 1\n" for number in range(999)), "k9 and 989 more; expected"),
        ('"a\\nb": 1', "a\\nb; expected"),
        ("- 1", "holds no options"),
        ("0", "holds no options"),
        ("#" * 100_001, "too large for a parameter file; expected at most 100,000 bytes"),
        ("!!python/object/apply:os.system [ls]", "not YAML"),
        ("a: [", "not YAML"),
        ("a: " + "[" * 3000, "not YAML (nested too deeply)"),
        ("? [a]\n: 1", "not YAML"),
    ],
)
def test_bad_files_get_one_short_line(write, text, words):
    with pytest.raises(InputError, match=r"^params\.yaml: ") as caught:
        read_params(write(text))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.fixture
def labelled_masks(tmp_path):
    """Two images whose masks hold label 1 (values from 10) and label 2 (from 100)."""
    grey = np.full((16, 16), 10, np.uint8)
    grey[:4] += np.arange(16, dtype=np.uint8)
    grey[4:8, 4:12] = np.arange(100, 132, dtype=np.uint8).reshape(4, 8)
    mask = np.zeros((16, 16), np.uint8)
    mask[:4], mask[4:8, 4:12] = 1, 2
    for name in ("one", "two"):
        Image.fromarray(grey).save(tmp_path / f"{name}.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    rows = "path,mask,mask_label\none.png,mask.png,\ntwo.png,mask.png,2\n"
    (tmp_path / "manifest.csv").write_text(rows)
    return str(tmp_path / "manifest.csv")


@pytest.mark.parametrize(("setting", "minima"), [("{label: 2}", [100, 100]), ("", [10, 100])])
def test_the_label_is_of_masks_of_which_the_manifest_says_none(
    write, tmp_path, labelled_masks, setting, minima
):
    out = tmp_path / "features.csv"
    file = write(f"setting: {setting}\nfeatureClass: {{firstorder: }}")
    extract_table(labelled_masks, out, params=file, jobs=1)
    assert pd.read_csv(out)["original_firstorder_Minimum"].tolist() == minima


def test_a_mask_without_the_label_is_refused_with_the_mend(write, tmp_path, labelled_masks):
    file = write("setting: {label: 7}\nfeatureClass: {firstorder: }")
    with pytest.raises(InputError, match=r"no pixel of value 7; it holds 0, 1, 2; name one"):
        extract_table(labelled_masks, tmp_path / "features.csv", params=file, jobs=1)


def test_slices_of_a_volume_are_those_that_hold_the_label(write, tmp_path):
    nib = pytest.importorskip("nibabel")
    pixels = np.arange(12 * 12 * 6, dtype=np.int16).reshape(12, 12, 6)
    labels = np.zeros(pixels.shape, np.uint8)
    labels[2:9, 2:9, 1:3], labels[2:9, 2:9, 3:6] = 1, 2
    nib.save(nib.Nifti1Image(pixels, np.eye(4)), tmp_path / "a.nii")
    nib.save(nib.Nifti1Image(labels, np.eye(4)), tmp_path / "a_seg.nii")
    out = tmp_path / "features.csv"
    for setting, slices in (("", 2), ("{label: 2}", 3)):
        file = write(f"setting: {setting}\nfeatureClass: {{firstorder: , shape2D: }}")
        extract_table(str(tmp_path / "a.nii"), out, params=file, jobs=1)
        assert pd.read_csv(out)["original_shape2D_PixelSurface"].tolist() == [49.0] * slices


def test_all_classes_of_pictures_leave_out_what_they_cannot_have(write, tmp_path, labelled_masks):
    out = tmp_path / "features.csv"
    result = extract_table(labelled_masks, out, params=write("setting: {label: 2}"), jobs=1)
    assert sorted(result["families_left_out"]) == ["morphology", "morphology_2d"]  # no millimetres
    assert "original_gldm_DependenceEntropy" in pd.read_csv(out).columns


def test_options_given_here_win(write, tmp_path):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (16, 16)).astype(np.uint8)).save(tmp_path / "image.png")
    (tmp_path / "manifest.csv").write_text("path\nimage.png\n")
    out = tmp_path / "features.csv"
    file = write("featureClass: {firstorder: }")
    data = str(tmp_path / "manifest.csv")
    extract_table(data, out, params=file, features=("ngtdm",), jobs=1)
    assert [name for name in pd.read_csv(out).columns if "firstorder" in name] == []
