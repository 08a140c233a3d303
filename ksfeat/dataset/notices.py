"""What a user should know of a data set and of no single image: a warning of one line, once."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.patients import HeaderFacts, have_one_patient_id, most_shared
from ksfeat.io.source import DETACHED

# A fixed list: the rest of a name behind a dot may be a surname, a date or a UID.
_TOLD = {
    *DETACHED,
    *(".raw", ".zraw", ".npy", ".npz", ".mat", ".mnc", ".h5", ".jp2", ".svg", ".heic", ".mp4"),
    *(".avi", ".zip", ".gz", ".7z", ".rar", ".pdf", ".docx", ".txt", ".xlsx"),
    *(".json", ".yaml", ".yml", ".xml", ".md", ".html", ".py", ".ipynb"),
}


def warn_of_burnt_in_text(dataset: Dataset, headers: Mapping[Path, HeaderFacts], name: str) -> None:
    """Warn once if text may stand in pixels, which features would see and a reader could read.

    An image that a manifest crops is taken to be rid of it.
    """
    marked = {path for path, facts in headers.items() if facts.burnt_in}
    count = sum(source.path in marked and source.crop is None for source in dataset.images)
    if count:
        warnings.warn(
            f"{name}: text may be burnt into the pixels of {count} of its images (ultrasound "
            "without its regions, screen captures, or marked so in the header); crop them in a "
            "manifest (x0, y0, x1, y1), or leave them out",
            stacklevel=3,
        )


def warn_of_one_patient(dataset: Dataset, headers: Mapping[Path, HeaderFacts], name: str) -> None:
    """Warn once if the user's groups could not be compared with patients: all files name one."""
    theirs = dataset.grouping.kind in ("column", "file", "given")
    if theirs and len(set(dataset.known_groups())) > 1 and have_one_patient_id(headers):
        warnings.warn(
            f"{name}: one PatientID in all DICOM files, so that groups could not be compared with "
            "patients; if it is one patient and not an anonymiser's constant, scores are of one "
            "patient only",
            stacklevel=3,
        )


def warn_of_a_large_group(dataset: Dataset, headers: Mapping[Path, HeaderFacts], name: str) -> None:
    """Warn once if identifiers of DICOM files made most of the images one group.

    Where an anonymiser wrote them, no patient is; the kind of identifier is told, never its value.
    """
    rows = _joined_to_most(dataset)
    paths = {dataset.images[row].path for row in rows}
    shared = most_shared(headers, paths) if len(paths) > 1 else None
    if shared is None:
        return
    from ksfeat.io.dicom.pseudonyms import IDENTIFIERS

    keyword, count, files = IDENTIFIERS[shared[0]], shared[1], len(headers)
    if dataset.grouping.kind != "dicom":
        warnings.warn(
            f"{name}: {count} of {files} DICOM files share one {keyword}, so that given groups "
            "became one; if an anonymiser wrote it, keep them apart: --groups-as-given "
            "(join_patients=False)",
            stacklevel=3,
        )
        return
    who = f"one {keyword} in all files" if count == files else f"one {keyword} in {count} of "
    who += "" if count == files else f"{files} files"
    warnings.warn(
        f"{name}: {who}: if an anonymiser wrote it, give --groups COLUMN or FILE.csv, which says "
        "who is who; else it is one patient, whose images are not split",
        stacklevel=3,
    )


def _joined_to_most(dataset: Dataset) -> list[int]:
    """Return the rows of a group that holds most images, if identifiers and not the user made it.

    Images that have no labels, or are of one class, are not split: it may well be one patient.
    """
    grouping = dataset.grouping
    made = grouping.kind == "dicom" or (grouping.joined > 0 and not grouping.as_given)
    if not made or dataset.groups is None or dataset.labels is None:
        return []
    (group, count), *_ = Counter(dataset.groups.tolist()).most_common(1)
    rows = [row for row, other in enumerate(dataset.groups.tolist()) if other == group]
    is_mixed = len({dataset.labels[row] for row in rows}) > 1
    return rows if count > len(dataset) / 2 and is_mixed else []


def warn_of_ignored(suffixes: Mapping[str, int], name: str) -> None:
    """Warn once of the files that lie among images and are not read, counted by suffix."""
    told: Counter[str] = Counter()
    for suffix, count in suffixes.items():
        told[suffix if suffix in _TOLD else "of other types"] += count
    if not told:
        return
    words = ", ".join(f"{count} {suffix}" for suffix, count in sorted(told.items()))
    mend = ""
    if any(suffix in DETACHED for suffix in told):
        mend = "; save volumes whose header is a file of its own as .mha, .nrrd or .nii.gz"
    warnings.warn(f"{name}: files that are not read were ignored: {words}{mend}", stacklevel=3)
