"""The IBSI's image processing as text, for the command line and model files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from ksfeat.errors import InputError
from ksfeat.roi.chain import ProcessingChain
from ksfeat.roi.resegment import check_limits

_METHODS = "[:linear|cubic|nearest]"


def _solid(spacing: str, method: str = "linear") -> dict[str, Any]:
    return {"spacing_mm": float(spacing), "interpolation": method}


def _flat(spacing: str, method: str = "linear") -> dict[str, Any]:
    return {"spacing_mm": (None, float(spacing), float(spacing)), "interpolation": method}


def _limits(low: str, high: str) -> dict[str, Any]:
    return {"limits": check_limits((float(low), float(high)))}


def _outliers(deviations: str) -> dict[str, Any]:
    number = float(deviations)
    if not 0 < number < float("inf"):
        raise ValueError(deviations)
    return {"outliers_sd": number}


# usage, and what makes arguments of `ProcessingChain` of it
TERMS: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "interpolate": (f"interpolate:MM{_METHODS}", _solid),
    "interpolate2d": (f"interpolate2d:MM{_METHODS}", _flat),
    "limits": ("limits:LOW:HIGH", _limits),
    "outliers": ("outliers:SD", _outliers),
}


def parse_chain(text: str | None) -> ProcessingChain | None:
    """Return the processing chain that is written in some text.

    Parameters
    ----------
    text : str, optional
        Terms separated by commas, each once, in any order: ``interpolate:MM[:METHOD]`` along all
        axes or ``interpolate2d:MM[:METHOD]`` within slices, with METHOD linear, cubic or nearest;
        ``limits:LOW:HIGH`` of the intensities that stay in the region, ``-inf`` and ``inf`` where
        an end is open; ``outliers:SD`` for those within SD standard deviations of the mean.

    Returns
    -------
    ProcessingChain or None
        None where there is no text.

    Raises
    ------
    InputError
        If a term is not known, stands twice, or cannot be used.

    Examples
    --------
    The IBSI's configuration E:

    >>> chain = parse_chain("interpolate:2:cubic,limits:-1000:400,outliers:3")
    >>> chain.spacing_mm, chain.limits, chain.outliers_sd
    (2.0, (-1000.0, 400.0), 3.0)
    >>> parse_chain("limits:400")
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: chain term 'limits:400'; expected limits:LOW:HIGH
    """
    if text is None:
        return None
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"chain {text!r}; expected text, such as 'interpolate:2,limits:-1000:400'")
    given: dict[str, Any] = {}
    for term in map(str.strip, text.split(",")):
        made = _parse(term)
        if twice := given.keys() & made:
            raise InputError(f"chain {text!r}: {min(twice)} twice; expected each term once")
        given |= made
    return ProcessingChain(**given)


def _parse(term: str) -> dict[str, Any]:
    name, *arguments = term.split(":")
    if name not in TERMS:
        _refuse(term, "one of " + ", ".join(usage for usage, _ in TERMS.values()))
    usage, make = TERMS[name]
    try:
        return make(*arguments)
    except InputError as error:  # one of the values: it is a ValueError, too
        raise InputError(f"chain term {term!r}: {error}") from None
    except (TypeError, ValueError):
        _refuse(term, usage)


def _refuse(term: str, expected: str) -> NoReturn:
    raise InputError(f"chain term {term!r}; expected {expected}")
