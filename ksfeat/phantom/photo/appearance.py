"""How stones of a type look, from the cited table, and how one stone differs from the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ksfeat.phantom.materials import table_rows

# How much stones of one type differ: chosen so that types overlap, before any classifier saw them.
_LIGHTNESS_SD = 0.22  # of the logarithm, all channels alike
_TINT_SD = 0.15  # of the logarithm, from yellow-brown to grey: red up as blue goes down
_WARM = np.array([0.6, 0.0, -1.4])
_RELIEF_SD = 0.45  # of the logarithm: an old whewellite is worn, a young uric acid is lumpy
_STAIN = 0.35  # largest share of another type's colour: mixed stones, blood and clot


@dataclass(frozen=True)
class Appearance:
    """What one stone looks like.

    Parameters
    ----------
    morphology : str
        Mineral or morphology, as in the table.
    colour : ndarray of shape (3,)
        Share of light that it gives back, red, green and blue, linear, from 0 to 1.
    stain : ndarray of shape (3,)
        The same of what is spotted with another colour.
    stained : float
        Share of the surface that is, from 0 to 1.
    relief : {"mammillary", "spiky", "smooth", "rough"}
        Kind of surface.
    height, grain : float
        Height of the relief and distance between its bumps, as shares of the radius.
    gloss : float
        Strength of highlights, from 0 to 1.
    """

    morphology: str
    colour: np.ndarray
    stain: np.ndarray
    stained: float
    relief: str
    height: float
    grain: float
    gloss: float


def draw_appearance(composition: str, rng: np.random.Generator) -> Appearance:
    """Draw how a stone of a composition looks.

    Examples
    --------
    >>> look = draw_appearance("uric_acid", np.random.default_rng(0))
    >>> look.relief, bool(look.colour[0] > look.colour[2])
    ('smooth', True)
    """
    rows = [row for row in appearances() if row["composition"] == composition]
    shares = np.array([float(row["share"]) for row in rows])
    row = rows[int(rng.choice(len(rows), p=shares / shares.sum()))]
    other = appearances()[int(rng.integers(len(appearances())))]
    return Appearance(
        morphology=row["morphology"],
        colour=_drawn_colour(row, rng),
        stain=_drawn_colour(other, rng),
        stained=float(rng.uniform(0, _STAIN)),
        relief=row["relief"],
        height=float(row["height"]) * float(np.exp(rng.normal(0, _RELIEF_SD))),
        grain=float(row["grain"]) * float(np.exp(rng.normal(0, 0.5 * _RELIEF_SD))),
        gloss=float(np.clip(float(row["gloss"]) * np.exp(rng.normal(0, _RELIEF_SD)), 0, 1)),
    )


@cache
def appearances() -> tuple[dict[str, str], ...]:
    """Return the rows of the table: one a morphology, each with the words it stands on."""
    return tuple(table_rows("appearance"))


def linear(colour: np.ndarray) -> np.ndarray:
    """Return light from sRGB values of 0 to 255; the curve is taken as a power of 2.2."""
    return (np.asarray(colour, dtype=float) / 255) ** 2.2


def _drawn_colour(row: dict[str, str], rng: np.random.Generator) -> np.ndarray:
    mean = linear(np.array([float(row[name]) for name in ("red", "green", "blue")]))
    shift = rng.normal(0, _LIGHTNESS_SD) + rng.normal(0, _TINT_SD) * _WARM
    shift = shift + rng.normal(0, 0.25 * _TINT_SD, size=3)
    red, green, blue = np.clip(mean * np.exp(shift), 0.005, 0.95)
    return np.array([red, green, min(blue, green)])  # no stone of these types is blue
