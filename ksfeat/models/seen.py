"""What is kept of the training images: which they were, and of which modality."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from ksfeat.image import StoneImage
from ksfeat.io import ImageLike, ImageSource, image_digest
from ksfeat.scale import map_ordered

_LOOKED_AT = 64  # images whose modality is asked for: one tree of files is of one or two
_WITHOUT = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif"})


def digests_of(images: Sequence[ImageLike], n_jobs: int | None) -> list[str]:
    """Return the hashes of images, sorted, each once."""
    return sorted(set(map_ordered(image_digest, list(images), n_jobs)))


def modalities_of(images: Sequence[ImageLike]) -> tuple[str, ...]:
    """Return the DICOM modalities of images, sorted; up to 64 of them, evenly spaced, are read.

    Examples
    --------
    >>> import numpy as np
    >>> modalities_of([StoneImage(np.eye(8), modality="CT"), np.eye(8)])
    ('CT',)
    """
    step = max(1, len(images) // _LOOKED_AT)
    found = {_modality(image) for image in islice(images, None, None, step)}
    return tuple(sorted(name for name in found if name is not None))


def _modality(image: ImageLike) -> str | None:
    if isinstance(image, ImageSource):
        return None if image.path.suffix.lower() in _WITHOUT else image.read().modality
    return image.modality if isinstance(image, StoneImage) else None
