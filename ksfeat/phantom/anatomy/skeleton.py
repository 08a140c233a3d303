"""Ribs and pelvic bones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ksfeat.phantom.anatomy.build import Build
from ksfeat.phantom.anatomy.spine import bone_matter, levels
from ksfeat.phantom.materials import Matter, matter
from ksfeat.phantom.shapes import Shape, Tube, along, chain

Solid = Shape | Tube

_BREASTBONE = 3.0  # radians: no cartilage goes on to the other side
# How far round from the spine (0) to the breastbone (pi) the bone of each rib reaches.
_REACH = {12: 0.9, 11: 1.5, 10: 2.0, 9: 2.2, 8: 2.3, 7: 2.4}


def rib_course(build: Build, side: int, z: float, reach: float, n: int = 14) -> np.ndarray:
    """Return points of a rib, shape (n, 3), from the spine round the wall; z at the spine."""
    middle, width, depth = build.cavity
    angle = np.linspace(0.28, min(reach, _BREASTBONE), n)
    a, b = width + 0.55 * build.wall, depth + 0.35 * build.wall
    # Ribs fall steeply from the spine to the flank and rise again as cartilage in front.
    fall = 95 * build.frame * np.sin(np.minimum(angle, 2.2) * 0.75) ** 1.3
    x = side * a * np.sin(angle) ** 0.9
    return np.column_stack([x, middle + b * np.cos(angle), z - fall])


def rib_shapes(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the ribs from the twelfth to the seventh, with calcified cartilage in some."""
    compact, spongy = bone_matter(build)
    heights = {name: z for name, z, _ in levels(build)}
    old = rng.random() < 0.4
    shapes: list[Solid] = []
    for side in (-1, 1):
        for number, reach in _REACH.items():
            z, f = heights[f"T{number}"] + 6, build.frame
            reach += float(rng.normal(0, 0.08))
            course = rib_course(build, side, z, reach)
            shapes += chain("rib", compact, course, 3.3 * f, 1.7)
            shapes += chain("marrow", spongy, course[1:-1], 2.1 * f, 1.7)
            if number < 11:
                shapes += _cartilage(build, side, z, reach, old, rng)
    return shapes


def _cartilage(
    build: Build, side: int, z: float, reach: float, old: bool, rng: np.random.Generator
) -> list[Solid]:
    course = rib_course(build, side, z, reach + 0.5, 30)[-10:]
    course[:, 2] = course[0, 2] + np.linspace(0, 25, len(course))
    gristle, chalk = matter(cartilage=0.9, water=0.1), matter(cartilage=0.6, cortical_bone=0.4)
    shapes: list[Solid] = [*chain("costal cartilage", gristle, course, 4.2 * build.frame, 1.6)]
    for start, end in pairwise(course):
        if old and rng.random() < 0.35:
            ends = start + rng.normal(0, 1.5, 3), end + rng.normal(0, 1.5, 3)
            shapes += chain("calcified cartilage", chalk, np.asarray(ends), 1.1)
    return shapes


def pelvis_shapes(build: Build) -> list[Solid]:
    """Return iliac wings, the sockets and heads of the hips."""
    compact, spongy = bone_matter(build)
    f = build.frame
    crest = levels(build)[0][1] + 22 * f  # the crests stand between L4 and L5
    shapes: list[Solid] = []
    for side in (-1, 1):
        for part, stuff, thin in (("ilium", compact, 0.0), ("marrow", spongy, 2.6)):
            shapes += [
                *_wing(side, f, crest, part, stuff, thin),
                Tube(part, stuff, (side * 92 * f, 10 * f, crest - 95 * f),
                     (side * 90 * f, 2 * f, crest - 130 * f), (17 * f - thin, 27 * f - thin)),
            ]  # fmt: skip
    return shapes


def _wing(side: int, f: float, crest: float, part: str, stuff: Matter, thin: float) -> list[Tube]:
    """Return a wing as a fan of slanting bars from the crest down to the joint's line."""
    bars: list[Tube] = []
    for share in np.linspace(0, 1, 15):
        # From the sacral joint at the back (0) to the front spine (1).
        x = side * f * (44 + 90 * share**0.7)
        y = f * (68 - 92 * share)
        high = crest - f * (34 * (1 - share) ** 2 + 38 * share**2)
        low = (side * f * (36 + 44 * share), f * (58 - 52 * share), crest - f * (80 + 20 * share))
        start = (float(x), float(y), float(high))
        # The wing bows outwards, and is thickest along the crest.
        bow = (0.5 * (start[0] + low[0]) + side * 7 * f, 0.5 * (start[1] + low[1]),
               0.5 * (start[2] + low[2]) - 4 * f)  # fmt: skip
        course = along(np.array([start, bow, low]), 6)
        widths = np.array([9.5, 7.5, 5.5, 5, 6, 7]) * f - thin
        bars += chain(part, stuff, course, widths)
    return bars
