"""Vertebrae, discs and sacrum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ksfeat.phantom.anatomy.build import Build
from ksfeat.phantom.materials import Matter, matter
from ksfeat.phantom.shapes import Shape, Tube

Solid = Shape | Tube

_FIRST_LUMBAR = 15.0  # mm: height of the middle of L1 when the kidneys lie around 0
_DISC = 9.0


def bone_matter(build: Build) -> tuple[Matter, Matter]:
    """Return the matter of compact and of spongy bone."""
    share = 0.45 + 0.3 * build.bone
    return (
        matter(cortical_bone=share, spongiosa=1 - share),
        matter(spongiosa=build.bone, red_marrow=1 - build.bone),
    )


def levels(build: Build) -> list[tuple[str, float, float]]:
    """Return name, middle and height of each vertebra from T7 to L5, in mm."""
    found, top = [], _FIRST_LUMBAR + build.level
    for number in range(1, 6):
        height = 35.0 * build.frame
        found.append((f"L{number}", top - height * (number - 1), height))
    z = found[0][1] + 0.5 * found[0][2]
    for number in range(12, 6, -1):
        height = (32.0 - 0.9 * (12 - number)) * build.frame
        z += height
        found.append((f"T{number}", z - 0.5 * height, height))
    return sorted(found, key=lambda level: level[1])


def spine_shapes(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the spine: bodies, discs, arches and processes, and the sacrum."""
    shapes: list[Solid] = []
    for name, z, height in levels(build):
        wide = build.frame * (24.0 if name[0] == "L" else 20.0 - 0.5 * (12 - int(name[1:])))
        shapes += _arch(build, name, z, height, rng)
        shapes += _body(build, z, height, wide)
        shapes += _trabeculae(build, z, height, wide, rng)
        shapes += _disc(build, z - 0.5 * height, wide, rng)
    return [*shapes, *_canal(build), *_sacrum(build)]


def _body(build: Build, z: float, height: float, wide: float) -> list[Solid]:
    x, y = build.spine(z)
    compact, spongy = bone_matter(build)
    half = 0.5 * (height - _DISC * build.frame)
    a, b = 1.05 * wide, 0.74 * wide
    waist = 0.16 / half**2  # the rim flares, the middle is narrower
    inner = (0.93 * a - 0.7, 0.93 * b - 0.8, half - 1.9)
    return [
        Shape("vertebra", compact, (x, y, z), (0.93 * a, 0.93 * b, half), flatness=20,
              squareness=2.3, swell=waist),
        Shape("marrow", spongy, (x, y, z), inner, flatness=14, squareness=2.3, swell=waist),
        Shape("canal", matter(fat=0.3, urine=0.7), (x, y + 1.42 * b, z),
              (11 * build.frame, 8.5 * build.frame, 0.55 * height), flatness=14),
    ]  # fmt: skip


def _trabeculae(
    build: Build, z: float, height: float, wide: float, rng: np.random.Generator
) -> list[Solid]:
    """Return patches of denser and of looser spongiosa, mostly upright, and the central vein."""
    x, y = build.spine(z)
    half = 0.5 * (height - _DISC * build.frame)
    shapes: list[Solid] = []
    for _ in range(110):
        share = float(np.clip(build.bone + rng.normal(0.03, 0.2), 0, 1.0))
        spread = rng.uniform(-0.8, 0.8, 3) * np.array([wide, 0.66 * wide, half - 3.0])
        spread[:2] *= 0.9
        if np.hypot(spread[0] / wide, spread[1] / (0.72 * wide)) > 0.78:
            continue
        middle = (float(x + spread[0]), float(y + spread[1]), float(z + spread[2]))
        radius, stuff = float(rng.uniform(0.8, 3.0)), matter(spongiosa=share, red_marrow=1 - share)
        shapes.append(Tube("marrow", stuff, middle, middle, (radius, radius), 1.8))
    vein = matter(red_marrow=0.7, spongiosa=0.3)
    back = (x, y + 0.7 * wide, z)
    for side in (-1, 1):
        tip = (x + side * 0.3 * wide, y + float(rng.uniform(0.0, 0.4)) * wide, z)
        shapes.append(Tube("marrow", vein, back, tip, (2.4, 0.5), 0.7))
    return shapes


