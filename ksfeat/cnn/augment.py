"""Augmentation: what may happen to an image without changing its class."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True)
class Augmentation:
    """Random turns, scales, flips and intensities.

    Parameters
    ----------
    rotation : float
        Largest turn either way, in degrees.
    scaling : float
        Largest relative change of size.
    flip : bool
        Whether half the images are mirrored left to right.
    intensity : float
        Largest relative change of contrast, and of brightness as a share of the range.

    Examples
    --------
    >>> images = torch.rand(2, 3, 16, 16) * 255
    >>> still = Augmentation(rotation=0, scaling=0, flip=False, intensity=0)
    >>> bool(torch.allclose(still.apply(images, torch.Generator()), images, atol=1e-3))
    True
    """

    rotation: float = 15.0
    scaling: float = 0.1
    flip: bool = True
    intensity: float = 0.1

    def apply(self, images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return changed images (n, 3, H, W), 0 to 255, each changed in its own way."""
        count = len(images)
        # Numbers are drawn on the processor, so that a device does not change them.
        drawn = 2 * torch.rand(5, count, generator=generator) - 1
        angle = drawn[0] * math.radians(self.rotation)
        scale = 1 + drawn[1] * self.scaling
        mirror = torch.where(drawn[2] < 0, -1.0, 1.0) if self.flip else torch.ones(count)
        moved = _moved(images, angle, scale, mirror)
        gain = (1 + drawn[3] * self.intensity).view(-1, 1, 1, 1).to(images.device)
        bias = (255 * drawn[4] * self.intensity).view(-1, 1, 1, 1).to(images.device)
        return (moved * gain + bias).clamp(0, 255)


def _moved(
    images: torch.Tensor, angle: torch.Tensor, scale: torch.Tensor, mirror: torch.Tensor
) -> torch.Tensor:
    height, width = images.shape[-2:]
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    zero = torch.zeros_like(angle)
    # The grid runs from -1 to 1 along both axes: a turn of a picture that is not square shears it
    # unless the sides' ratio is put in.
    rows = torch.stack([mirror * cosine, -sine * height / width, zero], dim=-1)
    columns = torch.stack([mirror * sine * width / height, cosine, zero], dim=-1)
    matrices = torch.stack([rows, columns], dim=1).to(images.device)
    grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
