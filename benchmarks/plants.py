"""Planted duplicates: copies of slices, altered as data sets alter them."""

from __future__ import annotations

import cv2
import numpy as np

KINDS = ("resized", "JPEG 60", "flipped", "rotated 5 degrees", "contrast changed")


def altered(image: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return an altered copy of a grey 8-bit image.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W)
    kind : str
        One of `KINDS`.
    rng : numpy Generator
        Draws the size, the axis, the direction and the gamma.

    Returns
    -------
    ndarray of uint8
    """
    height, width = image.shape
    if kind == "resized":
        scale = float(rng.choice([0.5, 0.75, 1.5]))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        return cv2.resize(image, None, fx=scale, fy=scale, interpolation=how)
    if kind == "JPEG 60":
        _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])
        return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)
    if kind == "flipped":
        return cv2.flip(image, int(rng.choice([-1, 0, 1])))
    if kind == "rotated 5 degrees":
        angle = float(rng.choice([-5, 5]))
        matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
        return cv2.warpAffine(image, matrix, (width, height))
    gamma = float(rng.choice([0.7, 1.4]))
    return np.rint((image / 255.0) ** gamma * 204 + 20).astype(np.uint8)
