"""Duplicates: one slice that stands in a data set more than once, as it is or altered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ksfeat.evaluation.pose import Pairs, poses, turn
from ksfeat.scale import map_ordered

DETAIL = 96
# Chosen once on planted copies (resized, JPEG 60, flipped, turned by 5 degrees, other contrast):
# all of them were above both; no two different slices of `coronal_ct` above 0.79.
PROPOSED = 0.5
CONFIRMED = 0.85
MOST_PROPOSALS = 8  # of one image: a slice has many neighbours, but few are the same slice
_COARSE = 64
_STEPS = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 40, 1e-4)
_BLUR = 5  # pixels of the coarse images, an odd number
_SMOOTH = 2.0
_LEAST_OVERLAP = 0.5


@dataclass(frozen=True)
class Duplicates:
    """Pairs of images that show one slice.

    Parameters
    ----------
    first, second : ndarray of int, shape (m,)
        Their places, first < second.
    correlation : ndarray of shape (m,)
        Of the high-passed pixels after alignment; 1 for equal pixels.
    exact : ndarray of bool, shape (m,)
        Whether the pixels are equal.
    """

    first: np.ndarray
    second: np.ndarray
    correlation: np.ndarray
    exact: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def select(self, rows: np.ndarray) -> Duplicates:
        """Return some of the pairs."""
        return Duplicates(*(values[rows] for values in vars(self).values()))


def find_duplicates(
    pairs: Pairs,
    details: Sequence[np.ndarray] | np.ndarray,
    digests: Sequence[str],
    *,
    least: float = CONFIRMED,
    n_jobs: int | None = None,
) -> Duplicates:
    """Confirm which images that look alike are one slice.

    Parameters
    ----------
    pairs : Pairs
        Proposals, from `pose.find_pairs`.
    details : sequence of n ndarrays of uint8, shape (96, 96)
        Of `detail_of`.
    digests : sequence of str, length n
        Hashes of the pixels: equal ones are exact duplicates; an empty one is alike with nothing.
    least : float, default=0.85
        Least correlation of the details of a duplicate.
    n_jobs : int, optional
        Processes that align.

    Returns
    -------
    Duplicates
        Sorted by place. Of many equal images each is paired with the first one.
    """
    exact = _equal(digests)
    tried = _strongest(_unlike(pairs, digests), len(details))
    work = [
        (details[i], details[j], int(pose))
        for i, j, pose in zip(tried.first, tried.second, tried.pose, strict=True)
    ]
    found = np.array(map_ordered(aligned_correlation, work, n_jobs), dtype=float)
    near = found >= least
    merged = Duplicates(
        np.concatenate([exact[:, 0], tried.first[near]]),
        np.concatenate([exact[:, 1], tried.second[near]]),
        np.concatenate([np.ones(len(exact)), found[near]]),
        np.arange(len(exact) + int(near.sum())) < len(exact),
    )
    return merged.select(np.lexsort((merged.second, merged.first)))


def detail_of(grey: np.ndarray) -> np.ndarray:
    """Return an image as (96, 96) bytes between its 1st and 99th percentile."""
    small = cv2.resize(
        np.asarray(grey, dtype=np.float32), (DETAIL, DETAIL), interpolation=cv2.INTER_AREA
    )
    low, high = np.percentile(small, [1, 99])
    scaled = (small - low) * (255 / max(high - low, 1e-6))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def aligned_correlation(work: tuple[np.ndarray, np.ndarray, int]) -> float:
    """Return the correlation of two details after the first is laid on the second.

    The pose found on thumbnails is refined to an affine one by maximising the enhanced correlation
    coefficient [1]_; what is then compared is the high-passed detail where both overlap.

    References
    ----------
    .. [1] G. D. Evangelidis and E. Z. Psarakis, "Parametric image alignment using enhanced
           correlation coefficient maximization", IEEE Trans. Pattern Anal. Mach. Intell. 30 (2008)
           1858-1865.
    """
    first, second, pose = work
    matrix = _refined(first, second, pose)
    turned = _laid(first.astype(np.float32), matrix)
    inside = _laid(np.ones(first.shape, dtype=np.float32), matrix) > 0.999
    inside = cv2.erode(inside.astype(np.uint8), np.ones((7, 7))).astype(bool)
    if inside.mean() < _LEAST_OVERLAP:
        return 0.0
    return _correlation(_detail(turned)[inside], _detail(second.astype(np.float32))[inside])


def _refined(first: np.ndarray, second: np.ndarray, pose: int) -> np.ndarray:
    flip, angle = poses()[pose]
    size = (_COARSE, _COARSE)
    onto, moving = (
        cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in (second, first)
    )
    everywhere = np.ones(size, dtype=np.uint8)
    matrix = turn(flip, angle, _COARSE)
    start = matrix.astype(np.float32)
    try:
        _, found = cv2.findTransformECC(
            onto, moving, start, cv2.MOTION_AFFINE, _STEPS, everywhere, _BLUR
        )
        matrix = np.asarray(found)
    except cv2.error:  # it does not converge where the two are not alike: as the thumbnails lay
        pass
    scale = DETAIL / _COARSE
    shift = matrix[:, 2] * scale + (scale - 1) / 2 * (1 - matrix[:, :2].sum(axis=1))
    return np.column_stack([matrix[:, :2], shift])


def _laid(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, matrix, image.shape[::-1], flags=flags)


def _detail(image: np.ndarray) -> np.ndarray:
    return image - cv2.GaussianBlur(image, (0, 0), _SMOOTH)


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one - one.mean(), other - other.mean()
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length > 0 else 0.0


def _unlike(pairs: Pairs, digests: Sequence[str]) -> Pairs:
    """Return the proposals that are not of equal pixels."""
    numbers = np.unique(np.asarray(digests, dtype=str), return_inverse=True)[1]
    differ = numbers[pairs.first] != numbers[pairs.second]
    return pairs.select(differ & (pairs.similarity >= PROPOSED))


def _strongest(pairs: Pairs, n_images: int) -> Pairs:
    """Keep the pairs that are among the strongest of either of their images."""
    order = np.lexsort((pairs.second, pairs.first, -pairs.similarity))
    count = np.zeros(n_images, dtype=int)
    kept = []
    for place in order.tolist():
        i, j = pairs.first[place], pairs.second[place]
        if min(count[i], count[j]) < MOST_PROPOSALS:
            kept.append(place)
            count[i] += 1
            count[j] += 1
    return pairs.select(np.array(sorted(kept), dtype=int))


def _equal(digests: Sequence[str]) -> np.ndarray:
    """Link every image to the first one of the same pixels."""
    seen: dict[str, int] = {}
    found = [
        (seen[digest], place)
        for place, digest in enumerate(digests)
        if digest and seen.setdefault(digest, place) != place
    ]
    return np.array(found, dtype=int).reshape(-1, 2)
