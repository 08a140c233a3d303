"""Scores on images that a model was not fitted on, and how many of them it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from ksfeat.dataset import Dataset, Grouping
from ksfeat.errors import InputError
from ksfeat.evaluation.audit import groups_on_both_sides
from ksfeat.evaluation.certainty import CertaintyPlan, Judgement, judge
from ksfeat.evaluation.description import Description, OnError, describe_dataset, marked
from ksfeat.evaluation.details import Asked, Details, tell_details
from ksfeat.evaluation.proxy import group_alike, thumbnails_of
from ksfeat.evaluation.strangers import reasons_to_refuse
from ksfeat.io import image_digest
from ksfeat.metrics import Scores, score_predictions
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.table_classifier import called
from ksfeat.scale import map_ordered
from ksfeat.splits import hash_sides


@dataclass(frozen=True, eq=False)
class Holdout:
    """Scores of a fitted model on a data set.

    Parameters
    ----------
    scores : Scores
        With intervals from a bootstrap over the data's groups.
    grouping : Grouping
        Where these groups come from.
    split : str
        Hash of which images were scored.
    seen : int
        Images whose file or pixels were in the training set.
    leaking : tuple of str
        Groups on both sides of the split given with the data.
    predictions : DataFrame
        One row an image: key, label, group, predicted class, margins.
    skipped : dict of str to str
        Why each image that could not be used was left out.
    simulated : bool, default=False
        Whether images are simulated: the title says so first.
    judgement : Judgement or None
        Of probabilities and conformal sets.
    details : Details or None
        Decision curves, and predictive values and subgroups where they were asked for.
    strange : int, default=0
        Images that `predict` would refuse as unlike those of training; they are scored.
    """

    scores: Scores
    grouping: Grouping
    split: str
    seen: int
    leaking: tuple[str, ...]
    predictions: pd.DataFrame
    skipped: dict[str, str]
    simulated: bool = False
    judgement: Judgement | None = None
    details: Details | None = None
    strange: int = 0

    @property
    def title(self) -> str:
        """What was scored, in one line; simulated images and what makes it no test come first."""
        return marked(self._told(), simulated=self.simulated)

    def _told(self) -> str:
        n, unit = self.scores.n_images, self.scores.unit
        groups = f", {self.scores.n_units} {unit}s ({self.grouping})" if unit != "image" else ""
        told = f"{n} images{groups}, split {self.split}"
        if self.seen:
            return f"NOT A TEST: {self.seen} of {n} images were in the training set; {told}"
        if self.leaking:
            return (
                f"NOT A TEST: {len(self.leaking)} groups (such as {self.leaking[0]}) stand on both "
                f"sides of the given split; {told}"
            )
        return f"held-out: {told}"

    @property
    def strangers(self) -> str | None:
        """What to say of images that are unlike those of training; None where there is none."""
        if not self.strange:
            return None
        return (
            f"{self.strange} of {self.scores.n_images} images are unlike those of training: "
            "`predict` refuses them; here they are scored"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "title": self.title,
            "simulated": self.simulated,
            "split": {"hash": self.split, "grouping": str(self.grouping)},
            "seen_in_training": self.seen,
            "groups_on_both_sides": list(self.leaking),
            "skipped": self.skipped,
            "unlike_training": self.strange,
            **self.scores.to_dict(),
            "certainty": None if self.judgement is None else self.judgement.to_dict(),
            "details": None if self.details is None else self.details.to_dict(),
        }


def evaluate(
    classifier: StoneClassifier,
    dataset: Dataset,
    *,
    part: Literal["test", "train", "all"] = "test",
    on_error: OnError = "stop",
    asked: Asked | None = None,
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
    part : {"test", "train", "all"}, default="test"
        Which side to score, where a split is given with the data.
    on_error : {"stop", "skip"}, default="stop"
        What to do about an image that cannot be used.
    asked : Asked, optional
        A prevalence and subgroups to tell of.
    random_state : int, default=0
        Seed of the bootstrap.

    Returns
    -------
    Holdout

    Raises
    ------
    InputError
        If the data has a class that the model does not know, or `asked` what cannot be told.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=6, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("first_order"), "linear")
    >>> evaluate(classifier.fit(data.images, data.labels), data).title.split(";")[0]
    'simulated images: NOT A TEST: 12 of 12 images were in the training set'
    """
    check_is_fitted(classifier, "classes_")
    classes = [str(name) for name in classifier.classes_]
    jobs = classifier.extractor_.n_jobs
    (asked or Asked()).check(classes)
    require_known_classes(dataset.part(part), classes)
    # Proxy groups are found over both sides of a given split, or none could stand on both.
    dataset = with_known_groups(dataset, n_jobs=jobs, on_error=on_error)
    leaking = groups_on_both_sides(dataset) if part == "test" else ()
    described = describe_dataset(classifier, dataset.part(part), fit=False, on_error=on_error)
    dataset = described.dataset
    margins = classifier.model_.decision_function(described.table)
    judgement = _judged(classifier, described, margins, random_state)
    return Holdout(
        scores=score_predictions(
            dataset.known_labels(),
            margins,
            classes,
            groups=dataset.groups,
            unit=dataset.unit,
            random_state=random_state,
        ),
        grouping=dataset.grouping,
        split=hash_sides(dataset.keys, [part] * len(dataset)),
        seen=_seen(classifier, dataset),
        leaking=leaking,
        predictions=_predictions(dataset, margins, classes),
        skipped=described.skipped,
        simulated=dataset.simulated,
        judgement=judgement,
        details=tell_details(
            dataset,
            margins,
            judgement.probabilities,
            classes,
            asked=asked,
            random_state=random_state,
        ),
        strange=len(reasons_to_refuse(classifier, described)),
    )


