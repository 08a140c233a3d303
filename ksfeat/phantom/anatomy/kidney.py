"""`Kidney`: cortex, pyramids, sinus, calyces, pelvis and ureter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom.anatomy.build import FAT, Build
from ksfeat.phantom.materials import Matter, matter
from ksfeat.phantom.shapes import Point, Shape, Tube, along, chain

Solid = Shape | Tube


@dataclass(frozen=True)
class Calyx:
    """A minor calyx: where its cup is, how wide, and in which third of the kidney."""

    centre: Point
    radius: float
    group: str


@dataclass(frozen=True)
class Kidney:
    """Where a kidney is, and the ways of its urine.

    Parameters
    ----------
    centre, radii : tuple of float
        Middle and half axes (towards the hilum, across it, along z), in mm.
    medial : int
        1 where the hilum points to the patient's left, so for the right kidney, else -1.
    turn : float
        How far the hilum faces forward, in radians.
    drift : tuple of float
        Slant: how far the middle moves along x and y per mm of z.
    calyces : tuple of Calyx
        Minor calyces.
    pelvis : tuple of float
        Middle of the renal pelvis.
    ureter : ndarray of shape (n, 3)
        Its course from the pelvis to the bladder, in mm.
    dilation : float
        Width of calyces, pelvis and ureter; 1 is normal.
    """

    centre: Point
    radii: Point
    medial: int
    turn: float
    drift: tuple[float, float]
    calyces: tuple[Calyx, ...] = ()
    pelvis: Point = (0.0, 0.0, 0.0)
    ureter: np.ndarray | None = None
    dilation: float = 1.0

    @property
    def side(self) -> str:
        """Side of the patient, "left" or "right"."""
        return "right" if self.medial > 0 else "left"

    @property
    def angle(self) -> float:
        """Rotation of the outline in the slice, in radians."""
        return -self.medial * self.turn

    def place(self, inwards: float, forwards: float, upwards: float) -> Point:
        """Return the point at shares of the half axes: to the hilum, across to the front, up."""
        p, q, z = (
            share * radius
            for share, radius in zip((inwards, forwards, upwards), self.radii, strict=True)
        )
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        x = self.medial * (cos * p - sin * q) + self.drift[0] * z
        y = -sin * p - cos * q + self.drift[1] * z
        return float(self.centre[0] + x), float(self.centre[1] + y), float(self.centre[2] + z)


def draw_kidney(side: int, build: Build, rng: np.random.Generator) -> Kidney:
    """Draw a kidney of the right (-1) or left (1) side, with its urinary tract."""
    size = build.frame * float(np.clip(rng.normal(1.0, 0.09), 0.75, 1.25))
    # The left kidney stands a little higher than the right one, which lies below the liver.
    z = 7 * side + float(rng.normal(0, 8))
    x, y = build.spine(z)
    apart = (69 + rng.normal(0, 4)) * build.frame + 0.22 * build.visceral
    centre = (x + side * apart, y + 9 + float(rng.normal(0, 4)), z)
    radii = (31 * size, 25 * size * float(rng.normal(1, 0.06)), 55 * size)
    bare = Kidney(
        centre,
        radii,
        -side,
        turn=float(rng.normal(0.48, 0.15)),
        # Lower poles lie further from the spine, and further forward, on the psoas.
        drift=(-side * float(rng.normal(0.22, 0.07)), float(rng.normal(0.14, 0.05))),
        dilation=float(np.clip(rng.lognormal(0.0, 0.3), 0.6, 2.4)),
    )
    return _with_tract(bare, build, rng)


def _with_tract(kidney: Kidney, build: Build, rng: np.random.Generator) -> Kidney:
    pelvis = kidney.place(0.75, 0.05, -0.05 + float(rng.normal(0, 0.04)))
    return Kidney(
        kidney.centre,
        kidney.radii,
        kidney.medial,
        kidney.turn,
        kidney.drift,
        tuple(_draw_calyces(kidney, rng)),
        pelvis,
        _draw_ureter(kidney, pelvis, build, rng),
        kidney.dilation,
    )


def _draw_calyces(kidney: Kidney, rng: np.random.Generator) -> list[Calyx]:
    calyces = []
    for up in np.linspace(-0.52, 0.52, int(rng.integers(4, 7))):
        for across in (-0.3, 0.3):
            if rng.random() < 0.15:
                continue
            inwards = 0.08 - 0.18 * (1 - abs(up) / 0.52) + rng.normal(0, 0.05)
            centre = kidney.place(inwards, across + rng.normal(0, 0.06), up + rng.normal(0, 0.04))
            radius = float(np.clip(rng.normal(2.3, 0.5), 1.4, 3.6)) * kidney.dilation
            group = "lower" if up < -0.2 else "upper" if up > 0.2 else "middle"
            calyces.append(Calyx(centre, radius, group))
    return calyces


def _draw_ureter(
    kidney: Kidney, pelvis: Point, build: Build, rng: np.random.Generator
) -> np.ndarray:
    """Return the course: on the psoas, over the iliac vessels, round the pelvis to the bladder."""
    side, f = -kidney.medial, build.frame
    exit_ = kidney.place(1.25, 0.1, -0.3)
    points = [pelvis, exit_]
    for z, x, y in ((-75, 38, -4), (-120, 34, 2), (-150, 38, 8), (-190, 56, 38), (-222, 44, 40)):
        wander = rng.normal(0, 2.5, size=2)
        points.append((side * x * f + wander[0], y * f + wander[1], z * f))
    points.append((side * 16 * f, 22 * f, -236 * f))
    return along(np.asarray(points), 40)


def kidney_shapes(kidney: Kidney, build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the shapes of a kidney, of its surrounding fat and of its ureter."""
    contrast = build.contrast
    cortex = build.tissue("kidney", rng.uniform(0.9, 0.97), contrast["cortex"])
    return [
        *_surroundings(kidney, build, rng),
        Shape("cortex", cortex, kidney.centre, kidney.radii, kidney.angle, kidney.drift, 2.3, 2.1),
        *_lobes(kidney, cortex, rng),
        *_pyramids(kidney, build, rng),
        *_sinus(kidney, build, rng),
        *_collecting(kidney, build),
        *_cysts(kidney, rng),
    ]


