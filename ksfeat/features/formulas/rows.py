"""What a row of the tables of formulas holds."""

from __future__ import annotations

from typing import NamedTuple

ANY, POSITIVE, SHARE = "any", ">= 0", "0 to 1"


class Formula(NamedTuple):
    """How a feature is computed, and between which values it lies.

    Parameters
    ----------
    text : str
        The formula.
    reach : str
        "any", ">= LOW" or "LOW to HIGH".
    """

    text: str
    reach: str


# By a regular expression of the whole name, without its family and how it was computed.
Table = dict[str, Formula]
