"""`window8`: Hounsfield units to bytes."""

from __future__ import annotations

import numpy as np


def window8(hu: np.ndarray, window: tuple[float, float]) -> np.ndarray:
    """Window Hounsfield units to 8 bits.

    Parameters
    ----------
    hu : ndarray
        Hounsfield units, of any shape.
    window : tuple of float
        What becomes 0 and what becomes 255; the rest is clipped.

    Returns
    -------
    ndarray of uint8
        Of the shape of `hu`.

    Examples
    --------
    >>> window8(np.array([-500, 40, 3000]), (-160, 240)).tolist()
    [0, 128, 255]
    """
    low, high = window
    return np.rint(np.clip((hu - low) / (high - low), 0, 1) * 255).astype(np.uint8)
