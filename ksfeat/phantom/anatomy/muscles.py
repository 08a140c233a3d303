"""The wall of the trunk, and the muscles of the back and the hips."""

from __future__ import annotations

import numpy as np

from ksfeat.phantom.anatomy.build import FAT, Build
from ksfeat.phantom.materials import Matter, matter
from ksfeat.phantom.shapes import Shape, Tube, along, chain

Solid = Shape | Tube

_LONG = 1e4  # mm: a column that runs through every slice


def wall_shapes(build: Build) -> list[Solid]:
    """Return what lies around the cavity: layers of muscle with fat between them, then fat."""
    middle, width, depth = build.cavity
    lean, seam = build.tissue("muscle", build.muscle), build.tissue("muscle", 0.55)
    wall = build.wall
    rings = [(0.0, lean), (0.30, seam), (0.36, lean), (0.64, seam), (0.70, lean)]
    shapes: list[Solid] = [
        _around("wall", part, middle, (width + share * wall, depth + 0.6 * share * wall))
        for share, part in rings
    ]

    return [*shapes, _around("subcutaneous fat", FAT, middle, (width + wall, depth + 0.6 * wall))]


def skin_shapes(build: Build) -> list[Solid]:
    """Return skin and air around the body, which is narrower at the waist than at the hips."""
    middle, width, depth = build.skin
    return [
        _around("skin", matter(skin=1.0), middle, (width - 1.8, depth - 1.8), 3e-6),
        _around("air", matter(air=1.0), middle, (width, depth), 3e-6),
    ]


def _around(
    part: str, stuff: Matter, middle: float, half: tuple[float, float], swell: float = 1.2e-6
) -> Shape:
    waist = (0.0, middle, -30.0)
    return Shape(part, stuff, waist, (*half, _LONG), squareness=2.3, outside=True, swell=swell)


def table_shapes(build: Build) -> list[Solid]:
    """Return the scanner's table, a thin curved shell that runs through every slice."""
    middle, _, depth = build.skin
    plate = matter(acrylic=1.0)
    x = np.linspace(-230, 230, 17)
    top = middle + depth + 6
    points = np.column_stack([x, top - 34 * (x / 230) ** 2 + 12, np.zeros(len(x))])
    under = points[1:-1] + np.array([0.0, 34.0, 0.0])
    under[:, 1] = top + 46
    return [
        *chain("table", plate, points, 1.1, _LONG),
        *chain("table", plate, under, 0.8, _LONG),
    ]


def back_shapes(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return psoas, quadratus and the erector of the spine, on both sides."""
    lean = build.tissue("muscle", build.muscle)
    streaky = build.tissue("muscle", build.muscle - rng.uniform(0.02, 0.12))
    shapes: list[Solid] = []
    for side in (-1, 1):
        shapes += _psoas(build, side, lean)
        shapes += _erector(build, side, streaky)
        shapes += _quadratus(build, side, lean)
    return shapes


def _psoas(build: Build, side: int, lean: Matter) -> list[Tube]:
    f = build.frame * (0.6 + 0.4 * build.muscle)
    points, widths = [], []
    courses = ((35, 26, 5, 4), (0, 31, 4, 9), (-40, 37, 3, 14), (-80, 44, 1, 17.5),
               (-120, 52, -6, 19), (-160, 66, -22, 19), (-230, 84, -40, 16))  # fmt: skip
    for z, apart, behind, width in courses:
        x, y = build.spine(float(z))
        points.append((x + side * apart * build.frame, y + behind * build.frame, float(z)))
        widths.append(width * f)
    course = along(np.column_stack([np.asarray(points), widths]), 25)
    return chain("psoas", lean, course[:, :3], course[:, 3])


def _erector(build: Build, side: int, lean: Matter) -> list[Solid]:
    f = build.frame
    x, y = build.spine(-20)
    middle = (x + side * 32 * f, y + 44 * f, -20.0)
    inner = (x + side * 13 * f, y + 48 * f, -20.0)
    bend = (0.0, build.lordosis * f)
    drift = (0.0, 2 * build.lordosis * 40 * f)
    return [
        Shape("erector", lean, middle, (25 * f, 17.5 * f, _LONG), side * 0.12, drift, 2, 2.4,
              bend=bend, swell=-3e-6),
        Shape("multifidus", lean, inner, (12 * f, 15 * f, _LONG), 0.0, drift, 2, 2.4, bend=bend),
        Tube("seam", build.tissue("muscle", 0.4), (x + side * 22 * f, y + 34 * f, -90.0),
             (x + side * 20 * f, y + 54 * f, 60.0), (1.2, 1.2)),
    ]  # fmt: skip


def _quadratus(build: Build, side: int, lean: Matter) -> list[Solid]:
    f = build.frame
    x, y = build.spine(-40)
    middle = (x + side * 60 * f, y + 27 * f, -45.0)
    return [
        Shape("quadratus", lean, middle, (18 * f, 8.5 * f, 75), side * -0.5,
              (-0.1 * side, 0.05), 5)
    ]  # fmt: skip


def front_shapes(build: Build) -> list[Solid]:
    """Return the straight muscles of the belly, and the fat in the midline between them."""
    middle, width, depth = build.cavity
    lean, f = build.tissue("muscle", build.muscle), build.frame
    front = middle - depth - 0.3 * build.wall
    shapes: list[Solid] = []
    for side in (-1, 1):
        across = 0.26 * width
        behind = front + 0.06 * depth
        shapes.append(
            Shape("rectus", lean, (side * across, behind, -30.0),
                  (0.24 * width, 4.8 * f, _LONG), side * 0.16, squareness=2.5, swell=1.2e-6)
        )  # fmt: skip
    return shapes


def hip_shapes(build: Build) -> list[Solid]:
    """Return the muscles of the buttocks and of the inner side of the iliac wings."""
    lean, f = build.tissue("muscle", build.muscle - 0.05), build.frame
    shapes: list[Solid] = []
    for side in (-1, 1):
        shapes += [
            Shape("gluteus", lean, (side * 88 * f, 66 * f, -200 * f), (52 * f, 24 * f, 78 * f),
                  side * -0.5, flatness=3),
            Shape("gluteus", lean, (side * 126 * f, 24 * f, -190 * f), (20 * f, 42 * f, 62 * f),
                  side * 0.45, flatness=3),
            Shape("iliacus", lean, (side * 86 * f, 22 * f, -165 * f), (42 * f, 10 * f, 50 * f),
                  side * -0.75, (-0.25 * side, -0.2), 3),
        ]  # fmt: skip
    return shapes