def _disc(build: Build, z: float, wide: float, rng: np.random.Generator) -> list[Solid]:
    x, y = build.spine(z)
    disc = matter(cartilage=0.75, water=0.25)
    half = 0.5 * _DISC * build.frame
    shapes: list[Solid] = [
        Shape("disc", disc, (x, y, z), (wide, 0.76 * wide, half), flatness=8, squareness=2.3)
    ]
    if rng.random() < 0.3:  # a spur on the rim
        compact, side = bone_matter(build)[0], float(rng.choice([-1, 1]))
        start = (x + side * 0.9 * wide, y - 0.3 * wide, z + 5)
        end = (x + side * (wide + rng.uniform(2, 6)), y - 0.4 * wide, z + 1)
        shapes.append(Tube("spur", compact, start, end, (3.0, 1.5)))
    return shapes


def _arch(
    build: Build, name: str, z: float, height: float, rng: np.random.Generator
) -> list[Solid]:
    x, y = build.spine(z)
    f = build.frame
    compact, spongy = bone_matter(build)
    long = 42.0 if name[0] == "L" else 30.0
    lean = float(rng.normal(0, 1))
    shapes: list[Solid] = []
    for side in (-1, 1):
        root = (x + side * 13 * f, y + 14 * f, z + 4)
        corner = (x + side * 16 * f, y + 32 * f, z - 1)
        roof = (x, y + 40 * f, z - 6)
        tip = (x + side * long * f, y + (24 if name[0] == "L" else 38) * f, z + 2)
        joint = (x + side * 17 * f, y + 32 * f, z - 0.5 * height)
        shapes += [
            Tube("pedicle", compact, root, corner, (5.2 * f, 5 * f), 1.4),
            Tube("lamina", compact, corner, roof, (4 * f, 3.6 * f), 1.9),
            Tube("transverse process", compact, corner, tip, (4 * f, 2.6 * f), 1.3),
            Tube("facet", compact, corner, joint, (5 * f, 6.5 * f)),
            Tube("marrow", spongy, root, corner, (3 * f, 3 * f), 1.4),
            Tube("marrow", spongy, corner, joint, (2.5 * f, 3 * f)),
        ]
    top, tail = (x, y + 42 * f, z - 5), (x + lean, y + 64 * f, z - 10)
    return [
        *shapes,
        Tube("spinous process", compact, top, tail, (3.2 * f, 4.2 * f), 2.6),
        Tube("marrow", spongy, top, tail, (1.2 * f, 2.4 * f), 2.6),
    ]


def _canal(build: Build) -> list[Solid]:
    """Return the sac of the dura, which follows the spine."""
    sac, shapes = matter(urine=0.6, muscle=0.4), []
    heights = np.arange(-140.0, 200.0, 20.0)
    for low, high in pairwise(heights):
        ends = []
        for z in (float(low), float(high)):
            x, y = build.spine(z)
            ends.append((x, y + 26 * build.frame, z))
        shapes.append(Tube("dura", sac, ends[0], ends[1], (7 * build.frame, 7 * build.frame)))
    return list(shapes)


def _sacrum(build: Build) -> list[Solid]:
    """Return the sacrum, which leans back below the last disc."""
    f = build.frame
    compact, spongy = bone_matter(build)
    _, z, height = levels(build)[0]
    top = z - 0.5 * height - 0.5 * _DISC * f
    x, y = build.spine(top)
    centre, foramen = (x, y + 26 * f, top - 50 * f), matter(fat=0.7, muscle=0.3)
    shapes: list[Solid] = [
        Shape(part, stuff, centre, (36 * f - thin, 15 * f - thin, 50 * f - thin),
              drift=(0.0, -0.62), flatness=10, bend=(0.0, -0.004), taper=0.009)
        for part, stuff, thin in (("sacrum", compact, 0.0), ("marrow", spongy, 1.8))
    ]  # fmt: skip
    for side in (-1, 1):
        for row in (1, 2, 3):
            hole, z = x + side * 15 * f, top - 20 * row
            start, end = (hole, y + 4 * row - 4, z), (hole, y + 4 * row + 30, z)
            shapes.append(Tube("foramen", foramen, start, end, (3 * f, 3 * f)))
    return shapes
