"""`make_classifier`: a table classifier by name, with the space its search looks in."""

from __future__ import annotations

from typing import Any

from ksfeat.errors import InputError
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.linear import LinearClassifier
from ksfeat.models.svm import SVMClassifier
from ksfeat.models.table_classifier import TableClassifier

CLASSIFIERS: dict[str, type[TableClassifier]] = {
    "xgboost": XGBoostClassifier,
    "svm": SVMClassifier,
    "linear": LinearClassifier,
}


def make_classifier(name: str = "xgboost", **params: Any) -> TableClassifier:
    """Make a classifier over tables by its name.

    Parameters
    ----------
    name : {"xgboost", "svm", "linear"}, default="xgboost"
        Gradient-boosted trees, one-vs-rest RBF support vector machines, or logistic regression.
    **params
        Parameters of the classifier. A `random_state` is passed to those that have one.

    Returns
    -------
    TableClassifier
        Takes NaN as "not defined here"; balances the classes.

    Raises
    ------
    InputError
        If there is no classifier or parameter of that name.

    Examples
    --------
    >>> make_classifier("svm", C=10.0)
    SVMClassifier(C=10.0)
    """
    if name not in CLASSIFIERS:
        raise InputError(f"model {name!r}; expected one of {', '.join(CLASSIFIERS)}")
    kind = CLASSIFIERS[name]
    known = kind._get_param_names()
    if "random_state" not in known:
        params.pop("random_state", None)
    unknown = sorted(set(params) - set(known))
    if unknown:
        raise InputError(f"{name} has no parameter {unknown[0]!r}; it has {', '.join(known)}")
    return kind(**params)


def classifier_name(model: TableClassifier) -> str:
    """Return the name under which `make_classifier` makes this kind of model."""
    for name, kind in CLASSIFIERS.items():
        if type(model) is kind:
            return name
    raise InputError(f"{type(model).__name__} is none of ksfeat's classifiers")
