"""How the matrices of slices and directions become one number (IBSI's aggregation methods)."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from ksfeat.errors import InputError

Aggregation: TypeAlias = Literal["2d_avg", "2d_mrg", "2.5d_avg", "2.5d_mrg", "3d_avg", "3d_mrg"]
AGGREGATIONS: tuple[str, ...] = get_args(Aggregation)
DEFAULT: Aggregation = "2d_mrg"


def check_aggregation(aggregation: str) -> None:
    """Raise an `InputError` if there is no such aggregation."""
    if aggregation not in AGGREGATIONS:
        raise InputError(f"aggregation {aggregation!r}; expected one of {', '.join(AGGREGATIONS)}")


def dimensions_of(aggregation: Aggregation) -> int:
    """Return 3 where neighbours lie in a volume, 2 where they lie in a slice.

    Examples
    --------
    >>> dimensions_of("2.5d_avg"), dimensions_of("3d_mrg")
    (2, 3)
    """
    check_aggregation(aggregation)
    return 3 if aggregation.startswith("3d") else 2


def merge(counts: np.ndarray, aggregation: Aggregation) -> np.ndarray:
    """Add up the matrices that an aggregation merges.

    Parameters
    ----------
    counts : ndarray, shape (slices, directions, ...)
        One matrix, or one number, a slice and direction; a volume is one slice.
    aggregation : Aggregation
        "2d_avg" (IBSI BTW3) merges nothing, "2d_mrg" (SUJT) the directions of a slice, "2.5d_avg"
        (JJUI) the slices of a direction, "2.5d_mrg" (ZW7Z) all; "3d_avg" (ITBB) nothing and
        "3d_mrg" (IAZD) the directions of the volume.

    Returns
    -------
    ndarray of int64, shape (matrices, ...)
        What features are computed from, each; then `average` them.

    Examples
    --------
    >>> merge(np.ones((3, 4)), "2d_mrg"), merge(np.ones((3, 4)), "2.5d_avg")
    (array([4, 4, 4]), array([3, 3, 3, 3]))
    """
    check_aggregation(aggregation)
    if aggregation.startswith("2.5d") and len(counts) > 1:
        counts = counts.sum(axis=0, keepdims=True)
    if aggregation.endswith("mrg") and counts.shape[1] > 1:
        counts = counts.sum(axis=1, keepdims=True)
    return counts.reshape(-1, *counts.shape[2:]).astype(np.int64)


def average(values: np.ndarray) -> np.ndarray:
    """Return the mean of each feature over matrices, of those for which it is defined.

    Parameters
    ----------
    values : ndarray of float64, shape (matrices, features)
        NaN where a feature is not defined for a matrix, such as that of an empty slice.

    Returns
    -------
    ndarray of float64, shape (features,)
        NaN where it is defined for none.

    Examples
    --------
    >>> average(np.array([[1.0, np.nan], [3.0, np.nan]]))
    array([ 2., nan])
    """
    if len(values) == 1:
        return values[0]
    defined = ~np.isnan(values)
    number = defined.sum(axis=0)
    total = np.where(defined, values, 0.0).sum(axis=0)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def suffix(aggregation: Aggregation, directional: bool = True) -> str:
    """Return what a column's name says about the aggregation; nothing for the default.

    Families of zones and neighbourhoods know no directions: "2d" (IBSI 8QNN), "2.5d" (62GR) and
    "3d" (KOBO) is all there is to say.

    Examples
    --------
    >>> suffix("3d_avg"), suffix("3d_avg", directional=False), suffix("2d_mrg")
    ('_3d_avg', '_3d', '')
    """
    check_aggregation(aggregation)
    if directional:
        return "" if aggregation == DEFAULT else f"_{aggregation}"
    dimensions = aggregation.split("_")[0]
    return "" if dimensions == "2d" else f"_{dimensions}"
