"""Augmentation: copies of an image that could as well have been taken, for training alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io import ImageSource
from ksfeat.roi.intensity import change_values
from ksfeat.roi.parameters import check_number
from ksfeat.roi.warp import turn

MOST_COPIES = 100


@dataclass(frozen=True)
class Augmenter:
    """How images are varied, and how often.

    Each copy is drawn from the seed, the image's key and the copy's number alone: the same
    whatever the order of the images or the number of workers.

    Parameters
    ----------
    rotation_deg : float, default=10
        Largest angle of rotation about the centre, 0 to 180 degrees.
    scale : float, default=0.1
        Largest relative change of size, 0 to 0.5; `spacing_mm` follows it.
    flip : bool, default=True
        Whether to mirror, along each axis with probability one half.
    intensity : float, default=0.1
        Largest relative change of gain, of gamma and, as a share of the range, of the offset, 0 to
        0.5. An image in HU keeps its densities: they are calibrated, and often the very difference
        between the classes.
    noise : float, default=0.02
        Standard deviation of white noise, as a share of the image's own, 0 to 1.
    copies : int, default=2
        Number of copies an image, 1 to 100.
    random_state : int, default=0
        Seed, 0 or above.

    Examples
    --------
    >>> image = StoneImage(np.arange(256, dtype=np.uint8).reshape(16, 16), key="a.png")
    >>> copies = Augmenter(copies=3).copies_of(image)
    >>> [copy.pixels.dtype.name for copy in copies]
    ['uint8', 'uint8', 'uint8']
    """

    rotation_deg: float = 10.0
    scale: float = 0.1
    flip: bool = True
    intensity: float = 0.1
    noise: float = 0.02
    copies: int = 2
    random_state: int = 0

    def __post_init__(self) -> None:
        check_number("rotation_deg", self.rotation_deg, 0, 180)
        check_number("scale", self.scale, 0, 0.5)
        check_number("intensity", self.intensity, 0, 0.5)
        check_number("noise", self.noise, 0, 1)
        check_number("copies", self.copies, 1, MOST_COPIES, whole=True)
        check_number("random_state", self.random_state, 0, whole=True)

    def copies_of(self, image: StoneImage) -> list[StoneImage]:
        """Return all copies of an image."""
        return [self.copy(image, number) for number in range(self.copies)]

    def copy(self, image: StoneImage, number: int) -> StoneImage:
        """Return one copy, by its number from 0."""
        # An image without a key is known by its pixels.
        name = image.pixels.tobytes() if image.key is None else image.key.encode()
        key = int.from_bytes(hashlib.sha256(name).digest()[:16], "big")
        return augment(image, np.random.default_rng([self.random_state, key, number]), self)


_USUAL = Augmenter()


def augment(image: StoneImage, rng: np.random.Generator, how: Augmenter = _USUAL) -> StoneImage:
    """Vary an image: rotation, scaling and flips, then intensity, then noise.

    Parameters
    ----------
    image : StoneImage
        A slice or a volume; mask, boxes, spacing and second energy stay aligned with its pixels.
    rng : Generator
        All chance comes from here.
    how : Augmenter, optional
        How much of what; its number of copies and its seed are not looked at.

    Returns
    -------
    StoneImage
        Of the same shape, unit, key and type of pixel. A move that would lose the whole mask is
        left out.

    Examples
    --------
    >>> mask = np.zeros((32, 32), dtype=bool)
    >>> mask[8:12, 8:12] = True
    >>> image = StoneImage(mask * 200.0, mask=mask)
    >>> copy = augment(image, np.random.default_rng(0), Augmenter(intensity=0, noise=0))
    >>> bool((copy.pixels[copy.mask] > 50).all())
    True
    """
    copy = _moved(image, rng, how)
    if image.unit != "HU":
        copy = _with_other_intensity(copy, rng, how.intensity)
    copy = change_values(copy, lambda values: _noisy(values, rng, how.noise), image.unit)
    return change_values(copy, lambda values: _of_type(values, image.pixels.dtype), image.unit)


@dataclass(frozen=True, kw_only=True)
class AugmentedSource(ImageSource):
    """Where an augmented copy comes from: it is made anew whenever it is read.

    Parameters
    ----------
    original : ImageSource
        The image that is varied.
    augmenter : Augmenter
        How.
    number : int
        Which copy it is, from 0.
    """

    original: ImageSource
    augmenter: Augmenter
    number: int

    @classmethod
    def of(cls, original: ImageSource, augmenter: Augmenter, number: int) -> AugmentedSource:
        """Return the source of one copy; its key names the original and the copy."""
        key = f"{original.key} (copy {number + 1})"
        return cls(original.path, key, original=original, augmenter=augmenter, number=number)

    def read(self) -> StoneImage:
        """Read the original and vary it."""
        image = self.original.read().with_(key=self.original.key)
        return self.augmenter.copy(image, self.number).with_(key=self.key)


def _moved(image: StoneImage, rng: np.random.Generator, how: Augmenter) -> StoneImage:
    degrees = rng.uniform(-how.rotation_deg, how.rotation_deg)
    factor = 1 + rng.uniform(-how.scale, how.scale)
    columns, rows = rng.random(2) < 0.5
    moved = turn(image, degrees, factor, (how.flip and columns, how.flip and rows))
    lost = image.mask is not None and image.mask.any() and not np.any(moved.mask)
    return image if lost else moved


def _with_other_intensity(image: StoneImage, rng: np.random.Generator, amount: float) -> StoneImage:
    """Change gain, gamma and offset on the image's own range."""
    gain, offset = 1 + rng.uniform(-amount, amount), rng.uniform(-amount, amount)
    gamma = (1 + amount) ** rng.uniform(-1, 1)

    def changed(values: np.ndarray) -> np.ndarray:
        low, high = float(values.min()), float(values.max())
        if high == low:
            return values
        share = np.clip((values - low) / (high - low), 0, 1)  # rounding may leave the range
        return low + (high - low) * (gain * share**gamma + offset)

    return change_values(image, changed, image.unit)


def _noisy(values: np.ndarray, rng: np.random.Generator, amount: float) -> np.ndarray:
    return values + rng.normal(0.0, amount * values.std(), values.shape)


def _of_type(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Round and clip to whole numbers; what was True and False becomes shades between them."""
    if dtype.kind in "ui":
        limits = np.iinfo(dtype)
        return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)
    return values.astype(dtype if dtype.kind == "f" else np.float64)
