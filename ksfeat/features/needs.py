"""What an image must have for a family to be computed, and what to do where it has not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ksfeat.image import StoneImage
from ksfeat.roi.window import TO_HU


@dataclass(frozen=True)
class Need:
    """Something that images may lack.

    Parameters
    ----------
    is_met : callable
        Whether a `StoneImage` has it.
    reason : callable
        In words, what a `StoneImage` lacks.
    mend : str
        What the user can do.
    """

    is_met: Callable[[StoneImage], bool]
    reason: Callable[[StoneImage], str]
    mend: str


NEEDS = {
    "HU": Need(
        lambda image: image.unit == "HU",
        lambda image: f"it needs an image in HU, and {image.name} is of unit {image.unit!r}",
        TO_HU,
    ),
    "rgb": Need(
        lambda image: image.unit == "rgb",
        lambda image: f"it needs an image in colour, and {image.name} is of unit {image.unit!r}",
        "give photographs",
    ),
    "mm": Need(
        lambda image: image.spacing_mm is not None,
        lambda image: f"it needs a spacing in millimetres, and {image.name} has none",
        "read DICOM, NIfTI or NRRD",
    ),
    "second_energy": Need(
        lambda image: image.second_energy is not None,
        lambda image: f"it needs a second energy, and {image.name} has none",
        "name its file in the manifest's column second_path",
    ),
}


def first_unmet(needs: tuple[str, ...], image: StoneImage) -> Need | None:
    """Return the first need that an image does not meet, None where it meets all.

    Examples
    --------
    >>> import numpy as np
    >>> need = first_unmet(("HU", "second_energy"), StoneImage(np.eye(8), unit="HU"))
    >>> need.mend
    "name its file in the manifest's column second_path"
    """
    return next((NEEDS[name] for name in needs if not NEEDS[name].is_met(image)), None)


def left_out_lines(reasons: Mapping[str, str]) -> list[str]:
    """Return one line a reason, of `FeatureExtractor.left_out_`: families may lack the same.

    Examples
    --------
    >>> left_out_lines({"glcm": "a.nii is a volume", "ngtdm": "a.nii is a volume"})
    ['families glcm, ngtdm left out: a.nii is a volume']
    """
    of: dict[str, list[str]] = {}
    for family, reason in reasons.items():
        of.setdefault(reason, []).append(family)
    return [
        f"{'family' if len(names) == 1 else 'families'} {', '.join(names)} left out: {reason}"
        for reason, names in of.items()
    ]
