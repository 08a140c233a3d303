"""Pictures that no model of CT slices should answer for: drawn, and photographs."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from skimage import color, data

SIDE = 256


def cat() -> np.ndarray:
    """Return the photograph that scikit-image brings along, in grey."""
    return np.asarray(color.rgb2gray(data.chelsea()) * 255).astype(np.uint8)


def ultrasound() -> np.ndarray:
    """Draw speckle in a sector that fades with depth."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    depth = np.hypot(rows, columns - SIDE / 2)
    angle = np.abs(np.arctan2(columns - SIDE / 2, rows + 1))
    speckle = np.hypot(*rng.normal(size=(2, SIDE, SIDE))) * 90
    seen = (angle < 0.7) & (depth < SIDE)
    return np.where(seen, np.clip(speckle * np.exp(-depth / SIDE), 0, 255), 0).astype(np.uint8)


def chest_film() -> np.ndarray:
    """Draw two dark lungs on a bright body."""
    rows, columns = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    film = 200 * np.exp(-(columns**2 + rows**2) / 3)
    for centre in (-0.4, 0.4):
        film -= 130 * np.exp(-(((columns - centre) / 0.25) ** 4 + (rows / 0.6) ** 4))
    noise = np.random.default_rng(1).normal(0, 4, film.shape)
    return np.clip(film + noise, 0, 255).astype(np.uint8)


def black() -> np.ndarray:
    """Return a slice on which nothing is shown."""
    return np.zeros((SIDE, SIDE), np.uint8)


STRANGERS: dict[str, Callable[[], np.ndarray]] = {
    "photograph of a cat": cat,
    "ultrasound (drawn)": ultrasound,
    "chest film (drawn)": chest_film,
    "all-black slice": black,
}
# None of these was looked at when the number of axes of `ksfeat.models.novelty` was chosen.
UNSEEN: dict[str, Callable[[], np.ndarray]] = {
    "photograph of a man with a camera": data.camera,
    "photograph of coins": data.coins,
}


def fitted(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return the middle of a picture in another size, undistorted.

    Its size tells a picture from slices as well as what it shows: so it is tried in theirs, too.
    """
    height, width = (round(side * min(np.divide(picture.shape, shape))) for side in shape)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    part = np.ascontiguousarray(picture[top : top + height, left : left + width])
    return np.asarray(cv2.resize(part, shape[::-1], interpolation=cv2.INTER_AREA))
