"""`Stone`: rough ellipsoids that are one calcification, of a core and a shell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom import growth
from ksfeat.phantom.anatomy import Kidney, Patient
from ksfeat.phantom.compositions import StoneMatter, draw_composition, draw_stone_matter

OUTSIDE, SHELL, CORE = 0, 1, 2
WAVES = 6
_COARSEST, _FINEST = 3.0, 6.0  # waves a radian of the surface, about


@dataclass(frozen=True)
class Stone:
    """Ellipsoids that are one stone, with a rough surface; also what only looks like a stone.

    Parameters
    ----------
    composition : str
        Class of the stone, or "phlebolith", "plaque", "node", "residue" for look-alikes.
    matter : StoneMatter
        What core and shell are made of.
    centres, radii : ndarray of shape (n, 3)
        Centre and half axes of each part, in mm, in the patient's frame.
    waves : ndarray of shape (k, 4)
        Plane waves (direction, phase) over the unit sphere whose sum is the relief.
    roughness : float
        Standard deviation of the relief, as a share of the radius.
    location : str
        Where it lies, such as "lower calyx".
    """

    composition: str
    matter: StoneMatter
    centres: np.ndarray
    radii: np.ndarray
    waves: np.ndarray
    roughness: float
    location: str

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest z of the ellipsoids, in mm."""
        return (
            float((self.centres[:, 2] - self.radii[:, 2]).min()),
            float((self.centres[:, 2] + self.radii[:, 2]).max()),
        )

    @property
    def reach(self) -> float:
        """Radius in mm, around the first centre, of a ball that holds the whole stone."""
        offsets = np.linalg.norm(self.centres - self.centres[0], axis=1)
        return float((offsets + self.radii.max(axis=1) * (1 + self._highest)).max())

    @property
    def diameter_mm(self) -> float:
        """Largest diameter: the longest edge of the box around the ellipsoids, in mm."""
        low, high = self.centres - self.radii, self.centres + self.radii
        return float((high.max(axis=0) - low.min(axis=0)).max())

    @property
    def _highest(self) -> float:
        """The relief's highest possible value."""
        return float(self.roughness * np.sqrt(2 * len(self.waves)))

    def layer(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Tell for points in mm, as arrays of one shape, whether they are `CORE` or `SHELL`.

        Returns
        -------
        ndarray of int8
            `OUTSIDE` (0), `SHELL` (1) or `CORE` (2).
        """
        points = np.stack([x, y, z], axis=-1)
        found = np.full(np.shape(x), OUTSIDE, dtype=np.int8)
        for centre, radii in zip(self.centres, self.radii, strict=True):
            scaled = (points - centre) / radii
            distance = np.linalg.norm(scaled, axis=-1)
            edge = 1.0 + self._relief(scaled, distance)
            part = np.where(distance < self.matter.core_share * edge, CORE, SHELL)
            found = np.maximum(found, np.where(distance < edge, part, OUTSIDE).astype(np.int8))
        return found

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Tell which points, given as arrays of one shape in mm, lie inside."""
        return self.layer(x, y, z) > OUTSIDE

    def _relief(self, scaled: np.ndarray, distance: np.ndarray) -> np.ndarray:
        unit = scaled / np.maximum(distance, 1e-9)[..., None]
        phases = unit @ self.waves[:, :3].T + self.waves[:, 3]
        return self.roughness * np.sqrt(2 / len(self.waves)) * np.sin(phases).sum(axis=-1)


def draw_waves(rng: np.random.Generator) -> np.ndarray:
    """Draw the waves of a surface, shape (6, 4): directions and phases."""
    directions = rng.normal(size=(WAVES, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    scales = rng.uniform(_COARSEST, _FINEST, size=(WAVES, 1))
    return np.column_stack([directions * scales, rng.uniform(0, 2 * np.pi, size=WAVES)])


def draw_stones(
    patient: Patient, composition: str | None, rng: np.random.Generator, ureter: bool = True
) -> tuple[Stone, ...]:
    """Draw the stones of a patient, all of one composition.

    Parameters
    ----------
    patient : Patient
        In whose urinary tract they lie.
    composition : str or None
        One of `COMPOSITIONS`, or None for any, as often as patients have them.
    rng : numpy.random.Generator
        Advanced by the draw.
    ureter : bool, default=True
        Whether stones may lie in the ureter, or in the kidney only.

    Returns
    -------
    tuple of Stone
        One or more; a cluster is several small ones in one calyx.

    Raises
    ------
    InputError
        If the composition is not known.

    Examples
    --------
    >>> from ksfeat.phantom.anatomy import draw_patient
    >>> rng = np.random.default_rng(0)
    >>> stones = draw_stones(draw_patient(rng), "uric_acid", rng)
    >>> all(2 <= stone.diameter_mm <= 30.0001 for stone in stones)
    True
    """
    kind = composition or draw_composition(rng)
    matter = draw_stone_matter(kind, rng)
    row = growth.habits()[kind]
    chance = rng.random()
    if chance < float(row["staghorn_share"]):
        return (_draw_staghorn(patient, kind, matter, rng),)
    if chance > 1 - float(row["cluster_share"]):
        return _draw_cluster(patient, kind, matter, rng)
    count = 1 + int(rng.poisson(0.5))
    return tuple(
        _draw_single(patient, kind, draw_stone_matter(kind, rng), rng, ureter) for _ in range(count)
    )


def _kidney(patient: Patient, rng: np.random.Generator) -> Kidney:
    return patient.kidneys[int(rng.integers(2))]


def _draw_single(
    patient: Patient, kind: str, matter: StoneMatter, rng: np.random.Generator, ureter: bool
) -> Stone:
    diameter = growth.draw_diameter(kind, rng)
    kidney = _kidney(patient, rng)
    location, point = growth.spot(kidney, growth.draw_location(rng, ureter), diameter, rng)
    parts = growth.grow_stone(point, diameter, rng)
    return Stone(
        kind, matter, *parts, draw_waves(rng), growth.draw_roughness(kind, rng),
        f"{kidney.side} {location}",
    )  # fmt: skip


def _draw_staghorn(
    patient: Patient, kind: str, matter: StoneMatter, rng: np.random.Generator
) -> Stone:
    kidney = _kidney(patient, rng)
    diameter = float(np.clip(1.6 * growth.draw_diameter(kind, rng), 15, 30))
    parts = growth.grow_staghorn(kidney, diameter, rng)
    return Stone(
        kind, matter, *parts, draw_waves(rng), growth.draw_roughness(kind, rng),
        f"{kidney.side} staghorn",
    )  # fmt: skip


def _draw_cluster(
    patient: Patient, kind: str, matter: StoneMatter, rng: np.random.Generator
) -> tuple[Stone, ...]:
    kidney = _kidney(patient, rng)
    location, point = growth.spot(kidney, "lower calyx", 3.0, rng)
    stones = []
    for _ in range(int(rng.integers(3, 7))):
        parts = growth.grow_stone(point + rng.normal(0, 2.5, 3), float(rng.uniform(2, 4)), rng)
        rough = growth.draw_roughness(kind, rng)
        where = f"{kidney.side} {location}"
        stones.append(Stone(kind, matter, *parts, draw_waves(rng), rough, where))
    return tuple(stones)
