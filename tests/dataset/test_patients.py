"""Which DICOM files are of one patient, and what that makes of the groups that a user gives."""

import random

import pytest
from ct_slice import write
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import UID

from ksfeat.dataset import load_dataset
from ksfeat.dataset.patients import joined
from ksfeat.evaluation import audit_groups
from ksfeat.io.dicom.pseudonyms import pseudonym

pytestmark = pytest.mark.usefixtures("own_key")
STUDY, FRAME, SERIES = "StudyInstanceUID", "FrameOfReferenceUID", "SeriesInstanceUID"
BARE = {"PatientID": "", STUDY: "", FRAME: "", SERIES: ""}
ATLAS = "1.2.840.10008.1.4.1.1"  # a frame of reference that DICOM gives to an atlas
ROWS = (  # path, label, group, side, patient
    ("a1", "s", "left", "train", "A"),
    ("a2", "s", "right", "test", "A"),
    ("b1", "n", "b", "train", "B"),
    ("b2", "n", "b", "train", "B"),
    ("c1", "s", "c", "test", "C"),
)


def in_groups(data):
    """The files of each group."""
    found = {}
    for source, group in zip(data.images, data.groups.tolist(), strict=True):
        found.setdefault(group, set()).add(source.path.name)
    return sorted(map(sorted, found.values()))


@pytest.mark.parametrize("shared", [STUDY, FRAME, SERIES])
def test_a_file_without_a_patient_stays_with_its_exam(tmp_path, shared):
    """As where one sequence of an exam was anonymised and the others were not."""
    uid = {**BARE, shared: "1.2.3"}
    write(tmp_path / "s" / "named.dcm", "P", **{**uid, "PatientID": "P"})
    write(tmp_path / "s" / "bare.dcm", "P", 1, **uid)
    write(tmp_path / "n" / "other.dcm", "Q")
    data = load_dataset(tmp_path)
    assert in_groups(data) == [["bare.dcm", "named.dcm"], ["other.dcm"]]
    assert pseudonym("patient", "p") in data.groups


def test_patients_are_joined_through_files_between_them(tmp_path):
    """A study links to a frame, and the frame to a patient; the name is that of the patient."""
    write(tmp_path / "s" / "1.dcm", "", **{**BARE, STUDY: "1.1"})
    write(tmp_path / "s" / "2.dcm", "", **{**BARE, STUDY: "1.1", FRAME: "1.2"})
    write(tmp_path / "s" / "3.dcm", "", **{**BARE, FRAME: "1.2", "PatientID": " Z 9"})
    write(tmp_path / "n" / "4.dcm", "Q")
    data = load_dataset(tmp_path)
    assert in_groups(data) == [["1.dcm", "2.dcm", "3.dcm"], ["4.dcm"]]
    assert set(data.groups) == {pseudonym("patient", "z 9"), pseudonym("patient", "q")}


def test_a_file_that_names_nobody_is_a_group_by_itself(tmp_path):
    for number in range(2):
        write(tmp_path / "s" / f"{number}.dcm", "", number, **BARE)
    write(tmp_path / "n" / "2.dcm", "Q")
    data = load_dataset(tmp_path)
    assert in_groups(data) == [["0.dcm"], ["1.dcm"], ["2.dcm"]]


def test_what_is_of_no_patient_joins_none(tmp_path):
    """Neither the frame of an atlas nor a study that an anonymiser gave to all."""
    for patient in "PQR":
        frame = ATLAS if patient != "R" else "1.5"
        write(tmp_path / "s" / f"{patient}.dcm", patient, **{STUDY: "1.4", FRAME: frame})
    assert not UID(ATLAS).is_private
    assert in_groups(load_dataset(tmp_path)) == [["P.dcm"], ["Q.dcm"], ["R.dcm"]]


def test_two_numbers_of_a_patient_in_one_study_are_one(tmp_path):
    for name, patient, study in (("1", "P", "1.4"), ("2", "P-new", "1.4"), ("3", "Q", "1.5")):
        write(tmp_path / "s" / name, patient, **{STUDY: study, SERIES: f"1.{name}"})
    assert in_groups(load_dataset(tmp_path)) == [["1", "2"], ["3"]]


