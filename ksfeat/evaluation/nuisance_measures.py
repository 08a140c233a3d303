"""What is known of an image that is not the stone: size, file, border, text, noise, metadata."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import cv2
import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io import ImageLike, ImageSource

_RING = 0.05  # of the shorter side
_ENOUGH = 256  # pixels of the shorter side
_CORNER = (0.12, 0.3)  # height and width, where viewers write
NAN = float("nan")


@dataclass(frozen=True)
class Nuisance:
    """A nuisance in words, and its numbers (NaN where an image has none)."""

    name: str
    values: tuple[float, ...]


def measure_nuisances(
    source: ImageLike, image: StoneImage, grey: np.ndarray
) -> tuple[Nuisance, ...]:
    """Return everything of an image from which its class must not be guessed.

    Parameters
    ----------
    source : image-like
        Where the image is from; only a file has a size, a format and a name.
    image : StoneImage
        What was read, as a model would see it.
    grey : ndarray of float32, shape (H, W)
        Its intensities, which a look at it has at hand.

    Returns
    -------
    tuple of Nuisance
        The same names in the same order for every image.

    Examples
    --------
    >>> grey = np.zeros((8, 16), dtype=np.float32)
    >>> image = StoneImage(grey)
    >>> [nuisance.name for nuisance in measure_nuisances(image, image, grey)][:2]
    ['image size', 'file format']
    """
    return (
        Nuisance("image size", _size(grey)),
        Nuisance("file format", _file(source, image)),
        Nuisance("file name", _name(source)),
        Nuisance("border", _border(grey)),
        Nuisance("text in the corners", _corners(grey)),
        Nuisance("noise and sharpness", _noise(grey)),
        Nuisance("metadata", _metadata(image)),
    )


def ring_of(shape: tuple[int, ...]) -> np.ndarray:
    """Return the outermost pixels of an image, as a mask."""
    width = max(1, round(_RING * min(shape)))
    ring = np.ones(shape, dtype=bool)
    ring[width:-width, width:-width] = False
    return ring


def thinned(grey: np.ndarray) -> np.ndarray:
    """Return every n-th pixel, about 256 x 256: enough for percentiles, at a quarter of the time.

    Examples
    --------
    >>> thinned(np.zeros((512, 640))).shape
    (256, 320)
    """
    step = max(1, min(grey.shape) // _ENOUGH)
    return grey[::step, ::step]


def _size(grey: np.ndarray) -> tuple[float, ...]:
    height, width = grey.shape[-2:]
    return (float(height), float(width), height / width)


def _file(source: ImageLike, image: StoneImage) -> tuple[float, ...]:
    """Return the format as a number without order, and the bytes a pixel."""
    colour = float(image.unit == "rgb")
    depth = float(image.pixels.dtype.itemsize)
    if not isinstance(source, ImageSource) or not source.path.is_file():
        return (NAN, NAN, colour, depth)
    ending = float(zlib.crc32(source.path.suffix.lower().encode()) % 997)
    return (ending, source.path.stat().st_size / image.pixels.size, colour, depth)


def _name(source: ImageLike) -> tuple[float, ...]:
    if not isinstance(source, ImageSource):
        return (NAN, NAN)
    stem = source.path.stem
    return (float(len(stem)), float(sum(letter.isdigit() for letter in stem)))


def _border(grey: np.ndarray) -> tuple[float, ...]:
    ring = grey[ring_of(grey.shape)]
    sides = (grey[0], grey[-1], grey[:, 0], grey[:, -1])
    spread = np.percentile(ring, [5, 25, 50, 75, 95])
    constant = float((ring == ring[0]).mean())
    return (*map(float, spread), float(ring.std()), constant, *(float(s.mean()) for s in sides))


def _corners(grey: np.ndarray) -> tuple[float, ...]:
    """Return, for each corner, the shares of pixels as bright as the brightest, and of edges."""
    height, width = (max(2, round(part * side)) for part, side in zip(_CORNER, grey.shape))  # noqa: B905
    reach = float(np.ptp(grey)) or 1.0
    edges = np.abs(cv2.Laplacian(grey, cv2.CV_32F)) > 0.25 * reach
    bright = grey >= grey.max() - 0.02 * reach
    rows, columns = (
        (slice(None, height), slice(-height, None)),
        (slice(None, width), slice(-width, None)),
    )
    return tuple(
        float(found[row, column].mean())
        for found in (bright, edges)
        for row in rows
        for column in columns
    )


def _noise(grey: np.ndarray) -> tuple[float, ...]:
    """Return how much of the image lies in its finest scales, relative to its range."""
    sample = thinned(grey)
    reach = float(np.subtract(*np.percentile(sample, [99, 1]))) or 1.0
    finest = float(np.median(np.abs(thinned(cv2.Laplacian(grey, cv2.CV_32F)))))
    many = float(len(np.unique(sample)) > 256)
    return (finest / reach, reach, *(math.log(one / reach + 1e-6) for one in _bands(grey)), many)


def _bands(grey: np.ndarray) -> list[float]:
    """Return the standard deviations between scales of 0, 1, 2 and 4 pixels."""
    once = cv2.GaussianBlur(grey, (0, 0), 1.0)
    half = once[::2, ::2]  # nothing is finer in it than two pixels; variances of blurs add up
    twice = cv2.GaussianBlur(half, (0, 0), math.sqrt(4 - 1) / 2)
    coarse = cv2.GaussianBlur(twice, (0, 0), math.sqrt(16 - 4) / 2)
    return [float((grey - once).std()), float((half - twice).std()), float((twice - coarse).std())]


def _metadata(image: StoneImage) -> tuple[float, ...]:
    spacing = image.spacing_mm or (NAN,)
    modality = NAN if image.modality is None else float(zlib.crc32(image.modality.encode()) % 997)
    kvp = NAN if image.kvp is None else float(image.kvp)
    known = (image.mask is not None, image.second_energy is not None, image.unit == "HU")
    return (float(spacing[0]), float(spacing[-1]), kvp, modality, *map(float, known))
