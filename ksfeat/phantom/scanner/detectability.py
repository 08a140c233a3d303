"""The least noise with which a density can be measured."""

from __future__ import annotations

import numpy as np

from ksfeat.phantom.scanner.noise import reference_noise
from ksfeat.phantom.scanner.profile import sub_slices
from ksfeat.phantom.scanner.protocol import setting, transfer
from ksfeat.phantom.scanner.scan import Scan

_STEP_MM = 0.01


def density_noise(scan: Scan, diameter_mm: np.ndarray) -> np.ndarray:
    """Return the least standard deviation of a ball's mean density, measured from its images.

    The best linear estimate weighs each frequency by signal over noise. Blur and slice profile act
    on both alike and drop out; what is left is the ramp of back-projection, of strength c. With
    the ball's transform B, ``1 / sd^2 = integral of B(f)^2 / (c f_xy)``, which is
    ``2 pi^2 R^4 / c`` for a ball of radius R.

    Parameters
    ----------
    scan : Scan
        Dose, kernel and slice thickness; the noise is that of the reference body, in all beams.
    diameter_mm : ndarray
        Diameters of balls, in mm.

    Returns
    -------
    ndarray
        In HU, in the shape of `diameter_mm`.

    Examples
    --------
    >>> three, six = density_noise(Scan(), np.array([3.0, 6.0]))
    >>> round(float(three / six), 6)
    4.0
    """
    radius = np.asarray(diameter_mm, dtype=float) / 2
    return np.sqrt(_ramp(scan) / 2) / (np.pi * radius**2)


def _ramp(scan: Scan) -> float:
    """Return the noise power per frequency across, in HU^2 mm^4, before blur and profile."""
    weights = sub_slices(scan.thickness_mm, setting("collimation"), _STEP_MM)
    step = weights[1, 0] - weights[0, 0]
    through = float(np.square(weights[:, 1]).sum() / step)  # integral of the squared profile
    passed = transfer(scan.kernel).noise_gain ** 2 * through
    return reference_noise(scan) ** 2 / passed
