"""What lies behind a stone: the wall of the collecting system, with its vessels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom.photo.appearance import linear
from ksfeat.phantom.photo.relief import draw_waves, plane_waves

_PINK = (206, 128, 112)  # sRGB, chosen by eye: pale red mucosa in white light
_BLOOD = (120, 26, 22)


@dataclass(frozen=True)
class Mucosa:
    """A wall seen through the endoscope.

    Parameters
    ----------
    colour : ndarray of shape (3,)
        Share of light that it gives back, linear.
    folds, vessels : ndarray of shape (k, 5)
        Waves; vessels run where theirs is zero.
    lumen : tuple of float
        Where the cavity goes on into the dark, in half image sides from the middle.
    """

    colour: np.ndarray
    folds: np.ndarray
    vessels: np.ndarray
    lumen: tuple[float, float]

    def light(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return what comes back from places x, y in half image sides, as (..., 3)."""
        points = np.stack([x, y, np.zeros_like(x)], axis=-1)
        folds = plane_waves(points, self.folds)
        ridge = np.abs(plane_waves(points, self.vessels)) / 0.05
        vessel = (0.55 * np.exp(-(ridge**2)))[..., None]
        away = np.hypot(x - self.lumen[0], y - self.lumen[1])
        depth = (0.25 + 0.6 * (1 - np.exp(-((away / 0.6) ** 2))) + 0.15 * folds)[..., None]
        return depth * ((1 - vessel) * self.colour + vessel * linear(np.array(_BLOOD)))


def draw_mucosa(rng: np.random.Generator) -> Mucosa:
    """Draw a wall."""
    angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 1.1)
    return Mucosa(
        colour=linear(np.array(_PINK)) * np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.07, size=3)),
        folds=draw_waves(3.0, 1.0, rng),
        vessels=draw_waves(float(rng.uniform(3, 6)), 1.0, rng),
        lumen=(float(reach * np.cos(angle)), float(reach * np.sin(angle))),
    )
