"""The groups of a training set, settled and audited before the long work."""

from __future__ import annotations

import os
from pathlib import Path

from ksfeat.dataset import Dataset, Grouping
from ksfeat.dataset.identity import hide_groups
from ksfeat.dataset.patients import joined
from ksfeat.errors import InputError
from ksfeat.evaluation.audit import GroupAudit, audit_groups
from ksfeat.evaluation.crossval import split_dataset
from ksfeat.evaluation.description import OnError
from ksfeat.evaluation.holdout import require_known_classes
from ksfeat.evaluation.proxy import group_alike, thumbnails_of
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.splits import read_groups


def settled_groups(
    classifier: StoneClassifier,
    dataset: Dataset,
    n_folds: int,
    on_error: OnError,
    random_state: int,
) -> tuple[Dataset, GroupAudit | None]:
    """Return the data with its groups settled; tell what is missing before the long work."""
    part = dataset.part("train")
    if len(part.classes) < 2:
        split_dataset(part, n_folds=n_folds)
    if has_test(dataset):
        require_known_classes(dataset.part("test"), part.classes)
    dataset, audit = _with_audit(dataset, _jobs(classifier), on_error)
    split_dataset(dataset.part("train"), n_folds=n_folds, random_state=random_state)
    return dataset, audit


def with_split_groups(dataset: Dataset, split_file: str | os.PathLike[str]) -> Dataset:
    """Return the data with the groups of a split file, where nobody else has said what they are.

    A file may call any random split grouped: what the data say wins, and crops of one file are
    together whatever the split file says.
    """
    if dataset.grouping.kind != "unknown":
        return dataset
    groups = read_groups(split_file, keys=dataset.keys)
    if groups is None:
        return dataset
    named = [
        {(0, group), (1, str(source.path))}
        for group, source in zip(groups, dataset.images, strict=True)
    ]
    together = [name[1] for name in joined(named) if name is not None]
    grouping = Grouping("file", Path(split_file).name)
    return hide_groups(dataset.with_groups(together, grouping), hidden=False)


def has_test(dataset: Dataset) -> bool:
    """Tell whether a test side was given with the data."""
    return dataset.splits is not None and "test" in dataset.splits


def _jobs(classifier: StoneClassifier) -> int | None:
    return None if classifier.extractor is None else classifier.extractor.n_jobs


def _with_audit(
    dataset: Dataset, n_jobs: int | None, on_error: OnError
) -> tuple[Dataset, GroupAudit | None]:
    """Settle the groups of both sides of a given split, and audit them, in one pass."""
    if dataset.grouping.kind == "none":
        return dataset, None
    if dataset.grouping.kind == "dicom" and dataset.grouping.detail:
        raise InputError(
            f"{dataset.grouping.detail}, beside DICOM files that have one; "
            "say what stays together with --groups COLUMN|FILE.csv, or leave them out"
        )
    thumbnails = thumbnails_of(dataset.images, n_jobs=n_jobs, on_error=on_error)
    if dataset.grouping.kind == "unknown":
        groups = group_alike(dataset.images, thumbnails)
        dataset = dataset.with_groups(groups, Grouping("proxy"))
    return dataset, audit_groups(dataset, thumbnails=thumbnails)
