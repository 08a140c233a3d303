"""Turning, scaling and mirroring an image about its centre, or shifting it, with all on it."""

from __future__ import annotations

import cv2
import numpy as np

from ksfeat.image import StoneImage


def turn(
    image: StoneImage,
    degrees: float,
    factor: float = 1.0,
    flips: tuple[bool, bool] = (False, False),
) -> StoneImage:
    """Rotate, scale and mirror an image about its centre, on the grid that it has.

    Parameters
    ----------
    image : StoneImage
        A slice, or a volume whose slices are all turned alike.
    degrees : float
        Angle, from the axis of columns towards that of rows (clockwise on a screen). Where the
        spacing is known, the angle is one in millimetres.
    factor : float, default=1.0
        How much larger things become, in pixels.
    flips : tuple of bool, default=(False, False)
        Whether the columns, and the rows, are mirrored first.

    Returns
    -------
    StoneImage
        Float64 pixels, interpolated linearly; what comes in over the edge repeats it. The mask
        takes the nearest pixel; a box becomes the bounding box of its turned corners, cut at the
        edge and left out beyond it. `spacing_mm` is divided by the factor, so that lengths in
        millimetres stay true; `direction` and `origin_mm` are no longer known.

    Examples
    --------
    >>> image = StoneImage(np.array([[1, 2], [3, 4]]), boxes=[[0, 0, 1, 1]])
    >>> turned = turn(image, 90)
    >>> turned.pixels.round(6), turned.boxes.round(6)
    (array([[3., 1.],
           [4., 2.]]), array([[1., 0., 2., 1.]]))
    """
    turned = _moved(image, _matrix(image, degrees, factor, flips))
    return turned.with_(spacing_mm=_spacing(image, factor), direction=None, origin_mm=None)


def shift(image: StoneImage, pixels: float) -> StoneImage:
    """Move an image to the right and down by a number of pixels, which need not be whole.

    Parameters
    ----------
    image : StoneImage
        A slice, or a volume whose slices are all moved alike.
    pixels : float
        How far, along each of the two axes.

    Returns
    -------
    StoneImage
        As of `turn`, but that `spacing_mm` stays.

    Examples
    --------
    >>> shift(StoneImage(np.array([[0, 0], [0, 8], [0, 8]])), 0.5).pixels
    array([[0., 0.],
           [0., 2.],
           [0., 4.]])
    """
    matrix = np.column_stack([np.eye(2), [pixels, pixels]])
    return _moved(image, matrix).with_(direction=None, origin_mm=None)


def _moved(image: StoneImage, matrix: np.ndarray) -> StoneImage:
    second = image.second_energy
    return image.with_(
        pixels=_warped(image, image.pixels, matrix),
        mask=None if image.mask is None else _warped_mask(image, matrix),
        second_energy=None if second is None else _warped(image, second, matrix),
        boxes=None if image.boxes is None else _warped_boxes(image, matrix),
    )


def _matrix(
    image: StoneImage, degrees: float, factor: float, flips: tuple[bool, bool]
) -> np.ndarray:
    """Return the affine map of edge coordinates (x, y), (2, 3): a pixel reaches from i to i + 1."""
    height, width = image.shape[-2:]
    rows_mm, columns_mm = (1.0, 1.0) if image.spacing_mm is None else image.spacing_mm[-2:]
    angle = np.deg2rad(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    mirror = np.where(flips, -1.0, 1.0)
    scale = np.array([columns_mm, rows_mm])
    linear = factor * rotation * mirror * scale / scale[:, None]
    centre = np.array([width, height]) / 2
    return np.column_stack([linear, centre - linear @ centre])


def _warped(
    image: StoneImage,
    values: np.ndarray,
    matrix: np.ndarray,
    method: int = cv2.INTER_LINEAR,
    border: int = cv2.BORDER_REPLICATE,
) -> np.ndarray:
    height, width = image.shape[-2:]
    centres = matrix.copy()  # cv2 counts from the centre of the first pixel, not from its edge
    centres[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    planes = values if image.volume else values[None]
    warped = [
        cv2.warpAffine(plane, centres, (width, height), flags=method, borderMode=border)
        for plane in planes.astype(np.float64)
    ]
    return np.stack(warped) if image.volume else warped[0]


def _warped_mask(image: StoneImage, matrix: np.ndarray) -> np.ndarray:
    mask = np.asarray(image.mask)
    return _warped(image, mask, matrix, cv2.INTER_NEAREST, cv2.BORDER_CONSTANT) > 0.5


def _warped_boxes(image: StoneImage, matrix: np.ndarray) -> np.ndarray:
    """Return the bounding boxes of the turned corners, cut at the edge; none beyond it."""
    corners = np.asarray(image.boxes)[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    turned = corners @ matrix[:, :2].T + matrix[:, 2]
    height, width = image.shape[-2:]
    inside = np.clip(turned, 0, [width, height])
    boxes = np.concatenate([inside.min(axis=1), inside.max(axis=1)], axis=1)
    return boxes[(boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])]


def _spacing(image: StoneImage, factor: float) -> tuple[float, ...] | None:
    if image.spacing_mm is None:
        return None
    *depth, rows, columns = image.spacing_mm
    return (*depth, rows / factor, columns / factor)
