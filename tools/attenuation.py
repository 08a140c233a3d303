"""Compute ksfeat/phantom/tables/attenuation.csv from chemistry, cross sections and tube spectra.

Needs ``tools/attenuation-requirements.txt`` in an environment of its own; the phantom reads only
the table. ``--check`` computes it anew and says whether the committed one still follows from it.

A beam is a tungsten spectrum (SpekPy) behind the tube's own filter and, for "Sn", tin, hardened by
30 cm of water as in an abdomen. The detector integrates energy. A material counts with its linear
attenuation averaged over what the detector collects, relative to water averaged the same way: the
limit of a thin object, after the scanner's correction for water. What beam hardening a dense
object does to itself is left out: it is a scanner's artefact.

The anode's angle, the aluminium and the water stand for a scanner and a patient in general; none is
verified against a product. How much that matters, computed with this file: between 4 and 10 mm of
aluminium whewellite at 120 kVp goes from 1,985 to 1,908 HU, between 20 and 40 cm of water from
2,120 to 1,842 HU, between 7 and 20 degrees from 1,940 to 1,973 HU; its ratio of 80 to 140 kVp stays
between 1.46 and 1.49 throughout, that of uric acid at 0.96 to 0.97.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

TABLES = Path(__file__).parents[1] / "ksfeat" / "phantom" / "tables"
ANODE_DEG = 12.0
ALUMINIUM_MM = 6.0  # total filtration, as aluminium
WATER_CM = 30.0
IODINE_G_CM3 = 1e-3  # 1 mg/ml
COLUMNS = [
    "material", "kind", "formula", "density_g_cm3", "source", "beam",
    "effective_kev", "relative_attenuation", "hu",
]  # fmt: skip


@dataclass(frozen=True)
class Beam:
    """Tube voltage and, for a beam with a tin filter, its thickness."""

    name: str
    kvp: float
    tin_mm: float = 0.0


BEAMS = (
    Beam("80", 80),
    Beam("100", 100),
    Beam("120", 120),
    Beam("140", 140),
    Beam("Sn140", 140, 0.4),
    Beam("Sn150", 150, 0.6),
)


@cache
def detected(beam: Beam) -> tuple[np.ndarray, np.ndarray]:
    """Return photon energies in eV and the share of the signal that each one brings."""
    import spekpy

    tube = spekpy.Spek(kvp=beam.kvp, th=ANODE_DEG, dk=0.5)
    tube.filter("Al", ALUMINIUM_MM)
    if beam.tin_mm:
        tube.filter("Sn", beam.tin_mm)
    kev, fluence = tube.get_spectrum(edges=False)
    energy = 1000.0 * np.asarray(kev)
    signal = np.asarray(fluence) * energy * np.exp(-attenuation("H2O", 1.0, energy) * WATER_CM)
    return energy, signal / signal.sum()


def attenuation(formula: str, density: float, energy: np.ndarray) -> np.ndarray:
    """Return linear attenuation in 1/cm; coherent scatter included, as in a narrow beam.

    Parameters
    ----------
    formula : str
        Chemical ("CaC2O4H2O"), or shares of the mass ("H:0.11 O:0.89").
    density : float
        In g/cm3.
    energy : ndarray
        In eV.
    """
    import xraydb

    shares = _mass_shares(formula)
    total = sum(shares.values())
    return sum(
        (share / total * density * xraydb.mu_elam(element, energy, kind="total"))
        for element, share in shares.items()
    )


def _mass_shares(formula: str) -> dict[str, float]:
    import xraydb

    if ":" in formula:
        pairs = (part.split(":") for part in formula.split())
        return {element: float(share) for element, share in pairs}
    atoms = xraydb.chemparse(formula)
    return {element: count * xraydb.atomic_mass(element) for element, count in atoms.items()}


def effective_kev(beam: Beam) -> float:
    """Return the energy at which water attenuates as it does, on average, in the beam."""
    energy, share = detected(beam)
    water = attenuation("H2O", 1.0, energy)
    order = np.argsort(water)  # falls with energy here: above 15 keV, and no edges
    return float(np.interp(share @ water, water[order], energy[order]) / 1000.0)


def row(material: dict[str, str], beam: Beam) -> dict[str, str]:
    """Return one row of the table."""
    energy, share = detected(beam)
    density = float(material["density_g_cm3"] or IODINE_G_CM3)
    water = share @ attenuation("H2O", 1.0, energy)
    ratio = float(share @ attenuation(material["formula"], density, energy) / water)
    hu = 1000.0 * (ratio if material["kind"] == "solute" else ratio - 1.0)
    return {
        **material,
        "beam": beam.name,
        "effective_kev": f"{effective_kev(beam):.2f}",
        "relative_attenuation": f"{ratio:.6f}",
        "hu": f"{hu:.1f}",
    }


def rows() -> Iterator[dict[str, str]]:
    """Yield the whole table: every material at every beam."""
    with (TABLES / "materials.csv").open(newline="", encoding="utf-8") as lines:
        materials = list(csv.DictReader(lines))
    for material in materials:
        yield from (row(material, beam) for beam in BEAMS)


def written(table: list[dict[str, str]]) -> str:
    """Return the table as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Write the table, or compare it."""
    path = TABLES / "attenuation.csv"
    text = written(list(rows()))
    if "--check" in arguments:
        fresh = path.read_text(encoding="utf-8") == text
        sys.stdout.write(
            f"{path.name} {'follows' if fresh else 'does not follow'} from its script\n"
        )
        return 0 if fresh else 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
