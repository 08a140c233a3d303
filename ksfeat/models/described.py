"""The table made of images: rows and errors, covariates beside features, and what is missing."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.errors import InputError
from ksfeat.models.classifiers import require_features
from ksfeat.models.covariates import CovariateEncoder


def rows_and_errors(
    outcomes: Sequence[np.ndarray | InputError], width: int
) -> tuple[np.ndarray, dict[int, InputError]]:
    """Return the features (n, width), all missing where there is an error, and the errors by row.

    Examples
    --------
    >>> rows, errors = rows_and_errors([np.ones(2), InputError("flat")], 2)
    >>> rows.tolist(), errors
    ([[1.0, 1.0], [nan, nan]], {1: InputError('flat')})
    """
    rows = [outcome for outcome in outcomes if not isinstance(outcome, InputError)]
    features = np.full((len(outcomes), width), np.nan, dtype=rows[0].dtype if rows else float)
    errors = {}
    for place, outcome in enumerate(outcomes):
        if isinstance(outcome, InputError):
            errors[place] = outcome
        else:
            features[place] = outcome
    return features, errors


def beside(
    features: np.ndarray,
    names: np.ndarray,
    encoder: CovariateEncoder | None,
    covariates: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return features (n, d) with the encoded covariates beside them, (n, d + k).

    Raises
    ------
    InputError
        If covariates are missing that the encoder was fitted to, or are not one row an image.
    """
    blocks = [features]
    if encoder is not None:
        if covariates is None:
            raise InputError(
                f"no covariates given; the model was fitted with {', '.join(encoder.categories_)}"
            )
        check_rows(covariates, len(features))
        blocks.append(encoder.transform(covariates))
    # Candidates for stones are objects; the numbers beside them are to stay numbers.
    return pd.DataFrame(np.column_stack(blocks), columns=names).infer_objects()


def encoder_for(model: Any, covariates: pd.DataFrame | None) -> CovariateEncoder | None:
    """Return an unfitted encoder where there are covariates, which a CNN has no use for."""
    if covariates is None:
        return None
    require_features(model, f"covariates ({', '.join(map(str, covariates.columns))})")
    return CovariateEncoder()


def check_rows(covariates: pd.DataFrame, n_images: int) -> None:
    """Refuse covariates that are not one row an image."""
    if len(covariates) != n_images:
        raise InputError(
            f"{len(covariates)} rows of covariates for {n_images} images; expected one an image"
        )


def warn_of_unseen(table: pd.DataFrame, nan_seen: list[str]) -> None:
    """Warn of features that are missing here and never were in training."""
    missing = table.columns[table.isna().any()].difference(nan_seen, sort=False)
    if len(missing):
        warnings.warn(
            f"{len(missing)} features are not defined for some images, which never happened "
            f"in training ({', '.join(missing[:3])}): these images are unlike the training set",
            stacklevel=4,
        )
