"""Proxy groups: images so alike that a split must not part them, where no patient is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ksfeat.errors import InputError
from ksfeat.evaluation.pose import THUMBNAIL, find_pairs
from ksfeat.io import ImageLike, ImageSource, as_image
from ksfeat.io.sequences import as_sequence
from ksfeat.scale import map_ordered

# The body's outline and the field of view are smooth, and shared by all patients.
_SMOOTH = 2.0
# Chosen once: adjusted Rand index above 0.97 on phantoms at three noise levels, 0.86 with the exams
# of `coronal_ct`, whose slices lie apart and were each turned, and 0.87 with the series of
# `ct_kidney`, which were found from pixels themselves. Lower, one chain of likeness holds all.
ALIKE = 0.5


def find_proxy_groups(
    images: Sequence[ImageLike] | np.ndarray, *, n_jobs: int | None = None
) -> np.ndarray:
    """Group images that look alike, directly or through others between them.

    Thumbnails are compared in all flips and turned by up to 20 degrees, whitened by what the images
    have in common. Crops are compared by the whole image that they are from, and those of one file
    always share a group. Proxy groups are found from pixels and are never patients: two exams of
    one patient may stand apart, and two alike patients together.

    Parameters
    ----------
    images : sequence of image-likes, length n
        Paths, arrays, `StoneImage`s or `Dataset.images`.
    n_jobs : int, optional
        Processes that read images, as in joblib.

    Returns
    -------
    ndarray of str, shape (n,)
        ``proxy_000`` and so on, numbered by first appearance.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> one, other = rng.integers(0, 255, (2, 64, 64)).astype(float)
    >>> find_proxy_groups([one, other, one + 3]).tolist()
    ['proxy_000', 'proxy_001', 'proxy_000']
    """
    images = as_sequence(images)
    return group_alike(images, thumbnails_of(images, n_jobs=n_jobs))


def group_alike(images: Sequence[ImageLike], thumbnails: np.ndarray) -> np.ndarray:
    """Group images by thumbnails that `thumbnails_of` made of them."""
    first, second = alike_pairs(thumbnails)
    same_file = same_file_pairs(images)
    rows = np.concatenate([first, same_file[0]])
    columns = np.concatenate([second, same_file[1]])
    n = len(thumbnails)
    links = coo_matrix((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(n, n))
    _, component = connected_components(links, directed=False)
    return numbered(component)


def thumbnails_of(
    images: Sequence[ImageLike], *, n_jobs: int | None = None, on_error: str = "stop"
) -> np.ndarray:
    """Return the thumbnail of each image, (n, 1024); with "skip" zeros for what cannot be read."""
    work = thumbnail if on_error == "stop" else _thumbnail_or_zeros
    return np.array(map_ordered(work, images, n_jobs))


def _thumbnail_or_zeros(image: ImageLike) -> np.ndarray:
    try:
        return thumbnail(image)
    except InputError:
        return np.zeros(THUMBNAIL**2, dtype=np.float32)


def thumbnail(image: ImageLike) -> np.ndarray:
    """Return the high-passed 32x32 thumbnail as a vector of unit length; zero for a flat image."""
    return high_passed(as_image(uncropped(image)).grey())


def uncropped(image: ImageLike) -> ImageLike:
    """Return the whole image that a crop is of: what lies around it tells who it is of."""
    return replace(image, crop=None) if isinstance(image, ImageSource) else image


def high_passed(grey: np.ndarray) -> np.ndarray:
    """Return the thumbnail of the pixels of an image; of a volume, of its mean along z."""
    grey = np.asarray(grey, dtype=np.float32)
    if grey.ndim == 3:
        grey = grey.mean(axis=0)
    small = cv2.resize(grey, (THUMBNAIL, THUMBNAIL), interpolation=cv2.INTER_AREA)
    detail = (small - cv2.GaussianBlur(small, (0, 0), _SMOOTH)).ravel()
    centred = detail - detail.mean()
    length = np.linalg.norm(centred)
    return centred / length if length > 0 else centred


def alike_pairs(thumbnails: np.ndarray, least: float = ALIKE) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs i < j whose thumbnails are alike in some pose."""
    pairs = find_pairs(thumbnails, least)
    return pairs.first, pairs.second


def same_file_pairs(images: Sequence[ImageLike] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Link every crop of a file to the first one."""
    seen: dict[str, int] = {}
    pairs = [
        (seen.setdefault(str(image.path), place), place)
        for place, image in enumerate(images)
        if isinstance(image, ImageSource)
    ]
    table = np.array(pairs, dtype=int).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def numbered(component: np.ndarray) -> np.ndarray:
    """Name components by first appearance."""
    order = {value: number for number, value in enumerate(dict.fromkeys(component.tolist()))}
    return np.array([f"proxy_{order[value]:03d}" for value in component.tolist()])
