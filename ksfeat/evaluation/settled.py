"""The groups of a training set, settled and audited before the long work."""

from __future__ import annotations

from ksfeat.dataset import Dataset, Grouping
from ksfeat.errors import InputError
from ksfeat.evaluation.audit import GroupAudit, audit_groups
from ksfeat.evaluation.crossval import split_dataset
from ksfeat.evaluation.description import OnError
from ksfeat.evaluation.holdout import require_known_classes
from ksfeat.evaluation.proxy import group_alike, thumbnails_of
from ksfeat.models.pipeline import StoneClassifier


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
