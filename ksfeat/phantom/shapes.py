"""`Shape`: an ellipsoid or a column of one density, from which the anatomy is put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Shape:
    """A region of one density, in the patient's frame and in millimetres.

    Parameters
    ----------
    centre : tuple of float
        x to the patient's left, y to the back, z to the head.
    radii : tuple of float
        Half axes along x, y and z.
    hu : float
        Density in Hounsfield units.
    angle : float, default=0
        Rotation in the slice, in radians.
    drift : tuple of float, default=(0, 0)
        How far the centre moves along x and y per millimetre of z.
    flatness : float, default=2
        Exponent along z: 2 for an ellipsoid, more for a column with flat ends.
    outside : bool, default=False
        Whether the region is what lies around the shape.
    """

    centre: Point
    radii: Point
    hu: float
    angle: float = 0.0
    drift: tuple[float, float] = (0.0, 0.0)
    flatness: float = 2.0
    outside: bool = False

    def section(self, z: float) -> tuple[float, float, float, float] | None:
        """Return centre x, y and half axes a, b of the ellipse at height z; None beside it."""
        dz = z - self.centre[2]
        share = 1.0 - abs(dz / self.radii[2]) ** self.flatness
        if share <= 0:
            return None
        scale = share**0.5
        x = self.centre[0] + self.drift[0] * dz
        y = self.centre[1] + self.drift[1] * dz
        return x, y, self.radii[0] * scale, self.radii[1] * scale


def ellipse_depth(
    x: np.ndarray, y: np.ndarray, section: tuple[float, float, float, float], angle: float
) -> np.ndarray:
    """Return about how deep each point lies in an ellipse, in millimetres; negative outside."""
    centre_x, centre_y, a, b = section
    dx, dy = x - centre_x, y - centre_y
    if angle:
        cos, sin = np.cos(angle), np.sin(angle)
        dx, dy = cos * dx + sin * dy, cos * dy - sin * dx
    return (1.0 - np.sqrt((dx / a) ** 2 + (dy / b) ** 2)) * min(a, b)
