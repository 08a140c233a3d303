"""Planted identities are looked for in every byte that any command prints or writes."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
import pytest
from PIL import Image
from planted import (
    BORN,
    GIVEN,
    ODD,
    PATTERNS,
    STUDY,
    SURNAMES,
    leaks,
    leaks_in,
    patient_folder,
    patterns_of,
    write_slice,
)

from ksfeat.io.dicom import read_series
from ksfeat.io.dicom.pseudonyms import pseudonym, pseudonymous_uid
from ksfeat.io.write import write_mask

QUICK = ("--jobs", "1", "--cv", "2", "--features", "first_order")


@pytest.fixture(scope="module")
def damaged(tree, tmp_path_factory) -> Path:
    """The same tree with a damaged file and a picture beside the slices. Read only."""
    root = tmp_path_factory.mktemp("damaged") / "data"
    (root / "stone").mkdir(parents=True)
    (root / "nostone").symlink_to(tree / "nostone")
    for patient in (1, 3, 5, 7):
        folder = patient_folder(root, patient)
        folder.mkdir()
        for file in patient_folder(tree, patient).iterdir():
            (folder / file.name).symlink_to(file)
    bad = patient_folder(root, 1) / f"{SURNAMES[1]}-bad.dcm"
    bad.write_bytes(next(patient_folder(tree, 1).iterdir()).read_bytes()[:-700])
    pixels = np.random.default_rng(0).integers(0, 99, (32, 32), dtype=np.uint8)
    Image.fromarray(pixels).save(patient_folder(root, 3) / f"{SURNAMES[3]}.png")
    return root


@pytest.fixture
def clean(ksfeat_command, home):
    """Run a command that may name nobody, on its streams or in any file; return the answer."""

    def run(*arguments: object, code: int = 0):
        answer = ksfeat_command(*arguments)
        assert answer.code == code, answer
        assert leaks(f"{answer.out}\n{answer.err}".encode()) == [], answer
        assert leaks_in(home) == {}
        return answer

    return run


def test_a_planted_identity_is_found_wherever_it_lies(tmp_path):
    """The search itself: what it cannot find, no other test here can."""
    for name, content in (("utf8", SURNAMES[1].encode()), ("utf16", GIVEN.encode("utf-16"))):
        (tmp_path / name).write_bytes(b"..." + content)
    with zipfile.ZipFile(tmp_path / "m.ksf", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", f"born {BORN}, " * 99)
    pd.DataFrame({"path": [f"{GIVEN.upper()}/1"] * 99}).to_parquet(tmp_path / "t.parquet")
    assert set(leaks_in(tmp_path)) == {"utf8", "utf16", "m.ksf", "t.parquet"}
    assert leaks(b"0.194708253 119470825 W\\u00f6lff") == []
    assert leaks(b"klinikum") == [b"klinikum"]


@pytest.mark.parametrize(
    "model",
    [
        # The SVM's file holds rows of cases: the one that could tell most.
        "svm",
        pytest.param("xgboost", marks=pytest.mark.slow),
        pytest.param("linear", marks=pytest.mark.slow),
    ],
)
def test_no_command_names_a_patient(clean, tree, model):
    fitted = clean("fit", tree, "--model", model, "--json", *QUICK).json()
    assert fitted["cross_validation"]["split"]["n_groups"] == 8
    clean("fit", tree, "--model", model, *QUICK)
    clean("evaluate", "model.ksf", tree, "--out", "scores", "--jobs", 1)
    assert clean("evaluate", "model.ksf", tree, "--json", "--jobs", 1).json()["n_images"] == 16
    clean("predict", "model.ksf", tree, "--jobs", 1)
    clean("predict", "model.ksf", tree, "--json", "--jobs", 1)
    one = next(patient_folder(tree, 1).iterdir())
    clean("predict", "model.ksf", one, "--jobs", 1)
    clean("explain", "model.ksf", one, "--out", "one", "--jobs", 1)
    clean("explain", "model.ksf", tree, "--out", "all", "--json", "--jobs", 1)
    assert Path("one/waterfall.svg").is_file()


@pytest.mark.parametrize("out", ["table.csv", "table.parquet"])
def test_no_table_names_a_patient(clean, tree, out):
    clean("extract", tree, "--out", out, "--jobs", 1)
    read = pd.read_csv if out.endswith("csv") else pd.read_parquet
    assert read(out)["group"].nunique() == 8
    clean("extract", tree, "--out", out, "--json", *QUICK[:2], *QUICK[-2:])


EXPORTED = [
    *(("mask", ending) for ending in ("png", "nii", "nii.gz", "nrrd", "dcm")),
    *(("image", ending) for ending in ("png", "nii", "nii.gz", "nrrd")),
    ("overlay", "png"),
]
UIDS = {pattern.pattern for pattern in patterns_of([STUDY, f"{STUDY}.7"])}


@pytest.mark.parametrize(("what", "ending"), EXPORTED)
def test_nothing_that_is_exported_names_a_patient(ksfeat_command, tree, home, what, ending):
    """A segmentation keeps the UIDs that lay it on its scan: SECURITY.md tells of them."""
    scan = patient_folder(tree, 1)
    write_mask(np.ones((2, 32, 32)), "drawn.nrrd", read_series(scan))
    how = {
        "mask": ("--mask", "drawn.nrrd"),
        "image": ("--slice", 1) if ending == "png" else (),
        "overlay": ("--mask", "drawn.nrrd", "--overlay"),
    }[what]
    answer = ksfeat_command("export", scan, *how, "--out", f"out.{ending}", "--pseudonyms")
    assert (answer.code, leaks(f"{answer.out}\n{answer.err}".encode())) == (0, [])
    sought = [pattern for pattern in PATTERNS if ending != "dcm" or pattern.pattern not in UIDS]
    assert leaks_in(home, sought) == {}


def test_a_segmentation_says_that_it_names_the_patient_or_that_it_does_not(
    ksfeat_command, tree, home
):
    scan = patient_folder(tree, 1)
    write_mask(np.ones((2, 32, 32)), "drawn.nrrd", read_series(scan))
    named = ksfeat_command("export", scan, "--mask", "drawn.nrrd", "--out", "named.dcm").err
    assert "named.dcm: names the patient and the study" in named
    assert pydicom.dcmread("named.dcm").PatientID == "KXQ4471Z-1"
    how = ("--mask", "drawn.nrrd", "--pseudonyms", "--out", "hidden.dcm")
    assert "keyed hashes, so that archives" in ksfeat_command("export", scan, *how).err
    written = pydicom.dcmread("hidden.dcm")
    assert written.PatientID == written.PatientName == pseudonym("patient", "kxq4471z-1")
    assert written.StudyInstanceUID == pseudonymous_uid(STUDY)
    assert [written.get(word) for word in ("PatientBirthDate", "AccessionNumber")] == ["", ""]
    again = ksfeat_command("export", scan, "--mask", "hidden.dcm", "--out", "a.nrrd", "--json")
    assert again.json()["region_pixels"] == 2 * 32 * 32


def test_no_report_of_what_was_skipped_names_a_patient(clean, ksfeat_command, damaged):
    skip = ("--on-error", "skip", "--jobs", 1)
    mixed = ksfeat_command("fit", damaged, *skip, *QUICK[2:])
    assert mixed.code == 2
    assert "1 images of no known patient" in mixed.err
    assert leaks(mixed.err.encode()) == []
    answer = clean("fit", damaged, *skip, *QUICK[2:], "--groups", "none")
    assert "skipped: dicom_" in answer.err
    clean("fit", damaged, "--json", *skip, *QUICK[2:], "--groups", "none")
    clean("predict", "model.ksf", damaged, *skip)
    clean("predict", "model.ksf", damaged, "--json", *skip)
    clean("evaluate", "model.ksf", damaged, "--out", "scores", "--json", *skip)
    clean("explain", "model.ksf", damaged, "--out", "why", "--json", *skip)
    clean("extract", damaged, "--out", "t.csv", "--json", *skip, *QUICK[-2:])


def test_folders_of_patients_that_are_named_one_by_one_are_told_apart_by_hashes(clean, tree):
    clean("fit", tree, "--model", "linear", *QUICK)
    folders = [patient_folder(tree, patient) for patient in (1, 1, 2)]
    answer = clean("predict", "model.ksf", *folders, "--json", "--jobs", 1).json()
    assert len({row["path"] for row in answer["predictions"]}) == 6


def test_no_error_names_a_patient(clean, tree, damaged, home):
    clean("fit", damaged, *QUICK, code=2)
    clean("extract", damaged, "--out", "t.csv", "--axis", "coronal", "--jobs", 1, code=2)
    clean("fit", tree, "--model", "linear", *QUICK)
    bad = next(patient_folder(damaged, 1).glob("*bad*"))
    for command in (("predict",), ("explain", "--out", "why"), ("evaluate",)):
        clean(command[0], "model.ksf", bad, *command[1:], "--jobs", 1, code=2)


@pytest.mark.parametrize(
    ("table", "option"),
    [
        ("path,label\n{0},s\n{0},n\n", None),  # twice
        ("path,label\n{0},s\n{0}gone,n\n", None),
        ("path,label\n{0}gone,s\n{0}lost,n\n", None),
        ("path,label\n{0},s\n../{0},n\n", None),
        ("path,group\n{0},a\n{0},b\n", "--groups"),
        ("path,group\n{0},a\n", "--groups"),
        ("path,x0,y0,x1,y1\n{0},0,0,2,2\n{0}gone,0,0,2,2\n", "--boxes"),
    ],
)
def test_no_error_of_a_table_names_a_patient(ksfeat_command, tree, home, table, option):
    first = sorted(path for path in tree.rglob("*") if path.is_file())[0]
    home.joinpath("work", "data").symlink_to(tree)
    below = "data/" if option is None else ""
    name = below + first.relative_to(tree).as_posix()
    Path("t.csv").write_text(table.format(name), encoding="utf-8")
    arguments = ("t.csv",) if option is None else (tree, option, "t.csv")
    answer = ksfeat_command("fit", *arguments, *QUICK)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
    assert leaks(f"{answer.out}\n{answer.err}".encode()) == [], answer


def test_no_warning_of_a_decoder_names_a_patient(home):
    """What a library says of a tag that breaks the rules is passed on without the tag's value."""
    root = home.parent / f"{home.name}-odd"
    for patient, number in np.ndindex(4, 2):
        file = patient_folder(root, patient) / f"{SURNAMES[patient]}{number}.dcm"
        write_slice(file, patient, number, 900 * (patient % 2))
        odd = file.read_bytes().replace(STUDY.encode(), ODD).replace(BORN.encode(), ODD[:8])
        file.write_bytes(odd)
    run = subprocess.run(
        [sys.executable, "-m", "ksfeat", "fit", str(root), "--cv", "2", "--jobs", "2",
         "--features", "first_order"],
        capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    patterns = [*PATTERNS, re.compile(re.escape(ODD[:8]), re.IGNORECASE)]
    assert leaks(run.stdout + run.stderr, patterns) == []
    assert leaks_in(home, patterns) == {}


def test_the_map_alone_says_who_is_meant(ksfeat_command, tree, home):
    answer = ksfeat_command(
        "extract", tree, "--out", "t.csv", "--pseudonym-map", "map.csv", *QUICK[:2], *QUICK[-2:]
    )
    assert answer.code == 0, answer
    assert Path("map.csv").stat().st_mode & 0o777 == 0o600
    assert set(leaks_in(home)) == {"map.csv"}
    assert leaks(f"{answer.out}\n{answer.err}".encode()) == []
    named = pd.read_csv("map.csv", header=None, names=["kind", "path", "pseudonym"])
    files = {p.relative_to(tree).as_posix() for p in tree.rglob("*") if p.is_file()}
    assert set(named["path"]) == files
    assert set(named["pseudonym"]) == set(pd.read_csv("t.csv")["path"])


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Class folders of PNG files in folders that are named for patients. Read only."""
    root = tmp_path_factory.mktemp("pictures") / "data"
    rng = np.random.default_rng(0)
    for patient, surname in enumerate(SURNAMES):
        folder = patient_folder(root, patient)
        folder.mkdir(parents=True)
        for number in range(2):
            pixels = rng.integers(0, 90 + 100 * (patient % 2), (32, 32), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{surname} {number}.png")
    return root


def test_pseudonyms_hide_the_names_of_other_files_on_request(clean, ksfeat_command, pictures, home):
    hide = ("--pseudonyms", "--jobs", 1)
    clean("fit", pictures, *hide, *QUICK[2:])
    clean("fit", pictures, "--json", *hide, *QUICK[2:])
    clean("evaluate", "model.ksf", pictures, "--out", "scores", "--json", *hide)
    clean("predict", "model.ksf", pictures, *hide)
    clean("predict", "model.ksf", *(patient_folder(pictures, n) for n in (1, 1, 2)), *hide)
    one = next(patient_folder(pictures, 1).iterdir())
    clean("explain", "model.ksf", one, "--out", "one", *hide)
    clean("explain", "model.ksf", pictures, "--out", "all", "--json", *hide)
    for out in ("t.csv", "t.parquet"):
        clean("extract", pictures, "--out", out, *hide, *QUICK[-2:])
    mapped = ksfeat_command("predict", "model.ksf", pictures, "--pseudonym-map", "map.csv")
    assert mapped.code == 0
    assert set(leaks_in(home)) == {"map.csv"}
    assert Path("map.csv").stat().st_mode & 0o777 == 0o600


def test_a_key_gives_the_same_names_again_and_another_key_others(
    ksfeat_command, tree, home, monkeypatch
):
    def names() -> tuple[list[str], list[str]]:
        arguments = ("--out", "t.csv", *QUICK[:2], *QUICK[-2:])
        assert ksfeat_command("extract", tree, *arguments).code == 0
        table = pd.read_csv("t.csv")
        return table["path"].tolist(), table["group"].tolist()

    first = names()
    assert names() == first
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "another key")
    other = names()
    assert not set(first[0]) & set(other[0])
    assert not set(first[1]) & set(other[1])
    monkeypatch.delenv("KSFEAT_GROUP_KEY")
    own = names()
    assert own == names()
    assert not set(own[1]) & (set(first[1]) | set(other[1]))
    key = home / "CONFIG" / "ksfeat" / "group.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert leaks_in(home) == {}
    assert leaks_in(home, patterns_of([key.read_text()])).keys() == {"group.key"}
