"""`Build`: the measures of a patient, from which every organ takes its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom.anatomy.contrast import Contrast, draw_contrast
from ksfeat.phantom.materials import Matter, matter

FAT = matter(fat=1.0)


@dataclass(frozen=True)
class Build:
    """The measures of a patient; lengths in mm.

    Parameters
    ----------
    frame : float
        Size of the skeleton, 1 in the middle.
    visceral, subcutaneous : float
        How far fat widens the cavity and the skin.
    muscle, bone : float
        Share of muscle in muscles, and of bone in spongiosa.
    lordosis, scoliosis : float
        How the spine bends, in 1/mm.
    level : float
        How far the first lumbar vertebra stands from where it should, along z.
    contrast : Contrast
        Phase of the examination.
    """

    frame: float
    visceral: float
    subcutaneous: float
    muscle: float
    bone: float
    lordosis: float
    scoliosis: float
    level: float
    contrast: Contrast

    @property
    def cavity(self) -> tuple[float, float, float]:
        """Middle y, half width and half depth of the abdominal cavity."""
        front = -(58 * self.frame + self.visceral)
        back = 62 * self.frame + 0.1 * self.visceral
        return (
            0.5 * (front + back),
            134 * self.frame + 0.5 * self.visceral,
            0.5 * (back - front),
        )

    @property
    def wall(self) -> float:
        """Thickness of the muscles of the flank."""
        return 13 * self.frame * (0.5 + 0.5 * self.muscle)

    @property
    def skin(self) -> tuple[float, float, float]:
        """Middle y, half width and half depth of the body."""
        middle, width, depth = self.cavity
        front = middle - depth - 0.7 * self.wall - 1.1 * self.subcutaneous
        back = 88 * self.frame + 0.8 * self.subcutaneous
        return (
            0.5 * (front + back),
            width + self.wall + 0.8 * self.subcutaneous,
            0.5 * (back - front),
        )

    def spine(self, z: float) -> tuple[float, float]:
        """Return x and y of the middle of the vertebral bodies at height z."""
        dz = z + 60
        return self.scoliosis * z * z, (20 + self.lordosis * dz * dz) * self.frame

    def tissue(self, name: str, share: float = 1.0, iodine: float = 0.0) -> Matter:
        """Return a tissue mixed with fat, with iodine in mg/ml."""
        share = min(share, 1.0)
        return matter(**{name: share, "fat": 1.0 - share}, iodine=iodine)


def draw_build(rng: np.random.Generator) -> Build:
    """Draw the measures of a patient."""
    stout = rng.normal()
    return Build(
        frame=float(np.clip(rng.normal(1.0, 0.06), 0.85, 1.15)),
        visceral=float(np.clip(17 + 12 * (0.7 * stout + 0.7 * rng.normal()), 3, 58)),
        subcutaneous=float(np.clip(17 * np.exp(0.5 * (0.7 * stout + 0.7 * rng.normal())), 5, 45)),
        muscle=float(np.clip(rng.normal(0.97, 0.05), 0.75, 1.0)),
        bone=float(np.clip(rng.normal(0.6, 0.13), 0.25, 0.9)),
        lordosis=float(np.clip(rng.normal(0.0010, 0.0003), 0.0, 0.0017)),
        scoliosis=float(rng.normal(0, 0.0002)),
        level=float(rng.normal(0, 9)),
        contrast=draw_contrast(rng),
    )
