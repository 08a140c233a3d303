"""Discretisation: from intensities to grey levels 1..N, as the IBSI defines it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np

from ksfeat.errors import InputError
from ksfeat.roi.parameters import check_number, written_out

MOST_LEVELS = 65535  # of uint16
MOST_START = 1e60  # beyond any pixel value that is described
METHODS = ("fbn", "fbs", "fbw")
_BLOCK = 65536  # pixels discretised at once
_NAMED = re.compile(r"(fb[nsw])(\d+(?:\.\d+)?)")


@dataclass(frozen=True)
class Discretisation:
    """How intensities become grey levels.

    Parameters
    ----------
    method : {"fbn", "fbs", "fbw"}
        Fixed bin number (IBSI K15C), fixed bin size (Q3RU), or pyradiomics' bin width: that size,
        but bins begin at a multiple of it.
    value : float
        Number of bins, or width of a bin in the unit of the image.
    start : float, optional
        Where the first bin begins, for "fbs"; by default at the lowest intensity of the region.

    Raises
    ------
    InputError
        If a value does not fit the method.

    Examples
    --------
    >>> Discretisation("fbs", 25, start=-1000).suffix, Discretisation.of(32).suffix
    ('fbs25', 'fbn32')
    """

    method: str
    value: float
    start: float | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError(f"discretisation {self.method!r}; expected one of {METHODS}")
        if self.method == "fbn":
            check_number("bins", self.value, 2, MOST_LEVELS, whole=True)
        elif not isinstance(self.value, Real) or not 0 < self.value < np.inf:
            raise InputError(f"bin size {self.value!r}; expected a number above 0")
        if self.start is not None:
            self._check_start(self.start)

    def _check_start(self, start: float) -> None:
        if self.method != "fbs":
            raise InputError(
                "a start of a fixed number of bins or of 'fbw'; expected None; use 'fbs'"
            )
        check_number("start", start, -MOST_START, MOST_START)

    @classmethod
    def of(cls, how: int | Discretisation) -> Discretisation:
        """Return a discretisation; a whole number is a fixed number of bins."""
        return how if isinstance(how, Discretisation) else cls("fbn", _whole(how))

    @classmethod
    def parse(cls, text: str) -> Discretisation:
        """Return the discretisation that a suffix names.

        Examples
        --------
        >>> Discretisation.parse("fbw25")
        Discretisation(method='fbw', value=25.0, start=None)
        """
        found = _NAMED.fullmatch(text)
        if found is None:
            raise InputError(
                f"levels {text!r}; expected a whole number, or such as 'fbn32', 'fbs25' or 'fbw25'"
            )
        value = float(found[2])
        return cls(found[1], int(value) if found[1] == "fbn" and value.is_integer() else value)

    @property
    def suffix(self) -> str:
        """What a column's name says: "fbn32", "fbs25"."""
        return f"{self.method}{written_out(self.value)}"

    def apply(self, pixels: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return grey levels 1..N inside a mask that is not empty, 0 outside."""
        if self.method == "fbn":
            return fixed_bin_number(pixels, mask, int(self.value))
        first = self.first_bin(_range(pixels, mask)[0])
        return fixed_bin_size(pixels, mask, self.value, first)

    def first_bin(self, lowest: float) -> float:
        """Return where the first bin of a fixed size begins, for a region's lowest intensity.

        Examples
        --------
        >>> Discretisation("fbs", 25).first_bin(-10), Discretisation("fbw", 25).first_bin(-10)
        (-10, -25)
        """
        if self.method == "fbw":
            return lowest - lowest % self.value
        return lowest if self.start is None else self.start


def _whole(number: object) -> int:
    # Numpy's whole numbers too, so that they make the same key.
    return int(number) if isinstance(number, Integral) else number  # type: ignore[return-value]


def fixed_bin_number(pixels: np.ndarray, mask: np.ndarray, levels: int) -> np.ndarray:
    """Spread the region's range over a fixed number of grey levels.

    Parameters
    ----------
    pixels : ndarray, shape (H, W) or (Z, H, W)
        Intensities.
    mask : ndarray of bool, in the shape of `pixels`
        The region; its minimum and maximum set the range.
    levels : int
        Number of levels N, at most 65535.

    Returns
    -------
    ndarray of uint16, in the shape of `pixels`
        Levels 1..N in the region, 0 outside. All 1 where the region has one grey level.

    Examples
    --------
    >>> pixels = np.array([[0.0, 1.0, 2.0, 3.0, 99.0]])
    >>> fixed_bin_number(pixels, pixels < 50, 2)
    array([[1, 1, 2, 2, 0]], dtype=uint16)
    """
    low, high = _range(pixels, mask)
    if high == low:
        return mask.astype(np.uint16)
    # Multiplying before dividing keeps the quotient of integer images correctly rounded, so that
    # an integer change of scale cannot move a pixel over the edge of a bin.
    inside = np.empty(pixels.shape, dtype=np.uint16)
    for above, found in _blocks(pixels, mask, (low, high), inside):
        above *= levels
        above /= high - low
        found[:] = above  # what is not negative is rounded down
        # With limits of the levels' own type, which numpy does several times faster.
        np.clip(found, np.uint16(0), np.uint16(levels - 1), out=found)
        found += np.uint16(1)
    return inside if mask.all() else np.multiply(inside, mask, out=inside)


def fixed_bin_size(
    pixels: np.ndarray, mask: np.ndarray, width: float, start: float | None = None
) -> np.ndarray:
    """Return the bins of one width that the region's intensities fall in, by number.

    Parameters
    ----------
    pixels : ndarray, shape (H, W) or (Z, H, W)
        Intensities.
    mask : ndarray of bool, in the shape of `pixels`
        The region.
    width : float
        Width of a bin, in the unit of the image.
    start : float, optional
        Where bin 1 begins; by default at the region's lowest intensity. The IBSI asks for the lower
        end of the range of re-segmentation.

    Returns
    -------
    ndarray of uint16, in the shape of `pixels`
        Levels from 1 in the region, 0 outside.

    Raises
    ------
    InputError
        If the region reaches below `start`, or over more than 65535 bins.

    Examples
    --------
    >>> pixels = np.array([[-10.0, 0.0, 24.0, 25.0]])
    >>> fixed_bin_size(pixels, pixels >= 0, 25)
    array([[0, 1, 1, 2]], dtype=uint16)
    """
    low, high = _range(pixels, mask)
    first = low if start is None else start
    if low < first:
        raise InputError(
            f"an intensity of {low:g} below the first bin; expected at least {first:g}; "
            "re-segment from there, or start lower"
        )
    if (high - first) / width >= MOST_LEVELS:
        raise InputError(
            f"{(high - first) / width:.0f} bins of {width:g}; expected at most {MOST_LEVELS}; "
            "use wider bins"
        )
    inside = np.empty(pixels.shape, dtype=np.uint16)
    for above, found in _blocks(pixels, mask, (low, high), inside):
        above += low - first
        above /= width
        found[:] = above
        found += np.uint16(1)
    return inside if mask.all() else np.multiply(inside, mask, out=inside)


def _range(pixels: np.ndarray, mask: np.ndarray) -> tuple[float, float]:
    if mask.all():
        return float(pixels.min()), float(pixels.max())
    values = pixels[mask]
    return float(values.min()), float(values.max())


def _blocks(
    pixels: np.ndarray, mask: np.ndarray, limits: tuple[float, float], levels: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield how far intensities are above the lower limit, and where their levels belong.

    A block at a time: fresh memory of an image's size costs more than the arithmetic. Intensities
    beyond the limits, of no pixel inside, are cut.
    """
    low, high = limits
    whole = mask.all()
    flat, found = pixels.reshape(-1), levels.reshape(-1)
    scratch = np.empty(min(_BLOCK, flat.size))
    for start in range(0, flat.size, _BLOCK):
        part = flat[start : start + _BLOCK]
        above = scratch[: part.size]
        if whole:
            np.subtract(part, low, out=above, dtype=np.float64)
        else:
            np.clip(part, low, high, out=above, dtype=np.float64)
            above -= low
        yield above, found[start : start + _BLOCK]
