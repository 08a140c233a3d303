"""What may be asked for: each parameter is judged before anything is drawn or written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.errors import InputError
from ksfeat.phantom.compositions import COMPOSITIONS, PHLEBOLITH
from ksfeat.phantom.scanner import Scan

NO_STONE, ANY_STONE = "nostone", "stone"
TASKS = {
    "stone": (NO_STONE, ANY_STONE),
    "half": (NO_STONE, ANY_STONE),
    "type": tuple(sorted(COMPOSITIONS)),
    "photograph": tuple(sorted(COMPOSITIONS)),
}
FORMATS = ("png", "nifti", "dicom")
_PNG_WINDOW = (-400.0, 1600.0)
_MOST_ENERGIES = 2
_LIMITS = {"patients": (2, 100_000), "slices": (1, 500)}


@dataclass(frozen=True)
class Order:
    """All that decides a data set.

    Parameters
    ----------
    task, format : str
        As in `make_phantom`.
    phleboliths : bool
        Whether they are a class of task "type".
    ureter : bool
        Whether stones may lie in the ureter.
    patients, slices, random_state : int
        As in `make_phantom`.
    scan : Scan
        How patients are scanned; of photographs only its size is used.
    window : tuple of float or None
        What becomes black and white, in HU.
    """

    task: str
    patients: int
    slices: int
    scan: Scan
    format: str
    window: tuple[float, float] | None
    phleboliths: bool
    ureter: bool
    random_state: int

    def __post_init__(self) -> None:
        _require_one_of("task", self.task, tuple(TASKS))
        _require_one_of("format", self.format, FORMATS)
        numbers = {"patients": self.patients, "slices": self.slices}
        require_whole(**numbers, random_state=self.random_state)
        if self.patients < len(self.classes):
            high = _LIMITS["patients"][1]
            raise InputError(
                f"patients={self.patients}; "
                f"expected a whole number from {len(self.classes)} to {high}"
            )
        if self.phleboliths and self.task != "type":
            raise InputError(f"phleboliths with task {self.task!r}; expected task 'type'")
        if self.task == "photograph" and self.format != "png":
            raise InputError(f"photographs as {self.format}; expected format 'png'")
        if self.task == "half" and self.format == "nifti":
            raise InputError("halves as nifti, whose volumes have no crop; expected png or dicom")
        require_scan(self.scan)
        if self.window is not None:
            _require_window(self.window, self.task, self.format)

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels, sorted."""
        found = TASKS[self.task]
        return tuple(sorted((*found, PHLEBOLITH))) if self.phleboliths else found

    @property
    def patient_classes(self) -> tuple[str, ...]:
        """The classes of patients: of halves all have stones."""
        return (ANY_STONE,) if self.task == "half" else self.classes

    @property
    def png_window(self) -> tuple[float, float]:
        """The window of pictures of 8 bit: a PNG cannot hold HU."""
        return self.window or _PNG_WINDOW


def require_whole(**numbers: int) -> None:
    """Raise an `InputError` for what is no whole number in its range."""
    for name, value in numbers.items():
        low, high = _LIMITS.get(name, (0, 2**32 - 1))
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise InputError(f"{name}={value!r}; expected a whole number")
        if not low <= value <= high:
            raise InputError(f"{name}={value}; expected a whole number from {low} to {high}")


def require_scan(scan: Scan) -> None:
    """Raise an `InputError` unless a scan has one energy or two."""
    if not isinstance(scan, Scan):
        raise InputError(f"scan={scan!r}; expected a Scan, such as Scan(size=256)")
    if len(scan.beams) > _MOST_ENERGIES:
        raise InputError(f"{len(scan.beams)} beams; an image holds one energy or two")
    voltages = [kvp_of(beam) for beam in scan.beams]
    if len(scan.beams) > 1 and not voltages[0] < voltages[1]:
        raise InputError(
            f"beams {', '.join(scan.beams)}; expected the lower voltage first, then a higher one"
        )


def kvp_of(beam: str) -> int:
    """Return the tube voltage of a beam, in kV.

    Examples
    --------
    >>> kvp_of("Sn140")
    140
    """
    return int(beam.removeprefix("Sn"))


def _require_one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} {value!r}; expected one of {', '.join(map(repr, choices))}")


def _require_window(window: tuple[float, float], task: str, format_: str) -> None:
    if task == "photograph" or format_ == "nifti":
        kind = "photographs" if task == "photograph" else "NIfTI, which holds HU"
        raise InputError(f"a window for {kind}; leave it out, or write CT as png or dicom")
    try:
        low, high = (float(edge) for edge in window)
        fits = -10_000 <= low < high <= 100_000
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise InputError(f"window={window!r}; expected the lower and the upper edge in HU")
