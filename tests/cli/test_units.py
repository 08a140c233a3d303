"""Units on the command line: asked for where a file does not say them, and kept in the model."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

QUICK = ("--jobs", "1", "--features", "first_order")


@pytest.fixture
def volumes(tmp_path, monkeypatch) -> Path:
    """CLASS/CASE.nii.gz, 4 cases of 2 slices, which do not say that they are in HU."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for case in range(4):
        folder = Path("data") / ("stone" if case % 2 else "nostone")
        folder.mkdir(parents=True, exist_ok=True)
        voxels = rng.normal(40 + 200 * (case % 2), 30, (16, 16, 2)).astype(np.int16)
        nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), folder / f"case{case}.nii.gz")
    return Path("data")


def test_a_model_of_hounsfield_units_refuses_the_same_files_without_the_word(
    ksfeat_command, volumes
):
    assert ksfeat_command("fit", volumes, "--unit", "HU", "--cv", 2, *QUICK).code == 0
    for command in (("predict",), ("explain", "--out", "why"), ("evaluate",)):
        answer = ksfeat_command(command[0], "model.ksf", volumes, *command[1:], "--jobs", 1)
        assert answer.code == 2
        assert len(answer.err.splitlines()) == 1
        assert "unit 'grey'; expected 'HU', which the model was fitted on" in answer.err
        assert "pass --unit HU" in answer.err
        assert not Path("why").exists()
    assert ksfeat_command("predict", "model.ksf", volumes, "--unit", "HU", "--jobs", 1).code == 0


@pytest.mark.parametrize("option", [("--window", "stone"), ("--preprocess", "window:stone")])
def test_a_window_of_an_unknown_unit_says_how_to_name_it(ksfeat_command, volumes, option):
    answer = ksfeat_command("extract", volumes, "--out", "t.csv", *option, "--jobs", 1)
    assert answer.code == 2
    assert "a window needs an image in HU; found unit 'grey'" in answer.err
    assert "pass --unit HU" in answer.err
