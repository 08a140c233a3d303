"""What counts as a sequence of images, and how a single image given by mistake is told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io.read import ImageLike, as_image
from ksfeat.io.source import ImageSource


def as_sequence(X: Any) -> Sequence[ImageLike]:
    """Return a sequence of image-likes, or say how to make one.

    Parameters
    ----------
    X : sequence of image-like, or ndarray
        An array is taken apart along its first axis: (N, H, W) or (N, H, W, 3).

    Raises
    ------
    InputError
        If there is no image, or one image instead of a sequence.

    Examples
    --------
    >>> len(as_sequence(np.zeros((5, 8, 8))))
    5
    """
    if isinstance(X, str | os.PathLike | StoneImage | ImageSource):
        raise InputError(f"one image ({type(X).__name__}); {_MEND}")
    if hasattr(X, "toarray"):
        raise InputError(f"a sparse matrix ({type(X).__name__}); {_EXPECTED}; use .toarray()")
    if hasattr(X, "columns"):
        raise InputError(f"a table ({type(X).__name__}); {_EXPECTED}; give its column of paths")
    images = _taken_apart(X) if isinstance(X, np.ndarray) else _listed(X)
    if len(images) == 0:
        raise InputError("0 images; expected at least one")
    return images


def image_at(place: int, source: ImageLike) -> StoneImage:
    """Return one of a sequence; an array has no name, so its place among the others is its key.

    Examples
    --------
    >>> image_at(3, np.eye(8, dtype=np.uint8)).key
    'image 3'
    """
    try:
        image = as_image(source)
    except InputError as error:
        text = str(error)
        named = text.startswith("image: ")
        raise (InputError(f"image {place}{text[5:]}") if named else error) from None
    return image if image.key is not None else image.with_(key=f"image {place}")


_EXPECTED = "expected a sequence of images"
_MEND = f"{_EXPECTED}; wrap it in a list"


def _taken_apart(array: np.ndarray) -> Sequence[ImageLike]:
    numbers = array.dtype.kind in "buifc"
    if array.ndim == 0 or (numbers and array.ndim < 3) or _is_colour(array):
        raise InputError(f"an array of shape {array.shape}, one image at most; {_MEND}")
    return list(array)


def _is_colour(array: np.ndarray) -> bool:
    # (H, W, 3) and not N images that are 3 pixels wide: those are too small to be described.
    return array.ndim == 3 and array.shape[-1] == 3


def _listed(X: Any) -> Sequence[ImageLike]:
    try:
        return list(X)
    except TypeError:
        raise InputError(f"{type(X).__name__} object; {_EXPECTED}") from None
