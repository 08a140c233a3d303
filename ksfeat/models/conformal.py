"""Conformal sets: the classes that an image may be of, with a stated coverage of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ksfeat.errors import ArtifactError, InputError
from ksfeat.models.calibration import against_rest

COVERAGE = 0.9
_ROUNDING = 1e-9


@dataclass(frozen=True)
class ConformalSets:
    """Which classes an image may be of.

    A class stands in the set unless the image's score for it is worse than those of nearly all
    images of that class. A set of one class is a clear answer; one of several abstains between
    them; an empty one means that the image is unlike every class.

    Parameters
    ----------
    coverage : float
        The share of images of each class whose set is meant to hold it.
    limits : tuple of float or None
        The worst score that a class is still held for; None where too few groups were seen to know
        any, so that the class stands in every set.
    n_groups : tuple of int
        The groups that each limit comes from.

    Examples
    --------
    >>> sets = ConformalSets(0.9, (0.5, None), (40, 5))
    >>> sets.of(np.array([-2.0, 2.0])).tolist()
    [[True, True], [False, True]]
    >>> sets.remarks(["no", "yes"])
    ["'yes' stands in every set: 5 groups show it, coverage of 90 % needs 9"]
    """

    coverage: float
    limits: tuple[float | None, ...]
    n_groups: tuple[int, ...]

    def of(self, margins: np.ndarray) -> np.ndarray:
        """Return whether each class stands in the set of each image, bool of (n, n_classes)."""
        limits = np.array([np.inf if limit is None else limit for limit in self.limits])
        return np.asarray(-against_rest(margins) <= limits)

    def remarks(self, classes: Sequence[str]) -> list[str]:
        """Say which classes stand in every set, and why."""
        needed = groups_needed(self.coverage)
        return [
            f"{name!r} stands in every set: {seen} groups show it, "
            f"coverage of {100 * self.coverage:g} % needs {needed}"
            for name, limit, seen in zip(classes, self.limits, self.n_groups, strict=True)
            if limit is None
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "coverage": self.coverage,
            "limits": list(self.limits),
            "n_groups": list(self.n_groups),
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any], n_classes: int) -> ConformalSets:
        """Return what `to_dict` wrote.

        Raises
        ------
        ArtifactError
            If the numbers are no limits of so many classes.
        """
        limits = tuple(None if limit is None else float(limit) for limit in found["limits"])
        known = [limit for limit in limits if limit is not None]
        whole = len(limits) == len(found["n_groups"]) == n_classes
        if not (whole and np.isfinite(known).all() and 0 < float(found["coverage"]) < 1):
            raise ArtifactError("conformal sets: numbers that are none; fit it again")
        return cls(float(found["coverage"]), limits, tuple(map(int, found["n_groups"])))


def fit_sets(
    margins: np.ndarray,
    codes: np.ndarray,
    groups: np.ndarray | None,
    *,
    coverage: float = COVERAGE,
) -> ConformalSets:
    """Find the limits of conformal sets from images that the model was not trained on.

    Parameters
    ----------
    margins : ndarray of shape (n,) or (n, n_classes)
        Out-of-fold margins.
    codes : ndarray of int, shape (n,)
        The class of each image, numbered from 0.
    groups : ndarray of shape (n,) or None
        What is exchangeable: each image is its own group where there are none.
    coverage : float, default=0.9
        Of each class, above 0 and below 1.

    Returns
    -------
    ConformalSets

    Raises
    ------
    InputError
        If the coverage is out of its range.

    Notes
    -----
    Images of a group are no new evidence. For K groups that show a class, each group weighs
    1 / (K + 1), shared by its images, and what was never seen weighs as much as one group: a
    random image of a new group is then covered at least as often as is said, whatever the
    distribution [1]_, and if no scores tie at most 2 / (K + 1) more often: one group's weight for
    what was never seen, and one, the largest that an image has, for the step. With fewer groups
    than coverage / (1 - coverage) nothing can be said and the class stands in every set. The
    promise is for margins of one model that saw none of these groups; margins out of folds, each by
    a model that saw fewer images than the final one, come near it
    (``python -m benchmarks.certainty``).

    References
    ----------
    .. [1] Y. Lee, R. F. Barber, R. Willett, "Distribution-free inference with hierarchical data",
           arXiv:2306.06342 (2023).

    Examples
    --------
    >>> codes = np.tile([0, 1], 20)
    >>> fit_sets(np.linspace(0.1, 2, 40) * (2 * codes - 1), codes, None).n_groups
    (20, 20)
    """
    if not 0 < coverage < 1:
        raise InputError(f"coverage {coverage}; expected a share above 0 and below 1")
    scores = -against_rest(margins)
    units = np.arange(len(codes)) if groups is None else np.asarray(groups)
    limits, counts = [], []
    for code in range(scores.shape[1]):
        rows = codes == code
        limits.append(group_quantile(scores[rows, code], units[rows], coverage))
        counts.append(len(np.unique(units[rows])))
    return ConformalSets(coverage, tuple(limits), tuple(counts))


def groups_needed(coverage: float) -> int:
    """Return the least number of groups that lets a limit be known.

    Examples
    --------
    >>> groups_needed(0.9), groups_needed(0.95)
    (9, 19)
    """
    return int(np.ceil(coverage / (1 - coverage) - _ROUNDING))


def group_quantile(scores: np.ndarray, groups: np.ndarray, level: float) -> float | None:
    """Return the score that a new group's image stays below with a probability of `level`.

    Parameters
    ----------
    scores, groups : ndarray of shape (n,)
        What was seen, and of which group.
    level : float
        Above 0 and below 1.

    Returns
    -------
    float or None
        None where too few groups were seen to know.

    Examples
    --------
    >>> [group_quantile(np.arange(float(n)), np.arange(n), 0.9) for n in (8, 9)]
    [None, 8.0]
    """
    _, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weight = 1 / ((len(sizes) + 1) * sizes[member])
    order = np.argsort(scores, kind="stable")
    place = int(np.searchsorted(np.cumsum(weight[order]), level - _ROUNDING))
    return None if place == len(scores) else float(scores[order][place])
