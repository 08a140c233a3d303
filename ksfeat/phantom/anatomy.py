"""A patient's abdomen as a list of shapes, painted from the inside out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom import materials as hu
from ksfeat.phantom.shapes import Shape

_LONG = 1e6  # mm: a column that runs through every slice


@dataclass(frozen=True)
class Kidney:
    """Where a kidney is: centre and half axes in mm, and the side its hilum points to."""

    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    medial: int

    @property
    def drift(self) -> tuple[float, float]:
        """Slant: lower poles lie further from the spine."""
        return 0.1 * self.medial, 0.0

    def calyx(self, rng: np.random.Generator) -> tuple[float, float, float]:
        """Draw a point of the collecting region, where stones lie."""
        direction = rng.normal(size=3)
        unit = direction / np.linalg.norm(direction)
        x, y, z = unit * rng.uniform(0.15, 0.55) * np.asarray(self.radii)
        shift = 0.2 * self.radii[0] * self.medial
        return self.centre[0] + shift + x, self.centre[1] + y, self.centre[2] + z


@dataclass(frozen=True)
class Patient:
    """An abdomen: its shapes in painting order, its kidneys, and how it lies in the scanner."""

    shapes: tuple[Shape, ...]
    kidneys: tuple[Kidney, Kidney]
    offset_mm: tuple[float, float]
    rotation: float
    warp_mm: np.ndarray
    texture_hu: np.ndarray
    noise_hu: float
    psf_mm: float


@dataclass(frozen=True)
class _Build:
    """How a patient is built: sizes in mm, densities in HU."""

    width: float
    depth: float
    fat: float
    wall: float
    spine_y: float
    bone: float
    contrast: float

    @property
    def size(self) -> float:
        """Depth without the fat, as a share of the one that the numbers below are drawn for."""
        return (self.depth - 0.7 * self.fat) / 95


def draw_patient(rng: np.random.Generator) -> Patient:
    """Draw a patient; everything but the stones."""
    build = _draw_build(rng)
    kidneys = (_draw_kidney(-1, build, rng), _draw_kidney(1, build, rng))
    shapes = [
        *_organs(build, rng),
        *(_perirenal_fat(kidney, rng) for kidney in kidneys),
        *_bowel(build, rng),
        *_wall(build),
        *_back_muscles(build, rng),
        *_spine(build, rng),
        *_ribs(build, rng),
        *_vessels(build),
        *(shape for kidney in kidneys for shape in _kidney(kidney, build, rng)),
    ]
    return Patient(
        shapes=tuple(shapes),
        kidneys=kidneys,
        offset_mm=(float(rng.normal(0, 5)), float(rng.normal(0, 6))),
        rotation=float(rng.normal(0, 0.05)),
        warp_mm=rng.normal(0, 1.7, size=(2, 7, 7)).astype(np.float32),
        texture_hu=rng.normal(0, 7, size=(5, 14, 14)).astype(np.float32),
        noise_hu=float(rng.uniform(12, 30)),
        psf_mm=float(rng.uniform(0.8, 1.4)),
    )


def _draw_build(rng: np.random.Generator) -> _Build:
    width = float(np.clip(rng.normal(148, 12), 118, 166))
    depth = float(np.clip(width * rng.normal(0.70, 0.04), 84, 128))
    fat = float(np.clip(rng.lognormal(np.log(14), 0.45), 5, 34))
    return _Build(
        width=width,
        depth=depth,
        fat=fat,
        wall=float(rng.uniform(8, 14)),
        spine_y=float(rng.uniform(20, 27)) * (depth - 0.7 * fat) / 95,
        bone=float(rng.uniform(90, 260)),
        contrast=float(rng.choice([0.0, 1.0], p=[0.7, 0.3]) * rng.uniform(50, 110)),
    )


def _cavity(build: _Build) -> tuple[float, float]:
    return build.width - build.fat - build.wall, build.depth - 0.7 * build.fat - build.wall


def _organs(build: _Build, rng: np.random.Generator) -> list[Shape]:
    a, b = _cavity(build)
    liver = hu.LIVER + rng.normal(0, 8) + 0.5 * build.contrast
    spleen = hu.SOFT + rng.normal(0, 4) + 0.6 * build.contrast
    liver_end = rng.normal(55, 20)
    return [
        Shape((0, 0, 0), (a + 20, b + 20, _LONG), hu.FAT + rng.normal(0, 5)),
        Shape((-0.62 * a, -0.25 * b, liver_end), (0.62 * a, 0.95 * b, 85), liver),
        Shape((-0.1 * a, -0.55 * b, liver_end + 15), (0.6 * a, 0.45 * b, 70), liver),
        Shape((0.78 * a, 0.1 * b, 65 + rng.normal(0, 15)), (0.24 * a, 0.5 * b, 60), spleen, 0.3),
        Shape((-0.15 * a, -0.12 * b, 20), (0.32 * a, 0.16 * b, 30), hu.SOFT - 5, 0.2),
    ]


def _bowel(build: _Build, rng: np.random.Generator) -> list[Shape]:
    a, b = _cavity(build)
    shapes: list[Shape] = []
    for _ in range(int(rng.integers(9, 17))):
        x, y = rng.uniform(-0.55, 0.75) * a, rng.uniform(-0.85, -0.2) * b
        radii = (rng.uniform(10, 22), rng.uniform(8, 16), rng.uniform(15, 40))
        shapes += _loop((x, y, rng.uniform(-70, 50)), radii, float(rng.uniform(-1, 1)), rng)
    for side in (-1, 1):  # ascending and descending colon
        centre = (side * 0.80 * a, rng.uniform(-0.25, 0.2) * b, rng.uniform(-60, 10))
        shapes += _loop(centre, (rng.uniform(14, 22), rng.uniform(14, 20), 75), 0.0, rng)
    return shapes


def _loop(
    centre: tuple[float, float, float],
    radii: tuple[float, float, float],
    angle: float,
    rng: np.random.Generator,
) -> list[Shape]:
    """Return a loop of bowel: its wall, its contents and at times gas that rises to the front."""
    x, y, z = centre
    inner = (radii[0] - 3, radii[1] - 3, radii[2] - 3)
    drift = (float(rng.normal(0, 0.15)), float(rng.normal(0, 0.1)))
    loop = [
        Shape(centre, radii, hu.SOFT, angle, drift),
        Shape(centre, inner, float(rng.choice([hu.WATER, 20, 35, -10])), angle, drift),
    ]
    if rng.random() < 0.4:
        share = rng.uniform(0.35, 0.8)
        gas = (inner[0] * share, inner[1] * share * 0.8, inner[2] * share)
        rise = inner[1] * (1 - share) * 0.9
        loop.append(Shape((x, y - rise, z), gas, hu.GAS, angle, drift))
    return loop


def _wall(build: _Build) -> list[Shape]:
    """Return muscle, fat, skin and air: each is what lies around a larger ellipse."""
    a, b = _cavity(build)
    flat = build.width - build.fat, build.depth - 0.7 * build.fat
    rings = [
        ((a, b), hu.MUSCLE),
        (flat, hu.FAT),
        ((build.width - 1.8, build.depth - 1.8), hu.SKIN),
        ((build.width, build.depth), hu.AIR),
    ]
    return [Shape((0, 0, 0), (*radii, _LONG), value, outside=True) for radii, value in rings]


def _back_muscles(build: _Build, rng: np.random.Generator) -> list[Shape]:
    y, size = build.spine_y, build.size
    lean = hu.MUSCLE - rng.uniform(0, 25)
    shapes: list[Shape] = []
    for side in (-1, 1):
        psoas = (side * 36 * size, y + 4, 0)
        erector = (side * 32 * size, y + 40 * size, 0)
        lumborum = (side * 62 * size, y + 26 * size, 0)
        drift = (-0.12 * side, 0.0)  # psoas runs outwards on its way down
        shapes += [
            Shape(psoas, (15 * size, 18 * size, _LONG), lean, side * 0.2, drift),
            Shape(erector, (27 * size, 17 * size, _LONG), lean - 8, side * 0.25),
            Shape(lumborum, (13 * size, 8 * size, _LONG), lean, side * -0.5),
        ]
    return shapes


def _spine(build: _Build, rng: np.random.Generator) -> list[Shape]:
    y, size = build.spine_y, build.size
    cortex, marrow = build.bone + rng.uniform(180, 320), build.bone
    canal = (0, y + 26 * size, 0)
    shapes = [
        Shape((0, y, 0), (23 * size, 17.5 * size, _LONG), cortex),
        Shape((0, y, 0), (21 * size, 15.5 * size, _LONG), marrow),
        Shape(canal, (15 * size, 13 * size, _LONG), cortex),
    ]
    start, period = float(rng.uniform(0, 36)), 36.0
    for level in range(-4, 5):
        z = start + level * period
        middle = z + 0.5 * period
        shapes += [
            Shape((0, y, z), (22.5 * size, 17 * size, 4.5), 85.0, flatness=8),
            Shape((0, y + 22 * size, middle), (44 * size, 4 * size, 7), cortex, flatness=4),
            Shape((0, y + 46 * size, middle), (3.5 * size, 15 * size, 11), cortex, flatness=6),
            Shape((0, y + 46 * size, middle), (2 * size, 13 * size, 9), marrow, flatness=6),
        ]
    return [*shapes, Shape(canal, (9 * size, 8 * size, _LONG), 25.0)]


def _ribs(build: _Build, rng: np.random.Generator) -> list[Shape]:
    """Return ribs as slanted columns in the wall, so that they wander from slice to slice."""
    a, b = _cavity(build)
    a, b = a + 0.5 * build.wall, b + 0.5 * build.wall
    shapes: list[Shape] = []
    for side in (-1, 1):
        first = rng.uniform(-0.1, 0.3)
        for number in range(int(rng.integers(2, 5))):
            angle = first + 0.3 * number
            x, y = side * a * np.sin(np.pi / 2 + angle), b * np.sin(angle)
            drift = (side * 0.35 * np.sin(angle), -0.35 * np.cos(angle))
            centre, reach = (float(x), float(y), float(rng.normal(0, 8))), 60.0 - 8 * number
            turn = float(np.arctan2(-side * np.cos(angle), np.sin(angle)))
            shapes += [
                Shape(centre, (6.5, 4.0, reach), build.bone + 420, turn, drift, 6),
                Shape(centre, (4.6, 2.2, reach), build.bone, turn, drift, 6),
            ]
    return shapes


def _vessels(build: _Build) -> list[Shape]:
    y, blood = build.spine_y, hu.BLOOD + build.contrast
    return [
        Shape((9, y - 28, 0), (9.5, 9.5, _LONG), blood),
        Shape((-15, y - 26, 0), (12, 9, _LONG), hu.BLOOD + 0.7 * build.contrast),
        Shape((-5, y - 46, 0), (6, 5, _LONG), hu.BLOOD + 0.8 * build.contrast),
    ]


def _draw_kidney(side: int, build: _Build, rng: np.random.Generator) -> Kidney:
    size = float(rng.normal(1.0, 0.08))
    # The left kidney stands a little higher than the right one, which lies below the liver.
    centre = (
        side * (build.size * 66 + rng.normal(0, 4)),
        build.spine_y - 2 + rng.normal(0, 5),
        side * 6 + rng.normal(0, 5),
    )
    radii = (26 * size, 28 * size * rng.normal(1, 0.05), 54 * size * rng.normal(1, 0.06))
    return Kidney(centre, radii, -side)


def _perirenal_fat(kidney: Kidney, rng: np.random.Generator) -> Shape:
    a, b, c = (radius + rng.uniform(2, 12) for radius in kidney.radii)
    return Shape(kidney.centre, (a, b, c), hu.FAT, 0.5 * kidney.medial, kidney.drift)


def _kidney(kidney: Kidney, build: _Build, rng: np.random.Generator) -> list[Shape]:
    x, y, z = kidney.centre
    a, b, c = kidney.radii
    turn = 0.5 * kidney.medial
    tissue = hu.KIDNEY + rng.normal(0, 4) + 1.2 * build.contrast
    sinus_x = x + 0.55 * a * kidney.medial
    fatness, water = rng.uniform(0.3, 0.5), rng.uniform(0.12, 0.28)
    sinus, pelvis = (
        (1.2 * fatness * a, fatness * b, 0.5 * c),
        (1.6 * water * a, water * b, 0.35 * c),
    )
    shapes = [
        Shape(kidney.centre, kidney.radii, tissue, turn, kidney.drift),
        Shape((sinus_x, y, z), sinus, hu.FAT + 25, turn, kidney.drift),
        Shape((sinus_x, y, z), pelvis, hu.WATER, turn, kidney.drift),
    ]
    for _ in range(int(rng.integers(3, 7))):
        calyx, radius = kidney.calyx(rng), float(rng.uniform(2.0, 5.0))
        shapes.append(Shape(calyx, (radius, radius * 0.8, radius * 1.2), hu.WATER))
    return shapes
