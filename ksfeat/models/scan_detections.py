"""From what a detector finds in each slice to what it finds in a scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ksfeat.features.stone_blur import BLUR_MM
from ksfeat.features.stone_size import StoneSize, measure_stone
from ksfeat.image import StoneImage
from ksfeat.models.detections import Detections
from ksfeat.roi.candidate_volumes import Marks, join_marks, reach_px, slices_of

if TYPE_CHECKING:
    from ksfeat.models.detector import StoneDetector

LEAST = 0.01  # probability: what is less in a slice is not joined
_AROUND = 12  # pixels to each side whose median is a mark's background


@dataclass(frozen=True, eq=False)
class ScanDetections:
    """Possible stones of one scan, the most probable first.

    Parameters
    ----------
    places : ndarray of float64, shape (n, 3)
        Slice, x and y of the most probable place of each; x and y in pixels.
    spans : ndarray of int, shape (n, 2)
        First and last slice.
    scores : ndarray of float64, shape (n,)
        Probability in the slice where it is highest: a stone is one in its clearest slice, while a
        product over slices would favour what is long, such as bone and vessels.

    Examples
    --------
    >>> found = ScanDetections(np.zeros((0, 3)), np.zeros((0, 2), int), np.zeros(0))
    >>> len(found)
    0
    """

    places: np.ndarray
    spans: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        """Return the number of possible stones."""
        return len(self.scores)

    def above(self, score: float) -> ScanDetections:
        """Return those of at least a score."""
        kept = self.scores >= score
        return ScanDetections(self.places[kept], self.spans[kept], self.scores[kept])

    def sizes(self, scan: StoneImage, blur_mm: float = BLUR_MM) -> list[StoneSize]:
        """Measure each in its scan, a volume; what lies nearer to another one is left to that."""
        return [
            measure_stone(scan, tuple(place), np.delete(self.places, row, axis=0), blur_mm)
            for row, place in enumerate(self.places.tolist())
        ]


def detect_in_scan(
    detector: StoneDetector, scan: StoneImage | Sequence[StoneImage]
) -> ScanDetections:
    """Find possible stones in a volume, or in the slices of a scan from the first to the last."""
    slices = slices_of(scan)
    return join_detections(detector.predict(slices), slices)


def join_detections(
    found: Sequence[Detections], slices: Sequence[StoneImage], least: float = LEAST
) -> ScanDetections:
    """Join the detections of neighbouring slices.

    Parameters
    ----------
    found : sequence of Detections
        Of each slice.
    slices : sequence of StoneImage
        Their images.
    least : float, default=0.01
        Lower scores are not looked at.

    Returns
    -------
    ScanDetections
    """
    kept = [one.above(least) for one in found]
    marks = [_marks(one, image) for one, image in zip(kept, slices, strict=True)]
    joined = join_marks(marks, reach_px(slices[0].spacing_mm))
    best = np.array([_best(own, kept) for own in joined.members], dtype=int).reshape(-1, 2)
    places = np.array([[at, *kept[at].centres[row]] for at, row in best]).reshape(-1, 3)
    scores = np.array([kept[at].scores[row] for at, row in best], dtype=float)
    order = np.argsort(-scores, kind="stable")
    return ScanDetections(places[order], joined.spans[order], scores[order])


def _best(own: np.ndarray, kept: Sequence[Detections]) -> tuple[int, int]:
    at, row = max(own.tolist(), key=lambda mark: kept[mark[0]].scores[mark[1]])
    return at, row


def _marks(found: Detections, image: StoneImage) -> Marks:
    pixels = image.grey()
    rise = [_rise(pixels, int(x), int(y)) for x, y in found.centres]
    return Marks(found.centres, found.diameters_px / 2, np.array(rise))


def _rise(pixels: np.ndarray, x: int, y: int) -> float:
    """Return how far the highest pixel at a place is above what surrounds it."""
    near, wide = (
        pixels[max(y - far, 0) : y + far + 1, max(x - far, 0) : x + far + 1] for far in (1, _AROUND)
    )
    return float(near.max() - np.median(wide))
