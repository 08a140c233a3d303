"""Covariates (age, sex, urine pH) to numbers beside the image features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ksfeat.errors import InputError


class CovariateEncoder(TransformerMixin, BaseEstimator):
    """Numbers as they are, text as one column a category; missing stays missing.

    Attributes
    ----------
    categories_ : dict of str to list of str or None
        The categories of each text covariate; None for a number.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"age": [40, 61], "sex": ["f", "m"]})
    >>> CovariateEncoder().fit(table).get_feature_names_out().tolist()
    ['age', 'sex=f', 'sex=m']
    """

    def fit(self, X: Any, y: Any = None) -> CovariateEncoder:
        """Learn which covariates are text and their categories.

        Parameters
        ----------
        X : DataFrame of shape (n, k)
            One row an image.
        y : ignored

        Returns
        -------
        self
        """
        table = _named_columns(X)
        self.categories_ = {
            str(name): None
            if pd.api.types.is_numeric_dtype(table[name])
            else sorted(set(map(_text, table[name].dropna().unique())))
            for name in table.columns
        }
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the encoded covariates, (n, n_columns); an unknown category is zero in all."""
        check_is_fitted(self)
        table = _named_columns(X)
        missing = [name for name in self.categories_ if name not in table.columns]
        if missing:
            raise InputError(
                f"no covariate {missing[0]!r}; the model was fitted with "
                f"{', '.join(self.categories_)}; give them as columns of the manifest"
            )
        blocks = [_encoded(table[name], known) for name, known in self.categories_.items()]
        return np.column_stack(blocks)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return a name a column: ``age``, ``sex=f``."""
        check_is_fitted(self)
        names = [
            name if category is None else f"{name}={category}"
            for name, known in self.categories_.items()
            for category in ([None] if known is None else known)
        ]
        return np.array(names, dtype=object)


def _named_columns(X: Any) -> pd.DataFrame:
    if not isinstance(X, pd.DataFrame):
        raise InputError(
            f"covariates of type {type(X).__name__}; expected a pandas DataFrame with named columns"
        )
    if not X.columns.is_unique:
        again = X.columns[X.columns.duplicated()][0]
        raise InputError(f"covariate {again!r} stands in more than one column; keep one of them")
    return X


def _encoded(column: pd.Series, known: list[str] | None) -> np.ndarray:
    if known is None:
        return _numbers(column)[:, None]
    text = column.astype(object).map(_text, na_action="ignore").to_numpy(dtype=object)
    columns = np.equal.outer(text, np.array(known, dtype=object)).astype(float)
    columns[column.isna().to_numpy()] = np.nan
    return columns


def _numbers(column: pd.Series) -> np.ndarray:
    try:
        numbers = column.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"covariate {column.name!r} holds text; it was a number in training; "
            "expected numbers or empty cells"
        ) from error
    if np.isinf(numbers).any():
        raise InputError(
            f"covariate {column.name!r} holds an infinite value; expected finite numbers; "
            "leave the cell empty where it is not known"
        )
    return numbers


def _text(value: Any) -> str:
    """Write a number as its cell had it: 0 and 1 are text in a column that holds a word too."""
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
