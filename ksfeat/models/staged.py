"""`StagedClassifier`: sees the stones first, then classifies; both are learnt inside the fold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ksfeat.models.stone_candidates import candidates_of, find_stage, without_candidates
from ksfeat.models.stone_features import StoneFeatures
from ksfeat.models.table_classifier import TableClassifier, encode_labels


def _has_probabilities(staged: StagedClassifier) -> bool:
    return hasattr(staged.model, "predict_proba")


class StagedClassifier(ClassifierMixin, BaseEstimator):
    """A table classifier whose table has one column of candidates for stones.

    Parameters
    ----------
    model : TableClassifier
        Classifies the other columns and those of `stones` beside them.
    stones : StoneFeatures
        Learns which candidates are stones. The model is fitted to what detectors of other folds
        say of the training images.

    Attributes
    ----------
    stones_ : StoneFeatures
        Fitted.
    model_ : TableClassifier
        Fitted.
    classes_ : ndarray
        Class labels, sorted.

    Examples
    --------
    >>> from ksfeat.models.boosting import XGBoostClassifier
    >>> from ksfeat.models.stone_candidates import StoneCandidates
    >>> def picture(seed, stone):
    ...     pixels = np.random.default_rng(seed).integers(90, 110, (48, 48)).astype(np.uint8)
    ...     pixels[:6] = 5
    ...     if stone:
    ...         pixels[20:24, 30:34] = 220
    ...     return pixels
    >>> images = [picture(seed, seed % 2 == 1) for seed in range(30)]
    >>> stones = StoneFeatures(copies=0, n_estimators=30)
    >>> extractor = StoneCandidates(stones)
    >>> cells = extractor.fit_transform(images)
    >>> table = pd.DataFrame(cells, columns=extractor.get_feature_names_out())
    >>> staged = StagedClassifier(XGBoostClassifier(n_estimators=20), stones)
    >>> staged.fit(table, np.arange(30) % 2).predict(table[:2]).tolist()
    [0, 1]
    """

    def __init__(self, model: TableClassifier, stones: StoneFeatures) -> None:
        self.model = model
        self.stones = stones

    def fit(
        self, X: pd.DataFrame, y: Any, groups: Any = None, sample_weight: Any = None
    ) -> StagedClassifier:
        """Fit to a table with the column of `StoneCandidates`.

        Parameters
        ----------
        X : DataFrame of shape (n, d)
            Numbers, and the candidates of each image.
        y : array-like of shape (n,)
            Class labels.
        groups : array-like of shape (n,), optional
            Kept together where the detector scores what it was fitted to.
        sample_weight : array-like of shape (n,), optional
            Weights of the images for the model; the detector knows none.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If there is no column of candidates, one class only, or too few groups.
        """
        encode_labels(np.asarray(y))
        stones = clone(self.stones)
        rows = stones.fit_cells(candidates_of(X), np.asarray(y), groups)
        self.stones_ = stones
        seen = self._beside(X, rows)
        self.model_ = clone(self.model).fit(seen, y, sample_weight=sample_weight)
        self.classes_ = self.model_.classes_
        return self

    def seen(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the table of numbers that the model classifies."""
        check_is_fitted(self, "stones_")
        return self._beside(X, self.stones_.transform_cells(candidates_of(X)))

    def decision_function(self, X: pd.DataFrame) -> np.ndarray:
        """Return the margins: (n,) for ``classes_[1]`` of two classes, else (n, n_classes)."""
        return self.model_.decision_function(self.seen(X))

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Return the class of the largest margin, (n,)."""
        return self.model_.predict(self.seen(X))

    @available_if(_has_probabilities)
    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Return the model's own, uncalibrated class probabilities, (n, n_classes)."""
        return self.model_.predict_proba(self.seen(X))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def _beside(self, X: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
        names = self.stones.get_feature_names_out()
        numbers = without_candidates(X).astype(np.float64)
        return pd.concat([numbers, pd.DataFrame(rows, columns=names, index=X.index)], axis=1)


def is_staged(model: Any) -> bool:
    """Tell whether a model sees stones before it classifies."""
    return isinstance(model, StagedClassifier)


def with_stage(model: Any, extractor: Any) -> Any:
    """Return a model behind the stage that an extractor of candidates asks for, if it does."""
    stage = find_stage(extractor)
    return model if stage is None or is_staged(model) else StagedClassifier(model, clone(stage))
