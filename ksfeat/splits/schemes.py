"""Schemes of splits: repeated, leave one group out, nested."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ksfeat.errors import InputError
from ksfeat.splits.make import checked_codes, make_split
from ksfeat.splits.split import Split

_APART = 1000  # more than the shuffles that one split tries, so that repeats share none


@dataclass(frozen=True, eq=False)
class NestedSplit:
    """Outer folds to judge by, and inner folds within each training side to choose by.

    Parameters
    ----------
    outer : Split
        Of all images.
    inner : tuple of Split
        One an outer fold, of the images of its training side only.
    """

    outer: Split
    inner: tuple[Split, ...]

    def __iter__(
        self,
    ) -> Iterator[tuple[np.ndarray, np.ndarray, list[tuple[np.ndarray, np.ndarray]]]]:
        """Yield training rows, test rows, and the inner folds; all are rows of all images."""
        for (train, test), inner in zip(self.outer, self.inner, strict=True):
            yield train, test, [(train[fit], train[choose]) for fit, choose in inner]


def repeated_splits(
    labels: Sequence[str] | np.ndarray,
    groups: Sequence[str] | np.ndarray | None,
    *,
    n_repeats: int,
    keys: Sequence[str] | None = None,
    n_folds: int = 5,
    random_state: int = 0,
) -> tuple[Split, ...]:
    """Split several times, each time shuffled anew.

    Parameters
    ----------
    n_repeats : int
        How often, at least once.
    labels, groups, keys, n_folds, random_state
        As in `make_split`.

    Returns
    -------
    tuple of Split

    Raises
    ------
    InputError
        As `make_split`, or if there is no repeat.

    Examples
    --------
    >>> labels, groups = ["a", "b"] * 6, list("uuvvwwxxyyzz")
    >>> len({split.hash for split in repeated_splits(labels, groups, n_repeats=3, n_folds=2)})
    3
    """
    if n_repeats < 1:
        raise InputError(f"{n_repeats} repeats; expected at least 1")
    return tuple(
        make_split(
            labels,
            groups,
            keys=keys,
            n_folds=n_folds,
            random_state=random_state + _APART * number,
        )
        for number in range(n_repeats)
    )


def leave_one_group_out(
    labels: Sequence[str] | np.ndarray,
    groups: Sequence[str] | np.ndarray,
    *,
    keys: Sequence[str] | None = None,
) -> Split:
    """Test each group once, with a model of all others.

    Parameters
    ----------
    labels : sequence of str, length n
        The class of each image.
    groups : sequence of str, length n
        What is tested together.
    keys : sequence of str, optional
        Name of each image; its row number by default.

    Returns
    -------
    Split
        One fold a group, in the order of their names.

    Raises
    ------
    InputError
        If a class occurs in one group only, or there is one class, or the lengths differ.

    Examples
    --------
    >>> leave_one_group_out(["a", "b", "a", "b"], ["u", "u", "v", "w"]).n_folds
    3
    """
    # A class in two groups or more is left in training whichever group is tested.
    _, fold = checked_codes(labels, groups, keys, n_folds=2)
    names = tuple(map(str, range(len(fold)) if keys is None else keys))
    return Split(fold=fold, keys=names, n_groups=int(fold.max()) + 1)


def nested_split(
    labels: Sequence[str] | np.ndarray,
    groups: Sequence[str] | np.ndarray | None,
    *,
    keys: Sequence[str] | None = None,
    n_folds: int = 5,
    n_inner: int = 3,
    random_state: int = 0,
) -> NestedSplit:
    """Split, and split each training side again; no group stands on both sides of either.

    Parameters
    ----------
    n_inner : int, default=3
        Inner folds.
    labels, groups, keys, n_folds, random_state
        As in `make_split`.

    Returns
    -------
    NestedSplit

    Raises
    ------
    InputError
        As `make_split`, of the outer folds or of the inner ones.

    Examples
    --------
    >>> labels, groups = ["a", "b"] * 6, list("uuvvwwxxyyzz")
    >>> nested = nested_split(labels, groups, n_folds=3, n_inner=2)
    >>> [len(inner) for _, _, inner in nested]
    [2, 2, 2]
    """
    outer = make_split(labels, groups, keys=keys, n_folds=n_folds, random_state=random_state)
    names, known = np.asarray(labels, dtype=str), np.asarray(outer.keys)
    members = None if groups is None else np.asarray(groups, dtype=str)
    inner = []
    for number, (train, _) in enumerate(outer):
        try:
            split = make_split(
                names[train],
                None if members is None else members[train],
                keys=known[train].tolist(),
                n_folds=n_inner,
                random_state=random_state,
            )
        except InputError as error:
            raise InputError(f"inner folds of fold {number}: {error}") from error
        inner.append(split)
    return NestedSplit(outer, tuple(inner))
