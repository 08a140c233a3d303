"""A stone in front of an endoscope: its outline, its shading and what the camera makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from ksfeat.phantom.photo.appearance import Appearance, draw_appearance
from ksfeat.phantom.photo.mucosa import Mucosa, draw_mucosa
from ksfeat.phantom.photo.relief import Relief, draw_relief, draw_waves, plane_waves

_LAMP = 2.4  # distance of lamp and lens from the image plane, in half image sides
_SHINE = 40.0  # exponent of highlights: wet surfaces


@dataclass(frozen=True)
class _Scene:
    """One stone in one patient, before anybody looks."""

    look: Appearance
    relief: Relief
    lumps: np.ndarray
    spots: np.ndarray
    axes: np.ndarray
    mucosa: Mucosa


@dataclass(frozen=True)
class _Endoscope:
    """Lamp and camera of one examination."""

    balance: np.ndarray
    exposure: float
    view: float
    blur: float
    noise: float


@dataclass(frozen=True)
class _View:
    """How the stone lies before the lens: a turn, a place and a radius in half image sides."""

    turn: np.ndarray
    centre: tuple[float, float]
    radius: float


def photograph_stone(
    composition: str, views: int, size: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield simulated endoscopic photographs of one stone.

    Colour and relief are drawn about those of the table ``appearance.csv``, widely enough that
    types overlap. All views show one stone with one endoscope: only turn, place and noise change.

    Parameters
    ----------
    composition : str
        One of the five classes.
    views : int
        Number of photographs.
    size : int
        Side in pixels.
    rng : numpy.random.Generator
        Source of chance.

    Yields
    ------
    pixels : ndarray of uint8, shape (size, size, 3)
        sRGB.
    mask : ndarray of bool, shape (size, size)
        The stone, as far as it is seen.

    Examples
    --------
    >>> pixels, mask = next(photograph_stone("cystine", 1, 64, np.random.default_rng(0)))
    >>> pixels.shape, bool(0.05 < mask.mean() < 0.8)
    ((64, 64, 3), True)
    """
    scene, endoscope = _draw_scene(composition, rng), _draw_endoscope(rng)
    first = _draw_view(rng)
    for _ in range(views):
        light, mask = _lit(scene, _nearby(first, rng), size)
        yield _exposed(light, endoscope, rng), mask & (_field(size) < endoscope.view)


def _draw_scene(composition: str, rng: np.random.Generator) -> _Scene:
    look = draw_appearance(composition, rng)
    return _Scene(
        look=look,
        relief=draw_relief(look, rng),
        lumps=draw_waves(1.4, 1.0, rng),
        spots=draw_waves(5.0, 1.0, rng),
        axes=rng.uniform(0.75, 1.2, size=3),
        mucosa=draw_mucosa(rng),
    )


def _draw_endoscope(rng: np.random.Generator) -> _Endoscope:
    return _Endoscope(
        balance=np.exp(rng.normal(0, 0.08) * np.array([1.0, 0.2, -1.0])),  # warm to cold
        exposure=float(np.exp(rng.normal(0, 0.15))),
        view=float(rng.uniform(0.92, 1.35)),
        blur=float(rng.uniform(0.001, 0.004)),
        noise=float(rng.uniform(1.5, 5.0)),
    )


def _draw_view(rng: np.random.Generator) -> _View:
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    centre = (float(rng.normal(0, 0.12)), float(rng.normal(0, 0.12)))
    return _View(turn, centre, float(rng.uniform(0.42, 0.72)))


def _nearby(view: _View, rng: np.random.Generator) -> _View:
    """Return a view from a little aside, as the next picture of one look at a stone."""
    turn, _ = np.linalg.qr(view.turn + rng.normal(0, 0.15, size=(3, 3)))
    turn = turn * np.sign(np.sum(turn * view.turn, axis=0))  # QR is free to flip an axis
    x, y = view.centre + rng.normal(0, 0.05, size=2)
    return _View(turn, (float(x), float(y)), view.radius * float(np.exp(rng.normal(0, 0.06))))


