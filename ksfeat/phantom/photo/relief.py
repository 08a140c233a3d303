"""The surface of a stone as a height over the unit sphere: every view shows the same one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ksfeat.phantom.photo.appearance import Appearance

_WAVES = 24
_OCTAVES = 4  # of roughness: each of half the size and half the height of the one before


@dataclass(frozen=True)
class Relief:
    """Bumps, waves and spots of one stone.

    Parameters
    ----------
    kind : str
        As in `Appearance.relief`.
    grain : float
        Distance between bumps, as a share of the radius.
    seeds : ndarray of shape (n, 3)
        Tops of the bumps, on the unit sphere.
    waves : ndarray of shape (k, 5)
        Direction times frequency, phase and weight of each wave.
    """

    kind: str
    grain: float
    seeds: np.ndarray
    waves: np.ndarray

    def height(self, points: np.ndarray) -> np.ndarray:
        """Return the height at points (n, 3) of the unit sphere, of about -1 to 1."""
        waves = plane_waves(points, self.waves)
        if self.kind == "mammillary":
            return 0.2 * waves + 2 * np.sqrt(np.clip(1 - self._nearest(points) ** 2, 0, 1)) - 1.3
        if self.kind == "spiky":
            return 0.15 * waves + 2 * np.clip(1 - self._nearest(points), 0, 1) - 0.8
        return waves

    def _nearest(self, points: np.ndarray) -> np.ndarray:
        """Return the distance to the nearest top, as a share of the grain."""
        return cKDTree(self.seeds).query(points)[0] / self.grain


def draw_relief(look: Appearance, rng: np.random.Generator) -> Relief:
    """Draw the surface of a stone."""
    # Each top owns the area of its grain on the sphere's 4 pi, loosely packed.
    count = int(np.clip(4 * np.pi / (1.6 * look.grain**2), 12, 1500))
    seeds = rng.normal(size=(count, 3))
    seeds /= np.linalg.norm(seeds, axis=1, keepdims=True)
    octaves = _OCTAVES if look.relief == "rough" else 1
    waves = np.concatenate(
        [draw_waves(2**octave / look.grain, 0.5**octave, rng) for octave in range(octaves)]
    )
    return Relief(look.relief, look.grain, seeds, waves)


def draw_waves(frequency: float, weight: float, rng: np.random.Generator) -> np.ndarray:
    """Draw plane waves of about one frequency, in radians a unit of length, as (k, 5)."""
    directions = rng.normal(0, frequency, size=(_WAVES, 3))
    phases = rng.uniform(0, 2 * np.pi, size=_WAVES)
    return np.column_stack([directions, phases, np.full(_WAVES, weight)])


def plane_waves(points: np.ndarray, waves: np.ndarray) -> np.ndarray:
    """Return the sum of waves at points (n, 3), of standard deviation near one half."""
    total = np.sqrt(2 * (waves[:, 4] ** 2).sum())
    return np.sin(points @ waves[:, :3].T + waves[:, 3]) @ waves[:, 4] / total
