"""A foreground for images and volumes that come without a mask."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from ksfeat.roi.discretise import fixed_bin_number

_BINS = 256


def above_otsu(grey: np.ndarray) -> np.ndarray:
    """Return the pixels above Otsu's threshold, taken on 256 levels of the image's range.

    Parameters
    ----------
    grey : ndarray of shape (H, W) or (Z, H, W)
        Intensities.

    Returns
    -------
    ndarray of bool, in the shape of `grey`
        All False where the image has one grey level.

    References
    ----------
    .. [1] N. Otsu, "A threshold selection method from gray-level histograms", IEEE Trans. Syst.
           Man Cybern. 9 (1979) 62-66.
    """
    levels = fixed_bin_number(grey, np.ones(grey.shape, dtype=bool), _BINS) - 1
    plane = levels.astype(np.uint8).reshape(-1, levels.shape[-1])  # cv2 knows no volume
    _, above = cv2.threshold(plane, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return above.astype(bool).reshape(levels.shape)


def largest_component(mask: np.ndarray) -> np.ndarray:
    """Return the largest 8-connected component of a mask; the first of several equal ones.

    In a volume, voxels that share a corner are connected.

    Examples
    --------
    >>> largest_component(np.array([[1, 0, 1, 1]], dtype=bool))
    array([[False, False,  True,  True]])
    """
    if mask.ndim == 3:
        labels, _ = ndimage.label(mask, structure=np.ones((3, 3, 3)))
        sizes = np.bincount(labels.ravel(), minlength=2)
        return (labels == 1 + int(sizes[1:].argmax())) & mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    if count == 1:
        return np.zeros(mask.shape, dtype=bool)
    return labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())


def foreground(grey: np.ndarray) -> np.ndarray:
    """Find the largest bright thing in an image: the body in a CT slice, a stone in a photograph.

    Parameters
    ----------
    grey : ndarray of shape (H, W) or (Z, H, W)
        Intensities.

    Returns
    -------
    ndarray of bool, in the shape of `grey`
        The largest connected component above Otsu's threshold; all False where the image has
        one grey level.

    Examples
    --------
    >>> grey = np.zeros((8, 8))
    >>> grey[2:5, 2:5] = 200
    >>> int(foreground(grey).sum())
    9
    """
    return largest_component(above_otsu(grey))
