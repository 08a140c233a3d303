"""`make_classifier`: a table classifier by name, with the space its search looks in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from ksfeat.errors import InputError
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.linear import LinearClassifier
from ksfeat.models.svm import SVMClassifier
from ksfeat.models.table_classifier import TableClassifier

if TYPE_CHECKING:
    import numpy as np

    from ksfeat.cnn import FineTunedCNN

Classifier: TypeAlias = "TableClassifier | FineTunedCNN"
CNN = "cnn:"
CLASSIFIERS: dict[str, type[TableClassifier]] = {
    "xgboost": XGBoostClassifier,
    "svm": SVMClassifier,
    "linear": LinearClassifier,
}


def make_classifier(name: str = "xgboost", **params: Any) -> Any:
    """Make a classifier by its name.

    Parameters
    ----------
    name : str, default="xgboost"
        "xgboost", "svm" or "linear": gradient-boosted trees, one-vs-rest RBF support vector
        machines, or logistic regression. Or "cnn:NAME": a `FineTunedCNN` of that network, such as
        "cnn:efficientnet_lite0" or "cnn:seed_cnn".
    **params
        Parameters of the classifier. A `random_state` is passed to those that have one.

    Returns
    -------
    TableClassifier or FineTunedCNN
        Takes NaN as "not defined here"; balances the classes. A CNN takes the table of a
        `PictureExtractor`.

    Raises
    ------
    InputError
        If there is no classifier or parameter of that name.
    MissingExtraError
        If it is a CNN, and torch is not installed.

    Examples
    --------
    >>> make_classifier("svm", C=10.0)
    SVMClassifier(C=10.0)
    """
    kind = _kind_of(name)
    known = kind._get_param_names()
    if "random_state" not in known:
        params.pop("random_state", None)
    if name.startswith(CNN):
        params = {**params, "model": name.removeprefix(CNN)}
    unknown = sorted(set(params) - set(known))
    if unknown:
        raise InputError(f"{name} has no parameter {unknown[0]!r}; it has {', '.join(known)}")
    return kind(**params)


def _kind_of(name: str) -> Any:
    if name.startswith(CNN):
        from ksfeat.cnn import FineTunedCNN
        from ksfeat.cnn.networks import check_name

        check_name(name.removeprefix(CNN))
        return FineTunedCNN
    if name not in CLASSIFIERS:
        raise InputError(f"model {name!r}; expected one of {', '.join(CLASSIFIERS)}, {CNN}NAME")
    return CLASSIFIERS[name]


def takes_pictures(model: Any) -> bool:
    """Tell whether a model is trained on pictures, as a CNN is, and not on numbers."""
    return getattr(model, "takes_pictures", False)


def require_features(model: Any, what: str) -> None:
    """Refuse what needs features of a model that is trained on pictures.

    Raises
    ------
    InputError
        If the model is a CNN.
    """
    if takes_pictures(model):
        raise InputError(
            f"{what}: of features, and a CNN looks at pictures; do without, or use another model"
        )


def fit_grouped(
    model: Any, table: pd.DataFrame, labels: np.ndarray, groups: Any, sample_weight: Any = None
) -> Any:
    """Fit a classifier; one that takes a part of its own to judge by is told the groups."""
    told = {"groups": groups} if has_fit_parameter(model, "groups") else {}
    if sample_weight is not None:
        told["sample_weight"] = sample_weight
    return model.fit(table, labels, **told)


def elsewhere(model: Any) -> Any:
    """Return a model without what is of the machine that it was fitted on alone, unfitted."""
    if not takes_pictures(model):
        return clone(model)
    return clone(model).set_params(checkpoint=None, device="auto")


def kept_params(model: Any) -> dict[str, Any]:
    """Return the parameters of a model that are kept: a path would name somebody's folder.

    Of a model in two stages, those of its stages, which stand beside the stages themselves.
    """
    params = elsewhere(model).get_params()
    return {name: value for name, value in params.items() if not hasattr(value, "get_params")}


def classifier_name(model: Classifier) -> str:
    """Return the name under which `make_classifier` makes this kind of model."""
    if takes_pictures(model):
        return f"{CNN}{model.model}"
    for name, kind in CLASSIFIERS.items():
        if type(model) is kind:
            return name
    raise InputError(f"{type(model).__name__} is none of ksfeat's classifiers")
