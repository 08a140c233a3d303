"""What a feature is: its name, unit, needs, and when it is not defined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ksfeat.roi import Region


@dataclass(frozen=True)
class Feature:
    """The identity of one number.

    Parameters
    ----------
    name : str
        Its column, which says how it was computed: ``glcm_contrast_d1_fbn32``.
    family : str
        The family it is computed with.
    title : str
        What it is, in plain words.
    unit : str
        Unit of the value; "1" for a bare number, "intensity" for the unit of the image.
    ibsi_id : str, optional
        Permanent identifier of the Image Biomarker Standardisation Initiative.
    undefined : str
        When the value is NaN, in words; empty where it never is.
    """

    name: str
    family: str
    title: str
    unit: str
    ibsi_id: str | None = None
    undefined: str = ""


@dataclass(frozen=True)
class Family:
    """Features that are computed together.

    Parameters
    ----------
    name : str
        How it is asked for.
    features : tuple of Feature
        In the order of the values.
    compute : callable
        From a `Region` to an ndarray of float64, one value a feature.
    needs : tuple of str
        What an image must have, of `ksfeat.features.needs`: "HU", "rgb", "mm", "second_energy".
    dimensions : tuple of int
        Of the regions that it describes: 2 for slices, 3 for volumes.
    """

    name: str
    features: tuple[Feature, ...]
    compute: Callable[[Region], np.ndarray]
    needs: tuple[str, ...] = ()
    dimensions: tuple[int, ...] = (2,)

    @property
    def columns(self) -> list[str]:
        """Names of the features."""
        return [feature.name for feature in self.features]
