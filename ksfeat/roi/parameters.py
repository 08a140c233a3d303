"""Parameters of the steps over images, judged in one place."""

from __future__ import annotations

from decimal import Decimal
from math import isinf
from numbers import Integral, Real
from typing import Any

from ksfeat.errors import InputError


def check_number(
    name: str, value: Any, low: float, high: float = float("inf"), *, whole: bool = False
) -> None:
    """Raise an `InputError` unless a parameter is a finite number from `low` to `high`.

    Examples
    --------
    >>> check_number("mm", 0.5, 0.01)
    >>> check_number("tiles", 2.5, 1, 64, whole=True)
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: tiles 2.5; expected a whole number from 1 to 64
    """
    number = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
    if not (number and low <= value <= high and value < float("inf")):
        kind = "a whole number" if whole else "a number"
        to = f"from {low:g} to {high:g}" if high < float("inf") else f"of at least {low:g}"
        raise InputError(f"{name} {value!r}; expected {kind} {to}")


def written_out(number: float) -> str:
    """Return a number with all its digits and no exponent.

    Examples
    --------
    >>> written_out(12.3456789), written_out(1e-08), written_out(25.0), written_out(float("inf"))
    ('12.3456789', '0.00000001', '25', 'inf')
    """
    if isinf(number):
        return repr(float(number))
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
