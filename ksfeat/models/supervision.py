"""What a detector learns from: boxes, masks or labels, and the folds that keep groups whole."""

from __future__ import annotations

from typing import Any

import numpy as np

from ksfeat.errors import InputError
from ksfeat.models.candidate_table import Proposed
from ksfeat.splits import make_split

SUPERVISIONS = ("auto", "boxes", "labels", "prominence")


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
    classes = names[::-1] if str(names[0]) == "stone" else names
    return labels == classes[1], classes


def inner_folds(positive: np.ndarray, groups: Any, n_folds: int, random_state: int) -> np.ndarray:
    """Return the inner fold of each image, (n,); none cuts a group."""
    known = None if groups is None else np.asarray(groups, dtype=str)
    if not positive.all():
        labels = np.where(positive, "stone", "none")
        return make_split(labels, known, n_folds=n_folds, random_state=random_state).fold
    # Every slice holds a stone, and they differ by group alone.
    names = np.arange(len(positive)) if known is None else known
    members = np.unique(names, return_inverse=True)[1]
    order = np.random.default_rng(random_state).permutation(members.max() + 1)
    return order[members] % n_folds
