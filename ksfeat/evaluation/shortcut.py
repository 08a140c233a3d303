"""The shortcut test: whether the class can be told where the stone is not."""

from __future__ import annotations

import cv2
import numpy as np

from ksfeat.evaluation.nuisance_measures import ring_of, thinned
from ksfeat.image import StoneImage
from ksfeat.roi.body import foreground

VIEWS = ("whole image", "region only", "region blanked out", "border only")
_SIDE = 12
_BINS = 24


def view_descriptors(image: StoneImage, grey: np.ndarray, *, annotated: bool) -> np.ndarray:
    """Describe an image four times: whole, region only, region blanked out, border only.

    The description is deliberately simple, a small thumbnail and a histogram of what is shown: if
    it tells the classes without the region, a large network will, too.

    Parameters
    ----------
    image : StoneImage
        One slice.
    grey : ndarray of float32, shape (H, W)
        Its intensities, which a look at it has at hand.
    annotated : bool
        Whether the region is the mask, or else the boxes. If not, it is the body: the largest
        bright thing in the image.

    Returns
    -------
    ndarray of float32, shape (4, 168)
        In the order of `VIEWS`.

    Examples
    --------
    >>> grey = np.eye(32, dtype=np.float32)
    >>> view_descriptors(StoneImage(grey), grey, annotated=False).shape
    (4, 168)
    """
    # A drawn region may be a few pixels wide, and is looked at as it is.
    grey = grey if annotated else thinned(grey)
    low, high = map(float, np.percentile(thinned(grey), [0.5, 99.5]))
    scaled = np.clip((grey - low) / max(high - low, 1e-6), 0, 1)
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
    small = cv2.resize(scaled * mask, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).ravel()
    bins = np.minimum(scaled[mask] * _BINS, _BINS - 1).astype(np.uint8)
    counts = np.bincount(bins, minlength=_BINS)
    return np.concatenate([small, counts / max(len(bins), 1)]).astype(np.float32)
