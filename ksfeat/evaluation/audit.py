"""An audit of the groups: what a split by them keeps apart, and what it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ksfeat.dataset import Dataset
from ksfeat.dataset.dataset import TEST_SPLITS
from ksfeat.evaluation.proxy import alike_pairs, thumbnail
from ksfeat.metrics import FEW_GROUPS
from ksfeat.scale import map_ordered


@dataclass(frozen=True)
class GroupAudit:
    """What was found about the groups of a data set.

    Parameters
    ----------
    grouping : str
        Where the groups come from.
    n_images, n_groups : int
        How many there are.
    largest : int
        Images of the largest group.
    mixed : int
        Groups that hold more than one class.
    alike_across : tuple of (str, str)
        Pairs of images of different groups that look like one slice: groups that may be too fine.
    on_both_sides : tuple of str
        Groups that stand on both sides of the split given with the data.
    """

    grouping: str
    n_images: int
    n_groups: int
    largest: int
    mixed: int
    alike_across: tuple[tuple[str, str], ...]
    on_both_sides: tuple[str, ...]

    def findings(self) -> list[str]:
        """Return a line for each thing that a reader must know."""
        lines = [
            f"{self.n_images} images in {self.n_groups} groups ({self.grouping}); "
            f"the largest holds {self.largest}"
        ]
        if self.mixed:
            lines.append(f"{self.mixed} groups hold images of more than one class")
        if self.alike_across:
            first, second = self.alike_across[0]
            lines.append(
                f"{len(self.alike_across)} pairs of images look alike across groups "
                f"(such as {first} and {second}): look at them, the groups may be too fine"
            )
        if self.on_both_sides:
            lines.append(
                f"LEAK: {len(self.on_both_sides)} groups stand on both sides of the given split "
                f"(such as {self.on_both_sides[0]}): its test score is not a result"
            )
        if self.n_groups < FEW_GROUPS:
            lines.append(f"fewer than {FEW_GROUPS} groups: intervals are optimistic (too narrow)")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {**vars(self), "findings": self.findings()}


def audit_groups(dataset: Dataset, *, n_jobs: int | None = None) -> GroupAudit:
    """Audit a data set that has groups.

    Parameters
    ----------
    dataset : Dataset
        With labels and groups.
    n_jobs : int, optional
        Processes that read images.

    Returns
    -------
    GroupAudit
    """
    names, group = np.unique(dataset.known_groups(), return_inverse=True)
    content = {(code, label) for code, label in zip(group, dataset.known_labels(), strict=True)}
    per_group = np.bincount([code for code, _ in content], minlength=len(names))
    first, second = alike_pairs(np.array(map_ordered(thumbnail, dataset.images, n_jobs)))
    across = group[first] != group[second]
    keys = dataset.keys
    return GroupAudit(
        grouping=str(dataset.grouping),
        n_images=len(dataset),
        n_groups=len(names),
        largest=int(np.bincount(group).max()),
        mixed=int((per_group > 1).sum()),
        alike_across=tuple(
            (keys[i], keys[j]) for i, j in zip(first[across], second[across], strict=True)
        ),
        on_both_sides=groups_on_both_sides(dataset),
    )


def groups_on_both_sides(dataset: Dataset) -> tuple[str, ...]:
    """Return the groups that the split given with the data cuts through."""
    if dataset.splits is None or dataset.groups is None:
        return ()
    is_test = np.isin(dataset.splits, TEST_SPLITS)
    return tuple(sorted(set(dataset.groups[is_test]) & set(dataset.groups[~is_test])))
