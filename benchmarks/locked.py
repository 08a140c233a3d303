"""The exams of `coronal_ct` that nobody looks at until the end: 40 of 192, chosen by hash.

What was tuned while looking at exams says too much about them. Work on a detector opens the other
exams only; the locked ones are scored once, by the benchmark that reports both numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from ksfeat.errors import InputError

N_LOCKED = 40


def locked_groups(groups: Sequence[str] | np.ndarray) -> frozenset[str]:
    """Return the groups to lock: the 40 whose SHA-256 is smallest.

    Parameters
    ----------
    groups : sequence of str
        Group of each row of the whole data set; a part of it would lock other groups.

    Raises
    ------
    InputError
        If there are not more than 40 groups.

    Examples
    --------
    >>> locked = locked_groups([f"exam{number}" for number in range(192)])
    >>> len(locked), "exam7" in locked
    (40, True)
    """
    names = {str(name) for name in groups}
    if len(names) <= N_LOCKED:
        raise InputError(
            f"{len(names)} groups, of which {N_LOCKED} are to be locked; "
            "expected the groups of the whole data set"
        )
    return frozenset(sorted(names, key=_digest)[:N_LOCKED])


def is_locked(groups: Sequence[str] | np.ndarray, locked: frozenset[str]) -> np.ndarray:
    """Return which rows belong to a locked group, an ndarray of bool of shape (n,).

    Examples
    --------
    >>> is_locked(["a", "b", "a"], frozenset({"b"})).tolist()
    [False, True, False]
    """
    return np.array([str(name) in locked for name in groups], dtype=bool)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
