"""Candidates of many images as one table, and which of them are stones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from ksfeat.features.stone_context import AMONG_OTHERS
from ksfeat.features.stone_density import density_features, describe_density
from ksfeat.features.stone_mirror import describe_mirrored, mirror_features
from ksfeat.features.stones import describe_candidates, stone_features
from ksfeat.image import StoneImage
from ksfeat.io.read import ImageLike
from ksfeat.io.sequences import image_at
from ksfeat.roi.candidates import find_candidates
from ksfeat.roi.warp import turn
from ksfeat.scale import map_ordered
from ksfeat.scale.compiled import compile_kernels

_GROWN = 2.0  # pixels round a box that still count as a hit
_DEGREES = 12.0  # of the copies: largest angle
_LOG_FACTOR = (-0.3, 0.55)  # of their size: large stones are rare, and magnified ones stand in
_HALF_HEIGHT = ("width", "height", "centroid_x", "centroid_y", "major_axis")


@dataclass(frozen=True)
class Proposing:
    """How candidates are found and described.

    Parameters
    ----------
    most : int
        Candidates an image.
    mirror : bool
        Whether the mirrored place is described, too.
    copies : int
        Varied copies of each training image: flipped, turned, scaled.
    random_state : int
        Seed of the copies.
    """

    most: int
    mirror: bool
    copies: int = 0
    random_state: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        mirrored = mirror_features() if self.mirror else ()
        features = (*stone_features(), *density_features(), *mirrored)
        return tuple(feature.name for feature in features)

    def places(self, names: Iterable[str]) -> tuple[int, ...]:
        """Return the places of some columns, named without their family."""
        columns = self.columns
        return tuple(columns.index(f"stones_{name}") for name in names)

    @property
    def alone(self) -> np.ndarray:
        """Places of the columns that tell of a candidate by itself, not of those beside it."""
        names = [name.removeprefix("stones_") for name in self.columns]
        return np.flatnonzero([name not in AMONG_OTHERS for name in names])


class Proposed(NamedTuple):
    """Candidates of one image."""

    table: np.ndarray  # float32 (n, d)
    centres: np.ndarray  # (n, 2), pixels of the image
    boxes: np.ndarray  # (n, 4)
    diameters: np.ndarray  # (n,), pixels of the image
    pixel_mm: float | None
    is_stone: np.ndarray | None  # bool (n,), where the image says where its stones are


def propose(image: StoneImage, how: Proposing) -> Proposed:
    """Find and describe the candidates of one slice."""
    found = find_candidates(image, how.most)
    described = describe_candidates(found)
    names = [feature.name.removeprefix("stones_") for feature in stone_features()]
    width, height, x, y, major = (described[:, names.index(name)] for name in _HALF_HEIGHT)
    down, across = found.scene.scale
    centres, diameters = found.centres, major * np.sqrt(down * across)
    mm = None if image.spacing_mm is None else float(np.sqrt(np.prod(image.spacing_mm)))
    density = describe_density(image, centres, diameters * (np.nan if mm is None else mm))
    blocks = [described, density, *([describe_mirrored(found)] if how.mirror else [])]
    middle = centres + np.column_stack([x * across, y * down])
    half = np.column_stack([width * across, height * down]) / 2
    boxes = np.hstack([middle - half, middle + half])
    table = np.column_stack(blocks).astype(np.float32)
    return Proposed(table, centres, boxes, diameters, mm, _is_stone(image, centres))


def propose_all(
    images: Sequence[ImageLike], how: Proposing, n_jobs: int | None = None
) -> list[Proposed]:
    """Return the candidates of each image, and after them those of its copies."""
    compile_kernels()
    work = partial(_propose_item, how=how)
    found = map_ordered(work, list(enumerate(images)), n_jobs)
    return [one for each in found for one in each]


def _propose_item(item: tuple[int, ImageLike], how: Proposing) -> list[Proposed]:
    return propose_with_copies(image_at(*item), item[0], how)


def propose_with_copies(image: StoneImage, position: int, how: Proposing) -> list[Proposed]:
    """Return the candidates of an image and of its copies, which its position varies."""
    rng = np.random.default_rng([how.random_state, position])
    copies = [_varied(image, number, rng) for number in range(how.copies)]
    return [propose(one, how) for one in (image, *copies)]


def _varied(image: StoneImage, number: int, rng: np.random.Generator) -> StoneImage:
    """Return a copy: the first is mirrored only, the others are turned and scaled, too."""
    if number == 0:
        copy = turn(image, 0.0, 1.0, (True, False))
    else:
        factor = float(np.exp(rng.uniform(*_LOG_FACTOR)))
        flips = (bool(rng.random() < 0.5), False)
        copy = turn(image, rng.uniform(-_DEGREES, _DEGREES), factor, flips)
    if image.pixels.dtype.kind == "f":
        return copy
    # Bytes stay bytes: a grey image of another type is stretched to its own range.
    return copy.with_(pixels=np.rint(copy.pixels).astype(image.pixels.dtype))


def _is_stone(image: StoneImage, centres: np.ndarray) -> np.ndarray | None:
    boxes = stone_boxes(image)
    return None if boxes is None else np.any(hits(centres, boxes), axis=1)


def stone_boxes(image: StoneImage) -> np.ndarray | None:
    """Return boxes round the stones, (n, 4): as drawn, or of the mask's components; or None."""
    if image.boxes is not None:
        return np.asarray(image.boxes)
    if image.mask is None:
        return None
    _, _, stats, _ = cv2.connectedComponentsWithStats(image.mask.astype(np.uint8), connectivity=8)
    left, top, across, down = stats[1:, :4].T
    return np.column_stack([left, top, left + across, top + down]).astype(float)


def hits(centres: np.ndarray, boxes: np.ndarray, grown: float = _GROWN) -> np.ndarray:
    """Return which centres lie in which boxes grown by 2 pixels, bool (n_centres, n_boxes).

    Examples
    --------
    >>> hits(np.array([[5.0, 5.0], [9.0, 5.0]]), np.array([[2.0, 2.0, 6.0, 6.0]])).tolist()
    [[True], [False]]
    """
    x, y = centres.T[..., None]
    x0, y0, x1, y1 = boxes.T
    across = (x >= x0 - grown) & (x <= x1 + grown)
    return across & (y >= y0 - grown) & (y <= y1 + grown)
