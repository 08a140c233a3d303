"""Masks on the command line: a model of regions refuses whole images, and the other way round."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

QUICK = ("--jobs", "1", "--features", "first_order")


@pytest.fixture
def cases(tmp_path, monkeypatch) -> Path:
    """CLASS/CASE/ct.nii.gz with ct_seg.nii.gz beside it, 4 cases of 2 slices."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for case in range(4):
        folder = Path("data") / ("stone" if case % 2 else "nostone") / f"Case{case}"
        folder.mkdir(parents=True)
        voxels = rng.normal(40, 30, (16, 16, 2)).astype(np.int16)
        region = np.zeros(voxels.shape, dtype=np.uint8)
        region[4:8, 4:8] = 1
        voxels[region == 1] += 200 * (case % 2)
        for name, array in (("ct", voxels), ("ct_seg", region)):
            nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), folder / f"{name}.nii.gz")
    return Path("data")


def without_masks(cases: Path) -> None:
    for mask in cases.rglob("*_seg.nii.gz"):
        mask.unlink()


COMMANDS = (("predict",), ("explain", "--out", "why"), ("evaluate",))


def test_a_model_of_regions_refuses_images_without_one(ksfeat_command, cases):
    assert ksfeat_command("fit", cases, "--cv", 2, *QUICK).code == 0
    one = cases / "stone" / "Case1" / "ct.nii.gz"
    alone = ksfeat_command("predict", "model.ksf", one, "--json", "--jobs", 1).json()
    folder = ksfeat_command("predict", "model.ksf", one.parent, "--json", "--jobs", 1).json()
    assert alone["predictions"] == folder["predictions"]
    without_masks(cases)
    for command in COMMANDS:
        answer = ksfeat_command(command[0], "model.ksf", cases, *command[1:], "--jobs", 1)
        assert answer.code == 2
        assert len(answer.err.splitlines()) == 1
        assert "no mask; expected one, as each image had that the model was fitted" in answer.err
        assert "give a manifest with the column mask, or put the mask beside" in answer.err
        assert not Path("why").exists()


def test_a_model_of_whole_images_refuses_regions(ksfeat_command, cases):
    kept = {path: path.read_bytes() for path in cases.rglob("*_seg.nii.gz")}
    without_masks(cases)
    assert ksfeat_command("fit", cases, "--cv", 2, *QUICK).code == 0
    for path, content in kept.items():
        path.write_bytes(content)
    for command in COMMANDS:
        answer = ksfeat_command(command[0], "model.ksf", cases, *command[1:], "--jobs", 1)
        assert answer.code == 2
        assert "a mask; expected none, as no image had one that the model was fitted" in answer.err


def test_a_model_that_saw_both_takes_both(ksfeat_command, cases):
    (cases / "stone" / "Case1" / "ct_seg.nii.gz").unlink()
    assert ksfeat_command("fit", cases, "--cv", 2, *QUICK).code == 0
    assert ksfeat_command("predict", "model.ksf", cases, "--jobs", 1).code == 0
