"""Hounsfield units from tabulated attenuation: what tissues and stones are mixed from."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ksfeat.errors import InputError

BEAMS = ("80", "100", "120", "140", "Sn140", "Sn150")
"""Tube voltages in kVp; "Sn" has a tin filter (0.4 mm at 140 kVp, 0.6 mm at 150 kVp)."""


@dataclass(frozen=True)
class Matter:
    """A mixture of tabulated materials; `matter` makes one.

    Parameters
    ----------
    parts : tuple of (str, float)
        Materials and their shares of the volume, which add up to 1. Iodine is a solute: it has a
        concentration in mg/ml instead of a share, on top of the others.

    Examples
    --------
    >>> Matter((("kidney", 0.9), ("urine", 0.1))).hu("120") < matter(kidney=1).hu("120")
    True
    """

    parts: tuple[tuple[str, float], ...]

    def hu(self, beam: str) -> float:
        """Return the mean density in a beam.

        Attenuation adds up by volume: HU = 1000 (sum of share times attenuation relative to
        water - 1).

        Parameters
        ----------
        beam : str
            One of `BEAMS`.

        Returns
        -------
        float
            In HU, -1000 or more; not rounded, and not cut at what a scanner can store.

        Raises
        ------
        InputError
            If the beam is not tabulated.
        """
        if beam not in BEAMS:
            raise InputError(f"beam {beam!r} is unknown; expected one of {', '.join(BEAMS)}")
        table = relative_attenuation()
        return 1000.0 * (math.fsum(share * table[name, beam] for name, share in self.parts) - 1.0)


def matter(**parts: float) -> Matter:
    """Mix materials by volume, with iodine dissolved in them if asked.

    Parameters
    ----------
    **parts : float
        Share of the volume of each material, 0 to 1; they add up to 1. ``iodine`` is in mg/ml.

    Returns
    -------
    Matter
        Without the parts that are 0.

    Raises
    ------
    InputError
        If a material is not in the table, or the shares are negative or do not add up to 1.

    Notes
    -----
    The materials and their sources stand in ``ksfeat/phantom/tables/materials.csv``;
    ``tools/attenuation.py`` computes ``attenuation.csv`` beside it. Tissues are the reference
    ones of ICRU and ICRP, about 10 HU denser than in unenhanced patients (blood 56, kidney 44 HU
    at 120 kVp); a share of water or fat brings them down.

    Examples
    --------
    >>> matter(water=1).hu("120")
    0.0
    >>> plain, enhanced = matter(kidney=1), matter(kidney=1, iodine=3.0)
    >>> round(enhanced.hu("80") - plain.hu("80")) > round(enhanced.hu("140") - plain.hu("140"))
    True
    """
    _check(parts)
    return Matter(tuple((name, float(share)) for name, share in parts.items() if share))


def _check(parts: dict[str, float]) -> None:
    kinds = material_kinds()
    if unknown := sorted(set(parts) - set(kinds)):
        raise InputError(f"unknown material {unknown[0]!r}; expected some of {', '.join(kinds)}")
    if wrong := [name for name, share in parts.items() if not 0 <= share < math.inf]:
        raise InputError(f"{wrong[0]} is {parts[wrong[0]]}; expected a finite number of 0 or more")
    total = math.fsum(share for name, share in parts.items() if kinds[name] != "solute")
    if abs(total - 1.0) > 1e-6:
        raise InputError(f"the shares of the volume add up to {total:g}; expected 1")


@cache
def relative_attenuation() -> dict[tuple[str, str], float]:
    """Return attenuation relative to water by material and beam; of iodine, per mg/ml."""
    return {
        (row["material"], row["beam"]): float(row["relative_attenuation"])
        for row in table_rows("attenuation")
    }


@cache
def material_kinds() -> dict[str, str]:
    """Return the kind of each material: gas, fluid, tissue, mineral, solute or device."""
    return {row["material"]: row["kind"] for row in table_rows("materials")}


def table_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of ``ksfeat/phantom/tables/NAME.csv``, as text."""
    text = (files(__package__) / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
