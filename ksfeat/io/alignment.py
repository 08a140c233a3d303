"""Whether a mask, or a second energy, lies where its image lies, however either was stored."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.formats import format_of
from ksfeat.io.orientation import Grid


def grid_of(path: Path, name: str) -> Grid | None:
    """Return where a file's voxels lie once they are upright; None where it does not say.

    A format says it by a function ``read_grid(path, name)`` beside its ``read``.
    """
    kind = None if path.is_dir() else format_of(path)
    read_grid = getattr(import_module(kind.module), "read_grid", None) if kind else None
    return read_grid(path, name) if read_grid else None


def grid_of_volume(image: StoneImage) -> Grid | None:
    """Return where a volume's voxels lie; None for a slice, or where its axes are not known."""
    if not image.volume or image.direction is None or image.spacing_mm is None:
        return None
    steps = image.direction * np.array(image.spacing_mm)[:, None]
    return Grid(image.shape, steps, image.origin_mm)


def require_same_place(image: StoneImage, other: Path, name: str) -> None:
    """Raise an `InputError` if an image and another file say that they lie in different places.

    Parameters
    ----------
    image : StoneImage
        The whole image.
    other : Path
        The file of its mask or second energy, in the image's shape.
    name : str
        How to call the other file.
    """
    scanned = grid_of_volume(image)
    found = None if scanned is None else grid_of(other, name)
    if scanned is not None and found is not None and not found.reaches(scanned):
        raise InputError(
            f"{name}: {_place(found)}; expected the image's grid, {_place(scanned)}; "
            "resample it onto the image, or write it with the image's own header"
        )


def _place(grid: Grid) -> str:
    spacing = "x".join(f"{length:.4g}" for length in grid.spacing_mm)
    if grid.origin_mm is None:
        return f"voxels of {spacing} mm"
    origin = ", ".join(f"{value:.1f}" for value in grid.origin_mm)
    return f"voxels of {spacing} mm from {origin} mm on"