def test_all_slices_of_a_series_say_whose_it_is(tmp_path):
    """Its first file need not be the one that names the patient."""
    write(tmp_path / "s" / "x" / "1.dcm", "", 0, **BARE)
    write(tmp_path / "s" / "x" / "2.dcm", "P", 1, **{**BARE, "PatientID": "P"})
    # What lies beside the slices says nothing, though its name would be the first.
    write(tmp_path / "s" / "x" / "3.dcm", "A", 1, "SEG")
    for folder, patient in (("4", "P"), ("5", "R"), ("6", "T")):
        write(tmp_path / "n" / folder / "1.dcm", patient)
    data = load_dataset(tmp_path, volume="region")
    assert data.groups.tolist() == [pseudonym("patient", name) for name in "prtp"]


@given(st.lists(st.frozensets(st.integers(0, 12).map(str), max_size=3), max_size=12), st.randoms())
def test_joining_does_not_depend_on_the_order(members, chance):
    found = joined(members)
    order = list(range(len(members)))
    chance.shuffle(order)
    again = joined([members[place] for place in order])
    assert again == [found[place] for place in order]
    for one, names in enumerate(members):
        for other, others in enumerate(members):
            if names & others:
                assert found[one] == found[other]
    assert all(first in set().union(*members) for first in found if first is not None)
    assert all((first is None) == (not names) for first, names in zip(found, members, strict=True))


def test_a_long_chain_is_joined_to_its_smallest():
    chain = [{f"{place:04}", f"{place + 1:04}"} for place in range(3000)]
    random.Random(0).shuffle(chain)
    assert set(joined(chain)) == {"0000"}
    assert joined([{"a", "b"}, {"c"}]) == ["a", "c"]


@pytest.fixture
def manifest(tmp_path):
    """Patient A stands in two groups, and on both sides of the split."""
    for number, (path, _, _, _, patient) in enumerate(ROWS):
        write(tmp_path / f"{path}.dcm", patient, number)
    rows = [f"{path}.dcm,{label},{group},{side}" for path, label, group, side, _ in ROWS]
    (tmp_path / "m.csv").write_text("path,label,group,split\n" + "\n".join(rows) + "\n")
    return tmp_path / "m.csv"


ONE = "joined over 1 patient who stood in several"


@pytest.mark.parametrize(
    ("groups", "title"),
    [
        (None, f"column 'group', {ONE}"),
        ("g.csv", f"file g.csv, {ONE}"),
        (["left", "right", "b", "b", "c"], f"given groups, {ONE}"),
    ],
)
def test_groups_that_share_a_patient_are_joined_and_it_is_said(manifest, groups, title):
    if groups == "g.csv":
        rows = "".join(f"{path}.dcm,{group}\n" for path, _, group, _, _ in ROWS)
        (manifest.parent / groups).write_text("path,group\n" + rows)
        groups = str(manifest.parent / groups)
    data = load_dataset(manifest, groups=groups)
    assert in_groups(data) == [["a1.dcm", "a2.dcm"], ["b1.dcm", "b2.dcm"], ["c1.dcm"]]
    assert str(data.grouping) == title
    assert data.groups[0] == pseudonym("group", "left")  # the smallest of the names
    (leak,) = audit_groups(data).on_both_sides
    assert leak == data.groups[0]


def test_groups_that_do_not_cut_a_patient_stay_as_they_are(manifest):
    data = load_dataset(manifest, groups=["a", "a", "bc", "bc", "bc"])
    assert in_groups(data) == [["a1.dcm", "a2.dcm"], ["b1.dcm", "b2.dcm", "c1.dcm"]]
    assert str(data.grouping) == "given groups"


def test_a_random_split_by_name_is_not_joined(manifest):
    data = load_dataset(manifest, groups="none")
    assert data.groups is None


