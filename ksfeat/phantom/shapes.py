"""`Shape` and `Tube`: the regions of one matter from which the anatomy is put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ksfeat.phantom.materials import Matter

Point = tuple[float, float, float]
Box = tuple[float, float, float, float, float, float]

ROW = 17  # numbers in a row, the same for both kinds, so that a patient is one array


@dataclass(frozen=True)
class Shape:
    """An ellipsoid or a column of one matter, in the patient's frame and in millimetres.

    Parameters
    ----------
    part : str
        What it is in the body, such as "liver".
    matter : Matter
        What it is made of.
    centre : tuple of float
        x to the patient's left, y to the back, z to the head.
    radii : tuple of float
        Half axes along x, y and z.
    angle : float, default=0
        Rotation in the slice, in radians, from x towards y.
    drift : tuple of float, default=(0, 0)
        How far the centre moves along x and y per millimetre of z.
    flatness : float, default=2
        Exponent along z: 2 for an ellipsoid, more for a column with flat ends.
    squareness : float, default=2
        Exponent in the slice: 2 for an ellipse, more for a rounded rectangle.
    outside : bool, default=False
        Whether the region is what lies around the shape.
    bend : tuple of float, default=(0, 0)
        Curvature of the centre's path: it moves by ``bend * dz**2`` on top of the drift, in 1/mm.
    taper, swell : float, default=0
        Half axes in the slice grow by the factor ``1 + taper * dz + swell * dz**2``.

    Examples
    --------
    >>> from ksfeat.phantom.materials import matter
    >>> ball = Shape("ball", matter(water=1.0), (0.0, 0.0, 0.0), (5.0, 5.0, 5.0))
    >>> ball.section(0.0)
    (0.0, 0.0, 5.0, 5.0)
    >>> ball.section(6.0) is None
    True
    """

    part: str
    matter: Matter
    centre: Point
    radii: Point
    angle: float = 0.0
    drift: tuple[float, float] = (0.0, 0.0)
    flatness: float = 2.0
    squareness: float = 2.0
    outside: bool = False
    bend: tuple[float, float] = (0.0, 0.0)
    taper: float = 0.0
    swell: float = 0.0

    def section(self, z: float) -> tuple[float, float, float, float] | None:
        """Return centre x, y and half axes a, b of the outline at height z; None beside it."""
        dz = z - self.centre[2]
        share = 1.0 - abs(dz / self.radii[2]) ** self.flatness
        if share <= 0:
            return None
        scale = share**0.5 * (1.0 + self.taper * dz + self.swell * dz * dz)
        x = self.centre[0] + self.drift[0] * dz + self.bend[0] * dz * dz
        y = self.centre[1] + self.drift[1] * dz + self.bend[1] * dz * dz
        return x, y, self.radii[0] * scale, self.radii[1] * scale

    def depth(self, x: np.ndarray, y: np.ndarray, z: float) -> np.ndarray:
        """Return about how deep points at height z lie in the region, in mm; negative outside."""
        found = self.section(z)
        if found is None:
            return np.full(np.shape(x), np.inf if self.outside else -np.inf)
        centre_x, centre_y, a, b = found
        dx, dy = x - centre_x, y - centre_y
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        across, down = np.abs(cos * dx + sin * dy) / a, np.abs(cos * dy - sin * dx) / b
        n = self.squareness
        depth = (1.0 - (across**n + down**n) ** (1.0 / n)) * min(a, b)
        return -depth if self.outside else depth

    def row(self) -> tuple[float, ...]:
        """Return the geometry as `ROW` numbers.

        In order: centre x y z, radii x y z, angle, drift x y, flatness, squareness, outside (0 or
        1), kind 0, bend x y, taper, swell.
        """
        return (
            *self.centre,
            *self.radii,
            self.angle,
            *self.drift,
            self.flatness,
            self.squareness,
            float(self.outside),
            0.0,
            *self.bend,
            self.taper,
            self.swell,
        )


@dataclass(frozen=True)
class Tube:
    """A piece of a vessel, a rib or a bowel: what a ball sweeps whose radius changes on its way.

    Parameters
    ----------
    part : str
        What it is in the body.
    matter : Matter
        What it is made of.
    start, end : tuple of float
        Middle of the ball at both ends, in mm.
    radii : tuple of float
        Radius of the ball at both ends, in mm.
    stretch : float, default=1
        How many times higher along z than wide the ball is.

    Examples
    --------
    >>> import numpy as np
    >>> from ksfeat.phantom.materials import matter
    >>> aorta = Tube("aorta", matter(blood=1.0), (0.0, 0.0, -50.0), (0.0, 0.0, 50.0), (9.0, 11.0))
    >>> float(aorta.depth(np.array(0.0), np.array(4.0), 0.0))
    6.0
    """

    part: str
    matter: Matter
    start: Point
    end: Point
    radii: tuple[float, float]
    stretch: float = 1.0

    def depth(self, x: np.ndarray, y: np.ndarray, z: float) -> np.ndarray:
        """Return about how deep points at height z lie in the tube, in mm; negative outside."""
        squeeze = np.array([1.0, 1.0, 1.0 / self.stretch])
        start, end = np.asarray(self.start) * squeeze, np.asarray(self.end) * squeeze
        axis = end - start
        dx, dy, dz = x - start[0], y - start[1], z / self.stretch - start[2]
        along = dx * axis[0] + dy * axis[1] + dz * axis[2]
        share = np.clip(along / max(float(axis @ axis), 1e-12), 0.0, 1.0)
        away = np.sqrt(
            (dx - share * axis[0]) ** 2 + (dy - share * axis[1]) ** 2 + (dz - share * axis[2]) ** 2
        )
        return self.radii[0] + share * (self.radii[1] - self.radii[0]) - away

    def box(self) -> Box:
        """Return x0, x1, y0, y1, z0, z1 that hold the tube, in mm."""
        reach = max(self.radii)
        (x0, x1), (y0, y1), (z0, z1) = (
            sorted(pair) for pair in zip(self.start, self.end, strict=True)
        )
        tall = reach * self.stretch
        return x0 - reach, x1 + reach, y0 - reach, y1 + reach, z0 - tall, z1 + tall

    def row(self) -> tuple[float, ...]:
        """Return the geometry as `ROW` numbers.

        In order: start x y z, end x y z, radius at the start, radius at the end, stretch, three
        zeros, kind 1, four zeros.
        """
        numbers = (*self.start, *self.end, *self.radii, self.stretch, 0.0, 0.0, 0.0, 1.0)
        return numbers + (0.0,) * (ROW - len(numbers))


def chain(
    part: str,
    matter: Matter,
    points: np.ndarray,
    radii: np.ndarray | float,
    stretch: float = 1.0,
) -> list[Tube]:
    """Join points, shape (n, 3), by tubes; radii is one number or one a point."""
    widths = np.broadcast_to(np.asarray(radii, dtype=float), (len(points),))
    spots = [(float(x), float(y), float(z)) for x, y, z in points]
    return [
        Tube(
            part, matter, spots[i], spots[i + 1], (float(widths[i]), float(widths[i + 1])), stretch
        )
        for i in range(len(spots) - 1)
    ]


def along(points: np.ndarray, n: int) -> np.ndarray:
    """Return n points of a smooth curve through points (k, 3), evenly spaced in its parameter.

    A Catmull-Rom curve: it leaves each point in the direction from the one before to the one after.
    """
    spot = np.linspace(0.0, len(points) - 1.0, n)
    piece = np.minimum(spot.astype(int), len(points) - 2)
    t = (spot - piece)[:, None]
    slopes = np.gradient(points, axis=0)
    start, end = points[piece], points[piece + 1]
    leave, arrive = slopes[piece], slopes[piece + 1]
    bend = 2 * (start - end) + leave + arrive
    return start + t * (leave + t * (3 * (end - start) - 2 * leave - arrive + t * bend))
