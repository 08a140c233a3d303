"""A data set and its table of features, with what had to be skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
from ksfeat.models.pipeline import StoneClassifier

OnError = Literal["stop", "skip"]


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
