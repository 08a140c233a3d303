"""What a model file knows beside the model: calibration, conformal sets, and what it was shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd

from ksfeat.errors import ArtifactError, InputError
from ksfeat.models.calibration import METHODS, Calibrator, Method, fit_calibrator
from ksfeat.models.conformal import COVERAGE, ConformalSets, fit_sets
from ksfeat.models.novelty import Novelty, fit_novelty

Calibration = Literal["auto", "temperature", "platt", "isotonic", "none"]
_Part = TypeVar("_Part")


@dataclass(frozen=True, eq=False)
class Certainty:
    """How sure a model's answer is; each part is None where it was not asked for, or not possible.

    Parameters
    ----------
    calibrator : Calibrator or None
        From margins to probabilities.
    sets : ConformalSets or None
        From margins to the classes that an image may be of.
    novelty : Novelty or None
        Whether an image is of the kind that the model was trained on.
    remarks : tuple of str
        Why a part is missing, and which classes stand in every set.

    Examples
    --------
    >>> Certainty().to_dict()
    {'calibration': None, 'conformal': None, 'novelty': None, 'remarks': []}
    """

    calibrator: Calibrator | None = None
    sets: ConformalSets | None = None
    novelty: Novelty | None = None
    remarks: tuple[str, ...] = ()

    @property
    def method(self) -> str | None:
        """How margins become probabilities."""
        return None if self.calibrator is None else self.calibrator.method

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        parts = {"calibration": self.calibrator, "conformal": self.sets, "novelty": self.novelty}
        written = {name: None if part is None else part.to_dict() for name, part in parts.items()}
        return {**written, "remarks": list(self.remarks)}

    @classmethod
    def from_dict(cls, found: Any, n_classes: int, n_features: int) -> Certainty | None:
        """Return what `to_dict` wrote; None of None.

        Raises
        ------
        ArtifactError
            If a part is damaged.
        """
        if found is None:
            return None
        if not isinstance(found, dict):
            raise ArtifactError(f"certainty {found!r:.40}; expected its parts")
        remarks = found.get("remarks", [])
        if not (isinstance(remarks, list) and all(isinstance(line, str) for line in remarks)):
            raise ArtifactError("certainty: remarks that are no lines; fit it again")
        return cls(
            _read(found.get("calibration"), Calibrator.from_dict, n_classes),
            _read(found.get("conformal"), ConformalSets.from_dict, n_classes),
            _read(found.get("novelty"), Novelty.from_dict, n_features),
            tuple(remarks),
        )


def _read(found: Any, read: Callable[[Any, int], _Part], size: int) -> _Part | None:
    return None if found is None else read(found, size)


def fit_certainty(  # noqa: PLR0913 - what was seen, and what is asked for
    margins: np.ndarray,
    labels: np.ndarray,
    classes: np.ndarray,
    groups: np.ndarray | None,
    *,
    calibrate: Calibration = "auto",
    coverage: float | None = COVERAGE,
    random_state: int = 0,
) -> Certainty:
    """Fit calibration and conformal sets to out-of-fold margins.

    Parameters
    ----------
    margins : ndarray of shape (n,) or (n, n_classes)
        Each from a model that did not see the image's group.
    labels : ndarray of shape (n,)
        True classes.
    classes : ndarray of shape (n_classes,)
        In the order of the margins.
    groups : ndarray of shape (n,) or None
        What no fold may cut; each image is its own group where there are none.
    calibrate : {"auto", "temperature", "platt", "isotonic", "none"}, default="auto"
        How margins become probabilities; "auto" chooses on folds by group.
    coverage : float or None, default=0.9
        Of each class by the conformal sets; None for no sets.
    random_state : int, default=0
        Seed of the folds.

    Returns
    -------
    Certainty
        Without `novelty`, which is learnt from features.

    Raises
    ------
    InputError
        If the method or the coverage is none.

    Examples
    --------
    >>> codes = np.tile([0, 1], 30)
    >>> found = fit_certainty(2.0 * codes - 1, codes, np.array([0, 1]), None)
    >>> found.calibrator is not None, found.sets.coverage
    (True, 0.9)
    """
    check_calibration(calibrate)
    codes = np.searchsorted(classes, labels)
    calibrator, remarks = None, []
    if calibrate != "none":
        try:
            calibrator = fit_calibrator(
                margins, codes, groups, method=calibrate, random_state=random_state
            )
        except InputError as error:
            remarks.append(f"not calibrated: {error}")
    sets = None if coverage is None else fit_sets(margins, codes, groups, coverage=coverage)
    if sets is not None:
        remarks += sets.remarks([str(name) for name in classes])
    return Certainty(calibrator, sets, None, tuple(remarks))


def check_calibration(calibrate: str) -> None:
    """Refuse what is no way to calibrate.

    Raises
    ------
    InputError
        If it is none of them.
    """
    known: tuple[Method | str, ...] = ("auto", *METHODS, "none")
    if calibrate not in known:
        raise InputError(f"calibrate {calibrate!r}; expected one of {', '.join(known)}")


def with_novelty(
    certainty: Certainty,
    table: pd.DataFrame,
    groups: np.ndarray | None,
    modalities: tuple[str, ...],
    random_state: int = 0,
) -> Certainty:
    """Add what the training images look like; say so where there are too few groups to know."""
    try:
        novelty = fit_novelty(table, groups, modalities=modalities, random_state=random_state)
    except InputError as error:
        remarks = (*certainty.remarks, f"novelty is not told: {error}")
        return Certainty(certainty.calibrator, certainty.sets, None, remarks)
    return Certainty(certainty.calibrator, certainty.sets, novelty, certainty.remarks)
