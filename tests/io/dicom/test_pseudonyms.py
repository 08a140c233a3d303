"""Pseudonyms: the same for the same key, useless without it, and nobody else reads it."""

import csv
import hashlib
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import UID

from ksfeat.errors import InputError
from ksfeat.io.dicom.pseudonyms import append_to_map, identities_of, pseudonym, pseudonymous_uid

PIXELS = np.zeros((4, 4), dtype=np.uint16)


@pytest.fixture(autouse=True)
def own_settings(monkeypatch, tmp_path):
    monkeypatch.delenv("KSFEAT_GROUP_KEY", raising=False)
    monkeypatch.delenv("KSFEAT_KEY_FILE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_a_pseudonym_is_an_hmac_of_kind_and_value(monkeypatch):
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "a key")
    by_hand = hmac.new(b"a key", b"patient\x00MRN-4711", hashlib.sha256).hexdigest()
    assert pseudonym("patient", "MRN-4711") == f"patient_{by_hand[:12]}"


def test_key_kind_and_value_all_matter(monkeypatch):
    names = set()
    for key in ("one", "two"):
        monkeypatch.setenv("KSFEAT_GROUP_KEY", key)
        names |= {pseudonym(kind, value)[-12:] for kind in "ab" for value in ("x", "bx", "")}
    assert len(names) == 12


def test_the_key_is_made_once_for_its_owner_alone(tmp_path):
    first = pseudonym("patient", "x")
    path = tmp_path / "config" / "ksfeat" / "group.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text()) == 64
    assert pseudonym("patient", "x") == first
    assert list(path.parent.iterdir()) == [path]
    path.unlink()
    assert pseudonym("patient", "x") != first


def test_the_keys_file_can_be_chosen(monkeypatch, tmp_path):
    chosen = tmp_path / "deep" / "er" / "key"
    monkeypatch.setenv("KSFEAT_KEY_FILE", str(chosen))
    name = pseudonym("patient", "x")
    assert chosen.is_file()
    assert not (tmp_path / "config").exists()
    monkeypatch.setenv("KSFEAT_GROUP_KEY", chosen.read_text())
    monkeypatch.delenv("KSFEAT_KEY_FILE")
    assert pseudonym("patient", "x") == name


def test_without_settings_the_key_lies_in_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    pseudonym("patient", "x")
    assert (tmp_path / "home" / ".config" / "ksfeat" / "group.key").is_file()


def test_workers_that_start_at_once_agree_on_one_key():
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: pseudonym("patient", "x"), range(64)))) == 1


def test_a_key_that_others_can_read_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "key"
    path.write_text("secret")
    path.chmod(0o640)
    monkeypatch.setenv("KSFEAT_KEY_FILE", str(path))
    with pytest.raises(InputError, match=r"others can read; run: chmod 600") as caught:
        pseudonym("patient", "MRN-4711")
    assert "MRN" not in str(caught.value)
    assert "secret" not in str(caught.value)
    path.chmod(0o600)
    assert pseudonym("patient", "x")


def test_an_empty_key_or_a_folder_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "key"
    path.touch(0o600)
    monkeypatch.setenv("KSFEAT_KEY_FILE", str(path))
    with pytest.raises(InputError, match="an empty key; expected a secret text"):
        pseudonym("patient", "x")
    (tmp_path / "folder").mkdir(0o700)
    monkeypatch.setenv("KSFEAT_KEY_FILE", str(tmp_path / "folder"))
    with pytest.raises(InputError, match="cannot be used as the key's file"):
        pseudonym("patient", "x")


def test_a_map_is_appended_to_for_its_owner_alone(tmp_path):
    path = tmp_path / "map.csv"
    append_to_map(path, [("patient", "MRN, 4711")])
    append_to_map(path, [("study", "1.2")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [
            ["patient", "MRN, 4711", pseudonym("patient", "MRN, 4711")],
            ["study", "1.2", pseudonym("study", "1.2")],
        ]
    path.chmod(0o644)
    before = path.read_bytes()
    with pytest.raises(InputError, match="a map of identities that others can read"):
        append_to_map(path, [("patient", "x")])
    assert path.read_bytes() == before
    with pytest.raises(InputError, match="cannot be written"):
        append_to_map(tmp_path / "no" / "folder", [("patient", "x")])


def test_a_header_names_patient_exam_frame_and_series(make_slice):
    header = make_slice(PIXELS)
    every = [("study", "1.2.1"), ("frame", "1.2.3"), ("series", "1.2.1.1")]
    header.PatientID = " Mrn-4711 "  # written so by another system, and one patient
    assert list(identities_of(header)) == [("patient", "mrn-4711"), *every]
    header.PatientID, header.FrameOfReferenceUID = "", "1.2.840.10008.1.4.1.1"
    assert list(identities_of(header)) == [every[0], every[2]]
    del header.StudyInstanceUID, header.SeriesInstanceUID
    assert list(identities_of(header)) == []


def test_a_uid_is_hidden_behind_one_that_stays_with_the_key(monkeypatch):
    made = set()
    for key in ("one", "two"):
        monkeypatch.setenv("KSFEAT_GROUP_KEY", key)
        made |= {pseudonymous_uid(uid) for uid in ("1.2.3", "1.2.3", "1.2.4")}
    assert len(made) == 4
    assert all(UID(uid).is_valid and len(uid) <= 64 for uid in made)
