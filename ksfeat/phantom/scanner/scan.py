"""`Scan`: how a patient is scanned."""

from __future__ import annotations

from dataclasses import dataclass

from ksfeat.errors import InputError
from ksfeat.phantom.materials import BEAMS

KERNELS = ("soft", "sharp")
PLANES = ("axial", "coronal")
_LIMITS = {
    "size": (32, 1024),
    "field_mm": (50, 700),
    "thickness_mm": (0.5, 10),
    "dose": (0.01, 100),
    "motion_mm": (0, 20),
}


@dataclass(frozen=True)
class Scan:
    """How a patient is scanned.

    Parameters
    ----------
    size : int, default=256
        Side of a slice in pixels, from 32 to 1024.
    field_mm : float, default=365
        Side of a slice in mm, from 50 to 700.
    thickness_mm : float, default=3
        Full width at half maximum of the slice sensitivity profile, in mm, from 0.5 to 10.
    beams : tuple of str, default=("120",)
        Tube voltages in kV, one image each; with "Sn", behind a tin filter. See `BEAMS`.
    kernel : {"soft", "sharp"}, default="soft"
        Reconstruction kernel; the modulation transfer of both stands in `acquisition.csv`.
    dose : float, default=1
        Relative to the reference in `acquisition.csv`, from 0.01 to 100.
    plane : {"axial", "coronal"}, default="axial"
        Plane of the slices of a volume; coronal ones are cut from thin axial ones.
    motion_mm : float, default=0
        Amplitude of breathing during a slice, in mm, from 0 to 20.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> Scan(size=512, beams=("80", "Sn140")).pixel_mm
    0.712890625
    """

    size: int = 256
    field_mm: float = 365.0
    thickness_mm: float = 3.0
    beams: tuple[str, ...] = ("120",)
    kernel: str = "soft"
    dose: float = 1.0
    plane: str = "axial"
    motion_mm: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in _LIMITS.items():
            _require_number(name, getattr(self, name), low, high)
        if self.size != int(self.size):
            raise InputError(f"size={self.size!r}; expected a whole number of pixels")
        _require_one_of("kernel", self.kernel, KERNELS)
        _require_one_of("plane", self.plane, PLANES)
        beams = self.beams
        if not isinstance(beams, tuple) or not beams or len(set(beams)) < len(beams):
            raise InputError(
                f"beams={beams!r}; expected a tuple of different beams, such as ('120',)"
            )
        for beam in beams:
            _require_one_of("beam", beam, BEAMS)

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel, in mm."""
        return self.field_mm / self.size


def _require_number(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name}={value!r}; expected a number from {low} to {high}")
    if not low <= value <= high:  # NaN fails too
        raise InputError(f"{name}={value}; expected a number from {low} to {high}")


def _require_one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise InputError(f"{name} {value!r}; expected one of {', '.join(choices)}")
