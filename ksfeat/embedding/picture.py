"""Pictures: what a network is shown of an image, as three channels on the scale from 0 to 255."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.window import WINDOWS

CHANNELS = ("windows", *WINDOWS)
VIEWS = ("whole", "crop", "tiles")
_MARGIN = 0.1  # of the region's box, on each side: what surrounds it tells too
_TILES = 3  # a side; neighbours overlap by half


@dataclass(frozen=True)
class PictureMaker:
    """How an image becomes pictures for a network.

    Parameters
    ----------
    side : tuple of int
        Height and width of a picture; an image is stretched to it.
    view : {"whole", "crop", "tiles"}
        The whole image; the box around its mask, or around its boxes, and a tenth more; or nine
        tiles of half the image's height and width, which overlap by half.
    channels : {"windows", "soft_tissue", "bone", "stone"}
        What becomes of HU: soft tissue, bone and stone as the three channels, or one of them
        three times. Grey images are shown three times whatever it is, colours as they are.
    """

    side: tuple[int, int] = (224, 224)
    view: str = "whole"
    channels: str = "windows"

    def make(self, image: StoneImage) -> np.ndarray:
        """Return the pictures of an image.

        Parameters
        ----------
        image : StoneImage
            One slice. Grey of eight bits stays as it is; other grey is spread from its lowest to
            its highest value.

        Returns
        -------
        ndarray of float32, shape (pictures, 3, side)
            From 0 to 255.

        Raises
        ------
        InputError
            If it is a volume, or has no region for "crop".
        """
        if image.volume:
            raise InputError(
                f"{image.name}: a volume; a CNN takes one slice; load it with volume='slices'"
            )
        shown = _three_channels(image, self.channels)
        parts = [shown[box] for box in self._boxes(image)]
        return np.stack([_stretched(part, self.side) for part in parts])

    def _boxes(self, image: StoneImage) -> list[tuple[slice, slice]]:
        height, width = image.shape
        if self.view == "crop":
            return [_around(image)]
        if self.view == "tiles":
            rows, columns = _halves(height), _halves(width)
            return [(row, column) for row in rows for column in columns]
        return [(slice(0, height), slice(0, width))]


def _three_channels(image: StoneImage, channels: str) -> np.ndarray:
    """Return (H, W, 3) on the scale from 0 to 255."""
    pixels = image.pixels
    if image.unit == "rgb":
        return _spread(pixels)
    if image.unit == "grey":
        return np.repeat(_spread(pixels)[..., None], 3, axis=-1)
    names = tuple(WINDOWS) if channels == "windows" else (channels,) * 3
    return np.stack([_windowed(pixels, name) for name in names], axis=-1)


def _windowed(pixels: np.ndarray, name: str) -> np.ndarray:
    low, high = WINDOWS[name].bounds
    return np.clip((pixels.astype(np.float32) - low) * (255 / (high - low)), 0, 255)


def _spread(pixels: np.ndarray) -> np.ndarray:
    values = pixels.astype(np.float32)
    if pixels.dtype == np.uint8:
        return values
    low, high = float(values.min()), float(values.max())
    # A flat image has no contrast to spread; mid-grey claims none.
    return np.full_like(values, 127.5) if high == low else (values - low) * (255 / (high - low))


def _around(image: StoneImage) -> tuple[slice, slice]:
    if image.mask is not None and image.mask.any():
        rows, columns = np.nonzero(image.mask)
        x0, y0, x1, y1 = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    elif image.boxes is not None and len(image.boxes):
        (x0, y0), (x1, y1) = image.boxes[:, :2].min(axis=0), image.boxes[:, 2:].max(axis=0)
    else:
        raise InputError(
            f"{image.name}: no pixel in a mask, and no boxes; view='crop' looks at a region; "
            "give masks, or use view='whole'"
        )
    return (_grown(y0, y1, image.shape[0]), _grown(x0, x1, image.shape[1]))


def _grown(first: float, last: float, length: int) -> slice:
    more = _MARGIN * (last - first)
    return slice(max(0, int(first - more)), min(length, int(np.ceil(last + more))))


def _halves(length: int) -> list[slice]:
    half = -(-length // 2)
    starts = np.linspace(0, length - half, _TILES).round().astype(int)
    return [slice(start, start + half) for start in starts]


def _stretched(part: np.ndarray, side: tuple[int, int]) -> np.ndarray:
    """Average when shrinking, interpolate when growing; return (3, H, W)."""
    shrinks = part.shape[0] * part.shape[1] > side[0] * side[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(part), side[::-1], interpolation=how).transpose(2, 0, 1)
