"""How much of a given test side has already been seen in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ksfeat.dataset import Dataset
from ksfeat.evaluation.duplicates import Duplicates


@dataclass(frozen=True)
class Leaks:
    """Test images of a given split that training knows, by how it knows them.

    Parameters
    ----------
    n_test : int
        Test images.
    exact, near : int
        Test images with a duplicate among the others.
    group : int or None
        Test images whose given group trains, too; None where no groups are given.
    proxy : int
        Test images whose proxy group trains, too.
    any : int
        Test images of any of these; proxy groups count only where no groups are given.
    """

    n_test: int
    exact: int
    near: int
    group: int | None
    proxy: int
    any: int

    @property
    def share(self) -> float:
        """Share of the test images that leak."""
        return self.any / self.n_test

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {**vars(self), "share": round(self.share, 4)}


def leaks_of(data: Dataset, duplicates: Duplicates, proxies: np.ndarray) -> Leaks | None:
    """Return what leaks from the training side of a data set's own split to its test side.

    Parameters
    ----------
    data : Dataset
        With the groups that came with it; None is returned where no split or no test row came.
    duplicates : Duplicates
        Places are rows of `data`.
    proxies : ndarray of str, shape (n,)
        Proxy groups.
    """
    if data.splits is None or not (data.splits == "test").any():
        return None
    is_test = data.splits == "test"
    # All crops of a file are that file: a duplicate of one is a duplicate of each.
    files = np.unique([str(source.path) for source in data.images], return_inverse=True)[1]
    exact = _in_training(duplicates.select(duplicates.exact), is_test, files)
    near = _in_training(duplicates, is_test, files)
    group = None if data.groups is None else _stands_in_both(data.groups, is_test)
    proxy = _stands_in_both(proxies, is_test)
    leaking = near | (proxy if group is None else group)
    return Leaks(
        n_test=int(is_test.sum()),
        exact=int(exact.sum()),
        near=int(near.sum()),
        group=None if group is None else int(group.sum()),
        proxy=int(proxy.sum()),
        any=int(leaking.sum()),
    )


def _in_training(found: Duplicates, is_test: np.ndarray, files: np.ndarray) -> np.ndarray:
    """Return the test rows of which a duplicate trains."""
    trains = set(files[~is_test].tolist())
    pairs = np.concatenate([[found.first, found.second], [found.second, found.first]], axis=1)
    hit = (
        {int(one) for one, other in files[pairs].T.tolist() if other in trains}
        if len(found)
        else set()
    )
    hit |= trains  # another crop of a training file
    return is_test & np.isin(files, list(hit))


def _stands_in_both(groups: np.ndarray, is_test: np.ndarray) -> np.ndarray:
    return is_test & np.isin(groups, groups[~is_test])