def test_one_patient_id_in_all_files_leaves_the_users_groups_and_is_told(manifest):
    """Anonymisers write the same PatientID everywhere; a user's groups are then all there is."""
    for number, (path, *_, patient) in enumerate(ROWS):
        write(manifest.parent / f"{path}.dcm", patient, number, PatientID="TRIAL 7")
    with pytest.warns(UserWarning, match="one PatientID in all DICOM files") as told:
        data = load_dataset(manifest)
    assert len(told) == 1
    # The study still says that two groups are one patient's.
    assert in_groups(data) == [["a1.dcm", "a2.dcm"], ["b1.dcm", "b2.dcm"], ["c1.dcm"]]
    with pytest.warns(UserWarning, match="one PatientID"):
        data = load_dataset(manifest, groups=["u", "u", "v", "v", "w"])
    assert len(set(data.groups)) == 3
    (manifest.parent / "n.csv").write_text("path,label\na1.dcm,s\nb1.dcm,n\n")
    with pytest.warns(UserWarning, match="one PatientID in all files: .* give --groups COLUMN"):
        data = load_dataset(manifest.parent / "n.csv")
    assert len(set(data.groups)) == 1  # nothing better is known


@pytest.mark.parametrize(
    "word", ["ANON", " Anonymous ", "unknown", "0", "000", "--", "N/A", "De-Identified"]
)
def test_what_anonymisers_write_joins_nobody(tmp_path, word):
    """Even where one foreign file shows that it does not stand in all."""
    for number, label in enumerate("snsn"):
        write(tmp_path / label / f"{number}.dcm", f"P{number}", PatientID=word)
    write(tmp_path / "n" / "foreign.dcm", "Q")
    assert in_groups(load_dataset(tmp_path)) == [
        ["0.dcm"], ["1.dcm"], ["2.dcm"], ["3.dcm"], ["foreign.dcm"],
    ]  # fmt: skip


@pytest.mark.parametrize("number", ["10", "P0", "anon-17", "X1"])
def test_a_number_that_looks_like_a_word_is_still_a_patients(tmp_path, number):
    for place in range(2):
        write(tmp_path / "s" / f"{place}.dcm", f"P{place}", PatientID=number)
    write(tmp_path / "n" / "other.dcm", "Q")
    assert in_groups(load_dataset(tmp_path)) == [["0.dcm", "1.dcm"], ["other.dcm"]]


@pytest.fixture
def trial(tmp_path):
    """Four patients to whom an anonymiser gave one number, and a foreign file that has its own."""
    rows = []
    for number, label in enumerate("snsn"):
        write(tmp_path / f"{number}.dcm", f"P{number}", PatientID="TRIAL7")
        rows.append(f"{number}.dcm,{label},g{number}\n")
    write(tmp_path / "4.dcm", "Q")
    rows.append("4.dcm,n,g4\n")
    (tmp_path / "m.csv").write_text("path,label,who\n" + "".join(rows))
    return tmp_path / "m.csv"


def test_groups_that_are_joined_to_one_are_told_with_a_way_out(trial):
    says = "4 of 5 DICOM files share one PatientID, so that given groups became one; .*-as-given"
    with pytest.warns(UserWarning, match=says) as told:
        data = load_dataset(trial, groups="who")
    assert len(told) == 1
    assert "TRIAL7" not in str(told[0].message)
    assert len(set(data.groups)) == 2
    data = load_dataset(trial, groups="who", join_patients=False)  # warnings are errors here
    assert len(set(data.groups)) == 5
    assert str(data.grouping) == (
        "column 'who', NOT joined over 1 patient who stand in several, as asked for"
    )


def test_one_patient_in_most_files_is_told_where_no_groups_are_given(trial):
    with pytest.warns(UserWarning, match="one PatientID in 4 of 5 files: .* give --groups COLUMN"):
        data = load_dataset(trial)
    assert len(set(data.groups)) == 2
    load_dataset(trial.parent, labelled=False)  # to be predicted: of one patient, as is usual


def test_a_shared_study_is_called_by_its_kind(tmp_path):
    for number, label in enumerate("snsn"):
        write(tmp_path / label / f"{number}.dcm", f"P{number}", **{STUDY: "1.4"})
    write(tmp_path / "n" / "foreign.dcm", "Q")
    with pytest.warns(UserWarning, match="one StudyInstanceUID in 4 of 5 files"):
        load_dataset(tmp_path)