def _surroundings(kidney: Kidney, build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the fat round a kidney, most of it below and towards the spine, and its strands."""
    a, b, c = kidney.radii
    thin, thick = float(rng.uniform(0.6, 2.0)), float(rng.uniform(1, 4) + 0.09 * build.visceral)
    below = kidney.place(0.25, 0.0, -0.5)
    shapes: list[Solid] = [
        Shape("perirenal fat", FAT, kidney.centre, (a + thin, b + thin, c + thin),
              kidney.angle, kidney.drift),
        Shape("perirenal fat", FAT, below, (a + 1.5 * thick, b + 1.5 * thick, c),
              kidney.angle, kidney.drift),
    ]  # fmt: skip
    strand = build.tissue("muscle", 0.5)
    for _ in range(int(rng.poisson(16))):
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        reach = np.array([1.0, 1.25 + rng.uniform(0, 0.3)]) * (1 + 0.5 * thick / a)
        turn = rng.normal(0, 0.25, 3)
        start, end = kidney.place(*way), kidney.place(*(reach[1] * (way + turn)))
        width = float(rng.uniform(0.25, 0.6))
        shapes.append(Tube("strand", strand, start, end, (width, width)))
    return shapes


def _lobes(kidney: Kidney, cortex: Matter, rng: np.random.Generator) -> list[Solid]:
    """Return low bulges of the outline, away from the hilum."""
    lobes: list[Solid] = []
    for up in np.linspace(-0.85, 0.85, 7):
        for turn in rng.uniform(-1.3, 1.3, 3):
            round_ = 0.62 * np.sqrt(1 - up * up)
            middle = kidney.place(
                -round_ * np.cos(turn), round_ * np.sin(turn), 0.8 * up + rng.normal(0, 0.05)
            )
            radius = 0.36 * kidney.radii[0] * float(rng.uniform(0.85, 1.15))
            lobes.append(Tube("cortex", cortex, middle, middle, (radius, radius), 1.3))
    return lobes


def _pyramids(kidney: Kidney, build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return a cone for each calyx: its tip in the cup, its base below the cortex."""
    medulla = build.tissue("kidney", rng.uniform(0.88, 0.95), build.contrast["medulla"])
    cones: list[Solid] = []
    for calyx in kidney.calyces:
        out = np.asarray(calyx.centre) - np.asarray(kidney.place(0.45, 0, 0))
        unit = out / np.asarray(kidney.radii)
        base = np.asarray(kidney.centre) + out * (0.72 / np.linalg.norm(unit))
        width = float(rng.normal(7.0, 0.8)) * build.frame
        end = (float(base[0]), float(base[1]), float(base[2]))
        cones.append(Tube("medulla", medulla, calyx.centre, end, (2.5, width)))
    return cones


def _sinus(kidney: Kidney, build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the fat of the sinus, open towards the hilum, and the vessels in it."""
    a, b, c = kidney.radii
    fatty = float(np.clip(rng.normal(0.2, 0.06) + 0.003 * build.visceral, 0.12, 0.42))
    fat = build.tissue("kidney", float(rng.uniform(0.05, 0.3)))
    middle, door = kidney.place(0.5, 0, 0), kidney.place(1.15, 0.05, 0)
    radii = (1.6 * fatty * a, fatty * b, 0.3 * c)
    shapes: list[Solid] = [
        Shape("sinus", fat, middle, radii, kidney.angle, kidney.drift),
        Tube("sinus", fat, middle, door, (fatty * b, 1.3 * fatty * b), stretch=1.8),
    ]
    for calyx in kidney.calyces:  # the fat follows the branches, and parenchyma lies between
        cuff = float(rng.uniform(0.8, 2.0) + 5 * fatty)
        share = float(rng.uniform(0.4, 0.75))
        spot = tuple(share * np.asarray(calyx.centre) + (1 - share) * np.asarray(middle))
        shapes.append(Tube("sinus", fat, middle, spot, (0.7 * fatty * b, cuff)))
    for place, part in (("artery", "renal artery"), ("vein", "renal vein")):
        blood = build.tissue("blood", 0.96, build.contrast[place])
        for _ in range(5):
            end = kidney.place(
                rng.uniform(0.0, 0.3), rng.uniform(-0.35, 0.35), rng.uniform(-0.5, 0.5)
            )
            start = kidney.place(1.1, 0.15 + rng.normal(0, 0.08), rng.normal(0, 0.1))
            shapes.append(Tube(part, blood, start, end, (2.6, 1.2)))
    return shapes


def _collecting(kidney: Kidney, build: Build) -> list[Solid]:
    urine = matter(urine=1.0, iodine=build.contrast["urine"])
    wide = kidney.dilation
    shapes: list[Solid] = []
    for calyx in kidney.calyces:
        group = {"upper": 0.3, "middle": 0.0, "lower": -0.3}[calyx.group]
        major = kidney.place(0.45, 0.0, group)
        shapes += [
            Tube("calyx", urine, calyx.centre, major, (calyx.radius, 1.3 * wide)),
            Tube("calyx", urine, major, kidney.pelvis, (1.6 * wide, 3.5 * wide)),
        ]
    assert kidney.ureter is not None
    widths = np.full(len(kidney.ureter), 1.7 * wide**0.5)
    widths[:4] = np.linspace(5.5 * wide, 2.0 * wide**0.5, 4)
    return [*shapes, *chain("ureter", urine, kidney.ureter, widths)]


def _cysts(kidney: Kidney, rng: np.random.Generator) -> list[Solid]:
    """Return simple cysts, which one patient in five has."""
    cysts: list[Solid] = []
    for _ in range(int(rng.poisson(0.2))):
        direction = rng.normal(size=3)
        direction[0] = -abs(direction[0])
        direction *= 0.85 / np.linalg.norm(direction)
        radius = float(np.clip(rng.lognormal(2.0, 0.5), 3, 25))
        middle = kidney.place(*direction)
        cysts.append(Shape("cyst", matter(water=1.0), middle, (radius, radius, radius)))
    return cysts
