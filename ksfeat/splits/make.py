"""Stratified folds in which no group stands on both sides."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from ksfeat.errors import InputError
from ksfeat.splits.split import Split

_ATTEMPTS = 50  # shuffles to try until each training side holds every class


def make_split(
    labels: Sequence[str] | np.ndarray,
    groups: Sequence[str] | np.ndarray | None,
    *,
    keys: Sequence[str] | None = None,
    n_folds: int = 5,
    random_state: int = 0,
) -> Split:
    """Split into stratified folds by group, or at random where `groups` is None.

    Parameters
    ----------
    labels : sequence of str, length n
        The class of each image.
    groups : sequence of str, length n, or None
        What must not stand on both sides. None is a random split.
    keys : sequence of str, optional
        Name of each image; its row number by default.
    n_folds : int, default=5
        Number of folds, at least 2.
    random_state : int, default=0
        Seed of the shuffle.

    Returns
    -------
    Split
        Every class stands on the training side of every fold.

    Raises
    ------
    InputError
        If there is one class only, or fewer groups than folds, or a class in one group only, or
        labels, groups and keys are not equally many.

    Examples
    --------
    >>> labels = ["stone", "stone", "normal", "normal", "stone", "normal", "stone", "normal"]
    >>> groups = ["a", "a", "b", "b", "c", "d", "e", "f"]
    >>> split = make_split(labels, groups, n_folds=2)
    >>> split.n_groups, split.n_folds
    (6, 2)
    """
    codes, member_codes = checked_codes(labels, groups, keys, n_folds)
    fold = _assign(codes, None if groups is None else member_codes, n_folds, random_state)
    return Split(
        fold=fold,
        keys=tuple(map(str, range(len(codes)) if keys is None else keys)),
        n_groups=None if groups is None else int(member_codes.max()) + 1,
    )


def checked_codes(
    labels: Sequence[str] | np.ndarray,
    groups: Sequence[str] | np.ndarray | None,
    keys: Sequence[str] | None,
    n_folds: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and groups as numbers, or say why they cannot be split."""
    classes, codes = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    members = np.arange(len(codes)) if groups is None else np.asarray(groups, dtype=str)
    for what, given in (("groups", members), ("keys", codes if keys is None else keys)):
        if len(given) != len(codes):
            raise InputError(f"{len(given)} {what} for {len(codes)} labels; expected one a label")
    member_codes = np.unique(members, return_inverse=True)[1]
    _check(classes, codes, member_codes, n_folds, "images" if groups is None else "groups")
    return codes, member_codes


def _check(
    classes: np.ndarray, codes: np.ndarray, members: np.ndarray, n_folds: int, unit: str
) -> None:
    if n_folds < 2:
        raise InputError(f"{n_folds} folds; expected at least 2")
    if len(classes) < 2:
        found = ", ".join(map(repr, classes.tolist())) or "none"
        raise InputError(f"one class only ({found}); expected at least two to tell apart")
    n_members = len(np.unique(members))
    if n_members < n_folds:
        raise InputError(
            f"{n_members} {unit} for {n_folds} folds; expected at least as many {unit} as folds; "
            f"ask for fewer folds (--cv N, at most {n_members}) or bring more {unit}"
        )
    for code, name in enumerate(classes.tolist()):
        if len(np.unique(members[codes == code])) < 2:
            raise InputError(
                f"class {name!r} occurs in one of the {unit} only; expected at least two, "
                "so that one can be tested while the other trains"
            )


def _assign(
    codes: np.ndarray, members: np.ndarray | None, n_folds: int, random_state: int
) -> np.ndarray:
    for attempt in range(_ATTEMPTS):
        splitter = (StratifiedKFold if members is None else StratifiedGroupKFold)(
            n_folds, shuffle=True, random_state=random_state + attempt
        )
        fold = np.full(len(codes), -1)
        with warnings.catch_warnings():
            # A class in fewer groups than folds is allowed: it is absent from some test sides.
            warnings.filterwarnings("ignore", message="The least populated class")
            try:
                for number, (_, test) in enumerate(splitter.split(codes, codes, members)):
                    fold[test] = number
            except ValueError as error:
                largest = np.bincount(codes).max()
                raise InputError(
                    f"{n_folds} folds for classes of at most {largest} images; "
                    "ask for fewer folds (--cv N)"
                ) from error
        if _usable(fold, codes, n_folds):
            return fold
    raise InputError(
        f"no split into {n_folds} folds leaves every class on every training side; "
        "ask for fewer folds (--cv N) or merge the rarest class"
    )


def _usable(fold: np.ndarray, codes: np.ndarray, n_folds: int) -> bool:
    n_classes = codes.max() + 1
    return all(
        (fold == number).any() and len(np.unique(codes[fold != number])) == n_classes
        for number in range(n_folds)
    )
