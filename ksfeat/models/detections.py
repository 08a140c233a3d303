"""What a detector found in one image: scored boxes."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, eq=False)
class Detections:
    """Possible stones of one image, the most probable first.

    Parameters
    ----------
    centres : ndarray of float64, shape (n, 2)
        x and y of the best scored place, in pixels.
    boxes : ndarray of float64, shape (n, 4)
        x0, y0, x1, y1 in pixels, of the part above half height, at the most prominent place there.
    scores : ndarray of float64, shape (n,)
        Probability of a stone, calibrated on training exams that the model had not seen.
    diameters_px : ndarray of float64, shape (n,)
        Major axis, in pixels.
    diameters_mm : ndarray of float64, shape (n,) or None
        The same in millimetres; None where the image has no spacing.
    hu_mean, hu_maximum : ndarray of float64, shape (n,) or None
        Of the 3 x 3 pixels at the most prominent place; None where the image is not in HU.

    Examples
    --------
    >>> found = Detections(np.zeros((0, 2)), np.zeros((0, 4)), np.zeros(0), np.zeros(0))
    >>> len(found)
    0
    """

    centres: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    diameters_px: np.ndarray
    diameters_mm: np.ndarray | None = None
    hu_mean: np.ndarray | None = None
    hu_maximum: np.ndarray | None = None

    def __len__(self) -> int:
        """Return the number of possible stones."""
        return len(self.scores)

    def above(self, score: float) -> Detections:
        """Return those of at least a score."""
        return self.at(np.flatnonzero(self.scores >= score))

    def at(self, rows: np.ndarray) -> Detections:
        """Return some of them, in the order given."""
        known = {column.name: getattr(self, column.name) for column in fields(self)}
        kept = {name: values[rows] for name, values in known.items() if values is not None}
        return Detections(**kept)


def not_suppressed(centres: np.ndarray, scores: np.ndarray, apart: float) -> np.ndarray:
    """Return the rows that no higher score within a distance outdoes, by falling score.

    Parameters
    ----------
    centres : ndarray of shape (n, 2)
        In pixels.
    scores : ndarray of shape (n,)
        Equal ones keep their order.
    apart : float
        In pixels.

    Examples
    --------
    >>> centres = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    >>> not_suppressed(centres, np.array([0.5, 0.9, 0.1]), 4.0).tolist()
    [1, 2]
    """
    free = np.ones(len(scores), dtype=bool)
    kept: list[int] = []
    for row in np.argsort(-scores, kind="stable"):
        if free[row]:
            kept.append(int(row))
            free &= ((centres - centres[row]) ** 2).sum(axis=1) > apart**2
    return np.array(kept, dtype=np.intp)


def most_of_neighbours(
    centres: np.ndarray, values: np.ndarray, rows: np.ndarray, apart: float
) -> np.ndarray:
    """Return, for each of some rows, the row within a distance whose value is largest.

    Examples
    --------
    >>> centres = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]])
    >>> most_of_neighbours(centres, np.array([0.5, 0.9, 0.1]), np.array([0, 2]), 4.0).tolist()
    [1, 2]
    """
    squared = ((centres[rows, None] - centres) ** 2).sum(axis=2)
    near = np.where(squared <= apart**2, values, -np.inf)
    return near.argmax(axis=1) if len(centres) else rows
