"""Cross-validation in which no group stands on both sides of a fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset, Grouping
from ksfeat.errors import InputError
from ksfeat.evaluation.certainty import Bench, CertaintyPlan, Judgement, certify
from ksfeat.evaluation.description import Copies, marked, with_copies
from ksfeat.evaluation.outer_certainty import certify_across
from ksfeat.evaluation.stability import Steadiness, without_features
from ksfeat.metrics import Scores, score_predictions
from ksfeat.models.classifiers import fit_grouped
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.table_classifier import TableClassifier
from ksfeat.models.tuning import Search, tune
from ksfeat.splits import Split, make_split


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """Scores of out-of-fold predictions, with the split that they belong to.

    Parameters
    ----------
    scores : Scores
        Of all out-of-fold margins together.
    split : Split
        Which fold each image was tested in.
    grouping : Grouping
        Where the groups come from.
    margins : ndarray of shape (n,) or (n, n_classes)
        Out-of-fold margins.
    simulated : bool, default=False
        Whether images are simulated: the title says so first.
    judgement : Judgement or None
        Of calibration and conformal sets, where a plan asked for them.
    """

    scores: Scores
    split: Split
    grouping: Grouping
    margins: np.ndarray
    simulated: bool = False
    judgement: Judgement | None = None

    @property
    def title(self) -> str:
        """What the split was, in one line; simulated images and a random split come first."""
        return marked(self._told(), simulated=self.simulated)

    def _told(self) -> str:
        folds = f"{self.split.n_folds}-fold, split {self.split.hash}"
        n, unit = self.scores.n_images, self.scores.unit
        if self.n_groups is None:
            return f"RANDOM split of images (asked for by name), {n} images, {folds}"
        return f"split by {unit} ({self.n_groups} {unit}s, {self.grouping}), {folds}"

    @property
    def n_groups(self) -> int | None:
        """Groups of the data, whatever a split file calls one; None where they are ignored."""
        return None if self.scores.unit == "image" else self.scores.n_units

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "title": self.title,
            "simulated": self.simulated,
            "split": {
                "hash": self.split.hash,
                "folds": self.split.n_folds,
                "grouping": str(self.grouping),
                "n_groups": self.n_groups,
            },
            **self.scores.to_dict(),
            "certainty": None if self.judgement is None else self.judgement.to_dict(),
        }


def split_dataset(dataset: Dataset, *, n_folds: int = 5, random_state: int = 0) -> Split:
    """Split a data set by its groups, or at random where it has none.

    Raises
    ------
    InputError
        If there is one class only, or there are fewer groups than folds.
    """
    return make_split(
        dataset.known_labels(),
        dataset.groups,
        keys=dataset.keys,
        n_folds=n_folds,
        random_state=random_state,
    )


def cross_validate(  # noqa: PLR0913 - what is judged, on what, and how
    classifier: StoneClassifier,
    table: pd.DataFrame,
    dataset: Dataset,
    split: Split,
    *,
    search: Search | None = None,
    random_state: int = 0,
    copies: Copies | None = None,
    plan: CertaintyPlan | None = None,
    steadiness: Steadiness | None = None,
) -> CrossValidation:
    """Cross-validate a classifier on a table of its `fit_describe`, by group.

    The features describe each image by itself, so that they are computed once; imputing, scaling,
    tuning and fitting happen inside each fold.

    Parameters
    ----------
    classifier : StoneClassifier
        What to judge; it is not fitted.
    table : DataFrame of shape (n, d)
        The descriptions of `dataset`'s images.
    dataset : Dataset
        Labels and groups.
    split : Split
        The outer folds, from `split_dataset`.
    search : {"grid", "random"}, optional
        Tune inside each fold, on inner folds by group.
    random_state : int, default=0
        Seed of search and bootstrap.
    copies : Copies, optional
        Augmented copies of the images. In each fold those of its training images train, too; none
        is ever tested.
    plan : CertaintyPlan, optional
        Calibrate and make conformal sets in each fold, on inner folds by group, and judge them on
        its test rows; of a model that learns its features, as a CNN
        does, on the margins out of the other outer folds (`certify_across`).
    steadiness : Steadiness, optional
        Features that are unstable among a fold's training images are not used in it.

    Returns
    -------
    CrossValidation

    Raises
    ------
    InputError
        If the split is of other images, or a group of the data stands on both sides of a fold.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=12, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("density"), "linear")
    >>> table = classifier.fit_describe(data.images)
    >>> split = split_dataset(data, n_folds=3)
    >>> cross_validate(classifier, table, data, split).title.split(",")[0]
    'simulated images: split by group (12 groups'
    """
    check_split(dataset, split)
    labels, classes = dataset.known_labels(), dataset.classes
    margins = np.empty((len(table), *(() if len(classes) == 2 else (len(classes),))))
    bench = None if plan is None else Bench(plan, len(table), len(classes))
    dear = classifier.learns_in_folds
    for train, test in split:
        among = None if copies is None else copies.among(train)
        rows, part = table.iloc[train], dataset.select(train)
        if steadiness is not None:
            dropped = steadiness.dropped(train)
            rows = without_features(rows, dropped)
            among = None if among is None else among.without(dropped)
        model = fit_table(classifier, rows, part, search, random_state, among)
        margins[test] = model.decision_function(table.iloc[test])
        if bench is not None and not dear:
            bench.add(test, margins[test], certify(model, rows, part, bench.plan, among))
    if bench is not None and dear:
        certify_across(bench, margins, dataset, split)
    scores = score_predictions(
        labels,
        margins,
        classes,
        groups=dataset.groups,
        unit=dataset.unit,
        random_state=random_state,
    )
    judgement = None if bench is None else bench.judged(margins, dataset, classes)
    return CrossValidation(scores, split, dataset.grouping, margins, dataset.simulated, judgement)


def check_split(dataset: Dataset, split: Split) -> None:
    """Refuse a split that was not made for this data: its title would be untrue."""
    if list(split.keys) != dataset.keys:
        raise InputError("the split is of other images, or of another order; use split_dataset")
    if dataset.groups is None:
        return
    for train, test in split:
        both = sorted(set(dataset.groups[train].tolist()) & set(dataset.groups[test].tolist()))
        if both:
            raise InputError(
                f"the split cuts through group {both[0]!r} ({dataset.grouping}); expected each "
                "group in one fold; make it anew with ksfeat split, or ask for a random split by "
                "name (--groups none)"
            )


def fit_table(
    classifier: StoneClassifier,
    table: pd.DataFrame,
    dataset: Dataset,
    search: Search | None,
    random_state: int,
    copies: Copies | None = None,
) -> TableClassifier:
    """Fit the classifier's model to a table and its copies, tuned on inner folds where asked."""
    model = classifier.new_model()
    copy_of = np.arange(len(table))
    if copies is not None:
        copy_of = np.concatenate([copy_of, copies.of])
    rows, trained = dataset.select(copy_of), with_copies(table, copies)
    units = rows.groups
    if units is None and copies is not None:
        units = copy_of  # a copy is no image to validate its original on
    if search is None:
        return fit_grouped(model, trained, rows.known_labels(), units)
    return tune(
        model,
        trained,
        rows.known_labels(),
        units,
        search=search,
        random_state=random_state,
        copy_of=copy_of,
    )