def _judged(
    classifier: StoneClassifier, described: Description, margins: np.ndarray, random_state: int
) -> Judgement:
    """Judge what the model's file says of certainty; raw probabilities where it says nothing."""
    certainty = classifier.certainty_
    sets = None if certainty is None else certainty.sets
    raw = hasattr(classifier, "predict_proba")
    return judge(
        described.dataset,
        margins,
        [str(name) for name in classifier.classes_],
        chances=classifier.chances(described.table) if raw else None,
        sets=None if sets is None else sets.of(margins),
        plan=CertaintyPlan(
            coverage=None if sets is None else sets.coverage, random_state=random_state
        ),
    )


def require_known_classes(dataset: Dataset, classes: list[str]) -> None:
    """Refuse a data set that holds a class which a model of `classes` cannot tell."""
    unknown = sorted(set(dataset.known_labels().tolist()) - set(classes))
    if unknown:
        raise InputError(
            f"class {unknown[0]!r} is unknown to the model; it knows {', '.join(classes)}; "
            "correct the label, or leave its images out"
        )


def with_known_groups(
    dataset: Dataset, *, n_jobs: int | None = None, on_error: OnError = "stop"
) -> Dataset:
    """Return the data set with proxy groups where nobody has said what the groups are."""
    if dataset.grouping.kind != "unknown":
        return dataset
    thumbnails = thumbnails_of(dataset.images, n_jobs=n_jobs, on_error=on_error)
    return dataset.with_groups(group_alike(dataset.images, thumbnails), Grouping("proxy"))


def _seen(classifier: StoneClassifier, dataset: Dataset) -> int:
    known = set(classifier.image_digests_)
    digests = map_ordered(image_digest, dataset.images, classifier.extractor_.n_jobs)
    return sum(digest in known for digest in digests)


def _predictions(dataset: Dataset, margins: np.ndarray, classes: list[str]) -> pd.DataFrame:
    columns = margins.reshape(len(margins), -1)
    table = pd.DataFrame({"path": dataset.keys, "label": dataset.labels})
    if dataset.groups is not None:
        table["group"] = dataset.groups
    table["predicted"] = np.array(classes)[called(margins)]
    for name, column in zip(classes[-columns.shape[1] :], columns.T, strict=True):
        table[f"margin_{name}"] = column
    return table
