"""`Split`: which fold each image is tested in, with a hash that names it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Split:
    """Which fold each image is tested in.

    Parameters
    ----------
    fold : ndarray of int, shape (n,)
        The fold in which an image is tested; it trains in all the others.
    keys : tuple of str
        Name of each image.
    n_groups : int or None
        Number of groups; None for a random split.
    """

    fold: np.ndarray
    keys: tuple[str, ...]
    n_groups: int | None

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the training and the test rows of each fold."""
        for number in range(self.n_folds):
            yield np.flatnonzero(self.fold != number), np.flatnonzero(self.fold == number)

    @property
    def n_folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits that are equal for equal splits, in any order of rows."""
        return hash_sides(self.keys, self.fold.tolist())


def hash_sides(keys: Sequence[str], sides: Sequence[int | str]) -> str:
    """Return twelve hexadecimal digits that name which image stands on which side.

    Examples
    --------
    >>> hash_sides(["a", "b"], ["test", "train"]) == hash_sides(["b", "a"], ["train", "test"])
    True
    """
    lines = sorted(f"{key}\t{side}" for key, side in zip(keys, sides, strict=True))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
