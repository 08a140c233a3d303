"""What a `FeatureExtractor` may be asked for, judged before any image is read."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from ksfeat.errors import InputError
from ksfeat.features.aggregation import Aggregation, check_aggregation
from ksfeat.features.pyradiomics_names import NAMES
from ksfeat.features.registry import LEVELS
from ksfeat.roi.admission import SMALLEST_SIDE
from ksfeat.roi.chain_text import parse_chain
from ksfeat.roi.discretise import Discretisation
from ksfeat.roi.window import check_window

_MOST_LEVELS = 65535
_LARGEST_SIDE = 8192  # more than any CT or radiograph; bounds what a model file may ask for


def check_parameters(
    size: int | None,
    levels: int | str,
    names: str,
    window: str | None,
    aggregation: Aggregation | None,
    chain: str | None = None,
) -> None:
    """Raise an `InputError` for a parameter that cannot be used; they are the extractor's."""
    if size is not None:
        _check_whole_number("size", size, SMALLEST_SIDE, _LARGEST_SIDE)
    if isinstance(levels, str):
        Discretisation.parse(levels)
    elif levels is None:
        raise InputError(f"levels None; expected a whole number, such as {LEVELS}")
    else:
        _check_whole_number("levels", levels, 2, _MOST_LEVELS)
    if names not in NAMES:
        raise InputError(f"names {names!r}; expected one of {NAMES}")
    check_window(window)
    parse_chain(chain)
    if aggregation is not None:
        check_aggregation(aggregation)


def _check_whole_number(name: str, value: Any, low: int, high: int) -> None:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise InputError(f"{name} {value!r}; expected a whole number, from {low} to {high}")
