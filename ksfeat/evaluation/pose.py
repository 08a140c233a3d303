"""Thumbnails under flips and small rotations, in coordinates where unrelated images differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import joblib
import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

THUMBNAIL = 32
FLIPS = ((False, False), (False, True), (True, False), (True, True))  # rows, columns
ROTATIONS = tuple(range(-20, 21, 4))  # degrees: two slices that were each turned by up to 10
# Chosen once on phantoms, `coronal_ct` and `ct_kidney`; see ALIKE in `proxy`.
_COORDINATES = 384
_SAMPLE = 200  # images, in all poses, that the coordinates are taken from
_FEW = 20  # images: as many say as much of the covariance as the ridge does
_BLOCK = 256  # rows of the similarity matrix at once: memory stays flat at any number of images


@dataclass(frozen=True, eq=False)
class Pairs:
    """Images that look alike, i < j, how much, and the pose in which the first one does.

    Parameters
    ----------
    first, second : ndarray of int, shape (m,)
        Places of the two images.
    similarity : ndarray of shape (m,)
        Cosine of the whitened thumbnails, at most 1.
    pose : ndarray of int, shape (m,)
        Number of the pose, in the order of `poses`.
    """

    first: np.ndarray
    second: np.ndarray
    similarity: np.ndarray
    pose: np.ndarray

    def __len__(self) -> int:
        return len(self.first)

    def select(self, rows: np.ndarray) -> Pairs:
        """Return some of the pairs."""
        return Pairs(*(values[rows] for values in vars(self).values()))


def poses() -> list[tuple[tuple[bool, bool], int]]:
    """Return each flip (rows, columns) with each rotation in degrees."""
    return [(flip, angle) for flip in FLIPS for angle in ROTATIONS]


def find_pairs(thumbnails: np.ndarray, least: float, *, n_jobs: int | None = None) -> Pairs:
    """Return the pairs of thumbnails that are alike in some pose.

    What all images of a set share (ribs, the spine, the field of view) says nothing about who is
    who. The thumbnails are therefore whitened by the set's own covariance over all poses, which
    makes one threshold serve for simulated and real, axial and coronal slices.

    Parameters
    ----------
    thumbnails : ndarray of shape (n, 1024)
        High-passed thumbnails of unit length; zero for an image of one colour, alike with nothing.
    least : float
        Least similarity of a pair.
    n_jobs : int, optional
        Threads, as in joblib.

    Returns
    -------
    Pairs
    """
    whiten = _Whitening.of(thumbnails)
    upright = whiten(thumbnails)
    work = (
        joblib.delayed(_pairs_of_block)(
            thumbnails[start : start + _BLOCK], start, upright, whiten, least
        )
        for start in range(0, len(thumbnails), _BLOCK)
    )
    # A thread a block: the library's own threads wait for each other after each small product.
    with threadpool_limits(limits=1):
        found = joblib.Parallel(n_jobs=n_jobs, require="sharedmem")(work)
    parts = zip(*(vars(pairs).values() for pairs in found), strict=True)
    return Pairs(*(np.concatenate(part) for part in parts))


def _pairs_of_block(
    block: np.ndarray, start: int, upright: np.ndarray, whiten: _Whitening, least: float
) -> Pairs:
    others = upright[start:].T
    found = []
    for number, posed in enumerate(_posed(block)):
        similarity = whiten(posed) @ others
        rows, columns = np.divmod(np.flatnonzero(similarity >= least), others.shape[1])
        later = columns > rows
        rows, columns = rows[later], columns[later]
        pose = np.full(len(rows), number, dtype=np.uint8)
        found.append((rows + start, columns + start, similarity[rows, columns], pose))
    return _best_poses(Pairs(*(np.concatenate(part) for part in zip(*found, strict=True))))


def _best_poses(pairs: Pairs) -> Pairs:
    """Return each pair once, in the pose in which it is most alike."""
    order = np.lexsort((pairs.pose, -pairs.similarity, pairs.second, pairs.first))
    pairs = pairs.select(order)
    is_new = (np.diff(pairs.first, prepend=-1) != 0) | (np.diff(pairs.second, prepend=-1) != 0)
    return pairs.select(is_new)


@dataclass(frozen=True, eq=False)
class _Whitening:
    mean: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(cls, thumbnails: np.ndarray) -> _Whitening:
        known = thumbnails[thumbnails.any(axis=1)]
        if not len(known):
            return cls(np.zeros(1), np.zeros((thumbnails.shape[1], 1), dtype=np.float32))
        # Sorted by content, so that the order of the images changes nothing.
        order = np.lexsort(known[:, ::97].T)
        chosen = order[np.linspace(0, len(order) - 1, min(len(order), _SAMPLE)).astype(int)]
        table = np.concatenate(list(_posed(known[chosen])))
        centre = table.mean(axis=0)
        table -= centre
        covariance = table.T @ table / len(table)
        last = len(covariance) - 1
        # Threads would fight over so small a problem, and take seconds for it.
        with threadpool_limits(limits=1):
            values, vectors = eigh(covariance, subset_by_index=(last - _COORDINATES + 1, last))
        # A ridge: what the sample hardly shows, all the more a small one, is not blown up.
        ridge = (1 + _FEW / len(chosen)) * np.trace(covariance) / len(covariance)
        basis = vectors / np.sqrt(np.maximum(values, 0) + ridge)
        return cls((centre @ basis).astype(np.float32), basis.astype(np.float32))

    def __call__(self, thumbnails: np.ndarray) -> np.ndarray:
        table = thumbnails @ self.basis - self.mean
        table[~thumbnails.any(axis=1)] = 0
        length = np.linalg.norm(table, axis=1, keepdims=True)
        return np.divide(table, length, out=np.zeros_like(table), where=length > 1e-6)


def _posed(thumbnails: np.ndarray) -> Iterator[np.ndarray]:
    for pixels in _pose_matrices():
        yield np.ascontiguousarray((pixels @ thumbnails.T).T)


@lru_cache(maxsize=1)
def _pose_matrices() -> tuple[csr_matrix, ...]:
    """Return each pose as a sparse matrix on the pixels of a thumbnail."""
    places = np.arange(THUMBNAIL**2, dtype=np.float32).reshape(THUMBNAIL, THUMBNAIL)
    rows, columns = np.divmod(places, THUMBNAIL)
    return tuple(_resampling(*_moved(rows, columns, pose)) for pose in poses())


def _moved(
    rows: np.ndarray, columns: np.ndarray, pose: tuple[tuple[bool, bool], int]
) -> tuple[np.ndarray, np.ndarray]:
    flip, angle = pose
    matrix = turn(flip, angle, THUMBNAIL)
    source = matrix[:, :2] @ np.stack([columns.ravel(), rows.ravel()]) + matrix[:, 2:]
    return source[1], source[0]


def turn(flip: tuple[bool, bool], angle: float, size: int) -> np.ndarray:
    """Return the affine matrix (2, 3) from places in a posed square image to the image itself."""
    centre = (size - 1) / 2
    matrix = cv2.getRotationMatrix2D((centre, centre), angle, 1.0)
    signs = np.array([-1.0 if flip[1] else 1.0, -1.0 if flip[0] else 1.0])
    shifted = matrix[:, 2] - centre
    return np.column_stack([signs[:, None] * matrix[:, :2], signs * shifted + centre])


def _resampling(rows: np.ndarray, columns: np.ndarray) -> csr_matrix:
    """Return bilinear interpolation at some places; outside of the thumbnail it is zero."""
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    entries = []
    for down in (0, 1):
        for right in (0, 1):
            y, x = top + down, left + right
            weight = (1 - np.abs(rows - y)) * (1 - np.abs(columns - x))
            inside = (y >= 0) & (y < THUMBNAIL) & (x >= 0) & (x < THUMBNAIL) & (weight > 0)
            entries.append((weight[inside], np.flatnonzero(inside), (y * THUMBNAIL + x)[inside]))
    weights, targets, sources = (np.concatenate(part) for part in zip(*entries, strict=True))
    shape = (len(rows), THUMBNAIL**2)
    return csr_matrix((weights.astype(np.float32), (targets, sources)), shape=shape)
