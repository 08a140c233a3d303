"""Arteries and veins, and the courses that calcifications follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom.anatomy.build import Build
from ksfeat.phantom.anatomy.kidney import Kidney
from ksfeat.phantom.materials import Matter
from ksfeat.phantom.shapes import Tube, along, chain


@dataclass(frozen=True)
class Vessel:
    """A vessel: its name, its course (n, 3) and its radius at each point (n,), in mm."""

    name: str
    kind: str
    course: np.ndarray
    radii: np.ndarray


def draw_vessels(
    build: Build, kidneys: tuple[Kidney, Kidney], rng: np.random.Generator
) -> tuple[Vessel, ...]:
    """Draw the large vessels of the abdomen, of the kidneys and of the mesentery."""
    return (
        *_trunks(build, rng),
        *(vessel for kidney in kidneys for vessel in _renal(build, kidney, rng)),
        *_gonadal(build, rng),
        *_mesenteric(build, rng),
    )


def vessel_shapes(build: Build, vessels: tuple[Vessel, ...]) -> list[Tube]:
    """Return the blood in the vessels, bright where there is contrast."""
    blood: dict[str, Matter] = {
        kind: build.tissue("blood", 0.97, build.contrast[kind]) for kind in ("artery", "vein")
    }
    return [
        tube
        for vessel in vessels
        for tube in chain(vessel.name, blood[vessel.kind], vessel.course, vessel.radii)
    ]


def _trunks(build: Build, rng: np.random.Generator) -> list[Vessel]:
    f, wide = build.frame, build.frame * float(np.clip(rng.lognormal(0, 0.12), 0.8, 1.5))
    heights = np.array([200.0, 120, 60, 20, -20, -60, -76])
    spine = np.array([build.spine(z) for z in heights])
    ahead = np.array([20.0, 24, 27, 29, 29, 29, 28])
    wander = rng.normal(0, 2, (len(heights), 2))
    aorta = np.column_stack([spine[:, 0] + 8 * f, spine[:, 1] - ahead * f, heights])
    caval = np.column_stack([spine[:, 0] - 17 * f, spine[:, 1] - (ahead - 1) * f, heights])
    aorta[:, :2] += wander
    caval[:4, 1] -= np.array([30.0, 28, 14, 4])  # behind the liver it runs forward
    shapes = [
        Vessel("aorta", "artery", along(aorta, 24), np.linspace(12, 8.5, 24) * wide),
        Vessel(
            "caval vein", "vein", along(caval, 24), np.full(24, 10.5 * f * rng.uniform(0.8, 1.1))
        ),
    ]
    for side in (-1, 1):
        for kind, trunk, radius in (("artery", aorta, 5.2), ("vein", caval, 6.0)):
            back = 0.0 if kind == "artery" else 8.0
            knots = np.array(
                [
                    trunk[-1],
                    [side * 26 * f, trunk[-1, 1] + 8 + back, -112],
                    [side * 50 * f, 12 * f + back, -165],
                    [side * 70 * f, -30 * f + back, -230],
                ]
            )
            shapes.append(Vessel("iliac " + kind, kind, along(knots, 14), np.full(14, radius * f)))
    return shapes


def _renal(build: Build, kidney: Kidney, rng: np.random.Generator) -> list[Vessel]:
    f, z = build.frame, float(rng.normal(4, 4))
    x, y = build.spine(z)
    door = np.asarray(kidney.place(1.05, 0.15, 0.02))
    aorta, caval = np.array([x + 8 * f, y - 28 * f, z]), np.array([x - 17 * f, y - 26 * f, z - 3])
    found = []
    for kind, trunk, radius in (("artery", aorta, 2.8), ("vein", caval, 4.8)):
        between = 0.5 * (trunk + door)
        # The left vein crosses in front of the aorta, the right artery behind the caval vein.
        crosses = (kind == "vein") == (kidney.side == "left")
        shift = (-9.0 if kind == "vein" else 9.0) if crosses else 0.0
        between[1] += shift + rng.normal(0, 1.5)
        knots = np.array([trunk, between, door + rng.normal(0, 1.5, 3)])
        found.append(Vessel("renal " + kind, kind, along(knots, 10), np.full(10, radius * f)))
    return found


def _gonadal(build: Build, rng: np.random.Generator) -> list[Vessel]:
    f = build.frame
    found = []
    for side in (-1, 1):
        _, y = build.spine(-60)
        knots = np.array(
            [
                [side * 22, y - 24, -5],
                [side * 40, y - 18, -55],
                [side * 50, y - 14, -110],
                [side * 66, -4, -165],
                [side * 58, 4, -215],
            ]
        ) * np.array([f, 1, 1])
        course = along(knots + rng.normal(0, 2, knots.shape), 16)
        found.append(Vessel("gonadal vein", "vein", course, np.full(16, rng.uniform(1.2, 2.2))))
    return found


def _mesenteric(build: Build, rng: np.random.Generator) -> list[Vessel]:
    """Return the mesenteric trunks and the branches that fan out from them to the bowel."""
    f = build.frame
    middle, width, depth = build.cavity
    x, y = build.spine(0)
    found = []
    for kind, shift, radius in (("artery", 6.0, 3.6), ("vein", -8.0, 5.0)):
        knots = np.array(
            [
                [x + 8 * f if kind == "artery" else x - 6, y - 34 * f, 24],
                [x + shift, y - 52 * f, 2],
                [x + shift - 8, y - 62 * f, -50],
                [x + shift - 24, y - 60 * f, -100],
            ]
        )
        trunk = along(knots, 10)
        found.append(Vessel("mesenteric " + kind, kind, trunk, np.linspace(radius, 2, 10) * f))
        for _ in range(int(rng.integers(10, 18))):
            start = trunk[int(rng.integers(3, 10))]
            end = np.array(
                [
                    rng.uniform(-0.6, 0.7) * width,
                    middle - rng.uniform(0.2, 0.75) * depth,
                    start[2] - rng.uniform(-30, 70),
                ]
            )
            bow = 0.5 * (start + end) + rng.normal(0, 8, 3)
            widths = np.linspace(1.8, 0.9, 6)
            found.append(Vessel("branch", kind, along(np.array([start, bow, end]), 6), widths))
    return found
