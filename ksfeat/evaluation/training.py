"""The main job: groups, description, grouped cross-validation, and the model of everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.dataset.dataset import TEST_SPLITS
from ksfeat.evaluation.audit import groups_on_both_sides
from ksfeat.evaluation.crossval import CrossValidation, cross_validate, fit_table, split_dataset
from ksfeat.evaluation.description import OnError, describe_dataset
from ksfeat.evaluation.holdout import (
    Holdout,
    evaluate,
    require_known_classes,
    with_known_groups,
)
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.tuning import Search


@dataclass(frozen=True, eq=False)
class Training:
    """A model fitted on everything, with what cross-validation said of its like.

    Parameters
    ----------
    classifier : StoneClassifier
        Fitted to all training images.
    dataset : Dataset
        The training images, with the groups that were used.
    table : DataFrame of shape (n, d)
        Their descriptions.
    crossval : CrossValidation
        Scores by group.
    test : Holdout or None
        Scores on the test rows of a split given with the data.
    notes : tuple of str
        What the user must know: proxy groups, a leaking split, families left out.
    skipped : dict of str to str
        Why each image that could not be used was left out.
    """

    classifier: StoneClassifier
    dataset: Dataset
    table: pd.DataFrame
    crossval: CrossValidation
    test: Holdout | None
    notes: tuple[str, ...]
    skipped: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "n_images": len(self.dataset),
            "class_counts": self.dataset.class_counts(),
            "n_features": self.table.shape[1],
            "notes": list(self.notes),
            "skipped": self.skipped,
            "model": {
                "type": type(self.classifier.model_).__name__,
                "params": self.classifier.model_.get_params(),
            },
            "cross_validation": self.crossval.to_dict(),
            "test": None if self.test is None else self.test.to_dict(),
        }

    def summary(self) -> dict[str, Any]:
        """Return what a model file keeps: numbers and hashes, no name of an image or a group."""
        plain = self.to_dict()
        del plain["notes"]
        for part in [plain] if self.test is None else [plain, plain["test"]]:
            part["skipped"] = len(part["skipped"])
        digests = sorted(source.digest() for source in self.dataset.images)
        return {**plain, "image_digests": digests}


def train(
    classifier: StoneClassifier,
    dataset: Dataset,
    *,
    n_folds: int = 5,
    search: Search | None = None,
    on_error: OnError = "stop",
    random_state: int = 0,
) -> Training:
    """Cross-validate by group, then fit on everything.

    Parameters
    ----------
    classifier : StoneClassifier
        What to fit.
    dataset : Dataset
        With labels. Where nobody has said what the groups are, proxy groups are found from the
        pixels. Rows of a given test split are kept apart and scored once at the end.
    n_folds : int, default=5
        Outer folds.
    search : {"grid", "random"}, optional
        Tune hyper-parameters, nested and by group.
    on_error : {"stop", "skip"}, default="stop"
        What to do about an image that cannot be used.
    random_state : int, default=0
        Seed of splits, searches and bootstraps.

    Returns
    -------
    Training

    Raises
    ------
    InputError
        If an image cannot be used, there is one class only, there are too few groups, or the test
        rows hold a class that the training rows lack.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=12, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("density"), "linear")
    >>> training = train(classifier, data, n_folds=3)
    >>> training.crossval.scores.n_groups
    12
    """
    part, test = dataset.part("train"), _test_rows(dataset)
    if test is not None:
        require_known_classes(test, part.classes)
    if part.grouping.kind != "unknown" or len(part.classes) < 2:
        # Too few groups or classes are told before the long work.
        split_dataset(part, n_folds=n_folds, random_state=random_state)
    described = describe_dataset(classifier, part, fit=True, on_error=on_error)
    part = with_known_groups(described.dataset, n_jobs=classifier.extractor_.n_jobs)
    split = split_dataset(part, n_folds=n_folds, random_state=random_state)
    crossval = cross_validate(
        classifier, described.table, part, split, search=search, random_state=random_state
    )
    model = fit_table(classifier, described.table, part, search, random_state)
    classifier.adopt(model, described.table)
    return Training(
        classifier=classifier,
        dataset=part,
        table=described.table,
        crossval=crossval,
        test=None
        if test is None
        else evaluate(classifier, test, on_error=on_error, random_state=random_state),
        notes=tuple(_notes(classifier, dataset, part)),
        skipped=described.skipped,
    )


def _test_rows(dataset: Dataset) -> Dataset | None:
    if dataset.splits is None or not np.isin(dataset.splits, TEST_SPLITS).any():
        return None
    return dataset.part("test")


def _notes(classifier: StoneClassifier, dataset: Dataset, part: Dataset) -> list[str]:
    notes = []
    if part.grouping.kind == "proxy":
        found = len(set(part.groups if part.groups is not None else ()))
        notes.append(
            f"no patient column: {found} proxy groups found from the pixels; "
            "give --groups to use your own"
        )
    leaking = groups_on_both_sides(dataset)
    if leaking:
        notes.append(
            f"LEAK: {len(leaking)} groups stand on both sides of the given split "
            f"(such as {leaking[0]}): its test score is not a result"
        )
    for family, reason in classifier.extractor_.left_out_.items():
        notes.append(f"family {family} left out: {reason}")
    return notes
