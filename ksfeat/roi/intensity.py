"""Intensities on a scale of their own: z-scores and local contrast."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ksfeat.image import StoneImage
from ksfeat.roi.body import foreground
from ksfeat.roi.parameters import check_number
from ksfeat.roi.region import require_region

CLIP_LIMIT = 2.0  # OpenCV's own default, 40, is hardly a limit
TILES = 8
MOST_TILES = 64


def change_values(
    image: StoneImage, change: Callable[[np.ndarray], np.ndarray], unit: str
) -> StoneImage:
    """Change the values of an image and, by the same rule, those of its second energy."""
    second = image.second_energy
    return image.with_(
        pixels=change(image.pixels),
        second_energy=None if second is None else change(second),
        unit=unit,
    )


def typed_like(changed: StoneImage, original: StoneImage) -> StoneImage:
    """Return an image in the type of pixel of another: rounded and clipped to its whole numbers.

    Examples
    --------
    >>> bytes_ = StoneImage(np.zeros((1, 2), dtype=np.uint8))
    >>> typed_like(StoneImage(np.array([[1.6, 300.0]])), bytes_).pixels
    array([[  2, 255]], dtype=uint8)
    """
    dtype = original.pixels.dtype
    if dtype.kind not in "ui":
        return changed
    limits = np.iinfo(dtype)
    whole = np.clip(np.rint(changed.pixels), limits.min, limits.max)
    return changed.with_(pixels=whole.astype(dtype))


def zscore(image: StoneImage) -> StoneImage:
    """Shift and scale intensities to mean 0 and standard deviation 1 in the region.

    Parameters
    ----------
    image : StoneImage
        A slice or a volume. The region is its mask; without one, the foreground that Otsu's
        threshold finds; without that too, all of it.

    Returns
    -------
    StoneImage
        Of unit "grey", or "rgb" with each channel on its own scale; float64. All pixels are
        scaled, those outside the region too. A region of one level becomes 0 and is not scaled.

    Raises
    ------
    InputError
        If the mask is empty.

    Examples
    --------
    >>> pixels = np.array([[1.0, 3.0, 9.0]])
    >>> zscore(StoneImage(pixels, mask=pixels < 5)).pixels
    array([[-1.,  1.,  7.]])
    """
    require_region(image)
    region = foreground(image.grey()) if image.mask is None else image.mask
    if not region.any():
        region = np.ones(image.shape, dtype=bool)

    def scaled(values: np.ndarray) -> np.ndarray:
        inside = values[region].astype(np.float64)
        spread = inside.std(axis=0)
        return (values - inside.mean(axis=0)) / np.where(spread > 0, spread, 1.0)

    return change_values(image, scaled, _without_scale(image))


def clahe(image: StoneImage, clip_limit: float = CLIP_LIMIT, tiles: int = TILES) -> StoneImage:
    """Equalise local contrast (contrast-limited adaptive histogram equalisation).

    Parameters
    ----------
    image : StoneImage
        A slice, or a volume that is taken slice by slice. Bytes are taken as they are; other
        values are spread over 256 levels of their range first, so window an image in HU before.
    clip_limit : float, default=2.0
        How far the histogram of a tile may rise above its mean, from 0.01 to 100.
    tiles : int, default=8
        Tiles along each axis, from 1 to 64.

    Returns
    -------
    StoneImage
        Of unit "grey", or "rgb" with its lightness (CIELAB) equalised and its hues kept; uint8.

    References
    ----------
    .. [1] K. Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV
           (1994) 474-485, as OpenCV's ``createCLAHE`` computes it.

    Examples
    --------
    >>> faint = np.tile(np.arange(100, 116, dtype=np.uint8), (16, 1))
    >>> seen = clahe(StoneImage(faint), clip_limit=40, tiles=1).pixels
    >>> int(np.ptp(faint)), int(np.ptp(seen))
    (15, 239)
    """
    check_clahe(clip_limit, tiles)
    equaliser = cv2.createCLAHE(clip_limit, (tiles, tiles))
    planes = _equalised_colour if image.unit == "rgb" else _equalised_planes
    return change_values(
        image, lambda values: planes(_bytes(values), equaliser), _without_scale(image)
    )


def check_clahe(clip_limit: float, tiles: int) -> None:
    """Raise an `InputError` if a parameter of `clahe` is out of its range."""
    check_number("clip_limit", clip_limit, 0.01, 100)
    check_number("tiles", tiles, 1, MOST_TILES, whole=True)


def _without_scale(image: StoneImage) -> str:
    """Return the unit of an image whose values are no measurement any more."""
    return "rgb" if image.unit == "rgb" else "grey"


def _bytes(values: np.ndarray) -> np.ndarray:
    if values.dtype == np.uint8:
        return values
    low, high = float(values.min()), float(values.max())
    scale = 255 / (high - low) if high > low else 0.0
    return np.rint((values - low) * scale).astype(np.uint8)


def _equalised_planes(pixels: np.ndarray, equaliser: cv2.CLAHE) -> np.ndarray:
    if pixels.ndim == 2:
        return equaliser.apply(pixels)
    return np.stack([equaliser.apply(plane) for plane in pixels])


def _equalised_colour(pixels: np.ndarray, equaliser: cv2.CLAHE) -> np.ndarray:
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    lab[..., 0] = equaliser.apply(np.ascontiguousarray(lab[..., 0]))
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
