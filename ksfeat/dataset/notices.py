"""What a user should know of a data set and of no single image: a warning of one line, once."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ksfeat.dataset.dataset import Dataset
from ksfeat.dataset.patients import HeaderFacts, have_one_patient_id
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
            "without its regions, or marked so in the header); crop them in a manifest "
            "(x0, y0, x1, y1), or leave them out",
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
