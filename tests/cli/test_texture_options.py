"""`--levels`, `--aggregation` and `--chain`: how texture is counted, on the command line."""

from pathlib import Path

import nibabel
import numpy as np
import pandas as pd
import pytest

from ksfeat.models import load_model

REGION = ("--volume", "region", "--unit", "HU", "--jobs", "1")


@pytest.fixture
def cases(tmp_path, monkeypatch) -> Path:
    """CLASS/CASE/ct.nii.gz with a mask beside it: 4 cases of 4 slices, of two textures."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for case in range(4):
        folder = Path("data") / ("stone" if case % 2 else "nostone") / f"Case{case}"
        folder.mkdir(parents=True)
        voxels = rng.normal(40, 100 if case % 2 else 5, (12, 12, 4)).astype(np.int16)
        region = np.zeros(voxels.shape, dtype=np.uint8)
        region[2:10, 2:10] = 1
        for name, array in (("ct", voxels), ("ct_seg", region)):
            nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), folder / f"{name}.nii.gz")
    return Path("data")


def test_texture_left_out_of_volumes_is_told_with_its_mend(ksfeat_command, cases):
    answer = ksfeat_command("extract", cases, "--out", "t.csv", "--features", "ibsi", *REGION)
    assert answer.code == 0
    (line,) = [line for line in answer.err.splitlines() if "left out" in line]
    assert line.startswith("ksfeat: families glcm, glrlm, glszm, gldzm, ngtdm, ngldm left out: ")
    assert line.endswith("(--aggregation 3d_mrg)")


def test_volumes_have_the_texture_and_the_levels_that_are_asked_for(ksfeat_command, cases):
    how = ("--features", "ibsi", "--aggregation", "3d_mrg", "--levels", "fbs25")
    answer = ksfeat_command("extract", cases, "--out", "t.csv", *how, *REGION)
    assert answer.code == 0
    assert answer.err == ""
    names = pd.read_csv("t.csv").columns
    assert {"glcm_contrast_d1_3d_mrg_fbs25", "histogram_entropy_fbs25"} <= set(names)


def test_a_model_keeps_how_texture_is_counted(ksfeat_command, cases):
    how = ("--features", "glcm", "--aggregation", "3d_avg", "--levels", 16, "--cv", 2)
    fitted = ksfeat_command("fit", cases, *how, "--model", "linear", *REGION, "--groups", "none")
    assert fitted.code == 0, fitted.err
    path = cases / "stone" / "Case1" / "ct.nii.gz"
    answer = ksfeat_command("predict", "model.ksf", path, *REGION, "--json")
    assert len(answer.json()["predictions"]) == 1
    extractor = load_model("model.ksf").extractor_
    assert (extractor.aggregation, extractor.levels) == ("3d_avg", 16)
    assert "glcm_contrast_d1_3d_avg_fbn16" in extractor.get_feature_names_out()
    flat = ksfeat_command("predict", "model.ksf", path, "--unit", "HU", "--jobs", 1)
    assert flat.code == 2
    assert "aggregation '3d_avg' needs a volume" in flat.err


def test_a_configuration_file_says_levels_too(ksfeat_command, cases):
    Path("c.yaml").write_text("levels: 8\naggregation: 2.5d_mrg\nfeatures: glcm\n")
    fitted = ksfeat_command(
        *("fit", cases, "--config", "c.yaml", "--cv", 2, "--model", "linear", *REGION, "--json")
    )
    assert fitted.code == 0, fitted.err
    path = cases / "stone"
    assert ksfeat_command("predict", "model.ksf", path, *REGION, "--json").code == 0


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--levels", "1", "levels 1; expected a whole number, from 2 to 65535"),
        ("--levels", "-3", "levels -3; expected a whole number"),
        ("--levels", "fine", "levels 'fine'; expected a whole number, or such as"),
        ("--levels", "fbs0", "bin size 0.0; expected a number above 0"),
        ("--aggregation", "4d", "aggregation '4d'; expected one of 2d_avg, 2d_mrg"),
    ],
)
def test_what_texture_cannot_be_counted_by_is_one_line(ksfeat_command, cases, option, value, words):
    answer = ksfeat_command("extract", cases, "--out", "t.csv", option, value, *REGION)
    assert answer.code == 2
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1
    assert not Path("t.csv").exists()


def test_the_processing_of_the_ibsi_is_asked_for_and_kept(ksfeat_command, cases):
    chain = "interpolate:0.5:cubic,limits:-50:100,outliers:3"
    how = ("--features", "first_order", "--chain", chain)
    answer = ksfeat_command("extract", cases, "--out", "t.csv", *how, *REGION)
    assert answer.code == 0, answer.err
    assert pd.read_csv("t.csv")["first_order_maximum"].max() <= 100
    fitted = ksfeat_command(
        "fit", cases, *how, "--cv", 2, "--model", "linear", *REGION, "--groups", "none"
    )
    assert fitted.code == 0, fitted.err
    assert load_model("model.ksf").extractor_.chain == chain


def test_a_term_that_is_not_known_is_one_line(ksfeat_command, cases):
    answer = ksfeat_command("extract", cases, "--out", "t.csv", "--chain", "blur:2", *REGION)
    assert answer.code == 2
    assert "chain term 'blur:2'; expected one of interpolate:MM" in answer.err
    assert len(answer.err.splitlines()) == 1
