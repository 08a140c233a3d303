"""One look at an image: everything that an audit needs of it, from one reading of its file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ksfeat.errors import InputError
from ksfeat.evaluation.duplicates import DETAIL, detail_of
from ksfeat.evaluation.nuisance_measures import Nuisance, measure_nuisances
from ksfeat.evaluation.pose import THUMBNAIL
from ksfeat.evaluation.proxy import high_passed, uncropped
from ksfeat.evaluation.shortcut import VIEWS, has_region, view_descriptors
from ksfeat.image import StoneImage
from ksfeat.io import ImageLike, ImageSource, as_image, image_digest
from ksfeat.scale import map_ordered


@dataclass(frozen=True, eq=False)
class Look:
    """What is kept of an image, about 16 kB whatever its size.

    Parameters
    ----------
    digest : str
        Hash of the pixels of its file; empty where it cannot be read.
    thumbnail : ndarray of shape (1024,)
    detail : ndarray of uint8, shape (96, 96)
        Both of the whole file, if the image is a crop.
    nuisances : tuple of Nuisance
    views : ndarray of shape (4, 168)
        For the shortcut test.
    error : str
        Why it cannot be used; empty if it can.
    """

    digest: str
    thumbnail: np.ndarray
    detail: np.ndarray
    nuisances: tuple[Nuisance, ...]
    views: np.ndarray
    error: str = ""


def look_at(
    images: Sequence[ImageLike],
    *,
    annotated: bool,
    n_jobs: int | None = None,
    on_error: str = "stop",
) -> list[Look]:
    """Look at each image once.

    Raises
    ------
    InputError
        For the first image that cannot be used; with "skip" never.
    """
    looks = map_ordered(partial(_look_or_error, annotated=annotated), images, n_jobs)
    failed = [look.error for look in looks if look.error]
    if failed and on_error == "stop":
        raise InputError(failed[0])
    return looks


def is_annotated(source: ImageLike) -> bool:
    """Whether an image has a mask or a box, as far as can be told before it is read."""
    if isinstance(source, ImageSource):
        return source.mask is not None or bool(getattr(source, "boxes", None))
    return isinstance(source, StoneImage) and has_region(source)


def _look_or_error(source: ImageLike, annotated: bool) -> Look:
    try:
        return _look(source, annotated)
    except InputError as error:
        nothing = np.zeros(THUMBNAIL**2, dtype=np.float32)
        views = np.zeros((len(VIEWS), 1), dtype=np.float32)
        detail = np.zeros((DETAIL, DETAIL), dtype=np.uint8)
        return Look("", nothing, detail, (), views, str(error))


def _look(source: ImageLike, annotated: bool) -> Look:
    whole = as_image(uncropped(source))
    if whole.volume:
        raise InputError(f"{whole.name}: a volume; expected slices; use --volume slices")
    crop = source.crop if isinstance(source, ImageSource) else None
    image = whole if crop is None else replace(whole.crop(crop), key=whole.key)
    grey = whole.grey().astype(np.float32)
    seen = grey if crop is None else image.grey().astype(np.float32)
    return Look(
        digest=image_digest(whole),
        thumbnail=high_passed(grey),
        detail=detail_of(grey),
        nuisances=measure_nuisances(source, image, seen),
        views=view_descriptors(image, seen, annotated=annotated),
    )
