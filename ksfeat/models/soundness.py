"""Whether the numbers in a model file are a model: no index leads out of its array or in circles.

XGBoost and libsvm follow the indices of a loaded model without checking them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ksfeat.errors import ArtifactError, InputError
from ksfeat.features import FeatureExtractor
from ksfeat.image import UNITS
from ksfeat.models.encoding import TableEncoder
from ksfeat.models.svm import SVMClassifier
from ksfeat.models.table_classifier import TableClassifier

MASKS = ("all", "none", "some")
_CATEGORICAL = ("categories", "categories_nodes", "categories_segments", "categories_sizes")
_NO_PARENT = 2**31 - 1  # what XGBoost writes for the root


def check_trees(document: dict[str, Any], n_features: int, n_classes: int) -> None:
    """Refuse an XGBoost model that is not the plain boosted trees that `fit` makes.

    Parameters
    ----------
    document : dict
        XGBoost's JSON.
    n_features, n_classes : int
        What the metadata says.

    Raises
    ------
    ArtifactError
        If it is another kind of model or has another shape, or an index leads nowhere.
    """
    outputs = 1 if n_classes == 2 else n_classes
    learner = document["learner"]
    booster = learner["gradient_booster"]
    trees, rounds = booster["model"]["trees"], booster["model"]["iteration_indptr"]
    found = {
        "kind": (booster["name"], learner["objective"]["name"]),
        "size": [int(learner["learner_model_param"][key]) for key in ("num_class", "num_feature")],
        "targets": int(learner["learner_model_param"].get("num_target", 1)),
        "names": learner["feature_names"] + learner["feature_types"],
        "categories": list(booster["model"].get("cats", {}).values()),
        "trees": int(booster["model"]["gbtree_model_param"]["num_trees"]),
        "rounds": (_integers(rounds).tolist(), _integers(booster["model"]["tree_info"]).tolist()),
    }
    n = len(trees)
    expected = {
        "kind": ("gbtree", "binary:logistic" if outputs == 1 else "multi:softprob"),
        "size": [0 if outputs == 1 else n_classes, n_features],
        "targets": 1,
        "names": [],
        "categories": [[]] * len(found["categories"]),
        "trees": n,
        "rounds": (list(range(0, n + 1, outputs)), [place % outputs for place in range(n)]),
    }
    for what, value in expected.items():
        if found[what] != value:
            raise ArtifactError(f"model.json: not the trees that the metadata tells of ({what})")
    for place, tree in enumerate(trees):
        _check_kind(tree, place)
        _check_paths(tree, n_features)


def _check_kind(tree: dict[str, Any], place: int) -> None:
    size = len(tree["left_children"])
    columns = ("right_children", "parents", "split_indices", "split_type", "split_conditions")
    lengths = {len(tree[name]) for name in (*columns, "default_left", "sum_hessian")}
    if lengths != {size} or size != int(tree["tree_param"]["num_nodes"]) or size == 0:
        raise ArtifactError("model.json: a tree whose arrays do not fit each other")
    numbered = tree["id"] == place and int(tree["tree_param"]["num_deleted"]) == 0
    scalar = int(tree["tree_param"]["size_leaf_vector"]) in (0, 1)
    categorical = any(tree["split_type"]) or any(tree[name] for name in _CATEGORICAL)
    if not numbered or not scalar or categorical:
        raise ArtifactError("model.json: a tree of another kind than `fit` makes")


def _check_paths(tree: dict[str, Any], n_features: int) -> None:
    left, right = _integers(tree["left_children"]), _integers(tree["right_children"])
    parents, split = _integers(tree["parents"]), _integers(tree["split_indices"])
    size, own = len(left), np.arange(len(left))
    inner = left != -1
    known = ((split >= 0) & (split < n_features))[inner].all()
    children = np.sort(np.concatenate([left[inner], right[inner]]))
    # Each node is one node's child and comes after it, so that no way leads back.
    forward = ((left > own) & (right > own))[inner].all() and (right[~inner] == -1).all()
    if not (known and forward and children.tolist() == list(range(1, size))):
        raise ArtifactError("model.json: a tree that leads nowhere or in circles")
    above = np.full(size, _NO_PARENT)
    above[left[inner]] = above[right[inner]] = own[inner]
    if not np.array_equal(parents, above):
        raise ArtifactError("model.json: a tree whose parents are not those of its children")


def _integers(values: list[Any]) -> np.ndarray:
    """Return whole numbers only: 2.5 would pass a check here and be cut to 2 by XGBoost."""
    array = np.asarray(values)
    if array.dtype.kind != "i" or array.ndim != 1:
        raise ArtifactError("model.json: an index that is not a whole number")
    return array


def check_parameters(extractor: FeatureExtractor) -> None:
    """Refuse an extractor that no image could be described with, before it is asked to.

    Raises
    ------
    ArtifactError
        If a parameter is one that `fit` would refuse, such as a step of preprocessing.
    """
    try:
        extractor.check()
    except InputError as error:
        raise ArtifactError(f"its metadata is damaged ({error}); copy it again") from error


def check_machines(model: SVMClassifier) -> None:
    """Refuse support vector machines whose arrays do not fit each other.

    Raises
    ------
    ArtifactError
        If a machine is not the RBF machine on the encoded columns that `fit` makes.
    """
    n_encoded = len(model.encoder_.kept_)
    if len(model.machines_) != (1 if len(model.classes_) == 2 else len(model.classes_)):
        raise ArtifactError("model.skops: not one machine a class")
    for machine in model.machines_:
        m = len(machine.support_vectors_)
        shapes = {
            "support_": (m,),
            "support_vectors_": (m, n_encoded),
            "dual_coef_": (1, m),
            "_dual_coef_": (1, m),
            "intercept_": (1,),
            "_intercept_": (1,),
            "_probA": (0,),
            "_probB": (0,),
            "_n_support": (2,),
            "classes_": (2,),
        }
        fits = all(getattr(machine, name).shape == shape for name, shape in shapes.items())
        counts = machine._n_support
        whole = fits and (counts >= 0).all() and counts.sum() == m
        plain = (machine.kernel, machine._impl, machine._sparse) == ("rbf", "c_svc", False)
        # libsvm predicts with the underscored twins, of opposite sign; the others are explained.
        twins = whole and (
            np.array_equal(machine.dual_coef_, -machine._dual_coef_)
            and np.array_equal(machine.intercept_, -machine._intercept_)
        )
        if not (twins and plain and float(machine._gamma) > 0):
            raise ArtifactError("model.skops: a machine whose arrays do not fit each other")


def check_encoder(encoder: TableEncoder, n_features: int) -> None:
    """Refuse an encoder whose columns lead out of the table.

    Raises
    ------
    ArtifactError
        If its arrays do not fit each other or the table.
    """
    n = len(encoder.kept_)
    width = n_features + len(encoder.indicated_)
    shapes = {"median_": (n_features,), "kept_": (n,), "mean_": (n,), "scale_": (n,)}
    fits = all(getattr(encoder, name).shape == shape for name, shape in shapes.items())
    ends = {"indicated_": n_features, "kept_": width, "origin_": n_features}
    places = {name: getattr(encoder, name) for name in ends}
    inside = all(
        place.dtype.kind == "i" and ((place >= 0) & (place < ends[name])).all()
        for name, place in places.items()
    )
    if not (fits and inside and encoder.origin_.shape == (n,)):
        raise ArtifactError("model.skops: an encoder whose columns are not those of the table")


def check_margins(model: TableClassifier) -> None:
    """Refuse a model that cannot tell a margin of a row of zeros.

    Raises
    ------
    ArtifactError
        If a margin is not finite, or there is not one a class.
    """
    margins = model._margins(np.zeros((1, model.n_features_in_)))
    expected = (1,) if len(model.classes_) == 2 else (1, len(model.classes_))
    if margins.shape != expected or not np.isfinite(margins).all():
        raise ArtifactError(f"margins {margins!r:.60}; expected finite ones of shape {expected}")


def known_units(units: Any) -> tuple[str, ...] | None:
    """Return the units that a model was trained on, or refuse what is none."""
    if units is None:
        return None
    if not isinstance(units, list) or not units or not all(unit in UNITS for unit in units):
        raise ArtifactError(f"units {units!r:.60}; expected some of {', '.join(UNITS)}")
    return tuple(units)


def known_masks(masks: Any) -> str | None:
    """Return which training images had a mask, or refuse what says nothing of it."""
    if masks not in (None, *MASKS):
        raise ArtifactError(f"masks {masks!r:.60}; expected one of {', '.join(MASKS)}")
    return None if masks is None else str(masks)


def known_classes(labels: list[Any]) -> np.ndarray:
    """Return the classes of a model, or refuse what are none."""
    classes = np.array(labels)
    if classes.ndim != 1 or classes.dtype.kind not in "Uifb" or len(classes) < 2:
        raise ArtifactError(f"classes {labels!r:.60}; expected at least two names")
    if np.unique(classes).tolist() != labels:
        raise ArtifactError(f"classes {labels!r:.60}; expected different ones in sorted order")
    return classes
