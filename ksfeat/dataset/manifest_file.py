"""Which manifest a place means, and which columns it has."""

from __future__ import annotations

import os
from pathlib import Path

from ksfeat.dataset.location import locate
from ksfeat.dataset.table import SUFFIXES, read_table

MANIFEST = "manifest.csv"  # speaks for the folder that holds it


def manifest_of(place: Path) -> Path:
    """Return the ``manifest.csv`` with paths that a folder holds; any other place as it is."""
    manifest = place / MANIFEST
    if not (place.is_dir() and manifest.is_file()):
        return place
    return place if read_table(manifest).find("path") is None else manifest


def has_column(place: str | os.PathLike[str], name: str) -> bool:
    """Tell whether a place is a manifest, or a folder that holds one, with such a column."""
    manifest = manifest_of(locate(place))
    return (
        manifest.suffix.lower() in SUFFIXES
        and manifest.is_file()
        and read_table(manifest).find(name) is not None
    )
