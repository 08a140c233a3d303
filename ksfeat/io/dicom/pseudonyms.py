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
from collections.abc import Iterable, Iterator
from pathlib import Path

import pydicom

from ksfeat.errors import InputError
from ksfeat.io.dicom.header import text

KEY_VARIABLE = "KSFEAT_GROUP_KEY"
KEY_FILE_VARIABLE = "KSFEAT_KEY_FILE"
_DIGITS = 12
_UUID_BYTES = 16
# The first of them says best who it is; the others stand for a patient where they are shared.
IDENTIFIERS = {
    "patient": "PatientID",
    "study": "StudyInstanceUID",
    "frame": "FrameOfReferenceUID",
    "series": "SeriesInstanceUID",
}
_WELL_KNOWN = "1.2.840.10008."  # DICOM's own UIDs, such as the frames of atlases: of no patient
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


def pseudonymous_uid(uid: str) -> str:
    """Return a UID that stands for another one and cannot be traced to it without the key.

    Examples
    --------
    >>> import os
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, {KEY_VARIABLE: "only an example"}):
    ...     pseudonymous_uid("1.2.3")[:9]
    '2.25.3244'
    """
    digest = hmac.new(_key(), f"uid\0{uid}".encode(), hashlib.sha256).digest()
    return f"2.25.{int.from_bytes(digest[:_UUID_BYTES], 'big')}"  # DICOM PS3.5, B.2


def identities_of(header: pydicom.Dataset) -> Iterator[tuple[str, str]]:
    """Yield the kind and value of what a header names its patient, exam and series by.

    In the order of `IDENTIFIERS`, without what is empty, or of DICOM itself and so of no patient.

    Parameters
    ----------
    header : pydicom.Dataset

    Examples
    --------
    >>> header = pydicom.Dataset()
    >>> header.PatientID, header.StudyInstanceUID = " Mrn  1", "1.2.3"
    >>> header.FrameOfReferenceUID = "1.2.840.10008.1.4.1.1"
    >>> list(identities_of(header))
    [('patient', 'mrn 1'), ('study', '1.2.3')]
    """
    for kind, keyword in IDENTIFIERS.items():
        # The same patient is written in other case and with other spaces by other systems.
        value = " ".join(text(header.get(keyword)).split()).casefold()
        if value and not value.startswith(_WELL_KNOWN):
            yield kind, value


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
