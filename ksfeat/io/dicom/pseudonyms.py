"""Names that tell patients and files apart and say nothing of them: keyed hashes.

A plain hash of a patient's number is undone by hashing all numbers; a keyed one needs the key. It
comes from the environment, or from a file that is made once on this machine; it is never written
to a model, a report or a data set.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from ksfeat.errors import InputError
from ksfeat.io.dicom.header import dicom_files, open_dicom, reading, text

KEY_VARIABLE = "KSFEAT_GROUP_KEY"
KEY_FILE_VARIABLE = "KSFEAT_KEY_FILE"
_DIGITS = 12
_IDENTITIES = (
    ("patient", "PatientID"),
    ("study", "StudyInstanceUID"),
    ("frame", "FrameOfReferenceUID"),
    ("series", "SeriesInstanceUID"),
)
_OWNER_ONLY = 0o600
_OTHERS = 0o077


def pseudonym(kind: str, value: str) -> str:
    """Return the keyed hash (HMAC-SHA256) of a text, such as ``patient_3fa9c1d07b52``.

    Parameters
    ----------
    kind : str
        What is named: equal texts of two kinds have two names.
    value : str
        What must not be seen.

    Returns
    -------
    str
        `kind`, an underscore and 12 hexadecimal digits; the same for the same key.

    Raises
    ------
    InputError
        If the key's file can be read by others, is empty, or cannot be made.

    Examples
    --------
    >>> import os
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, {KEY_VARIABLE: "only an example"}):
    ...     pseudonym("patient", "1234")
    'patient_dc24fbf982e5'
    """
    digest = hmac.new(_key(), f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()
    return f"{kind}_{digest[:_DIGITS]}"


def dicom_key(path: str | os.PathLike[str]) -> str:
    """Return how a DICOM file or series folder is called: its folders are named for patients.

    Parameters
    ----------
    path : path-like
        Relative to the data, so that the name stays when the data moves.
    """
    return pseudonym("dicom", Path(path).as_posix())


def group_of(path: str | os.PathLike[str], name: str = "DICOM file") -> str | None:
    """Return the pseudonym of whom an image is of: the patient, else the exam.

    Parameters
    ----------
    path : path-like
        A DICOM file, or a folder, of which the first file by name is looked at.
    name : str, default="DICOM file"
        How to call it in an error.

    Returns
    -------
    str or None
        None where the file names neither. The exam is the study, else the frame of reference that
        its series share, else the series, which is what anonymisers leave; it stands for a patient
        only as far as nobody was examined twice.

    Raises
    ------
    InputError
        If the file cannot be read.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> from pydicom.data import get_testdata_file
    >>> with patch.dict(os.environ, {KEY_VARIABLE: "only an example"}):
    ...     group_of(get_testdata_file("CT_small.dcm", download=False))
    'patient_4b3a94457dd9'
    """
    with reading(name):
        dataset = open_dicom(_first_file(Path(path), name), name)
        for kind, keyword in _IDENTITIES:
            # The same patient is written in other case and with other spaces by other systems.
            if identity := " ".join(text(dataset.get(keyword)).split()).casefold():
                return pseudonym(kind, identity)
        return None


def append_to_map(path: str | os.PathLike[str], pairs: Iterable[tuple[str, str]]) -> None:
    """Append originals and their pseudonyms to a local CSV file that only its owner can read.

    Parameters
    ----------
    path : path-like
        The file; it is made if it is not there.
    pairs : iterable of (str, str)
        Kind and original.

    Raises
    ------
    InputError
        If others can read the file, or it cannot be written.
    """
    rows = [(kind, value, pseudonym(kind, value)) for kind, value in pairs]
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OWNER_ONLY)
        with os.fdopen(handle, "w", newline="", encoding="utf-8") as file:
            _require_private(Path(path), "a map of identities")
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); choose another") from error


def _key() -> bytes:
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given.encode()
    path = _key_file()
    try:
        if not path.exists():
            _make_key(path)
        _require_private(path, "the key of pseudonyms")
        key = path.read_bytes().strip()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be used as the key's file ({error.strerror}); "
            f"name another in {KEY_FILE_VARIABLE}, or give the key in {KEY_VARIABLE}"
        ) from error
    if not key:
        raise InputError(f"{path}: an empty key; expected a secret text; delete it for a new one")
    return key


def _key_file() -> Path:
    if chosen := os.environ.get(KEY_FILE_VARIABLE):
        return Path(chosen)
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "ksfeat" / "group.key"


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as file:
        file.write(secrets.token_hex(32))
    try:
        # A link appears with its content or not at all, so that workers that start at once agree.
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another worker was first
    finally:
        draft.unlink()


def _require_private(path: Path, what: str) -> None:
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise InputError(f"{path}: {what} that others can read; run: chmod 600 {path}")


def _first_file(path: Path, name: str) -> Path:
    if not path.is_dir():
        return path
    files = dicom_files(path)
    if not files:
        raise InputError(f"{name}: a folder without DICOM; expected the slices of a series")
    return files[0]
