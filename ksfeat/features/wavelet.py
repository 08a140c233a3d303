"""The sub-bands of a stationary wavelet transform."""

from __future__ import annotations

from functools import cache, partial
from itertools import product

import numpy as np

from ksfeat.features.filters import along
from ksfeat.features.subbands import Filter, FilterBank

_ROOT = 7**0.5
# Coiflet of 6 weights, in closed form, after a 0 so that the largest is in the middle. It is
# PyWavelets' `dec_lo` of "coif1" backwards, as correlation needs it.
_LOW = np.array(
    [0, 1 - _ROOT, 5 + _ROOT, 14 + 2 * _ROOT, 14 - 2 * _ROOT, 1 - _ROOT, -3 + _ROOT]
) / (16 * 2**0.5)
_HIGH = np.array([0, 1, -1, 1, -1, 1, -1]) * np.append(0.0, _LOW[:0:-1])
_REACH = 3
_WEIGHTS = {"l": _LOW, "h": _HIGH}
_WORDS = {"l": "low", "h": "high"}


def _respond(read: np.ndarray, axes: tuple[int, ...], letters: str) -> np.ndarray:
    for axis, letter in zip(axes, letters, strict=True):
        read = along(read, _WEIGHTS[letter], axis)
    return read


@cache
def bank(dimensions: int = 2) -> FilterBank:
    """Return the wavelet's sub-bands at the first level: ll, lh, hl, hh; of a volume 8.

    Each letter is an axis, in axis order (rows' axis first): l keeps what is smooth along it, h
    what changes. The transform is stationary (not decimated): a sub-band has the image's size, and
    moves with it. The Coiflet of 6 weights is pyradiomics' default too.

    Parameters
    ----------
    dimensions : int, default=2
        2 filters the slices, 3 a volume.

    Examples
    --------
    >>> [each.name for each in bank().filters]
    ['ll', 'lh', 'hl', 'hh']

    References
    ----------
    .. [1] I. Daubechies, "Ten Lectures on Wavelets", SIAM, 1992.
    """
    filters = tuple(
        Filter(
            "".join(letters),
            f"wavelet sub-band {'-'.join(_WORDS[letter] for letter in letters)}",
            _REACH,
            partial(_respond, letters="".join(letters)),
        )
        for letters in product("lh", repeat=dimensions)
    )
    return FilterBank("wavelet", filters, tuple(range(-dimensions, 0)))
