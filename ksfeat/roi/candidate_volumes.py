"""Candidates of neighbouring slices that are one thing: places that may be stones, in 3-D."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.candidate_scene import GRID_MM, SIGMAS
from ksfeat.roi.candidates import MOST, find_candidates

REACH_MM = 3.0  # how far a thing's middle may move from slice to slice, at least
_VALLEY = 0.6  # of the weaker of two peaks: less between them, along the slices, parts two things
_OWN, _AROUND = 1, 5  # places in `SIGMAS`: a thing itself, and what is round it
_RADIUS = np.sqrt(2.0) * np.array(SIGMAS)  # of the disc that answers most at each scale


@dataclass(frozen=True, eq=False)
class Marks:
    """Places in one slice.

    Parameters
    ----------
    centres : ndarray of float64, shape (n, 2)
        x and y, in pixels.
    radii : ndarray of float64, shape (n,)
        About how large each is, in pixels.
    strengths : ndarray of float64, shape (n,)
        How bright each is above what surrounds it: tells touching things apart along the slices.
    """

    centres: np.ndarray
    radii: np.ndarray
    strengths: np.ndarray


@dataclass(frozen=True, eq=False)
class CandidateVolumes:
    """Places in a scan that may be stones, each in one slice or several in a row.

    Parameters
    ----------
    marks : tuple of Marks
        Of each slice.
    members : tuple of ndarray of int, shape (k, 2)
        Of each thing: slices, one after the other, and its row in the marks of each.
    """

    marks: tuple[Marks, ...]
    members: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        """Return the number of things."""
        return len(self.members)

    @property
    def places(self) -> np.ndarray:
        """Slice, x and y of the strongest mark of each, (n, 3) float64; x and y in pixels."""
        return np.array([self._place(own) for own in self.members]).reshape(-1, 3)

    @property
    def spans(self) -> np.ndarray:
        """First and last slice of each, (n, 2) int."""
        return np.array([[own[0, 0], own[-1, 0]] for own in self.members]).reshape(-1, 2)

    def _place(self, own: np.ndarray) -> tuple[float, float, float]:
        best = max(own.tolist(), key=lambda at: self.marks[at[0]].strengths[at[1]])
        x, y = self.marks[best[0]].centres[best[1]]
        return float(best[0]), float(x), float(y)


def find_candidate_volumes(
    scan: StoneImage | Sequence[StoneImage], most: int = MOST
) -> CandidateVolumes:
    """Propose places that may be stones in a scan.

    Parameters
    ----------
    scan : StoneImage or sequence of StoneImage
        A volume, or slices of one scan from the first to the last.
    most : int, default=120
        Candidates a slice.

    Returns
    -------
    CandidateVolumes

    Raises
    ------
    InputError
        If the one image is no volume, or slices differ in shape or spacing.

    Examples
    --------
    >>> pixels = np.full((5, 60, 60), 100, dtype=np.uint8)
    >>> pixels[1:4, 20:23, 40:43] = 200
    >>> pixels[:, 45:55, 5:15] = 10
    >>> found = find_candidate_volumes(StoneImage(pixels, volume=True))
    >>> found.spans[0].tolist(), found.places[0, 1:].tolist()
    ([1, 3], [41.5, 21.5])
    """
    slices = slices_of(scan)
    marks = tuple(_marks(image, most) for image in slices)
    return join_marks(marks, reach_px(slices[0].spacing_mm))


def slices_of(scan: StoneImage | Iterable[StoneImage]) -> list[StoneImage]:
    """Return the axial slices of a scan, which all have one shape and one spacing."""
    if isinstance(scan, StoneImage):
        if not scan.volume:
            raise InputError(f"{scan.name}: one slice; expected a volume, or a list of slices")
        return [scan.slice(index) for index in range(len(scan.pixels))]
    slices = list(scan)
    if not slices:
        raise InputError("a scan of no slices; expected one or more")
    for image in slices:
        if (image.shape, image.spacing_mm) != (slices[0].shape, slices[0].spacing_mm):
            raise InputError(
                f"{image.name}: a slice of {image.shape}, spacing {image.spacing_mm}; expected "
                f"{slices[0].shape}, spacing {slices[0].spacing_mm}, as the first one has"
            )
    return slices


def reach_px(spacing_mm: tuple[float, ...] | None) -> float:
    """Return `REACH_MM` in pixels; where their size is unknown, in working pixels of 0.85 mm."""
    return REACH_MM / (GRID_MM if spacing_mm is None else float(np.mean(spacing_mm[-2:])))


def join_marks(marks: Sequence[Marks], reach: float) -> CandidateVolumes:
    """Join marks of neighbouring slices.

    The nearest two of neighbouring slices are joined first, each to one at most, where they are no
    further apart than the smaller one's radius, or the reach: so two stones that touch in a slice
    stay two. Where strength falls between two peaks along the slices, one thing is cut in two.

    Parameters
    ----------
    marks : sequence of Marks
        Of each slice, from the first to the last.
    reach : float
        In pixels.

    Returns
    -------
    CandidateVolumes
        By falling strength.
    """
    chains: list[list[tuple[int, int]]] = []
    ends: dict[int, int] = {}  # row in the slice before -> its chain
    for number, here in enumerate(marks):
        onwards = _pairs(marks[number - 1], here, reach) if number else {}
        now = {}
        for row in range(len(here.centres)):
            chain = ends[onwards[row]] if row in onwards else len(chains)
            if chain == len(chains):
                chains.append([])
            chains[chain].append((number, row))
            now[row] = chain
        ends = now
    parts = [part for chain in chains for part in _cut(np.array(chain), marks)]
    parts.sort(key=lambda own: -max(marks[at].strengths[row] for at, row in own))
    return CandidateVolumes(tuple(marks), tuple(parts))


def _marks(image: StoneImage, most: int) -> Marks:
    found = find_candidates(image, most)
    size = float(np.sqrt(np.prod(found.scene.scale)))
    rows, columns = found.points.T
    own, around = (found.scene.smooth[scale, rows, columns] for scale in (_OWN, _AROUND))
    return Marks(found.centres, size * _RADIUS[found.scales], (own - around).astype(float))


def _pairs(before: Marks, here: Marks, reach: float) -> dict[int, int]:
    """Return which row of the slice before each row goes on from."""
    away = np.hypot(*(here.centres[:, None] - before.centres[None]).transpose(2, 0, 1))
    allowed = np.maximum(np.minimum(here.radii[:, None], before.radii[None]), reach)
    ours, theirs = np.nonzero(away <= allowed)
    found: dict[int, int] = {}
    taken: set[int] = set()
    for at in np.argsort(away[ours, theirs], kind="stable"):
        row, other = int(ours[at]), int(theirs[at])
        if row not in found and other not in taken:
            found[row] = other
            taken.add(other)
    return found


def _cut(chain: np.ndarray, marks: Sequence[Marks]) -> list[np.ndarray]:
    """Return the parts of a chain between deep valleys of strength."""
    strength = np.maximum([marks[at].strengths[row] for at, row in chain], 0.0)
    before, after = np.maximum.accumulate(strength), np.maximum.accumulate(strength[::-1])[::-1]
    depth = strength - _VALLEY * np.minimum(before, after)
    lowest = int(depth.argmin())
    if depth[lowest] >= 0:
        return [chain]
    # The valley's own slice goes to the side that it is more like.
    end = lowest + int(strength[lowest - 1] <= strength[lowest + 1])
    return [part for side in (chain[:end], chain[end:]) for part in _cut(side, marks)]
