"""Hyper-parameter search whose inner folds keep groups whole."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import loguniform, randint, uniform
from sklearn import config_context
from sklearn.metrics import make_scorer, recall_score
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils.validation import has_fit_parameter

from ksfeat.errors import InputError
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.classifiers import Classifier, takes_pictures
from ksfeat.models.linear import LinearClassifier
from ksfeat.models.staged import StagedClassifier
from ksfeat.models.svm import SVMClassifier
from ksfeat.models.table_classifier import TableClassifier
from ksfeat.splits import make_split

Search = Literal["grid", "random"]
INNER_FOLDS = 3
N_RANDOM = 12  # draws of a random search
N_RANDOM_CNN = 4  # each is a training an inner fold

GRIDS: dict[type[TableClassifier], dict[str, list[Any]]] = {
    XGBoostClassifier: {"max_depth": [2, 4], "n_estimators": [150, 400], "reg_lambda": [1.0, 10.0]},
    SVMClassifier: {"C": [0.3, 1.0, 3.0, 10.0], "gamma": ["scale", 0.001]},
    LinearClassifier: {"C": [0.001, 0.01, 0.1, 1.0]},
}
DISTRIBUTIONS: dict[type[TableClassifier], dict[str, Any]] = {
    XGBoostClassifier: {
        "max_depth": randint(2, 7),
        "n_estimators": randint(100, 501),
        "learning_rate": loguniform(0.02, 0.2),
        "colsample_bytree": uniform(0.3, 0.6),
        "reg_lambda": loguniform(0.3, 30),
    },
    SVMClassifier: {"C": loguniform(0.1, 100), "gamma": loguniform(1e-4, 0.1)},
    LinearClassifier: {"C": loguniform(1e-4, 10)},
}


def tune(  # noqa: PLR0913 - a table, what is known of its rows, and how to search
    model: Classifier,
    table: pd.DataFrame,
    labels: np.ndarray,
    groups: np.ndarray | None,
    *,
    search: Search,
    random_state: int = 0,
    copy_of: np.ndarray | None = None,
) -> Any:
    """Choose hyper-parameters by inner folds and fit the best to all rows.

    Parameters
    ----------
    model : TableClassifier or FineTunedCNN
        What to tune. Of a CNN the learning rate and the number of epochs, as given or twice.
    table : DataFrame of shape (n, d)
        Features.
    labels : ndarray of shape (n,)
        Classes.
    groups : ndarray of shape (n,) or None
        What the inner folds must not cut; None is a random split.
    search : {"grid", "random"}
        A fixed grid, or a dozen draws from distributions (four of a CNN).
    random_state : int, default=0
        Seed of the folds and of the draws.
    copy_of : ndarray of int, shape (n,), optional
        The row that each row is an augmented copy of; an original is its own. Copies train where
        their original does, and are never predicted.

    Returns
    -------
    TableClassifier or FineTunedCNN
        Of the best mean balanced accuracy, fitted to all rows.

    Raises
    ------
    InputError
        If the search or the kind of model is unknown, or there are too few groups for the inner
        folds.
    """
    if search not in ("grid", "random"):
        raise InputError(f"search {search!r}; expected grid or random")
    space = _space(model, search)
    try:
        folds = _inner_folds(labels, groups, copy_of, random_state)
    except InputError as error:
        raise InputError(f"the search's inner folds: {error}") from error
    options = {"scoring": make_scorer(_mean_recall), "cv": folds}
    if search == "random":
        draws = N_RANDOM_CNN if takes_pictures(model) else N_RANDOM
        options |= {"n_iter": draws, "random_state": random_state}
    seek = GridSearchCV if search == "grid" else RandomizedSearchCV
    if not has_fit_parameter(model, "groups"):
        return seek(model, space, **options).fit(table, labels).best_estimator_
    # scikit-learn hands the groups to the model's own validation part only where it is asked to.
    with config_context(enable_metadata_routing=True):
        seeker = seek(model.set_fit_request(groups=True), space, **options)
        return seeker.fit(table, labels, groups=groups).best_estimator_


def _space(model: Classifier | StagedClassifier, search: Search) -> dict[str, Any]:
    if takes_pictures(model):
        rates = [3e-4, 1e-3, 3e-3] if search == "grid" else loguniform(1e-4, 1e-2)
        return {"learning_rate": rates, "epochs": [model.epochs, 2 * model.epochs]}
    if isinstance(model, StagedClassifier):
        return {f"model__{name}": values for name, values in _space(model.model, search).items()}
    if type(model) not in GRIDS:
        raise InputError(f"no search for {type(model).__name__}; expected one of make_classifier")
    return GRIDS[type(model)] if search == "grid" else DISTRIBUTIONS[type(model)]


def _inner_folds(
    labels: np.ndarray, groups: np.ndarray | None, copy_of: np.ndarray | None, random_state: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split the originals, and let each one's copies train with it."""
    if copy_of is None:
        return list(make_split(labels, groups, n_folds=INNER_FOLDS, random_state=random_state))
    originals = np.flatnonzero(copy_of == np.arange(len(copy_of)))
    known = None if groups is None else groups[originals]
    split = _inner_folds(labels[originals], known, None, random_state)
    return [
        (np.flatnonzero(np.isin(copy_of, originals[train])), originals[test])
        for train, test in split
    ]


def _mean_recall(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Return the balanced accuracy over the classes that a fold holds.

    A rare class may be absent from the test side of a grouped fold, of which scikit-learn's own
    balanced accuracy warns.
    """
    present = np.unique(truth)
    return recall_score(truth, predicted, labels=present, average="macro", zero_division=0)
