"""`ksfeat audit` and `ksfeat split`: what they write is what other commands read."""

import json

import pandas as pd
import pydicom
import pytest

QUICK = ("--features", "first_order", "--jobs", "1")


@pytest.fixture(scope="module")
def audited(type_data, tmp_path_factory):
    """The folder of an audit of ten patients of two slices."""
    from ksfeat.cli.audit import audit_data, write_audit

    out = tmp_path_factory.mktemp("audit") / "out"
    write_audit(audit_data(str(type_data), jobs=1), out)
    return out


def test_an_audit_writes_a_page_json_duplicates_and_groups(audited):
    names = sorted(file.name for file in audited.iterdir())
    assert names == ["audit.json", "duplicates.csv", "groups.csv", "index.html"]
    findings = json.loads((audited / "audit.json").read_text())["findings"]
    page = (audited / "index.html").read_text()
    assert all(finding.split("'")[0] in page for finding in findings)
    assert "http" not in page.replace("http-equiv", "")


def test_it_prints_findings_or_one_json_object(ksfeat_command, type_data):
    plain = ksfeat_command("audit", type_data, "--jobs", 1)
    assert plain.code == 0
    assert "10 groups (column 'group')" in plain.out
    told = ksfeat_command("audit", type_data, "--jobs", 1, "--json").json()
    assert all(finding in plain.out for finding in told["findings"])


def test_names_in_the_page_are_escaped(stone_data, tmp_path):
    from ksfeat.dataset import load_dataset
    from ksfeat.evaluation import audit_dataset
    from ksfeat.report.audit_page import render_audit

    folder = tmp_path / "data"
    for name, row in zip(("<b>a", "<b>b", "c", "d"), (0, 0, 1, 2), strict=True):
        source = stone_data.parent / pd.read_csv(stone_data)["path"][row]
        label = folder / ("stone" if name < "c" else "normal")
        label.mkdir(parents=True, exist_ok=True)
        (label / f"{name}.png").write_bytes(source.read_bytes())
    page = render_audit(audit_dataset(load_dataset(folder)))
    assert "&lt;b&gt;a" in page
    assert "<b>" not in page
    assert page.count("data:image/png;base64,") >= 2


def test_a_split_is_what_fit_then_judges_by(ksfeat_command, type_data, tmp_path):
    file = tmp_path / "split.csv"
    made = ksfeat_command("split", type_data, "--out", file, "--cv", 2, "--seed", 3, "--json")
    (told,) = made.json()["splits"].values()
    fitted = ksfeat_command(
        "fit", type_data, "--out", tmp_path / "m.ksf", "--model", "linear", "--split", file,
        "--json", *QUICK,
    )  # fmt: skip
    assert fitted.code == 0, fitted.err
    split = fitted.json()["cross_validation"]["split"]
    assert (split["hash"], split["folds"]) == (told, 2)
    assert split["grouping"] == "file split.csv"


def test_repeats_are_a_file_each_and_every_group_can_be_left_out(
    ksfeat_command, stone_data, tmp_path
):
    ksfeat_command("split", stone_data, "--out", tmp_path / "s.csv", "--cv", 2, "--repeats", 3)
    names = sorted(file.name for file in tmp_path.glob("*.csv"))
    assert names == ["s_1.csv", "s_2.csv", "s_3.csv"]
    said = ksfeat_command(
        "split", stone_data, "--out", tmp_path / "l.csv", "--leave-one-group-out"
    ).out
    assert "8 folds of 8 groups" in said


@pytest.fixture
def joined(tree, home):
    """DICOM files of two anonymised trials, each with one PatientID; given groups tell more."""
    files = sorted(file for file in tree.rglob("*") if file.is_file())
    rows = []
    for number, file in enumerate(files):
        slice_ = pydicom.dcmread(file)
        slice_.PatientID, slice_.PatientName = ("A", "A") if number < 8 else ("B", "B")
        slice_.save_as(f"{number}.dcm")
        rows.append((f"{number}.dcm", "ns"[number % 2], f"g{number // 2}"))
    pd.DataFrame(rows, columns=["path", "label", "who"]).to_csv("m.csv", index=False)
    return "m.csv"


def test_groups_that_an_anonymiser_joined_can_be_kept_apart(ksfeat_command, joined):
    split = ("split", joined, "--groups", "who", "--cv", 4, "--groups-as-given")
    assert "4 folds of 8 groups" in ksfeat_command(*split).out
    found = ksfeat_command("audit", joined, "--groups", "who", "--groups-as-given", "--json").json()
    assert any("8 groups" in finding for finding in found["findings"])
    refused = ksfeat_command(*split[:-1])
    assert refused.code == 2
    assert "2 groups for 4 folds" in refused.err


def test_a_random_split_says_so(ksfeat_command, stone_data, tmp_path):
    said = ksfeat_command(
        "split", stone_data, "--out", tmp_path / "r.csv", "--groups", "none", "--cv", 2
    ).out
    assert "2 folds of images at RANDOM" in said
    assert "group" not in pd.read_csv(tmp_path / "r.csv")


def test_a_page_of_a_random_split_says_so_in_its_title(stone_data):
    from ksfeat.cli.audit import audit_data
    from ksfeat.report.audit_page import render_audit

    page = render_audit(audit_data(str(stone_data), groups="none", jobs=1))
    title = page.split("<title>")[1].split("</title>")[0]
    assert "RANDOM split, asked for by name" in title
    assert f"<h1>{title}</h1>" in page


def test_a_split_of_other_images_is_refused(ksfeat_command, stone_data, type_data, tmp_path):
    file = tmp_path / "split.csv"
    ksfeat_command("split", stone_data, "--out", file, "--cv", 2)
    answer = ksfeat_command("fit", type_data, "--out", tmp_path / "m.ksf", "--split", file, *QUICK)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
