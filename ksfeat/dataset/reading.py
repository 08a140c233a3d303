"""What a user says about how a data set is to be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ksfeat.errors import InputError
from ksfeat.image import AXES

VOLUME_MODES = ("slices", "region")
USER_UNITS = ("HU",)  # what a user may say of a file that cannot say it
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "valid",
    "valid": "valid",
    "validation": "valid",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True)
class Reading:
    """How a data set is to be read; see `load_dataset`, whose parameters these are.

    `ignored` is filled on the way: the suffixes of files that lie among images and are not read.

    Raises
    ------
    InputError
        If `volume`, `axis` or `unit` is none of those that there are.
    """

    labelled: bool = True
    covariates: tuple[str, ...] = ()
    volume: str = "slices"
    axis: str = "axial"
    unit: str | None = None
    pseudonyms: bool = False
    ignored: Counter[str] = field(default_factory=Counter, compare=False)

    def __post_init__(self) -> None:
        for name, value, known in (
            ("volume", self.volume, VOLUME_MODES),
            ("axis", self.axis, AXES),
            ("unit", self.unit, (None, *USER_UNITS)),
        ):
            if value not in known:
                words = ", ".join(str(choice) for choice in known if choice is not None)
                raise InputError(f"{name} {value!r}; expected one of {words}")

    @property
    def by_file(self) -> bool:
        """Whether each file of a DICOM series is a slice as it is wanted."""
        return self.volume == "slices" and self.axis == "axial"


def split_name(name: str) -> str:
    """Return the usual name of a split ("train", "valid", "test"), or the name in lower case.

    Examples
    --------
    >>> split_name("Training"), split_name("val"), split_name("outside")
    ('train', 'valid', 'outside')
    """
    return SPLITS.get(name.strip().lower(), name.strip().lower())
