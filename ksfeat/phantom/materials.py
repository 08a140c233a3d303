"""Hounsfield units of tissues and stones, and how dense stones vary."""

from __future__ import annotations

import numpy as np

# A first calculation from chemical formula and density at 75 keV, with a packing fraction of 0.6
# (real stones are porous and hydrated): uric acid, whewellite for calcium oxalate, carbonate
# apatite for calcium phosphate. One energy; the physics form replaces this table.
STONE_HU = {
    "calcium_oxalate": 1086.0,
    "calcium_phosphate": 2201.0,
    "uric_acid": 425.0,
    "cystine": 506.0,
    "struvite": 465.0,
}
COMPOSITIONS = tuple(STONE_HU)

# How often a stone of the task "stone" is of each composition: rounded, so that calcium oxalate
# leads as it does in patients; not an epidemiological estimate.
FREQUENCY = {
    "calcium_oxalate": 0.65,
    "calcium_phosphate": 0.12,
    "uric_acid": 0.12,
    "cystine": 0.03,
    "struvite": 0.08,
}

PACKING_SD = 0.12  # of the logarithm: densities of neighbouring types overlap, as in patients

AIR = -1000.0
GAS = -900.0
FAT = -100.0
WATER = 8.0
SKIN = 25.0
MUSCLE = 55.0
BLOOD = 42.0
SOFT = 45.0
LIVER = 58.0
KIDNEY = 34.0


def stone_hu(composition: str, rng: np.random.Generator) -> float:
    """Draw the density of one stone, in HU: hydrated, so proportional to its packing."""
    return STONE_HU[composition] * float(np.exp(rng.normal(0.0, PACKING_SD)))


def draw_composition(rng: np.random.Generator) -> str:
    """Draw the composition of a stone, as often as `FREQUENCY` says."""
    return str(rng.choice(list(FREQUENCY), p=list(FREQUENCY.values())))
