"""Zernike moments: the shape of a region and the spread of its intensities, however turned."""

from __future__ import annotations

from functools import cache
from math import factorial

import numpy as np

from ksfeat.features.identity import Family, Feature
from ksfeat.features.shape import described_mask
from ksfeat.roi import Region

_DEGREE = 8
_ORDERS = tuple(
    (n, repetition) for n in range(2, _DEGREE + 1) for repetition in range(n % 2, n + 1, 2)
)
_SMALLEST = 1e-12  # below it a moment is rounding; symmetric shapes have exact zeros


def compute(region: Region) -> np.ndarray:
    """Return the moduli of the Zernike moments of orders 2 to 8, of mask and intensities.

    The disc is centred on the centre of mass and reaches half a pixel further than the centre of
    the farthest pixel of the region. Weights are divided by their sum, so order 0 is always 1/pi,
    order 1 always 0, and both are left out. Without a mask, the shape is that of the largest part
    above Otsu's threshold.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (46,)
        By order n and repetition l: 23 of the mask, then 23 of the intensities above the lowest of
        the region. As mahotas' `zernike_moments`, given centre and radius.

    References
    ----------
    .. [1] M. R. Teague, "Image analysis via the general theory of moments", J. Opt. Soc. Am. 70
           (1980) 920-930.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> square = Region.of(StoneImage(np.eye(9), mask=np.ones((9, 9))))
    >>> values = dict(zip(family().columns, compute(square).round(6).tolist()))
    >>> values["zernike_shape_n2_l2"], values["zernike_shape_n4_l4"] > 0.01
    (0.0, True)
    """
    above = np.where(region.mask, region.pixels, region.sorted_values[0]) - region.sorted_values[0]
    shape = described_mask(region)
    return np.concatenate([_moduli(shape.astype(np.float64), shape), _moduli(above, region.mask)])


def _moduli(weights: np.ndarray, mask: np.ndarray) -> np.ndarray:
    total = weights.sum()
    if total == 0:
        return np.full(len(_ORDERS), np.nan)
    shares = weights / total
    rows, columns = (np.arange(float(length)) for length in mask.shape)
    rows -= (shares.sum(axis=1) * rows).sum()
    columns -= (shares.sum(axis=0) * columns).sum()
    squares = np.add.outer(rows**2, columns**2)
    radius = np.sqrt(squares[mask].max()) + 0.5
    # Geometric moments first: their sums are along rows and columns, and few. Not by BLAS, whose
    # order of adding depends on its threads.
    across = np.einsum("hw,wp->hp", shares, np.vander(columns / radius, _DEGREE + 1, True))
    geometric = np.einsum("hq,hp->qp", np.vander(rows / radius, _DEGREE + 1, True), across)
    moduli = np.abs(np.einsum("mqp,qp->m", _polynomials(), geometric))
    return np.where(moduli > _SMALLEST, moduli, 0.0)


@cache
def _polynomials() -> np.ndarray:
    """Return each conjugate Zernike polynomial times (n + 1) / pi, by powers of y and of x."""
    return np.stack([_polynomial(n, repetition) for n, repetition in _ORDERS])


def _polynomial(n: int, repetition: int) -> np.ndarray:
    squared = np.zeros((3, 3), dtype=complex)
    squared[2, 0] = squared[0, 2] = 1  # x^2 + y^2
    turn = np.array([[0, 1], [-1j, 0]])  # x - iy
    result = np.zeros((_DEGREE + 1, _DEGREE + 1), dtype=complex)
    for k in range((n - repetition) // 2 + 1):
        term = np.ones((1, 1), dtype=complex)
        for factor in [turn] * repetition + [squared] * ((n - repetition) // 2 - k):
            term = _product(term, factor)
        weight = (-1) ** k * factorial(n - k) / factorial(k)
        weight /= factorial((n + repetition) // 2 - k) * factorial((n - repetition) // 2 - k)
        result[: term.shape[0], : term.shape[1]] += weight * term
    return result * (n + 1) / np.pi


def _product(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Multiply two polynomials in x and y."""
    result = np.zeros(np.add(one.shape, other.shape) - 1, dtype=complex)
    for (q, p), weight in np.ndenumerate(other):
        result[q : q + one.shape[0], p : p + one.shape[1]] += weight * one
    return result


def family() -> Family:
    """Return the family `zernike`."""
    features = tuple(
        Feature(
            f"zernike_{name}_n{n}_l{repetition}",
            "zernike",
            f"modulus of the Zernike moment of order {n}, repetition {repetition}, of the {of}",
            "1",
            None,
            undefined,
        )
        for name, of, undefined in (
            ("shape", "region", "no mask, and the image has one grey level"),
            ("intensity", "intensities", "the region has one grey level"),
        )
        for n, repetition in _ORDERS
    )
    return Family("zernike", features, compute)
