"""`StoneClassifier`: images in, classes out, with scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.metrics import accuracy_score
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d

from ksfeat.errors import InputError
from ksfeat.features import FeatureExtractor
from ksfeat.io import ImageLike
from ksfeat.io.sequences import as_sequence
from ksfeat.models.certainty import Certainty
from ksfeat.models.classifiers import Classifier, fit_grouped, make_classifier, takes_pictures
from ksfeat.models.described import (
    beside,
    check_rows,
    encoder_for,
    rows_and_errors,
    warn_of_unseen,
)
from ksfeat.models.extractors import Extractor, make_picture_extractor
from ksfeat.models.seen import digests_of, modalities_of
from ksfeat.models.staged import with_stage
from ksfeat.models.stone_candidates import find_stage
from ksfeat.models.table_classifier import encode_labels


def _has_probabilities(classifier: StoneClassifier) -> bool:
    certainty = getattr(classifier, "certainty_", None)
    model = getattr(classifier, "model_", None) or classifier.new_model()
    calibrated = certainty is not None and certainty.calibrator is not None
    return calibrated or hasattr(model, "predict_proba")


class StoneClassifier(ClassifierMixin, BaseEstimator):
    """A classifier over images: a feature extractor, covariates, and a table classifier.

    Parameters
    ----------
    extractor : FeatureExtractor, CNNEmbedding or JointExtractor, optional
        What describes the images, or several side by side (`make_extractor`); the default set of
        features by default.
    model : str, TableClassifier or FineTunedCNN, default="xgboost"
        What classifies the descriptions: a name for `make_classifier`, or its result. A CNN
        ("cnn:efficientnet_lite0") is trained on the images, which a `PictureExtractor` shows it.
    random_state : int, default=0
        Seed of a model that is given by name.

    Attributes
    ----------
    extractor_ : FeatureExtractor, CNNEmbedding or JointExtractor
        The fitted extractor; images of other units (`units_`) than the training images', or
        without masks where all of those had one (`masks_`), are refused.
    covariates_ : CovariateEncoder or None
        The fitted encoder, where covariates were given.
    model_ : TableClassifier or FineTunedCNN
        The fitted classifier.
    classes_ : ndarray
        Class labels, sorted.
    image_digests_ : list of str
        A hash of each training image's pixels, by which it is known again.
    certainty_ : Certainty or None
        Calibration, conformal sets and novelty, from `ksfeat.evaluation.train`.

    Notes
    -----
    Covariates travel by metadata routing: ``set_fit_request(covariates=True)`` and
    ``set_predict_request(covariates=True)`` carry them through cross-validation; groups do unasked.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=6, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> extractor = ksfeat.FeatureExtractor("density")
    >>> classifier = StoneClassifier(extractor, model="linear").fit(data.images, data.labels)
    >>> classifier.predict(data.images[:1]).shape
    (1,)
    """

    __metadata_request__fit = {"groups": True}  # noqa: RUF012 - scikit-learn's name and kind

    def __init__(
        self,
        extractor: Extractor | None = None,
        model: str | Classifier = "xgboost",
        *,
        random_state: int = 0,
    ) -> None:
        self.extractor = extractor
        self.model = model
        self.random_state = random_state

    def fit(
        self,
        X: Sequence[ImageLike] | np.ndarray,
        y: Sequence[Any] | np.ndarray,
        sample_weight: Any = None,
        covariates: pd.DataFrame | None = None,
        groups: Any = None,
    ) -> StoneClassifier:
        """Describe the images and fit the model to the descriptions.

        Parameters
        ----------
        X : sequence of image-likes, length n
            Paths, arrays, `StoneImage`s or `Dataset.images`.
        y : array-like of shape (n,)
            Class labels.
        sample_weight : array-like of shape (n,), optional
            Weights of the images.
        covariates : DataFrame of shape (n, k), optional
            One row an image.
        groups : array-like of shape (n,), optional
            Kept together where the model judges itself: a CNN's validation, a detector's folds.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If an image cannot be used, there is one class only, or the covariates do not fit.
        """
        if y is None:
            raise InputError(
                f"{type(self).__name__} requires y to be passed, but the target y is None"
            )
        # Labels are judged before the long work on the images.
        labels = column_or_1d(y, warn=True)
        encode_labels(labels)
        images = as_sequence(X)
        check_consistent_length(images, labels, sample_weight)
        table = self.fit_describe(images, covariates)
        return self.fit_described(table, labels, sample_weight, groups)

    def fit_describe(
        self, X: Sequence[ImageLike] | np.ndarray, covariates: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Fit the extractor and the covariates' encoder; return the training table, (n, d)."""
        encoder = encoder_for(self.new_model(), covariates)
        self.extractor_ = self._unfitted_extractor()
        features = np.asarray(self.extractor_.fit_transform(X))
        self._remember(list(X))
        self.covariates_ = None if encoder is None else encoder.fit(covariates)
        return self._beside(features, covariates)

    def fit_describe_each(
        self, X: Sequence[ImageLike] | np.ndarray, covariates: pd.DataFrame | None = None
    ) -> tuple[pd.DataFrame, dict[int, InputError]]:
        """As `fit_describe`, but go on past images that cannot be used.

        Returns
        -------
        table : DataFrame of shape (n, d)
            All missing in the rows of unusable images.
        errors : dict of int to InputError
            Why each unusable row is.
        """
        encoder = encoder_for(self.new_model(), covariates)
        self.extractor_ = self._unfitted_extractor()
        outcomes = self.extractor_.fit_transform_each(X)
        usable = [not isinstance(outcome, InputError) for outcome in outcomes]
        self._remember([image for image, fits in zip(X, usable, strict=True) if fits])
        self.covariates_ = None
        if covariates is not None and encoder is not None:
            check_rows(covariates, len(outcomes))
            self.covariates_ = encoder.fit(covariates[usable])
        return self._rows_and_errors(outcomes, covariates)

    def fit_described(
        self, table: pd.DataFrame, y: Any, sample_weight: Any = None, groups: Any = None
    ) -> StoneClassifier:
        """Fit the model to a table of `fit_describe`."""
        return self.adopt(fit_grouped(self.new_model(), table, y, groups, sample_weight), table)

    def adopt(self, model: Classifier, table: pd.DataFrame) -> StoneClassifier:
        """Take a model that was fitted to a table of `fit_describe`, such as a tuned one."""
        self.model_ = model
        self.classes_ = model.classes_
        self.certainty_: Certainty | None = None
        self.nan_seen_ = table.columns[table.isna().any()].tolist()
        return self

    def new_model(self) -> Any:
        """Return an unfitted classifier as this estimator asks for it."""
        model = self.model
        named = isinstance(model, str)
        model = make_classifier(model, random_state=self.random_state) if named else clone(model)
        return model if takes_pictures(model) else with_stage(model, self.extractor)

    def describe(
        self, X: Sequence[ImageLike] | np.ndarray, covariates: pd.DataFrame | None = None
    ) -> pd.DataFrame:
        """Return the table that the model sees, (n, d); warn of values missing for the first time.

        Raises
        ------
        InputError
            If an image cannot be described, or covariates are missing that the model needs.
        """
        check_is_fitted(self, "model_")
        table = self._beside(np.asarray(self.extractor_.transform(X)), covariates)
        warn_of_unseen(table, self.nan_seen_)
        return table

    def describe_each(
        self, X: Sequence[ImageLike] | np.ndarray, covariates: pd.DataFrame | None = None
    ) -> tuple[pd.DataFrame, dict[int, InputError]]:
        """As `describe`, but go on past images that cannot be used; see `fit_describe_each`."""
        check_is_fitted(self, "model_")
        table, errors = self._rows_and_errors(self.extractor_.transform_each(X), covariates)
        warn_of_unseen(table.drop(index=list(errors)), self.nan_seen_)
        return table, errors

    def decision_function(
        self, X: Sequence[ImageLike] | np.ndarray, covariates: pd.DataFrame | None = None
    ) -> np.ndarray:
        """Return margins: (n,) for ``classes_[1]`` of two classes, else (n, n_classes)."""
        table = self.describe(X, covariates)
        return self.model_.decision_function(table)

    def predict(
        self, X: Sequence[ImageLike] | np.ndarray, covariates: pd.DataFrame | None = None
    ) -> np.ndarray:
        """Return the class of each image, (n,)."""
        table = self.describe(X, covariates)
        return self.model_.predict(table)

    @available_if(_has_probabilities)
    def predict_proba(
        self, X: Sequence[ImageLike] | np.ndarray, covariates: pd.DataFrame | None = None
    ) -> np.ndarray:
        """Return the probability of each class, (n, n_classes): calibrated by `train`, else raw."""
        return self.chances(self.describe(X, covariates))

    def chances(self, table: pd.DataFrame) -> np.ndarray:
        """Return the probability of each class for a table of `describe`, (n, n_classes)."""
        if self.certainty_ is None or self.certainty_.calibrator is None:
            return self.model_.predict_proba(table)
        return self.certainty_.calibrator.probabilities(self.model_.decision_function(table))

    def score(
        self,
        X: Sequence[ImageLike] | np.ndarray,
        y: Any,
        sample_weight: Any = None,
        covariates: pd.DataFrame | None = None,
    ) -> float:
        """Return the accuracy on images and their labels."""
        return accuracy_score(y, self.predict(X, covariates), sample_weight=sample_weight)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns of `describe`."""
        check_is_fitted(self, "extractor_")
        names = self.extractor_.get_feature_names_out()
        if self.covariates_ is None:
            return names
        return np.concatenate([names, self.covariates_.get_feature_names_out()])

    @property
    def learns_in_folds(self) -> bool:
        """Whether the model learns what describes images, too: dear to fit, and judged with it."""
        return self.takes_pictures or find_stage(self.extractor) is not None

    @property
    def takes_pictures(self) -> bool:
        """Whether the model is a CNN, which is trained on the images themselves."""
        return takes_pictures(self.model_ if hasattr(self, "model_") else self.new_model())

    def _unfitted_extractor(self) -> Extractor:
        if self.extractor is not None:
            return clone(self.extractor)
        model = self.new_model()
        return make_picture_extractor(model) if takes_pictures(model) else FeatureExtractor()

    def _remember(self, images: list[ImageLike]) -> None:
        """Keep a hash of each training image, by which `evaluate` knows it again."""
        self.image_digests_ = digests_of(images, self.extractor_.n_jobs)
        self.modalities_ = modalities_of(images)

    def _rows_and_errors(
        self, outcomes: list[np.ndarray | InputError], covariates: pd.DataFrame | None
    ) -> tuple[pd.DataFrame, dict[int, InputError]]:
        features, errors = rows_and_errors(outcomes, self.extractor_.n_features_out_)
        return self._beside(features, covariates), errors

    def _beside(self, features: np.ndarray, covariates: pd.DataFrame | None) -> pd.DataFrame:
        return beside(features, self.get_feature_names_out(), self.covariates_, covariates)