def _lit(scene: _Scene, view: _View, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the light that comes back, (size, size, 3), and where the stone is."""
    y, x = _grid(size)
    points, rise, mask = _surface(scene, view, x, y)
    slope = np.gradient(rise, 2 / size)
    normal = np.stack([-slope[1], -slope[0], np.ones_like(rise)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    to_lamp = np.stack([-x, -y, _LAMP - rise], axis=-1)
    away = np.linalg.norm(to_lamp, axis=-1, keepdims=True)
    facing = np.clip((normal * to_lamp / away).sum(axis=-1, keepdims=True), 0, 1)
    fall = (_LAMP / away) ** 2
    stone = fall * (_colours(scene, points) * (0.12 + 0.88 * facing))
    stone += 0.8 * scene.look.gloss * fall * facing**_SHINE
    shade = 1 - 0.6 * gaussian_filter(mask.astype(float), 0.03 * size)[..., None]
    wall = scene.mucosa.light(x, y) * shade
    cover = gaussian_filter(mask.astype(float), 0.5)[..., None]
    return cover * stone + (1 - cover) * wall, mask


def _surface(
    scene: _Scene, view: _View, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points of the unit sphere seen at each place, their rise to the lens, and the mask."""
    across = np.stack([x - view.centre[0], y - view.centre[1]], axis=-1) / view.radius
    across = across / scene.axes[:2]
    rim = np.linalg.norm(across, axis=-1)
    edge = np.concatenate(
        [across / np.maximum(rim, 1e-9)[..., None], np.zeros((*rim.shape, 1))], -1
    )
    smooth = 1 + 0.15 * plane_waves(edge @ view.turn, scene.lumps)
    outline = smooth + scene.look.height * _height(scene, edge @ view.turn)
    inside = across / np.maximum(smooth, rim)[..., None]  # bumps beyond the rim lie on it
    high = np.sqrt(np.clip(1 - (inside**2).sum(axis=-1), 0, 1))
    points = np.concatenate([inside, high[..., None]], axis=-1) @ view.turn
    bumps = scene.look.height * _height(scene, points)
    away = 2 * np.clip(rim - smooth, 0, None)  # what stands out over the rim falls off
    return points, view.radius * scene.axes[2] * (high + bumps - away), rim < outline


def _height(scene: _Scene, points: np.ndarray) -> np.ndarray:
    return scene.relief.height(points.reshape(-1, 3)).reshape(points.shape[:-1])


def _colours(scene: _Scene, points: np.ndarray) -> np.ndarray:
    """Return the colour of each point: spotted, and darker between the bumps."""
    level = plane_waves(points, scene.spots)
    spot = 1 / (1 + np.exp(-(level - 1 + 2 * scene.look.stained) / 0.15))
    valley = np.clip(1 + 0.35 * np.clip(_height(scene, points), -1.5, 0), 0.4, 1)
    blend = spot[..., None] * scene.look.stain + (1 - spot[..., None]) * scene.look.colour
    return blend * (valley * (1 + 0.12 * level))[..., None]


def _exposed(light: np.ndarray, endoscope: _Endoscope, rng: np.random.Generator) -> np.ndarray:
    """Return the picture that a camera makes of light: vignette, blur, response and noise."""
    size = len(light)
    field = _field(size)
    vignette = (1 - 0.45 * np.clip(field, 0, 1) ** 2) * (field < endoscope.view)
    seen = light * (endoscope.exposure * endoscope.balance) * vignette[..., None]
    seen = gaussian_filter(seen, (endoscope.blur * size, endoscope.blur * size, 0))
    bright = 255 * np.clip(seen, 0, 1) ** (1 / 2.2)
    noise = gaussian_filter(rng.normal(0, 1, size=bright.shape), (0.6, 0.6, 0)) * 2.0
    noisy = bright + endoscope.noise * noise * (field < endoscope.view)[..., None]
    return np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)


def _grid(size: int) -> np.ndarray:
    return (np.mgrid[:size, :size] + 0.5) * 2 / size - 1


def _field(size: int) -> np.ndarray:
    """Return the distance from the middle of the picture, in half sides."""
    y, x = _grid(size)
    return np.hypot(x, y)
