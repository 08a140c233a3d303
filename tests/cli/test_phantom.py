"""`ksfeat phantom`: options arrive, the summary is true, and bad input gets one line."""

import pytest


def test_photographs_are_made_and_counted(ksfeat_command, tmp_path):
    options = ["--task", "photograph", "--patients", 5, "--slices", 2, "--size", 32, "--jobs", 1]
    answer = ksfeat_command("phantom", "--out", tmp_path / "made", *options, "--json")
    assert answer.code == 0, answer.err
    found = answer.json()
    assert (found["images"], found["patients"], found["simulated"]) == (10, 5, True)
    assert set(found["classes"].values()) == {2}
    assert len(list((tmp_path / "made").glob("images/*/*.png"))) == 10


def test_ct_options_arrive_in_the_files(ksfeat_command, tmp_path):
    import pydicom

    scan = ["--kvp", "80,Sn140", "--kernel", "sharp", "--thickness", 1.5, "--size", 64]
    scan += ["--motion", 0]
    more = ["--patients", 2, "--slices", 1, "--format", "dicom", "--window", "soft", "--jobs", 1]
    answer = ksfeat_command("phantom", "--out", tmp_path / "made", *scan, *more)
    assert answer.code == 0, answer.err
    assert "2 simulated images of 2 patients" in answer.out
    assert "a class has one; ask for more with --patients" in answer.out
    file = pydicom.dcmread(next((tmp_path / "made" / "images").rglob("*.dcm")))
    assert (file.ConvolutionKernel, float(file.SliceThickness), file.Rows) == ("SHARP", 1.5, 64)
    assert (float(file.WindowCenter), float(file.KVP)) == (40, 80)
    assert len(list((tmp_path / "made" / "second_energy").rglob("*.dcm"))) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--kvp", "90"], "beam '90'; expected one of 80"),
        (["--size", 5], "size=5; expected a number from 32"),
        (["--task", "type", "--patients", 3], "patients=3; expected a whole number from 5"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(ksfeat_command, tmp_path, options, says):
    answer = ksfeat_command("phantom", "--out", tmp_path / "made", *options)
    assert answer.code == 2
    assert says in answer.err
    assert len(answer.err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_breathing_arrives_in_the_pixels(ksfeat_command, tmp_path):
    common = ["--patients", 2, "--slices", 1, "--size", 64, "--jobs", 1]
    pixels = {}
    for motion in (0, 12):
        folder = tmp_path / f"made{motion}"
        answer = ksfeat_command("phantom", "--out", folder, *common, "--motion", motion)
        assert answer.code == 0, answer.err
        pixels[motion] = [path.read_bytes() for path in sorted(folder.glob("images/*/*.png"))]
    assert len(pixels[0]) == 2
    assert all(still != moved for still, moved in zip(pixels[0], pixels[12], strict=True))


@pytest.mark.parametrize(
    ("task", "patients", "folds"),
    [
        ("type", 10, " --cv 2"),
        pytest.param("stone", 10, "", marks=pytest.mark.slow),
        pytest.param("half", 9, "", marks=pytest.mark.slow),
    ],
)
def test_what_comes_next_works_as_it_is_printed(
    ksfeat_command, tmp_path, monkeypatch, task, patients, folds
):
    """Two patients a type cannot be shared out over the usual five folds."""
    monkeypatch.chdir(tmp_path)
    size = ["--patients", patients, "--slices", 2, "--size", 64, "--jobs", 1]
    made = ksfeat_command("phantom", "--out", "made", "--task", task, *size)
    hint = made.out.strip().splitlines()[-1]
    assert hint == f"next: ksfeat fit made/manifest.csv --out my-model.ksf{folds}"
    quick = ["--features", "first_order", "--model", "linear", "--jobs", 1]
    answer = ksfeat_command(*hint.split()[2:], *quick)
    assert answer.code == 0, answer.err
    assert "simulated images: split by group" in answer.out


def test_too_many_folds_name_the_option_that_mends_it(ksfeat_command, type_data, tmp_path):
    answer = ksfeat_command("fit", type_data, "--out", tmp_path / "m.ksf", "--jobs", 1)
    assert answer.code == 2
    assert "ask for fewer folds (--cv N)" in answer.err
