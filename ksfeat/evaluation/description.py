"""A data set and its table of features, with what had to be skipped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.roi import Augmenter
from ksfeat.roi.augment import AugmentedSource

OnError = Literal["stop", "skip"]


def marked(title: str, *, simulated: bool) -> str:
    """Return a title of scores, which begins with "simulated images: " where they are that."""
    return f"simulated images: {title}" if simulated else title


@dataclass(frozen=True, eq=False)
class Description:
    """The usable images of a data set and their features, row by row.

    Parameters
    ----------
    dataset : Dataset
        The images that could be used.
    table : DataFrame of shape (n, d)
        Their features.
    skipped : dict of str to str
        Why each other image was left out, by key.
    """

    dataset: Dataset
    table: pd.DataFrame
    skipped: dict[str, str]


@dataclass(frozen=True, eq=False)
class Copies:
    """Augmented copies of training images, described; each knows its original.

    Parameters
    ----------
    table : DataFrame of shape (m, d)
        Their features, and the covariates of their originals.
    of : ndarray of int, shape (m,)
        The row of each one's original.
    skipped : dict of str to str
        Why each copy that could not be used was left out, by key.
    """

    table: pd.DataFrame
    of: np.ndarray
    skipped: dict[str, str]

    def among(self, rows: np.ndarray) -> Copies:
        """Return the copies whose original is one of some rows, numbered by its place in them."""
        place = np.full(max(self.of.max(initial=-1), rows.max(initial=-1)) + 1, -1)
        place[rows] = np.arange(len(rows))
        kept = place[self.of] >= 0
        return Copies(self.table[kept], place[self.of[kept]], self.skipped)

    def without(self, names: list[str]) -> Copies:
        """Return the copies with some features held constant, which no model uses."""
        return replace(self, table=self.table.assign(**dict.fromkeys(names, 0.0)))


def describe_dataset(
    classifier: StoneClassifier, dataset: Dataset, *, fit: bool, on_error: OnError = "stop"
) -> Description:
    """Describe every image of a data set.

    Parameters
    ----------
    classifier : StoneClassifier
        Whose extractor and covariates to use.
    dataset : Dataset
        The images.
    fit : bool
        Whether the extractor is to be fitted to these images first.
    on_error : {"stop", "skip"}, default="stop"
        Raise the first error, or leave unusable images out and say why.

    Returns
    -------
    Description

    Raises
    ------
    InputError
        For the first unusable image; with "skip" only if there is no usable one.
    """
    if on_error == "stop":
        describe = classifier.fit_describe if fit else classifier.describe
        return Description(dataset, describe(dataset.images, dataset.covariates), {})
    describe_each = classifier.fit_describe_each if fit else classifier.describe_each
    table, errors = describe_each(dataset.images, dataset.covariates)
    if len(errors) == len(dataset):
        raise InputError(f"no image can be used; the first: {errors[0]}")
    usable = np.setdiff1d(np.arange(len(dataset)), list(errors))
    skipped = {dataset.keys[place]: str(error) for place, error in errors.items()}
    return Description(dataset.select(usable), table.iloc[usable].reset_index(drop=True), skipped)


def describe_copies(
    classifier: StoneClassifier,
    described: Description,
    augmenter: Augmenter,
    *,
    on_error: OnError = "stop",
) -> Copies:
    """Describe augmented copies of images, each once: a description depends on its copy alone.

    Parameters
    ----------
    classifier : StoneClassifier
        Whose extractor was fitted to the originals.
    described : Description
        The originals.
    augmenter : Augmenter
        How they are varied, and how often.
    on_error : {"stop", "skip"}, default="stop"
        Raise the first error, or leave unusable copies out and say why.

    Returns
    -------
    Copies

    Raises
    ------
    InputError
        For the first unusable copy; with "skip" never.
    """
    sources = [
        AugmentedSource.of(original, augmenter, number)
        for original in described.dataset.images
        for number in range(augmenter.copies)
    ]
    outcomes = classifier.extractor_.transform_each(sources)
    errors = {
        place: outcome for place, outcome in enumerate(outcomes) if isinstance(outcome, InputError)
    }
    if errors and on_error == "stop":
        raise next(iter(errors.values()))
    usable = np.setdiff1d(np.arange(len(sources)), list(errors))
    of = usable // augmenter.copies
    # Beside the features stand the covariates, which a copy shares with its original.
    table = described.table.iloc[of].reset_index(drop=True)
    if len(of):
        features = np.stack([outcomes[place] for place in usable])
        table.iloc[:, : features.shape[1]] = features
    return Copies(table, of, {sources[place].key: str(error) for place, error in errors.items()})


def with_copies(table: pd.DataFrame, copies: Copies | None) -> pd.DataFrame:
    """Return a table with the rows of augmented copies below it, where there are any."""
    return table if copies is None else pd.concat([table, copies.table])
