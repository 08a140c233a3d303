"""DICOM trees: which files are images, which make a series, and whose they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ksfeat.dataset.location import local_copy
from ksfeat.errors import InputError
from ksfeat.io.formats import format_of


def list_series(paths: Iterable[Path], *, by_file: bool) -> tuple[list[Path], list[Path]]:
    """Return the image files among some files, and the folders that are one series each.

    Parameters
    ----------
    paths : iterable of Path
        Files of any format that is read.
    by_file : bool
        Whether each file of a series is an image of its own; else several DICOM files in a folder
        are one series, the folder.

    Returns
    -------
    files, folders : list of Path
        Without segmentations, contours, reports and the like, which lie beside images.
    """
    files: list[Path] = []
    series: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        if not is_dicom_file(path):
            files.append(path)
        elif not lies_beside_images(path):
            series[path.parent].append(path)
    folders = [] if by_file else [place for place, parts in series.items() if len(parts) > 1]
    single = [part for place, parts in series.items() if place not in folders for part in parts]
    return files + single, folders


def is_dicom_file(path: Path) -> bool:
    """Tell whether a path is a DICOM file, by its ending or else by its first bytes."""
    kind = format_of(path)
    return kind is not None and kind.name == "DICOM"


def frames(path: Path) -> int:
    """Return the number of frames of a DICOM file; 1 where it is damaged, which reading tells."""
    from ksfeat.io.dicom.frames import frame_count
    from ksfeat.io.dicom.header import open_dicom, reading

    try:
        with reading(path.name):
            return frame_count(open_dicom(local_copy(path), path.name))
    except InputError:
        return 1


def lies_beside_images(path: Path) -> bool:
    """Tell whether a DICOM file is no image: a segmentation, contours, a report and the like."""
    from ksfeat.io.dicom.header import is_beside_images, open_dicom, reading

    try:
        with reading(path.name):
            return is_beside_images(open_dicom(local_copy(path), path.name))
    except InputError:
        return False  # the error comes when the image is read, where it can be skipped
