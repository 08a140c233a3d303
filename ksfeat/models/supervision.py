"""What a detector learns from: boxes, masks or labels, and the folds that keep groups whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from ksfeat.errors import InputError
from ksfeat.models.candidate_table import Proposed
from ksfeat.splits import make_split

SUPERVISIONS = ("auto", "boxes", "labels", "prominence")
# What a class without a stone is called, letters and digits alone; of others nobody can know it.
_WITHOUT = frozenset(
    {
        *("no", "none", "nostone", "nostones", "nonstone", "without", "withoutstone", "normal"),
        *("healthy", "negative", "control", "background", "0", "false"),
    }
)


def settled_supervision(asked: str, originals: list[Proposed], y: Any) -> str:
    """Return "boxes", "labels" or "prominence", as the images and the labels allow.

    Raises
    ------
    InputError
        If boxes are asked for and missing, or there is nothing to learn from.
    """
    if asked == "prominence":
        return asked
    drawn = [one.is_stone is not None for one in originals]
    if asked == "boxes" and not all(drawn):
        raise InputError(
            f"boxes or masks on {sum(drawn)} of {len(drawn)} images; expected them on all; "
            "give an empty array of boxes to images without a stone"
        )
    if asked == "labels" or not all(drawn):
        if y is None:
            raise InputError("neither boxes nor labels; expected y, or boxes on every image")
        return "labels"
    return "boxes"


def positive_images(originals: list[Proposed], y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return which images hold a stone, and the names of the classes without and with one.

    Raises
    ------
    InputError
        If the labels are not one an image, or of two classes, or no image holds a stone.
    """
    if y is None:
        held = np.array([bool(np.any(one.is_stone)) for one in originals])
        if not held.any():
            raise InputError(
                f"no stone is marked on any of {len(held)} images, or none is bright enough to be "
                "a candidate; expected boxes or masks of some"
            )
        return held, np.array([False, True])
    labels = np.asarray(y)
    if len(labels) != len(originals):
        raise InputError(f"{len(labels)} labels for {len(originals)} images; expected as many")
    names = np.unique(labels)
    if len(names) != 2:
        raise InputError(f"{len(names)} classes; expected two: with and without a stone")
    classes = names[::-1] if tells_of_none(names[1]) else names
    return labels == classes[1], classes


def tells_of_none(name: Any) -> bool:
    """Tell whether a class is called as one without a stone is.

    Examples
    --------
    >>> [tells_of_none(name) for name in ("no stone", "Normal", "stone", 0, "UA")]
    [True, True, False, True, False]
    """
    return "".join(filter(str.isalnum, str(name).lower())) in _WITHOUT


def check_candidates(originals: list[Proposed], positive: np.ndarray) -> None:
    """Refuse images among which there is nothing to tell apart.

    Raises
    ------
    InputError
        If no image with a stone, or none without one where there are some, has a candidate.
    """
    seen = np.array([len(one.table) > 0 for one in originals])
    for held, what in ((positive, "with"), (~positive, "without")):
        if held.any() and not (seen & held).any():
            raise InputError(
                f"nothing bright is seen in any of {held.sum()} images {what} a stone; expected "
                "candidates in both kinds; bring other images, or leave 'stones' out"
            )


def inner_folds(positive: np.ndarray, groups: Any, n_folds: int, random_state: int) -> np.ndarray:
    """Return the inner fold of each image, (n,); none cuts a group."""
    known = None if groups is None else np.asarray(groups, dtype=str)
    if not positive.all():
        labels = np.where(positive, "stone", "none")
        return make_split(labels, known, n_folds=n_folds, random_state=random_state).fold
    # Every slice holds a stone, and they differ by group alone.
    names = np.arange(len(positive)) if known is None else known
    members = np.unique(names, return_inverse=True)[1]
    if members.max() + 1 < n_folds:
        raise InputError(
            f"{members.max() + 1} groups of images that all hold a stone; the detector's inner "
            f"folds need at least {n_folds}; bring more"
        )
    order = np.random.default_rng(random_state).permutation(members.max() + 1)
    return order[members] % n_folds
