"""Stones inside kidneys, and what looks like them outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom import materials
from ksfeat.phantom.anatomy import Kidney, Patient

Point = tuple[float, float, float]

# Surface roughness as a share of the radius: oxalate is spiculated, uric acid and cystine smooth.
_ROUGHNESS = {
    "calcium_oxalate": 0.16,
    "calcium_phosphate": 0.08,
    "uric_acid": 0.03,
    "cystine": 0.05,
    "struvite": 0.09,
}
_WAVES = 6


@dataclass(frozen=True)
class Stone:
    """Ellipsoids that are one stone, with a rough surface.

    Parameters
    ----------
    centres, radii : ndarray of shape (n, 3)
        Centre and half axes of each part, in mm, in the patient's frame.
    hu : float
        Density.
    waves : ndarray of shape (k, 4)
        Plane waves (direction, phase) over the unit sphere whose sum is the relief.
    roughness : float
        Standard deviation of the relief, as a share of the radius.
    """

    centres: np.ndarray
    radii: np.ndarray
    hu: float
    waves: np.ndarray
    roughness: float

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest z of the ellipsoids."""
        return (
            float((self.centres[:, 2] - self.radii[:, 2]).min()),
            float((self.centres[:, 2] + self.radii[:, 2]).max()),
        )

    @property
    def reach(self) -> float:
        """Radius in mm, around the first centre, of a ball that holds the whole stone."""
        offsets = np.linalg.norm(self.centres - self.centres[0], axis=1)
        return float((offsets + self.radii.max(axis=1) * (1 + 2.5 * self.roughness)).max())

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Tell which points, given as arrays of one shape in mm, lie inside."""
        points = np.stack([x, y, z], axis=-1)
        inside = np.zeros(x.shape, dtype=bool)
        for centre, radii in zip(self.centres, self.radii, strict=True):
            scaled = (points - centre) / radii
            distance = np.linalg.norm(scaled, axis=-1)
            inside |= distance < 1.0 + self._relief(scaled, distance)
        return inside

    def _relief(self, scaled: np.ndarray, distance: np.ndarray) -> np.ndarray:
        unit = scaled / np.maximum(distance, 1e-9)[..., None]
        phases = unit @ self.waves[:, :3].T + self.waves[:, 3]
        return self.roughness * np.sqrt(2 / len(self.waves)) * np.sin(phases).sum(axis=-1)


def draw_stones(
    patient: Patient, composition: str | None, rng: np.random.Generator
) -> tuple[Stone, ...]:
    """Draw the stones of a patient; of one composition, or of any where it is None."""
    kind = composition or materials.draw_composition(rng)
    kidney = patient.kidneys[int(rng.integers(2))]
    count = 1 if kind == "struvite" else 1 + int(rng.poisson(0.5))
    return tuple(_draw_stone(kidney, kind, rng) for _ in range(count))


def draw_look_alikes(
    patient: Patient, span: tuple[float, float], rng: np.random.Generator
) -> tuple[Stone, ...]:
    """Draw calcified vessels, nodes and phleboliths outside the kidneys, within a span of z."""
    found: list[Stone] = []
    for _ in range(int(rng.poisson(0.9))):
        x, y = _look_alike_place(patient, rng)
        centre = np.array([[x, y, rng.uniform(*span)]])
        diameter = np.clip(rng.lognormal(np.log(3.8), 0.35), 2, 9)
        radii = 0.5 * diameter * rng.uniform(0.6, 1.3, size=(1, 3))
        density = float(np.clip(rng.lognormal(np.log(650), 0.45), 250, 2200))
        found.append(Stone(centre, radii, density, _draw_waves(rng), 0.1))
    return tuple(found)


def _look_alike_place(patient: Patient, rng: np.random.Generator) -> tuple[float, float]:
    """Return x and y on the aorta's wall, along a renal artery, in the mesentery or by psoas."""
    kidney = patient.kidneys[int(rng.integers(2))]
    spine_y = float(np.mean([k.centre[1] for k in patient.kidneys]))
    edge = kidney.centre[0] + 1.15 * kidney.radii[0] * kidney.medial
    place = rng.integers(4)
    if place == 0:
        angle = rng.uniform(0, 2 * np.pi)
        return 9 + 9 * np.cos(angle), spine_y - 28 + 9 * np.sin(angle)
    if place == 1:
        share = rng.uniform(0.3, 1.0)
        return edge * share, spine_y - 20 + 16 * share
    if place == 2:
        return float(rng.uniform(-60, 60)), spine_y - float(rng.uniform(45, 85))
    return edge + rng.normal(0, 2), kidney.centre[1] - float(rng.uniform(24, 32))


def _draw_stone(kidney: Kidney, composition: str, rng: np.random.Generator) -> Stone:
    large = composition == "struvite"
    median, low, high = (17.0, 9.0, 30.0) if large else (6.0, 3.0, 15.0)
    diameter = float(np.clip(rng.lognormal(np.log(median), 0.4), low, high))
    first = np.asarray(kidney.calyx(rng))
    centres, radii = [first], [0.5 * diameter * rng.uniform(0.75, 1.15, size=3)]
    if large:  # branches from the pelvis into calyces
        radii[0] *= 0.7
        for _ in range(int(rng.integers(3, 6))):
            direction = rng.normal(size=3)
            step = direction / np.linalg.norm(direction) * diameter * rng.uniform(0.3, 0.55)
            centres.append(first + step)
            radii.append(0.5 * diameter * rng.uniform(0.25, 0.5, size=3))
    return Stone(
        np.asarray(centres),
        np.asarray(radii),
        materials.stone_hu(composition, rng),
        _draw_waves(rng),
        _ROUGHNESS[composition],
    )


def _draw_waves(rng: np.random.Generator) -> np.ndarray:
    directions = rng.normal(0, 4.0, size=(_WAVES, 3))
    return np.column_stack([directions, rng.uniform(0, 2 * np.pi, size=_WAVES)])
