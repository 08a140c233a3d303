"""Lungs, heart, liver, spleen, pancreas, bladder: what fills the trunk beside bowel and kidneys."""

from __future__ import annotations

import numpy as np

from ksfeat.phantom.anatomy.build import FAT, Build
from ksfeat.phantom.materials import Matter, matter
from ksfeat.phantom.shapes import Shape, Tube, chain

Solid = Shape | Tube


def base_shapes(build: Build) -> list[Solid]:
    """Return the fat that everything else is painted over."""
    _, width, depth = build.skin
    return [
        Shape("fat", FAT, (0.0, 0.0, 0.0), (2 * width, 2 * depth, 1e4)),
    ]


def chest_shapes(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the lungs, the domes of fat under them, and the heart."""
    middle, width, depth = build.cavity
    lung, crus = matter(lung=0.9, blood=0.1), build.tissue("muscle", build.muscle)
    breath = float(rng.normal(0, 9))
    shapes: list[Solid] = []
    for side, top in ((-1, 112), (1, 101)):
        base = side * 0.50 * width
        half = (0.50 * width, 0.97 * depth, 200.0)
        shapes.append(Shape("lung", lung, (base, middle, 240.0 + breath), half, flatness=2.5))
        z = top * build.frame + breath
        dome = (0.56 * width, 0.90 * depth, 95.0)
        centre = (side * 0.42 * width, middle - 0.12 * depth, z - 95.0)
        sheet = (dome[0] + 2.2, dome[1] + 2.2, dome[2] + 2.2)
        shapes.append(Shape("diaphragm", crus, centre, sheet, flatness=2.4))
        shapes.append(Shape("fat", FAT, centre, dome, flatness=2.4))
        under = (centre[0], centre[1], centre[2] - 100.0)  # a sheet has no lower half
        shapes.append(Shape("fat", FAT, under, (sheet[0] + 2, sheet[1] + 2, 100.0), flatness=40))
    x, y = build.spine(130)
    blood = build.tissue("blood", 0.97, 0.9 * build.contrast["artery"])
    return [
        *shapes,
        Shape("mediastinum", FAT, (0.0, y - 45, 170.0), (32.0, 42.0, 90.0)),
        Shape("heart", blood, (18.0, middle - 0.45 * depth, 138 + breath), (56.0, 38.0, 34.0)),
        *(
            tube
            for s in (-1, 1)
            for tube in chain(
                "crus",
                crus,
                np.array(
                    [
                        [x + s * 17, y - 8, -20.0],
                        [x + s * 23, y - 10, 25],
                        [x + s * 26, y - 12, 60],
                        [x + s * 15, y - 24, 95],
                        [x + s * 4, y - 34, 112],
                    ]
                ),
                np.array([3.0, 5, 5.5, 5, 4]),
                2.0,
            )
        ),
    ]


def solid_organs(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return liver, gallbladder, spleen, pancreas and adrenal glands."""
    return [*_liver(build, rng), *_spleen(build, rng), *_pancreas(build, rng), *_adrenals(build)]


def _liver(build: Build, rng: np.random.Generator) -> list[Solid]:
    middle, width, depth = build.cavity
    contrast, f = build.contrast, build.frame
    fatty = float(np.clip(1 - rng.exponential(0.03), 0.65, 1.0))
    liver = build.tissue("liver", fatty, contrast["liver"])
    vein = build.tissue("blood", 0.97, 0.9 * contrast["vein"])
    size, breath = f * float(rng.normal(1, 0.07)), float(rng.normal(0, 7))
    right = (-0.50 * width, middle - 0.02 * depth, 34.0 + breath)
    lower = float(rng.normal(38, 14))  # how far down the right lobe hangs
    tip = (-0.74 * width, middle + 0.02 * depth, -lower)
    shapes: list[Solid] = [
        Shape("liver", liver, right, (0.53 * width, 0.90 * depth, 72 * size), 0.1,
              (0.12, 0.0), 2.6, 2.2),
        Tube("liver", liver, (-0.62 * width, middle, 30.0), tip, (48 * size, 17 * size), 1.0),
        Shape("liver", liver, (-4.0, middle - 0.56 * depth, 58 + breath),
              (66 * size, 0.36 * depth, 38 * size), -0.1, flatness=2.4),
    ]  # fmt: skip
    for _ in range(7):  # veins that run together behind, towards the caval vein
        start = (-20 * f, middle + 0.25 * depth, 80 + breath)
        end = (rng.uniform(-0.8, -0.2) * width, middle + rng.uniform(-0.6, 0.4) * depth,
               rng.uniform(5, 75))  # fmt: skip
        shapes.append(Tube("hepatic vein", vein, start, end, (4.5, 1.5)))
    bile = (-0.36 * width, middle - 0.45 * depth, 4 + breath)
    if rng.random() < 0.85:
        wide = float(rng.uniform(9, 16))
        shapes.append(
            Shape(
                "gallbladder",
                matter(urine=0.8, water=0.2),
                bile,
                (wide, wide, 28.0),
                drift=(0.2, 0.3),
            )
        )
    return shapes


def _spleen(build: Build, rng: np.random.Generator) -> list[Solid]:
    middle, width, depth = build.cavity
    size = build.frame * float(np.clip(rng.normal(1, 0.13), 0.7, 1.5))
    matter_ = build.tissue("spleen", 0.99, build.contrast["spleen"])
    z = 66 + float(rng.normal(0, 8))
    centre = (0.76 * width, middle + 0.32 * depth, z)
    return [
        Shape(
            "spleen", matter_, centre, (30 * size, 50 * size, 52 * size), 0.55, (-0.12, -0.1), 2.2
        )
    ]


def _pancreas(build: Build, rng: np.random.Generator) -> list[Solid]:
    f = build.frame
    x, y = build.spine(20)
    lean = build.tissue("pancreas", float(rng.uniform(0.75, 0.98)), build.contrast["gut"])
    rise = float(rng.normal(20, 7))
    course = np.array(
        [[-32, -52, 0], [-24, -56, 14], [0, -60, 18], [30, -48, 16 + rise], [66, -24, 18 + rise]]
    )
    points = course * f + np.array([x, y, 0.0])
    return list(chain("pancreas", lean, points, np.array([13.0, 12, 8, 8, 7]) * f))


def _adrenals(build: Build) -> list[Solid]:
    """Return the two thin limbs of each gland above the kidneys."""
    gland = build.tissue("pancreas", 0.9, build.contrast["gut"])
    f = build.frame
    x, y = build.spine(55)
    return [
        Tube("adrenal", gland, (x + s * 33 * f, y - 18 * f, 56 * f),
             (x + s * (33 + k) * f, y + 4 * f, 48 * f), (2.6, 2.2), 2.5)
        for s in (-1, 1)
        for k in (-2, 9)
    ]  # fmt: skip


def pelvic_organs(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the bladder and the rectum behind it."""
    f, wide = build.frame, float(rng.uniform(0.6, 1.1))
    contents: Matter = matter(urine=1.0, iodine=0.3 * build.contrast["urine"])
    centre, radii = (0.0, -6 * f, -240 * f), (42 * f * wide, 34 * f * wide, 34 * f * wide)
    wall = (radii[0] + 3, radii[1] + 3, radii[2] + 3)
    gut = build.tissue("bowel", 0.95, build.contrast["gut"])
    return [
        Shape("bladder", build.tissue("muscle", 0.9), centre, wall),
        Shape("bladder", contents, centre, radii),
        Tube("rectum", gut, (0.0, 52 * f, -250 * f), (4.0, 44 * f, -200 * f), (17 * f, 14 * f)),
        *(
            Tube("obturator", build.tissue("muscle", 0.9), (s * 60 * f, 10 * f, -225 * f),
                 (s * 66 * f, 14 * f, -260 * f), (9 * f, 12 * f))
            for s in (-1, 1)
        ),
    ]  # fmt: skip
