"""Places that may be stones: bright blobs of any size, found so that none is missed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ksfeat.image import StoneImage
from ksfeat.roi.candidate_scene import SIGMAS, Scene, scene_of

MOST = 120
_WEAKEST = 3.0  # levels of response; below, noise
_CONSIDERED = 400  # blobs that are looked at, the most prominent first: bounds the time on noise
_REACH = 0.7  # of a blob's scale: what lies within is the same blob
_NEAR = 2.0  # working pixels; two blobs are never nearer than that
_BONE_REACH = 8.0  # working pixels; edges of bone are blobs, too
_CORES = 4  # places looked at in a large bright thing
_3X3 = np.ones((3, 3), dtype=np.uint8)
_APART = np.ones((11, 11), dtype=np.uint8)
LARGE = len(SIGMAS) - 1  # the scale of what is found as a large bright thing, not as a blob


@dataclass(frozen=True, eq=False)
class Candidates:
    """Places that may be stones, the most prominent first.

    Parameters
    ----------
    scene : Scene
        What they were found in.
    points : ndarray of int, shape (n, 2)
        Row and column in working pixels.
    scales : ndarray of int, shape (n,)
        Place in `SIGMAS` of the scale they were found at; the last one for large bright things.
    responses : ndarray of float64, shape (n,)
        Difference of Gaussians at that scale, in levels.
    prominence : ndarray of float64, shape (n,)
        What they are ranked by: how fast levels fall on all sides, in levels; less near bone.
    """

    scene: Scene
    points: np.ndarray
    scales: np.ndarray
    responses: np.ndarray
    prominence: np.ndarray

    def __len__(self) -> int:
        """Return the number of candidates."""
        return len(self.points)

    @property
    def centres(self) -> np.ndarray:
        """Places (x, y) in the image's own pixels, pixel centres at halves, (n, 2) float64."""
        down, across = self.scene.scale
        return (self.points[:, ::-1] + 0.5) * [across, down]


def find_candidates(image: StoneImage, most: int = MOST) -> Candidates:
    """Propose places that may be stones in one slice.

    Local maxima of differences of Gaussians at 6 scales, of levels above those of fat, outside
    bone; and up to 4 cores of every large bright thing, which is bone mostly, but may be a staghorn
    stone. Two that are nearer than the blob's own scale are one. Recall comes first: nearly all of
    them are no stones.

    Parameters
    ----------
    image : StoneImage
        A slice, in HU or grey, of any pixel size.
    most : int, default=120
        The most prominent that are kept.

    Returns
    -------
    Candidates
        None of them where the image has one grey level.

    Raises
    ------
    InputError
        If the image is a volume.

    Examples
    --------
    >>> pixels = np.full((60, 60), 100, dtype=np.uint8)
    >>> pixels[20:23, 40:43] = 200
    >>> pixels[45:55, 5:15] = 10
    >>> found = find_candidates(StoneImage(pixels))
    >>> found.centres[0].tolist()
    [41.5, 21.5]
    """
    scene = scene_of(image)
    found = np.concatenate([_cores(scene), *_blobs(scene)])
    strength = _curvature(scene, found) * _trust(scene, found)
    order = np.lexsort((found[:, 1], found[:, 0], -strength))[:_CONSIDERED]
    found, strength = found[order], strength[order]
    kept = _apart(found, most)
    points = found[kept, :2].astype(np.intp)
    scales = found[kept, 2].astype(np.intp)
    return Candidates(scene, points, scales, found[kept, 3], strength[kept])


def _blobs(scene: Scene) -> list[np.ndarray]:
    """Return row, column, scale and response of local maxima outside bone, scale by scale."""
    outside = scene.bone == 0
    found = []
    for scale in range(len(SIGMAS) - 1):
        response = cv2.subtract(scene.smooth[scale], scene.smooth[scale + 1])
        peak = (response == cv2.dilate(response, _3X3)) & (response > _WEAKEST) & outside
        places = cv2.findNonZero(peak.view(np.uint8))  # in the order of rows
        if places is None:
            continue
        columns, rows = places.reshape(-1, 2).T
        here = np.full(len(rows), scale)
        found.append(np.stack([rows, columns, here, response[rows, columns]], axis=1))
    return found


def _cores(scene: Scene) -> np.ndarray:
    """Return the deepest places of each large bright thing, in the form of `_blobs`."""
    found = []
    for label in np.flatnonzero(scene.large):
        left, top, across, down = scene.stats[label, :4]
        inside = scene.labels[top : top + down, left : left + across] == label
        depth = cv2.distanceTransform(np.pad(inside.astype(np.uint8), 1), cv2.DIST_L2, 3)
        depth = cv2.GaussianBlur(depth[1:-1, 1:-1], (0, 0), 1.5)
        rows, columns = np.nonzero((depth == cv2.dilate(depth, _APART)) & (depth > 1))
        order = np.argsort(-depth[rows, columns], kind="stable")[:_CORES]
        for row, column in zip(rows[order] + top, columns[order] + left, strict=True):
            response = scene.smooth[LARGE - 1, row, column] - scene.smooth[LARGE, row, column]
            found.append([row, column, LARGE, response])
    return np.array(found, dtype=np.float64).reshape(-1, 4)


def _curvature(scene: Scene, found: np.ndarray) -> np.ndarray:
    """Return how fast the level falls in the direction where it falls least, in levels.

    The smaller eigenvalue of the Hessian at the blob's scale: on a ridge, such as a vessel or the
    edge of an organ in fat, it is near zero, however strong the response.
    """
    rows, columns, scales = found[:, :3].astype(np.intp).T
    step = np.maximum(np.rint(np.array(SIGMAS)[scales]), 1).astype(np.intp)
    last = np.array(scene.levels.shape) - 1
    up, down = np.maximum(rows - step, 0), np.minimum(rows + step, last[0])
    left, right = np.maximum(columns - step, 0), np.minimum(columns + step, last[1])

    def at(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        return scene.smooth[scales, row, column].astype(np.float64)

    twice = 2 * at(rows, columns)
    across = twice - at(rows, left) - at(rows, right)
    along = twice - at(up, columns) - at(down, columns)
    mixed = (at(down, right) + at(up, left) - at(up, right) - at(down, left)) / 4
    return (across + along) / 2 - np.hypot((across - along) / 2, mixed)


def _trust(scene: Scene, found: np.ndarray) -> np.ndarray:
    rows, columns = found[:, 0].astype(np.intp), found[:, 1].astype(np.intp)
    near = np.minimum(scene.bone_distance[rows, columns] / _BONE_REACH, 1.0)
    # Cores are few, and a missed staghorn stone is a grave error: they are never crowded out.
    return np.where(found[:, 2] == LARGE, 1e6, 0.4 + 0.6 * near)


def _apart(found: np.ndarray, most: int) -> np.ndarray:
    """Return which to keep: greedily, each clears the neighbourhood of its own scale."""
    reach = np.maximum(_REACH * np.array(SIGMAS)[found[:, 2].astype(np.intp)], _NEAR) ** 2
    reach[found[:, 2] == LARGE] = _NEAR**2
    rows, columns = found[:, :2].T.astype(np.float32)  # whole numbers: nothing is rounded
    squared = (rows[:, None] - rows) ** 2 + (columns[:, None] - columns) ** 2
    clear = squared > reach[:, None]
    free = np.ones(len(found), dtype=bool)
    kept: list[int] = []
    for number in range(len(found)):
        if free[number]:
            kept.append(number)
            if len(kept) == most:
                break
            free &= clear[number]
    return np.array(kept, dtype=np.intp)
