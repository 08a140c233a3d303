"""What looks like a stone: plaques, phleboliths, calcified nodes, dense residue in the bowel."""

from __future__ import annotations

import numpy as np

from ksfeat.phantom import growth
from ksfeat.phantom.anatomy import Patient
from ksfeat.phantom.anatomy.vessels import Vessel
from ksfeat.phantom.compositions import PHLEBOLITH, StoneMatter, draw_stone_matter
from ksfeat.phantom.materials import matter
from ksfeat.phantom.stones import Stone, draw_waves

_CALCIFIED = ("aorta", "iliac artery", "renal artery", "mesenteric artery")
_OFTEN = (0.5, 0.25, 0.17, 0.08)  # of the plaques; not verified


def draw_look_alikes(patient: Patient, rng: np.random.Generator) -> tuple[Stone, ...]:
    """Draw what is dense outside the urinary tract.

    Parameters
    ----------
    patient : Patient
        Along whose vessels, and in whose bowel, it lies.
    rng : numpy.random.Generator
        Advanced by the draw.

    Returns
    -------
    tuple of Stone
        Plaques of arteries, phleboliths, calcified nodes, residue; perhaps none.

    Examples
    --------
    >>> from ksfeat.phantom.anatomy import draw_patient
    >>> rng = np.random.default_rng(1)
    >>> found = draw_look_alikes(draw_patient(rng), rng)
    >>> {one.composition for one in found} <= {"plaque", "phlebolith", "node", "residue"}
    True
    """
    plaques = int(rng.poisson(rng.choice([0.0, 2.0, 12.0], p=[0.45, 0.35, 0.2])))
    return (
        *(_draw_plaque(patient, rng) for _ in range(plaques)),
        *(draw_phlebolith(patient, rng) for _ in range(int(rng.poisson(1.6)))),
        *(_draw_node(patient, rng) for _ in range(int(rng.poisson(0.25)))),
        *(_draw_residue(patient, rng) for _ in range(int(rng.poisson(0.4)))),
    )


def draw_phlebolith(patient: Patient, rng: np.random.Generator) -> Stone:
    """Draw a phlebolith in a gonadal vein, along the ureter or deep in the pelvis."""
    veins = [vessel for vessel in patient.vessels if vessel.name == "gonadal vein"]
    vein = veins[int(rng.integers(len(veins)))]
    point = vein.course[int(rng.integers(len(vein.course)))]
    location = "gonadal vein"
    if rng.random() < 0.4:  # the plexus beside bladder and ureter
        low = vein.course[-1]
        point, location = low + rng.normal(0, [8, 9, 9]), "pelvic vein"
    diameter = growth.draw_diameter(PHLEBOLITH, rng)
    radii = rng.uniform(0.85, 1.0, (1, 3))
    parts = growth.fitted(np.zeros((1, 3)), radii, point, diameter)
    rough = growth.draw_roughness(PHLEBOLITH, rng)
    stuff = draw_stone_matter(PHLEBOLITH, rng)
    return Stone(PHLEBOLITH, stuff, *parts, draw_waves(rng), rough, location)


def _draw_plaque(patient: Patient, rng: np.random.Generator) -> Stone:
    """Draw a shell along the wall of an artery: flat grains over a part of its round."""
    name = str(rng.choice(_CALCIFIED, p=_OFTEN))
    arteries = [vessel for vessel in patient.vessels if vessel.name == name]
    artery = arteries[int(rng.integers(len(arteries)))]
    centres, radii = _grains(artery, rng)
    stuff = _chalk(float(rng.uniform(0.1, 0.4)), "blood")
    return Stone("plaque", stuff, centres, radii, draw_waves(rng), 0.06, name)


def _grains(artery: Vessel, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    at = int(rng.integers(1, len(artery.course) - 1))
    way = artery.course[at + 1] - artery.course[at - 1]
    way /= np.linalg.norm(way)
    across = np.cross(way, rng.normal(size=3))
    across /= np.linalg.norm(across)
    other = np.cross(way, across)
    wide, long = float(artery.radii[at]), float(rng.uniform(0, 9))
    angles = np.arange(0, rng.uniform(0.2, 2.2), 1.2 / wide)
    thick = float(rng.uniform(0.6, 1.3))
    rings = [
        artery.course[at] + wide * (np.cos(angle) * across + np.sin(angle) * other) + step * way
        for angle in angles
        for step in np.arange(0, long + 0.1, 2.2)
    ]
    centres = np.array(rings) + rng.normal(0, 0.25, (len(rings), 3))
    return centres, thick * rng.uniform(0.8, 1.6, (len(rings), 3))


def _chalk(share: float, filler: str) -> StoneMatter:
    """Return apatite in something else, without a core of its own."""
    stuff = matter(carbonate_apatite=share, **{filler: 1 - share})
    return StoneMatter(stuff, stuff, 0.5, stuff.parts, share)


def _draw_node(patient: Patient, rng: np.random.Generator) -> Stone:
    branches = [vessel for vessel in patient.vessels if vessel.name == "branch"]
    course = branches[int(rng.integers(len(branches)))].course
    point = course[int(rng.integers(len(course)))] + rng.normal(0, 3, 3)
    parts = growth.grow_stone(point, float(np.clip(rng.lognormal(1.7, 0.4), 3, 14)), rng)
    stuff = _chalk(float(rng.uniform(0.08, 0.35)), "fat")
    return Stone("node", stuff, *parts, draw_waves(rng), 0.12, "mesentery")


def _draw_residue(patient: Patient, rng: np.random.Generator) -> Stone:
    """Draw a tablet or a dense crumb of food in the bowel."""
    loops = [shape for shape in patient.shapes if shape.part == "contents"]
    box = np.asarray(loops[int(rng.integers(len(loops)))].row()[:3])
    parts = growth.grow_stone(box, float(rng.uniform(2, 9)), rng)
    stuff = _chalk(float(rng.uniform(0.02, 0.3)), "bowel")
    return Stone("residue", stuff, *parts, draw_waves(rng), 0.08, "bowel")
