"""Two images of one place, taken at two tube voltages, as one image."""

from __future__ import annotations

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.dicom.geometry import grid_of


def pair_energies(low: StoneImage, high: StoneImage) -> StoneImage:
    """Pair two registered images of different tube voltage.

    Parameters
    ----------
    low, high : StoneImage
        Slices or volumes with position and tube voltage, in either order.

    Returns
    -------
    StoneImage
        The one of the lower voltage, with the other as its second energy.

    Raises
    ------
    InputError
        If a voltage or position is not known, voltages are equal, or grids do not agree.

    Examples
    --------
    >>> import numpy as np
    >>> place = {"unit": "HU", "spacing_mm": (1, 1), "direction": np.eye(3), "origin_mm": (0, 0, 0)}
    >>> at_80 = StoneImage(np.full((2, 2), 300), kvp=80, **place)
    >>> at_140 = StoneImage(np.full((2, 2), 200), kvp=140, **place)
    >>> both = pair_energies(at_140, at_80)
    >>> both.kvp, int(both.pixels[0, 0]), int(both.second_energy[0, 0])
    (80, 300, 200)
    """
    if low.kvp is None or high.kvp is None or low.kvp == high.kvp:
        said = " and ".join("unknown" if i.kvp is None else f"{i.kvp:g}" for i in (low, high))
        raise InputError(f"{low.name}: tube voltages {said} kV; expected two different ones")
    if low.kvp > high.kvp:
        low, high = high, low
    _require_one_grid(low, high)
    return low.with_(second_energy=high.pixels)


def _require_one_grid(low: StoneImage, high: StoneImage) -> None:
    grids = grid_of(low), grid_of(high)
    if grids[0] is None or grids[1] is None:
        raise InputError(f"{low.name}: two energies without positions; expected registered ones")
    if low.shape != high.shape or low.unit != high.unit:
        raise InputError(
            f"{low.name}: energies of {low.shape} {low.unit} and {high.shape} {high.unit}; "
            "expected one size and unit; reconstruct them alike"
        )
    if low.frame_of_reference != high.frame_of_reference or not grids[0].reaches(grids[1]):
        raise InputError(
            f"{low.name}: energies at different places in the patient; expected one grid; "
            "register one to the other first"
        )
