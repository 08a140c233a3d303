"""Small slices with bright discs in soft tissue, fat above, bone at the side."""

import numpy as np

from ksfeat.image import StoneImage

TISSUE, FAT, BONE = 120, 30, 250


def disc(pixels, x, y, radius, value):
    """Paint a disc whose centre is a point of the plane: pixel (0, 0) covers 0 to 1."""
    rows, columns = np.indices(pixels.shape) + 0.5
    pixels[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2] = value


def spotted(spots, seed=0, shape=(96, 96), noise=2.0, bone=False):
    """Return a grey slice with boxes round its spots, given as (x, y, radius)."""
    rng = np.random.default_rng(seed)
    pixels = np.full(shape, float(TISSUE))
    pixels[:14] = FAT
    if bone:
        pixels[:, -26:-2] = BONE
    for x, y, radius in spots:
        disc(pixels, x, y, radius, 230)
    pixels = np.clip(pixels + rng.normal(0, noise, shape), 0, 255).astype(np.uint8)
    boxes = [[x - radius, y - radius, x + radius, y + radius] for x, y, radius in spots]
    return StoneImage(pixels, boxes=np.array(boxes, dtype=float))
