"""Scores on images that a model was not fitted on, and how many of them it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from ksfeat.dataset import Dataset, Grouping
from ksfeat.errors import InputError
from ksfeat.evaluation.description import OnError, describe_dataset
from ksfeat.evaluation.proxy import find_proxy_groups
from ksfeat.metrics import Scores, score_predictions
from ksfeat.models.pipeline import StoneClassifier


@dataclass(frozen=True, eq=False)
class Holdout:
    """Scores of a fitted model on a data set.

    Parameters
    ----------
    scores : Scores
        With intervals from a bootstrap over the data's groups.
    grouping : Grouping
        Where these groups come from.
    seen : int
        Images that were in the training set, byte for byte.
    predictions : DataFrame
        One row an image: key, label, group, predicted class, margins.
    skipped : dict of str to str
        Why each image that could not be used was left out.
    """

    scores: Scores
    grouping: Grouping
    seen: int
    predictions: pd.DataFrame
    skipped: dict[str, str]

    @property
    def title(self) -> str:
        """What was scored, in one line; images seen in training are named first."""
        n = self.scores.n_images
        unit = f"{n} images, {self.scores.n_groups} groups ({self.grouping})"
        if self.seen:
            return f"NOT A TEST: {self.seen} of {n} images were in the training set; {unit}"
        return f"held-out: {unit}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "title": self.title,
            "seen_in_training": self.seen,
            "skipped": self.skipped,
            **self.scores.to_dict(),
        }


def evaluate(
    classifier: StoneClassifier,
    dataset: Dataset,
    *,
    on_error: OnError = "stop",
    random_state: int = 0,
) -> Holdout:
    """Score a fitted classifier on a labelled data set.

    Parameters
    ----------
    classifier : StoneClassifier
        Fitted or loaded.
    dataset : Dataset
        With labels that the classifier knows. Where no group is known, proxy groups found from the
        pixels are the unit of the bootstrap.
    on_error : {"stop", "skip"}, default="stop"
        What to do about an image that cannot be used.
    random_state : int, default=0
        Seed of the bootstrap.

    Returns
    -------
    Holdout

    Raises
    ------
    InputError
        If the data has a class that the model does not know.
    """
    check_is_fitted(classifier, "classes_")
    classes = [str(name) for name in classifier.classes_]
    require_known_classes(dataset, classes)
    described = describe_dataset(classifier, dataset, fit=False, on_error=on_error)
    dataset = with_known_groups(described.dataset, n_jobs=classifier.extractor_.n_jobs)
    margins = classifier.model_.decision_function(described.table)
    return Holdout(
        scores=score_predictions(
            dataset.known_labels(),
            margins,
            classes,
            groups=dataset.groups,
            random_state=random_state,
        ),
        grouping=dataset.grouping,
        seen=_seen(classifier, dataset),
        predictions=_predictions(dataset, margins, classes),
        skipped=described.skipped,
    )


def require_known_classes(dataset: Dataset, classes: list[str]) -> None:
    """Refuse a data set that holds a class which a model of `classes` cannot tell."""
    unknown = sorted(set(dataset.known_labels().tolist()) - set(classes))
    if unknown:
        raise InputError(
            f"class {unknown[0]!r} is unknown to the model; it knows {', '.join(classes)}; "
            "correct the label, or leave its images out"
        )


def with_known_groups(dataset: Dataset, *, n_jobs: int | None = None) -> Dataset:
    """Return the data set with proxy groups where nobody has said what the groups are."""
    if dataset.grouping.kind != "unknown":
        return dataset
    groups = find_proxy_groups(dataset.images, n_jobs=n_jobs)
    return dataset.with_groups(groups, Grouping("proxy"))


def _seen(classifier: StoneClassifier, dataset: Dataset) -> int:
    known = set(getattr(classifier, "training_", {}).get("image_digests", []))
    return sum(source.digest() in known for source in dataset.images) if known else 0


def _predictions(dataset: Dataset, margins: np.ndarray, classes: list[str]) -> pd.DataFrame:
    columns = margins.reshape(len(margins), -1)
    codes = (margins > 0).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)
    table = pd.DataFrame({"path": dataset.keys, "label": dataset.labels})
    if dataset.groups is not None:
        table["group"] = dataset.groups
    table["predicted"] = np.array(classes)[codes]
    for name, column in zip(classes[-columns.shape[1] :], columns.T, strict=True):
        table[f"margin_{name}"] = column
    return table
