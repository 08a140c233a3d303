"""The main job: groups, description, grouped cross-validation, and the model of everything."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.evaluation.audit import GroupAudit
from ksfeat.evaluation.crossval import CrossValidation, cross_validate, fit_table, split_dataset
from ksfeat.evaluation.description import (
    Copies,
    OnError,
    describe_copies,
    describe_dataset,
    with_copies,
)
from ksfeat.evaluation.details import Asked, Details, plain_rows, tell_details
from ksfeat.evaluation.holdout import Holdout, evaluate
from ksfeat.evaluation.learning import learning_curve
from ksfeat.evaluation.outer_certainty import plan_for, tell_certainty
from ksfeat.evaluation.settled import has_test, settled_groups, with_split_groups
from ksfeat.evaluation.stability import Steadiness, retest, without_features
from ksfeat.features.needs import left_out_lines
from ksfeat.models.certainty import Calibration, check_calibration
from ksfeat.models.classifiers import kept_params, require_features
from ksfeat.models.conformal import COVERAGE
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.stone_candidates import require_measured
from ksfeat.models.tuning import Search
from ksfeat.roi import Augmenter
from ksfeat.roi.augment import MOST_COPIES
from ksfeat.roi.parameters import check_number
from ksfeat.splits import Split, read_split


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
    audit : GroupAudit or None
        What was found about the groups; None for a random split.
    search : {"grid", "random"} or None
        How hyper-parameters were tuned.
    notes : tuple of str
        What the user must know: proxy groups, families left out.
    skipped : dict of str to str
        Why each image that could not be used was left out.
    augmenter : Augmenter or None
        How the training images were augmented.
    dropped : tuple of str
        Features that the final model does not use, since they are unstable.
    details : Details or None
        Of the cross-validation: decision curves, and what was asked for beside.
    learning : DataFrame or None
        From `learning_curve`.
    """

    classifier: StoneClassifier
    dataset: Dataset
    table: pd.DataFrame
    crossval: CrossValidation
    test: Holdout | None
    audit: GroupAudit | None
    search: Search | None
    notes: tuple[str, ...]
    skipped: dict[str, str]
    augmenter: Augmenter | None = None
    dropped: tuple[str, ...] = ()
    details: Details | None = None
    learning: pd.DataFrame | None = None

    @property
    def calibration(self) -> str | None:
        """How the final model's margins become probabilities."""
        certainty = self.classifier.certainty_
        return None if certainty is None else certainty.method

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "n_images": len(self.dataset),
            "class_counts": self.dataset.class_counts(),
            "n_features": self.table.shape[1],
            "notes": list(self.notes),
            "skipped": self.skipped,
            "augmentation": None if self.augmenter is None else asdict(self.augmenter),
            "model": {
                "type": type(self.classifier.model_).__name__,
                "params": kept_params(self.classifier.model_),
                "search": self.search,
                "calibration": self.calibration,
                "dropped_features": list(self.dropped),
            },
            "audit": None if self.audit is None else self.audit.to_dict(),
            "cross_validation": {
                **self.crossval.to_dict(),
                "details": None if self.details is None else self.details.to_dict(),
                "learning_curve": None if self.learning is None else plain_rows(self.learning),
            },
            "test": None if self.test is None else self.test.to_dict(),
        }

    def summary(self) -> dict[str, Any]:
        """Return what a model file keeps: numbers and hashes, no name of an image or a group."""
        plain = self.to_dict()
        del plain["notes"]
        if plain["audit"] is not None:
            named = ("alike_across", "on_both_sides")
            counts = {name: len(plain["audit"][name]) for name in named}
            del plain["audit"]["findings"]
            plain["audit"] |= counts
        plain["skipped"] = len(plain["skipped"])
        del plain["cross_validation"]["details"]  # subgroups have names
        if self.test is not None:
            del plain["test"]["details"]
            plain["test"]["skipped"] = len(plain["test"]["skipped"])
            plain["test"]["groups_on_both_sides"] = len(self.test.leaking)
            del plain["test"]["title"]
        return plain


