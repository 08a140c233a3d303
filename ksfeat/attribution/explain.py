"""`explain`: the exact attribution of whichever model it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from ksfeat.attribution.explanation import Explanation, Game
from ksfeat.attribution.linear import explain_linear
from ksfeat.attribution.svm import explain_svm
from ksfeat.attribution.trees import explain_trees
from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.classifiers import require_features
from ksfeat.models.linear import LinearClassifier
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.staged import StagedClassifier
from ksfeat.models.svm import SVMClassifier
from ksfeat.models.table_classifier import TableClassifier

_GAMES: dict[type[TableClassifier], tuple[Game, Callable[..., tuple[np.ndarray, np.ndarray]]]] = {
    XGBoostClassifier: ("path-dependent", explain_trees),
    SVMClassifier: ("absent = 1", explain_svm),
    LinearClassifier: ("interventional", explain_linear),
}


def explain(
    classifier: StoneClassifier | TableClassifier,
    X: Any,
    covariates: pd.DataFrame | None = None,
) -> Explanation:
    """Explain a classifier's margins, exactly.

    Parameters
    ----------
    classifier : StoneClassifier or TableClassifier
        Fitted; one of ksfeat's own models.
    X : sequence of image-likes, or table of shape (n, d)
        Images for a `StoneClassifier`, its `describe` table or any table for a table classifier.
    covariates : DataFrame, optional
        Covariates of the images, where the classifier has some.

    Returns
    -------
    Explanation
        Trees: path-dependent game, by XGBoost. Linear: interventional, closed form. SVM: the game
        in which an absent feature's kernel factor is one, by exact quadrature.

    Raises
    ------
    InputError
        If the model is none of ksfeat's, or a CNN.

    Examples
    --------
    >>> import numpy as np
    >>> from ksfeat import make_classifier
    >>> X = np.random.default_rng(0).normal(size=(60, 4))
    >>> y = np.where(X[:, 0] > 0, "stone", "normal")
    >>> explanation = explain(make_classifier("svm").fit(X, y), X[:3])
    >>> explanation.additivity_error() < 1e-9
    True
    """
    if isinstance(classifier, StoneClassifier):
        check_is_fitted(classifier, "model_")
        _game_of(classifier.model_)  # before the images are described
        table = classifier.describe(X, covariates)
        return explain_table(classifier.model_, table, image_keys(X))
    names = getattr(classifier, "feature_names_in_", None)
    table = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X), columns=names)
    return explain_table(classifier, table, tuple(map(str, table.index)))


def explain_table(
    model: TableClassifier | StagedClassifier, table: pd.DataFrame, keys: tuple[str, ...]
) -> Explanation:
    """Explain a table classifier on rows that are already described.

    Of one that sees stones first, what its detector says are features like any other.
    """
    if isinstance(model, StagedClassifier):
        return explain_table(model.model_, model.seen(table), keys)
    game, attribute = _game_of(model)
    rows = table.to_numpy(dtype=np.float64)
    margins = model.decision_function(table)  # first, since it refuses what it was not fitted to
    values, base = attribute(model, rows)
    classes = tuple(map(str, model.classes_))
    return Explanation(
        values=values,
        base_values=base,
        margins=margins.reshape(len(rows), -1),
        data=rows,
        feature_names=tuple(map(str, table.columns)),
        outputs=classes[1:] if len(classes) == 2 else classes,
        classes=classes,
        game=game,
        keys=keys,
    )


def _game_of(
    model: Any,
) -> tuple[Game, Callable[..., tuple[np.ndarray, np.ndarray]]]:
    require_features(model, "an explanation by feature")
    if isinstance(model, StagedClassifier):
        model = model.model_
    for kind, game in _GAMES.items():
        if isinstance(model, kind):
            return game
    raise InputError(
        f"{type(model).__name__} has no exact explanation here; expected a model of make_classifier"
    )


def image_keys(images: Sequence[Any] | np.ndarray) -> tuple[str, ...]:
    """Return a name for each image: its key, or its place in the sequence."""
    return tuple(
        image.key if isinstance(image, ImageSource | StoneImage) and image.key else f"image {place}"
        for place, image in enumerate(images)
    )
