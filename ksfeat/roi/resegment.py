"""Re-segmentation: leaving out of the region what its tissue cannot be, as the IBSI defines it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ksfeat.errors import InputError
from ksfeat.roi.region import Region


def resegment(
    region: Region,
    limits: tuple[float, float] | None = None,
    outliers_sd: float | None = None,
) -> Region:
    """Leave out pixels by their intensity; the outline stays, as shape is measured on it.

    Parameters
    ----------
    region : Region
        What was drawn.
    limits : (low, high), optional
        Intensities to keep, both included (IBSI USB3); infinite where one end is open.
    outliers_sd : float, optional
        Standard deviations around the mean of the drawn region to keep (IBSI 7ACA); where both are
        given, a pixel must satisfy both.

    Returns
    -------
    Region
        With the same box and outline.

    Raises
    ------
    InputError
        If nothing is left.

    Examples
    --------
    >>> region = Region(np.array([[-900.0, 30.0, 50.0]]), np.ones((1, 3), dtype=bool))
    >>> left = resegment(region, limits=(-500, 400))
    >>> left.values, left.outline.sum()
    (array([30., 50.]), np.int64(3))
    """
    low, high = check_limits(limits)
    start, end = low, high
    if outliers_sd is not None:
        if not outliers_sd > 0:
            raise InputError(f"outliers_sd {outliers_sd!r}; expected a number above 0, such as 3")
        reach = outliers_sd * region.values.std()
        start = max(low, region.values.mean() - reach)
        end = min(high, region.values.mean() + reach)
    mask = region.mask & (region.pixels >= start) & (region.pixels <= end)
    if not mask.any():
        raise InputError(
            f"no intensity of the region lies in {start:g}..{end:g}; expected at least one; "
            "widen the range, or check the unit of the image"
        )
    return replace(region, mask=mask, drawn=region.outline, limits=(low, high), has_mask=True)


def check_limits(limits: tuple[float, float] | None) -> tuple[float, float]:
    """Return the ends of a range, infinite where there is none; an `InputError` if it is empty."""
    low, high = (-np.inf, np.inf) if limits is None else limits
    if not low < high:
        raise InputError(f"a range from {low!r} to {high!r}; expected a lower and a higher value")
    return float(low), float(high)