def train(  # noqa: PLR0913 - one argument a choice of the user
    classifier: StoneClassifier,
    dataset: Dataset,
    *,
    n_folds: int = 5,
    split_file: str | os.PathLike[str] | None = None,
    search: Search | None = None,
    augment: int | Augmenter = 0,
    calibrate: Calibration = "auto",
    coverage: float | None = COVERAGE,
    min_icc: float | None = None,
    asked: Asked | None = None,
    learning: bool = False,
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
    split_file : path-like, optional
        Outer folds that `ksfeat split` or another tool has written, instead. Its groups count
        where the data have none; those of the data must each stand in one fold.
    search : {"grid", "random"}, optional
        Tune hyper-parameters, nested and by group.
    augment : int or Augmenter, default=0
        Augmented copies of each training image, or how to make them. They train where their
        original does, in every fold of cross-validation and search, and are never tested; all of
        them train the model of everything.
    calibrate : {"auto", "temperature", "platt", "isotonic", "none"}, default="auto"
        How margins become probabilities. Each outer fold is calibrated on inner folds and judged on
        its test side; the model of everything on the margins out of the outer folds. Folds of a CNN
        on the margins out of the other outer folds, for which "auto" is "temperature".
    coverage : float or None, default=0.9
        Of each class by conformal sets; None for no sets.
    min_icc : float, optional
        Features whose ICC(2,1) under small changes of the training images is below it are not used,
        found anew in each fold.
    asked : Asked, optional
        A prevalence and subgroups to tell of.
    learning : bool, default=False
        Whether models of parts of the training groups are judged, too, untuned.
    on_error : {"stop", "skip"}, default="stop"
        What to do about an image that cannot be used.
    random_state : int, default=0
        Seed of splits, searches, bootstraps and of the copies of an `augment` that is a number.

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
    >>> training.crossval.scores.n_units
    12
    """
    check_calibration(calibrate)
    if min_icc is not None:
        require_features(classifier.new_model(), "min_icc")
        require_measured(classifier.extractor, "min_icc")
    augmenter = _augmenter(augment, random_state)
    (asked or Asked()).check(dataset.classes)
    if split_file is not None:
        dataset = with_split_groups(dataset, split_file)
    # A file's own folds are checked when it is read; before, there must be room for two.
    least = n_folds if split_file is None else 2
    dataset, audit = settled_groups(classifier, dataset, least, on_error, random_state)
    described = describe_dataset(classifier, dataset.part("train"), fit=True, on_error=on_error)
    table, part = described.table, described.dataset
    split = _outer_folds(part, split_file, n_folds, random_state)
    copies = None
    if augmenter is not None:
        copies = describe_copies(classifier, described, augmenter, on_error=on_error)
    how: dict[str, Any] = {"search": search, "random_state": random_state, "copies": copies}
    plan = plan_for(classifier, calibrate, coverage, random_state)
    steadiness = None
    if min_icc is not None:
        steadiness = Steadiness(retest(classifier, described, random_state=random_state), min_icc)
    crossval = cross_validate(
        classifier, table, part, split, plan=plan, steadiness=steadiness, **how
    )
    dropped = [] if steadiness is None else steadiness.dropped(np.arange(len(table)))
    how["copies"] = None if copies is None else copies.without(dropped)
    model = fit_table(classifier, without_features(table, dropped), part, **how)
    classifier.adopt(model, with_copies(table, copies))
    tell_certainty(classifier, table, part, crossval.margins, plan)
    told: dict[str, Any] = {"asked": asked, "random_state": random_state}
    test = None
    if has_test(dataset):
        test = evaluate(classifier, dataset, on_error=on_error, **told)
    curve = None
    if learning:
        curve = learning_curve(classifier, table, part, split, random_state=random_state)
    return Training(
        classifier=classifier,
        dataset=part,
        table=table,
        crossval=crossval,
        test=test,
        audit=audit,
        search=search,
        notes=tuple(_notes(classifier, part, copies)),
        skipped=described.skipped,
        augmenter=augmenter,
        dropped=tuple(dropped),
        details=_details(part, crossval, told),
        learning=curve,
    )


def _outer_folds(
    part: Dataset, split_file: str | os.PathLike[str] | None, n_folds: int, random_state: int
) -> Split:
    if split_file is not None:
        return read_split(split_file, keys=part.keys)
    return split_dataset(part, n_folds=n_folds, random_state=random_state)


def _details(part: Dataset, crossval: CrossValidation, told: dict[str, Any]) -> Details:
    judged = crossval.judgement
    probabilities = None if judged is None else judged.probabilities
    return tell_details(part, crossval.margins, probabilities, part.classes, **told)


def _augmenter(augment: int | Augmenter, random_state: int) -> Augmenter | None:
    if isinstance(augment, Augmenter):
        return augment
    check_number("augment", augment, 0, MOST_COPIES, whole=True)
    return Augmenter(copies=augment, random_state=random_state) if augment else None


def _notes(classifier: StoneClassifier, part: Dataset, copies: Copies | None) -> list[str]:
    notes = []
    if part.grouping.kind == "proxy":
        found = len(set(part.known_groups()))
        notes.append(
            f"no patient column: {found} proxy groups found from the pixels; "
            "give --groups to use your own"
        )
    if copies is not None and copies.skipped:
        first = next(iter(copies.skipped.values()))
        notes.append(f"{len(copies.skipped)} augmented copies left out; the first: {first}")
    return notes + left_out_lines(classifier.extractor_.left_out_)
