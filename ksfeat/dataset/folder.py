"""A folder of class folders to rows."""

from __future__ import annotations

from pathlib import Path

from ksfeat.dataset.dataset import SPLITS
from ksfeat.errors import InputError
from ksfeat.io import ImageSource
from ksfeat.io.raster import SUFFIXES


def read_class_folders(root: Path) -> tuple[list[ImageSource], list[str]]:
    """Return the images below each class folder and their labels, sorted by path.

    Raises
    ------
    InputError
        If there is no class folder with an image in it.
    """
    folders = sorted(entry for entry in root.iterdir() if entry.is_dir() and _visible(entry))
    names = [folder.name for folder in folders]
    if names and {name.lower() for name in names} <= SPLITS.keys():
        raise InputError(
            f"{root.name}: holds {', '.join(names)}, which look like splits and not like classes; "
            "give one of them, or write a manifest with the columns path, label and split"
        )
    sources: list[ImageSource] = []
    labels: list[str] = []
    for folder in folders:
        found = find_images(folder, root)
        sources += found
        labels += [folder.name] * len(found)
    if not sources:
        raise InputError(
            f"{root.name}: no images in class folders; expected {root.name}/CLASS/IMAGE "
            f"with files ending in {', '.join(SUFFIXES)}"
        )
    return sources, labels


def find_images(folder: Path, root: Path) -> list[ImageSource]:
    """Return every image file below `folder`, sorted, named relative to `root`."""
    return [
        ImageSource(path, path.relative_to(root).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES and _visible(path) and path.is_file()
    ]


def _visible(path: Path) -> bool:
    """Tell whether a file is not one of those that systems leave behind (.DS_Store, ._x.png)."""
    return not path.name.startswith(".")
