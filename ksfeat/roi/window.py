"""Windows: the part of the Hounsfield scale that is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.intensity import change_values

# The mend of an image whose unit should be HU: only a person knows what a NIfTI file holds.
TO_HU = (
    "read DICOM, or pass --unit HU (in Python unit='HU') if these NIfTI, NRRD or 16-bit values "
    "are HU"
)


@dataclass(frozen=True)
class HounsfieldWindow:
    """A part of the Hounsfield scale, by its centre and width in HU."""

    centre: float
    width: float

    @property
    def bounds(self) -> tuple[float, float]:
        """Lowest and highest value that are told apart, in HU."""
        return self.centre - self.width / 2, self.centre + self.width / 2


# Presets of this library, chosen so that what is described does not saturate: organs and fat,
# cortical bone, and the whole span of urinary stones. They are no standard; a scanner's presets
# of the same names differ.
WINDOWS: dict[str, HounsfieldWindow] = {
    "soft_tissue": HounsfieldWindow(centre=40.0, width=400.0),
    "bone": HounsfieldWindow(centre=500.0, width=2000.0),
    "stone": HounsfieldWindow(centre=800.0, width=1600.0),
}


def window(image: StoneImage, name: str) -> StoneImage:
    """Clip an image in HU to a window.

    Parameters
    ----------
    image : StoneImage
        Of unit "HU".
    name : {"soft_tissue", "bone", "stone"}
        A preset of this library: -160 to 240, -500 to 1500, and 0 to 1600 HU.

    Returns
    -------
    StoneImage
        Of unit "grey", float64: what lies outside the window is set to its bounds, so the values
        are no longer measurements. A second energy is clipped alike.

    Raises
    ------
    InputError
        If the window is unknown, or the image is not in HU.

    Examples
    --------
    >>> import numpy as np
    >>> image = StoneImage(np.array([[-1000.0, 30.0], [900.0, 2500.0]]), unit="HU")
    >>> window(image, "stone").pixels
    array([[   0.,   30.],
           [ 900., 1600.]])
    """
    low, high = _find(name).bounds
    if image.unit != "HU":
        raise InputError(
            f"{image.name}: a window needs an image in HU; found unit {image.unit!r}; "
            f"{TO_HU}, or leave the window out"
        )
    return change_values(image, lambda values: np.clip(values.astype(float), low, high), "grey")


def check_window(name: str | None) -> None:
    """Raise an `InputError` if there is no such window; None stands for none."""
    if name is not None:
        _find(name)


def _find(name: str) -> HounsfieldWindow:
    if name not in WINDOWS:
        raise InputError(f"window {name!r}; expected one of {', '.join(WINDOWS)}, or None")
    return WINDOWS[name]
