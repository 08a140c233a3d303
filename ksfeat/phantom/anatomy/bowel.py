"""Stomach, small bowel and colon: walls, contents, and gas that rises to the front."""

from __future__ import annotations

import numpy as np

from ksfeat.phantom.anatomy.build import Build
from ksfeat.phantom.materials import Matter, matter
from ksfeat.phantom.shapes import Shape, Tube, along, chain

Solid = Shape | Tube


def bowel_shapes(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return the bowel, from the stomach to the sigmoid colon."""
    return [
        *_stomach(build, rng),
        *_small(build, rng),
        *_duodenum(build, rng),
        *_colon(build, rng),
    ]


def _wall(build: Build) -> Matter:
    return build.tissue("bowel", 0.98, build.contrast["gut"])


def _fluid(rng: np.random.Generator) -> Matter:
    """Return what a loop holds: water to porridge, in a few patients with contrast drunk."""
    share = float(rng.uniform(0.3, 1.0))
    return matter(bowel=share, water=1 - share)


def _loop(
    build: Build,
    course: np.ndarray,
    widths: np.ndarray,
    thick: float,
    full: Matter,
    gas: np.ndarray,
) -> list[Solid]:
    """Return wall, contents and gas of a piece; gas says which share of each point's width."""
    inner = np.maximum(widths - thick, 0.8)
    shapes: list[Solid] = [*chain("bowel", _wall(build), course, widths)]
    shapes += chain("contents", full, course, inner)
    for i in np.flatnonzero((gas[:-1] > 0.25) & (gas[1:] > 0.25)):
        pair, share = slice(i, i + 2), gas[i : i + 2]
        risen = course[pair] - np.outer(inner[pair] * (1 - share), [0.0, 1.0, 0.0])
        shapes += chain("gas", matter(air=1.0), risen, inner[pair] * share)
    return shapes


def _stomach(build: Build, rng: np.random.Generator) -> list[Solid]:
    middle, width, depth = build.cavity
    f, full = build.frame, float(rng.uniform(0.55, 1.15))
    knots = np.array([
        [0.42 * width, middle + 0.12 * depth, 86], [0.50 * width, middle - 0.2 * depth, 66],
        [0.40 * width, middle - 0.52 * depth, 38], [0.10 * width, middle - 0.58 * depth, 14],
        [-0.16 * width, middle - 0.42 * depth, 12],
    ])  # fmt: skip
    course = along(knots + rng.normal(0, 4, knots.shape), 14)
    widths = np.interp(np.arange(14), [0, 3, 7, 11, 13], np.array([26, 33, 26, 17, 10]) * f * full)
    gas = np.full(14, float(rng.choice([0.0, 0.5, 0.65, 0.8])))
    return _loop(build, course, widths, 4.0, _fluid(rng), gas)


def _duodenum(build: Build, rng: np.random.Generator) -> list[Solid]:
    x, y = build.spine(0)
    knots = np.array(
        [
            [-26, -62, 16],
            [-46, -46, 4],
            [-46, -36, -26],
            [-24, -34, -44],
            [10, -36, -42],
            [34, -44, -22],
        ]
    )
    course = along(knots * build.frame + np.array([x, y, 0]), 16)
    widths = rng.uniform(8.5, 11.5, 16) * build.frame
    return _loop(build, course, widths, 2.5, _fluid(rng), np.zeros(16))


def _small(build: Build, rng: np.random.Generator) -> list[Solid]:
    """Return winding pieces in front of the spine, below the stomach."""
    middle, width, depth = build.cavity
    shapes: list[Solid] = []
    for _ in range(int(rng.integers(26, 36))):
        start = np.array([
            rng.uniform(-0.55, 0.62) * width,
            middle - rng.uniform(0.15, 0.78) * depth,
            rng.uniform(-205, 15),
        ])  # fmt: skip
        steps = rng.normal(0, 1, (5, 3)) * np.array([26.0, 11.0, 24.0])
        knots = start + np.cumsum(steps, axis=0)
        knots[:, 1] = _kept_inside(build, knots)
        n = 12
        course, wide = along(knots, n), float(rng.uniform(7.5, 13.5)) * build.frame
        widths = wide * (1 + 0.12 * np.sin(np.arange(n) * 2.2 + rng.uniform(0, 6)))
        gas = np.where(rng.random(n) < 0.15, rng.uniform(0.4, 0.8), 0.0)
        shapes += _loop(build, course, widths, float(rng.uniform(2, 3.4)), _fluid(rng), gas)
    return shapes


def _kept_inside(build: Build, knots: np.ndarray) -> np.ndarray:
    """Return y between the front wall and the retroperitoneum."""
    middle, width, depth = build.cavity
    room = depth * np.sqrt(np.clip(1 - (knots[:, 0] / width) ** 2, 0.1, 1)) - 16
    _, spine = build.spine(-60)
    return np.clip(knots[:, 1], middle - room, np.minimum(spine - 38, middle + 0.3 * depth))


def _colon(build: Build, rng: np.random.Generator) -> list[Solid]:
    middle, width, depth = build.cavity
    sag, f = float(rng.uniform(0, 75)), build.frame
    right, left = -0.80 * width, 0.84 * width
    ascending = [
        [right + 18, middle - 0.1 * depth, -150],
        [right, middle + 0.10 * depth, -95],
        [right, middle + 0.16 * depth, -50],
        [right + 6, middle - 0.1 * depth, -22],
    ]
    across = [
        [-0.40 * width, middle - 0.76 * depth, -20 - 0.6 * sag],
        [0.0, middle - 0.82 * depth, -20 - sag],
        [0.45 * width, middle - 0.70 * depth, 0 - 0.4 * sag],
    ]
    descending = [
        [left - 8, middle - 0.05 * depth, 38],
        [left, middle + 0.28 * depth, -10],
        [left, middle + 0.26 * depth, -80],
        [left - 14, middle, -140],
    ]
    sigmoid = [[0.35 * width, middle + 0.1 * depth, -175], [0.0, middle - 0.1 * depth, -185],
               [4.0, 44 * f, -200 * f]]  # fmt: skip
    knots = np.array([*ascending, *across, *descending, *sigmoid])
    n = 110
    course = along(knots + rng.normal(0, 5, knots.shape), n)
    spot = np.linspace(0, 1, n)
    wide = np.interp(spot, [0, 0.3, 0.6, 0.7, 1], np.array([24, 20, 16, 13, 12]) * f)
    wide *= float(rng.uniform(0.8, 1.15)) * (1 + 0.10 * np.sin(spot * n * 1.35))
    gas = np.clip(0.45 + 0.5 * np.sin(spot * rng.uniform(14, 30) + rng.uniform(0, 6)), 0, 0.92)
    gas *= rng.random() < 0.9
    return [*_loop(build, course, wide, 2.4, _stool(rng), gas), *_bubbles(course, wide, rng)]


def _stool(rng: np.random.Generator) -> Matter:
    air = float(rng.uniform(0.0, 0.04))
    return matter(bowel=1 - air, air=air)


def _bubbles(course: np.ndarray, wide: np.ndarray, rng: np.random.Generator) -> list[Solid]:
    """Return small pockets of gas in stool, mostly in the right half of the colon."""
    bubbles: list[Solid] = []
    for _ in range(int(rng.integers(300, 1200))):
        i = int(rng.integers(len(course)) * rng.uniform(0.3, 1.0))
        spot = course[i] + rng.normal(0, 0.36, 3) * wide[i]
        radius = float(np.clip(rng.lognormal(-0.05, 0.5), 0.4, 3.2))
        middle = (float(spot[0]), float(spot[1]), float(spot[2]))
        bubbles.append(Tube("gas", matter(air=0.8, bowel=0.2), middle, middle, (radius, radius)))
    return bubbles
