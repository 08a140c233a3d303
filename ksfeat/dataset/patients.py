"""Whose an image is: what a DICOM header says of it, and which files are of one patient."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.dicom import is_dicom_file, lies_beside_images
from ksfeat.dataset.identity import is_dicom
from ksfeat.dataset.location import local_copy
from ksfeat.errors import InputError

if TYPE_CHECKING:
    import pydicom

KINDS = ("patient", "study", "frame", "series")  # the first says best who it is
Identity: TypeAlias = tuple[int, str]
"""Place in `KINDS` and value; an order in which the smallest names a patient best."""
Name = TypeVar("Name", str, Identity)

# What programs write in the place of an identifier, and nobody's: it joins no files.
ANONYMISERS = frozenset(
    {
        *("anon", "anonym", "anonymous", "anonymised", "anonymized", "anonymus"),
        *("deidentified", "de-identified", "removed", "redacted", "masked", "xxx"),
        *("patient", "patientid", "unknown", "none", "null", "nil", "n/a", "na", "no id", "noid"),
    }
)
_BLANK = re.compile(r"[\W_0]*")  # nothing but zeros and marks: 0, 000, ---, 0.0


@dataclass(frozen=True, repr=False)
class HeaderFacts:
    """What is asked of the header of a DICOM file or series; never shown, for it names patients.

    Parameters
    ----------
    identities : frozenset of (int, str)
        What the file names its patient, exam and series by; empty where it names none.
    burnt_in : bool
        Whether text may stand in the pixels.
    """

    identities: frozenset[Identity] = frozenset()
    burnt_in: bool = False


def read_headers(dataset: Dataset) -> dict[Path, HeaderFacts]:
    """Return what the header of each DICOM file or series folder of a data set says."""
    paths = dict.fromkeys(source.path for source in dataset.images)
    return {path: _header_facts(path) for path in paths if is_dicom(path)}


def constants_of(headers: Mapping[Path, HeaderFacts], *, grouped: bool = False) -> set[Identity]:
    """Return the identifiers that stand in every file and tell nobody apart, as a better one does.

    They are an anonymiser's: one study for all patients, or one patient for all of the groups that
    the user knows.

    Parameters
    ----------
    headers : mapping of Path to HeaderFacts
        From `read_headers`.
    grouped : bool, default=False
        Whether the user tells the files apart, better than any identifier.
    """
    known = [facts.identities for facts in headers.values() if facts.identities]
    if len(known) < 2:
        return set()
    values = Counter(place for place, _ in frozenset[Identity]().union(*known))
    return {
        (place, value)
        for place, value in frozenset.intersection(*known)
        if grouped or any(values[better] > 1 for better in range(place))
    }


def patients_of(
    headers: Mapping[Path, HeaderFacts], *, grouped: bool = False
) -> dict[Path, str | None]:
    """Return the keyed hash of the patient of each file, None where it has no identifier.

    Files that share any of PatientID, StudyInstanceUID, FrameOfReferenceUID and SeriesInstanceUID,
    directly or through other files, are of one patient: one anonymised file of an exam does not
    leave it. The name is made from the patient's smallest identifier, whatever the order of files.
    What stands in every file joins nobody; see `constants_of` for that and `grouped`. Nor does what
    anonymisers write in its place (`ANONYMISERS`, and nothing but zeros and marks).
    """
    from ksfeat.io.dicom.pseudonyms import pseudonym

    constants = constants_of(headers, grouped=grouped)
    found = joined([facts.identities - constants for facts in headers.values()])
    names = {first: pseudonym(KINDS[first[0]], first[1]) for first in found if first}
    return {
        path: None if first is None else names[first]
        for path, first in zip(headers, found, strict=True)
    }


def have_one_patient_id(headers: Mapping[Path, HeaderFacts]) -> bool:
    """Tell whether the PatientID stands in every file, several, and is the same."""
    return any(place == 0 for place, _ in constants_of(headers, grouped=True))


def most_shared(
    headers: Mapping[Path, HeaderFacts], files: Collection[Path]
) -> tuple[str, int] | None:
    """Return the kind of identifier that most of some files share one value of, and how many do."""
    counts = Counter(name for file in files if file in headers for name in headers[file].identities)
    if not counts:
        return None
    (place, _), count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return KINDS[place], count


def joined(members: Sequence[Collection[Name]]) -> list[Name | None]:
    """Return the smallest name in each one's component; names in one collection are joined.

    Examples
    --------
    >>> joined([{(0, "P1"), (1, "S1")}, {(1, "S1")}, {(0, "P2")}, set()])
    [(0, 'P1'), (0, 'P1'), (0, 'P2'), None]
    """
    leader: dict[Name, Name] = {}

    def leader_of(name: Name) -> Name:
        while leader[name] != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for names in members:
        leaders = sorted({leader_of(leader.setdefault(name, name)) for name in names})
        leader |= dict.fromkeys(leaders[1:], leaders[0]) if leaders else {}
    return [leader_of(next(iter(names))) if names else None for names in members]


def _header_facts(path: Path) -> HeaderFacts:
    place = local_copy(path)
    if not place.is_dir():
        return _file_facts(place, path.name)
    files = [file for file in place.iterdir() if file.is_file() and is_dicom_file(file)]
    each = [_file_facts(file, path.name) for file in files if not lies_beside_images(file)]
    identities = frozenset[Identity]().union(*(facts.identities for facts in each))
    return HeaderFacts(identities, any(facts.burnt_in for facts in each))


def _file_facts(file: Path, name: str) -> HeaderFacts:
    from ksfeat.io.dicom.header import open_dicom, reading
    from ksfeat.io.dicom.ultrasound import burnt_in_annotation

    try:
        with reading(name):
            header = open_dicom(file, name)
            return HeaderFacts(frozenset(_identities(header)), burnt_in_annotation(header))
    except InputError:
        return HeaderFacts()  # the error comes when the image is read, where it can be skipped


def _identities(header: pydicom.Dataset) -> Iterator[Identity]:
    from ksfeat.io.dicom.pseudonyms import identities_of

    for kind, value in identities_of(header):
        if value not in ANONYMISERS and not _BLANK.fullmatch(value):
            yield KINDS.index(kind), value
