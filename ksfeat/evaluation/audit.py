"""An audit of the groups: what a split by them keeps apart, and what it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ksfeat.dataset import Dataset
from ksfeat.evaluation.proxy import alike_pairs, thumbnails_of
from ksfeat.metrics import FEW_GROUPS

# Neighbouring slices of one exam, not only two of the same patient: a false alarm costs trust.
_ONE_SLICE = 0.8


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
                f"{_pairs(len(self.alike_across))} alike across groups (such as {first} and "
                f"{second}): the groups may be too fine"
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


def audit_groups(
    dataset: Dataset, *, thumbnails: np.ndarray | None = None, n_jobs: int | None = None
) -> GroupAudit:
    """Audit a data set that has groups.

    Parameters
    ----------
    dataset : Dataset
        With labels and groups.
    thumbnails : ndarray of shape (n, 1024), optional
        Of `thumbnails_of`, where they are at hand.
    n_jobs : int, optional
        Processes that read images.

    Returns
    -------
    GroupAudit

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=4, slices=2, random_state=0)
    >>> print(audit_groups(ksfeat.load_dataset(folder / "manifest.csv")).findings()[0])
    8 images in 4 groups (column 'group'); the largest holds 2
    """
    names, group = np.unique(dataset.known_groups(), return_inverse=True)
    content = {(code, label) for code, label in zip(group, dataset.known_labels(), strict=True)}
    per_group = np.bincount([code for code, _ in content], minlength=len(names))
    first, second = _alike(dataset, thumbnails, n_jobs)
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


def _alike(
    dataset: Dataset, thumbnails: np.ndarray | None, n_jobs: int | None
) -> tuple[np.ndarray, np.ndarray]:
    if dataset.grouping.kind == "proxy":  # they hold all that is alike, by how they were made
        return np.array([], dtype=int), np.array([], dtype=int)
    if thumbnails is None:
        thumbnails = thumbnails_of(dataset.images, n_jobs=n_jobs)
    return alike_pairs(thumbnails, _ONE_SLICE)


def groups_on_both_sides(dataset: Dataset) -> tuple[str, ...]:
    """Return the groups that the split given with the data cuts through."""
    if dataset.splits is None or dataset.groups is None:
        return ()
    is_test = dataset.splits == "test"
    return tuple(
        sorted(set(dataset.groups[is_test].tolist()) & set(dataset.groups[~is_test].tolist()))
    )


def _pairs(count: int) -> str:
    return "1 pair of images looks" if count == 1 else f"{count} pairs of images look"
