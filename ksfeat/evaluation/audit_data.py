"""The audit of a data set before anyone trains: duplicates, groups, leaks and shortcuts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import joblib
import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

from ksfeat.dataset import Dataset, Grouping
from ksfeat.errors import InputError
from ksfeat.evaluation.audit_auroc import Told, told_from
from ksfeat.evaluation.audit_findings import findings_of
from ksfeat.evaluation.audit_leaks import Leaks, leaks_of
from ksfeat.evaluation.audit_look import Look, is_annotated, look_at
from ksfeat.evaluation.crossval import split_dataset
from ksfeat.evaluation.description import OnError
from ksfeat.evaluation.duplicates import Duplicates, find_duplicates
from ksfeat.evaluation.pose import find_pairs
from ksfeat.evaluation.proxy import ALIKE, numbered, same_file_pairs
from ksfeat.evaluation.shortcut import VIEWS


@dataclass(frozen=True, eq=False)
class DatasetAudit:
    """What was found in a data set.

    Parameters
    ----------
    dataset : Dataset
        The images that could be read, with the groups that must stay together: the given ones
        joined over duplicates, or proxy groups.
    given : Dataset
        The same images with the groups that came with the data.
    proxies : ndarray of str, shape (n,)
        Proxy groups from the pixels alone.
    duplicates : Duplicates
        Places are rows of `dataset`.
    leaks : Leaks or None
        Of the split that came with the data.
    nuisances, shortcut : tuple of Told
        How well classes are told from what is no stone.
    region : str
        What the shortcut test takes as the region.
    looks : tuple of ndarray
        Small pictures of the images, for showing pairs.
    skipped : dict of str to str
        Why each other image was left out.
    notes : tuple of str
        What could not be tested, and why.
    """

    dataset: Dataset
    given: Dataset
    proxies: np.ndarray
    duplicates: Duplicates
    leaks: Leaks | None
    nuisances: tuple[Told, ...]
    shortcut: tuple[Told, ...]
    region: str
    looks: tuple[np.ndarray, ...] = field(repr=False)
    skipped: dict[str, str]
    notes: tuple[str, ...]

    @property
    def conflicts(self) -> Duplicates:
        """Duplicates that carry different labels."""
        labels = self.dataset.known_labels()
        found = self.duplicates
        return found.select(labels[found.first] != labels[found.second])

    @property
    def agreement(self) -> float | None:
        """Adjusted Rand index of the proxy groups with the given ones; None without these."""
        if self.given.groups is None:
            return None
        return float(adjusted_rand_score(self.given.groups, self.proxies))

    def findings(self) -> list[str]:
        """Return a line for each thing that a reader must know, the gravest first."""
        return findings_of(self)

    def duplicates_table(self) -> pd.DataFrame:
        """Return a table of the duplicates, with what they stand across."""
        found, data = self.duplicates, self.given
        keys, labels = np.array(data.keys, dtype=object), data.known_labels()

        def differ(values: np.ndarray | None) -> np.ndarray | None:
            return None if values is None else values[found.first] != values[found.second]

        return pd.DataFrame(
            {
                "first": keys[found.first],
                "second": keys[found.second],
                "correlation": found.correlation.round(4),
                "exact": found.exact,
                "across_labels": differ(labels),
                "across_groups": differ(data.groups),
                "across_split": differ(None if data.splits is None else data.splits == "test"),
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        table = self.duplicates_table().astype(object)
        return {
            "n_images": len(self.dataset),
            "class_counts": self.dataset.class_counts(),
            "grouping": str(self.given.grouping),
            "n_groups": None if self.given.groups is None else len(set(self.given.groups)),
            "n_proxy_groups": len(set(self.proxies)),
            "adjusted_rand_of_proxies": self.agreement,
            "n_groups_to_keep_together": len(set(self.dataset.known_groups())),
            "duplicates": table.where(table.notna(), None).to_dict("records"),
            "label_conflicts": len(self.conflicts),
            "given_split": None if self.leaks is None else self.leaks.to_dict(),
            "nuisances": [told.to_dict() for told in self.nuisances],
            "shortcut": {
                "region": self.region,
                "views": [told.to_dict() for told in self.shortcut],
            },
            "findings": self.findings(),
            "notes": list(self.notes),
            "skipped": self.skipped,
        }


def audit_dataset(
    dataset: Dataset,
    *,
    n_jobs: int | None = None,
    on_error: OnError = "stop",
    random_state: int = 0,
) -> DatasetAudit:
    """Look at every image once, and find what would make a score untrue.

    Parameters
    ----------
    dataset : Dataset
        With labels; groups and a split if there are any.
    n_jobs : int, optional
        Processes that read images.
    on_error : {"stop", "skip"}, default="stop"
        What to do about an image that cannot be read.
    random_state : int, default=0
        Seed of folds, trees and bootstrap.

    Returns
    -------
    DatasetAudit

    Raises
    ------
    InputError
        If an image cannot be read, or none can.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=6, slices=2, random_state=0)
    >>> audit = audit_dataset(ksfeat.load_dataset(folder / "manifest.csv"))
    >>> len(audit.dataset), int(audit.duplicates.exact.sum())
    (12, 0)
    """
    annotated = all(is_annotated(source) for source in dataset.images)
    looks = look_at(dataset.images, annotated=annotated, n_jobs=n_jobs, on_error=on_error)
    skipped = {key: look.error for key, look in zip(dataset.keys, looks, strict=True) if look.error}
    if len(skipped) == len(dataset):
        raise InputError(f"no image can be read; the first: {looks[0].error}")
    kept = np.flatnonzero([not look.error for look in looks])
    given, looks = dataset.select(kept), [looks[row] for row in kept]
    duplicates, proxies = _likeness(given, looks, n_jobs)
    grouped = _kept_together(given, duplicates, proxies)
    nuisances, shortcut, notes = _tests(grouped, looks, n_jobs, random_state)
    return DatasetAudit(
        dataset=grouped,
        given=given,
        proxies=proxies,
        duplicates=duplicates,
        leaks=leaks_of(given, duplicates, proxies),
        nuisances=nuisances,
        shortcut=shortcut,
        region="masks or boxes" if annotated else "the body, the largest bright thing",
        looks=tuple(look.detail for look in looks),
        skipped=skipped,
        notes=notes,
    )


def _likeness(
    data: Dataset, looks: list[Look], n_jobs: int | None
) -> tuple[Duplicates, np.ndarray]:
    """Return the duplicates and the proxy groups."""
    first, crop = same_file_pairs(data.images)
    # Crops of one image are one image; slices of one volume are several.
    places = [f"{source.path}\n{source.place}" for source in data.images]
    files = np.sort(np.unique(places, return_index=True)[1])
    pairs = find_pairs(np.stack([looks[row].thumbnail for row in files]), ALIKE, n_jobs=n_jobs)
    details = [looks[row].detail for row in files]
    found = find_duplicates(pairs, details, [looks[row].digest for row in files], n_jobs=n_jobs)
    duplicates = Duplicates(files[found.first], files[found.second], found.correlation, found.exact)
    rows = np.concatenate([first, files[pairs.first], duplicates.first])
    columns = np.concatenate([crop, files[pairs.second], duplicates.second])
    return duplicates, numbered(_components(rows, columns, len(data)))


def _kept_together(data: Dataset, duplicates: Duplicates, proxies: np.ndarray) -> Dataset:
    """Return the data with the given groups joined over duplicates, or with proxy groups."""
    if data.groups is None:
        return data.with_groups(proxies, Grouping("proxy"))
    names, codes = np.unique(data.groups, return_inverse=True)
    joined = _components(codes[duplicates.first], codes[duplicates.second], len(names))
    _, smallest = np.unique(joined, return_index=True)
    groups = names[smallest[joined[codes]]]
    return data.with_groups(groups, data.grouping)


def _components(first: np.ndarray, second: np.ndarray, count: int) -> np.ndarray:
    links = coo_matrix((np.ones(len(first), dtype=bool), (first, second)), shape=(count, count))
    return connected_components(links, directed=False)[1]


def _tests(
    data: Dataset, looks: list[Look], n_jobs: int | None, random_state: int
) -> tuple[tuple[Told, ...], tuple[Told, ...], tuple[str, ...]]:
    """Return how well the classes are told from nuisances and views, or why that is unknown."""
    try:
        split = split_dataset(data, random_state=random_state)
    except InputError as error:
        return (), (), (f"nuisances and shortcuts were not tested: {error}",)
    kinds = range(len(looks[0].nuisances))
    tables = [
        (looks[0].nuisances[kind].name, np.array([look.nuisances[kind].values for look in looks]))
        for kind in kinds
    ]
    tables += [
        (view, np.stack([look.views[number] for look in looks]))
        for number, view in enumerate(VIEWS)
    ]
    # Threads: trees are grown outside of Python, and the tables need no copies.
    found = joblib.Parallel(n_jobs=n_jobs, require="sharedmem")(
        joblib.delayed(told_from)(name, table, data, split, random_state=random_state)
        for name, table in tables
    )
    return tuple(found[: len(kinds)]), tuple(found[len(kinds) :]), ()
