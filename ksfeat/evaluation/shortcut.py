"""The shortcut test: whether the class can be told where the stone is not."""

from __future__ import annotations

import cv2
import numpy as np

from ksfeat.evaluation.nuisance_measures import ring_of
from ksfeat.image import StoneImage
from ksfeat.roi.body import foreground

VIEWS = ("whole image", "region only", "region blanked out", "border only")
_SIDE = 12
_BINS = 24


def view_descriptors(image: StoneImage, *, annotated: bool) -> np.ndarray:
    """Describe an image four times: whole, region only, region blanked out, border only.

    The description is deliberately simple, a small thumbnail and a histogram of what is shown: if
    it tells the classes without the region, a large network will, too.

    Parameters
    ----------
    image : StoneImage
        One slice.
    annotated : bool
        Whether the region is the mask, or else the boxes. If not, it is the body: the largest
        bright thing in the image.

    Returns
    -------
    ndarray of float32, shape (4, 168)
        In the order of `VIEWS`.

    Examples
    --------
    >>> view_descriptors(StoneImage(np.eye(32) * 9), annotated=False).shape
    (4, 168)
    """
    grey = image.grey()
    low, high = np.percentile(grey, [0.5, 99.5])
    scaled = np.clip((grey - low) / max(float(high - low), 1e-6), 0, 1).astype(np.float32)
    region = _region(image, grey, annotated)
    shown = (np.ones(grey.shape, dtype=bool), region, ~region, ring_of(grey.shape))
    return np.stack([_described(scaled, mask) for mask in shown])


def has_region(image: StoneImage) -> bool:
    """Whether somebody has drawn a mask or boxes on an image."""
    drawn = image.mask is not None and bool(image.mask.any())
    return drawn or (image.boxes is not None and len(image.boxes) > 0)


def _region(image: StoneImage, grey: np.ndarray, annotated: bool) -> np.ndarray:
    if not annotated:
        return foreground(grey)
    if image.mask is not None and image.mask.any():
        return image.mask
    region = np.zeros(grey.shape, dtype=bool)
    for x0, y0, x1, y1 in np.rint(image.boxes).astype(int) if image.boxes is not None else ():
        region[y0:y1, x0:x1] = True
    return region


def _described(scaled: np.ndarray, mask: np.ndarray) -> np.ndarray:
    picture = np.where(mask, scaled, 0)
    small = cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).ravel()
    counts, _ = np.histogram(scaled[mask], bins=_BINS, range=(0, 1))
    return np.concatenate([small, counts / max(int(mask.sum()), 1)]).astype(np.float32)
