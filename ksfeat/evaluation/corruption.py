"""Corruptions: test images as a worse scanner, viewer or export would show them, in five steps."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource
from ksfeat.io.changed import ChangedSource
from ksfeat.roi.intensity import typed_like
from ksfeat.roi.warp import turn

SEVERITIES = (1, 2, 3, 4, 5)
_SIDE = 224.0  # pixels of the longest side that blurs are meant for: they grow with the image
_SPAN_HU = 400.0  # what the range of an image in HU counts as: a soft-tissue window
_NOISE = (0.01, 0.02, 0.04, 0.07, 0.10)  # standard deviation, of the range
_BLUR = (0.5, 1.0, 1.5, 2.0, 3.0)  # standard deviation in pixels
_CONTRAST = (0.9, 0.75, 0.6, 0.45, 0.3)  # gain about the mean
_QUALITY = (80, 60, 40, 20, 10)  # of JPEG
_DEGREES = (2.0, 5.0, 10.0, 15.0, 25.0)
_FACTOR = (0.97, 0.93, 0.88, 0.82, 0.75)


def corrupt(image: StoneImage, kind: str, severity: int, seed: int = 0) -> StoneImage:
    """Return a corrupted image, of the type of pixel that it had.

    Parameters
    ----------
    image : StoneImage
        A slice; mask and boxes stay aligned with its pixels.
    kind : {"noise", "blur", "contrast", "jpeg", "rotation", "scale"}
        Of the corruption. "jpeg" is of images of bytes alone: HU are not stored so.
    severity : {1, 2, 3, 4, 5}
        How much of it.
    seed : int, default=0
        Of the noise, with the image's name.

    Raises
    ------
    InputError
        If there is no such kind or severity, or an image cannot be corrupted so.

    Examples
    --------
    >>> image = StoneImage(np.arange(256, dtype=np.uint8).reshape(16, 16))
    >>> [int(np.ptp(corrupt(image, "contrast", step).pixels)) for step in (1, 5)]
    [229, 77]
    """
    if kind not in CORRUPTIONS or severity not in SEVERITIES:
        raise InputError(
            f"corruption {kind!r} of severity {severity!r}; "
            f"expected one of {', '.join(CORRUPTIONS)}, and 1 to 5"
        )
    return typed_like(_KINDS[kind](image, severity - 1, seed), image)


def corrupted(source: ImageSource, kind: str, severity: int, seed: int = 0) -> ImageSource:
    """Return the source of a corrupted image, which is corrupted whenever it is read."""
    change = partial(corrupt, kind=kind, severity=severity, seed=seed)
    return ChangedSource.of(source, f"{kind} {severity}", change)


def kinds_for(image: StoneImage) -> tuple[str, ...]:
    """Return the kinds that an image can be corrupted by.

    Examples
    --------
    >>> "jpeg" in kinds_for(StoneImage(np.zeros((4, 4)), unit="HU"))
    False
    """
    bytes_ = image.pixels.dtype == np.uint8
    return tuple(kind for kind in CORRUPTIONS if bytes_ or kind != "jpeg")


def _noise(image: StoneImage, step: int, seed: int) -> StoneImage:
    rng = np.random.default_rng([seed, zlib.crc32(image.name.encode()), step])
    noise = rng.normal(0.0, _NOISE[step] * _range(image), image.pixels.shape)
    return image.with_(pixels=image.pixels + noise)


def _blur(image: StoneImage, step: int, seed: int) -> StoneImage:
    sigma = _BLUR[step] * max(image.shape[-2:]) / _SIDE
    pixels = cv2.GaussianBlur(image.pixels.astype(np.float64), (0, 0), sigma)
    return image.with_(pixels=pixels)


def _contrast(image: StoneImage, step: int, seed: int) -> StoneImage:
    mean = image.pixels.mean()
    return image.with_(pixels=mean + _CONTRAST[step] * (image.pixels - mean))


def _jpeg(image: StoneImage, step: int, seed: int) -> StoneImage:
    if image.pixels.dtype != np.uint8:
        raise InputError(f"{image.name}: not of bytes; expected an 8-bit image to store as JPEG")
    rgb = image.unit == "rgb"
    shown = cv2.cvtColor(image.pixels, cv2.COLOR_RGB2BGR) if rgb else image.pixels
    _, code = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY[step]])
    read = np.asarray(cv2.imdecode(code, cv2.IMREAD_COLOR if rgb else cv2.IMREAD_GRAYSCALE))
    return image.with_(pixels=cv2.cvtColor(read, cv2.COLOR_BGR2RGB) if rgb else read)


def _rotation(image: StoneImage, step: int, seed: int) -> StoneImage:
    return turn(image, _DEGREES[step])


def _scale(image: StoneImage, step: int, seed: int) -> StoneImage:
    return turn(image, 0.0, _FACTOR[step])


_KINDS: dict[str, Callable[[StoneImage, int, int], StoneImage]] = {
    "noise": _noise,
    "blur": _blur,
    "contrast": _contrast,
    "jpeg": _jpeg,
    "rotation": _rotation,
    "scale": _scale,
}
CORRUPTIONS = tuple(_KINDS)


def _range(image: StoneImage) -> float:
    """Return what the whole range of grey is, for noise to be a share of it."""
    if image.unit == "HU":
        return _SPAN_HU
    return 255.0 if image.pixels.dtype == np.uint8 else float(np.ptp(image.pixels))
