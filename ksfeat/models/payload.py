"""A fitted table classifier to bytes and back, without running anything that the bytes say.

Trees travel in XGBoost's own JSON; the rest in skops' format, every type of which must stand on an
explicit list before a single object is built.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import numpy as np
import skops.io
import xgboost as xgb

from ksfeat.errors import ArtifactError
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.table_classifier import TableClassifier

_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time in archives, so that equal models are equal bytes
_OWN_TYPES = [
    "ksfeat.models.encoding.TableEncoder",
    "ksfeat.models.linear.LinearClassifier",
    "ksfeat.models.svm.SVMClassifier",
    "numpy.dtype",
]
TRUSTED_TYPES = frozenset(
    [
        *_OWN_TYPES,
        "builtins.dict",
        "builtins.list",
        "builtins.str",
        "builtins.tuple",
        "numpy.float64",
        "numpy.int64",
        "numpy.ndarray",
        "sklearn.feature_selection._variance_threshold.VarianceThreshold",
        "sklearn.impute._base.MissingIndicator",
        "sklearn.impute._base.SimpleImputer",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.preprocessing._data.StandardScaler",
        "sklearn.svm._classes.SVC",
    ]
)


def dump_model(model: TableClassifier) -> tuple[str, bytes]:
    """Return the member name and the bytes of a fitted classifier."""
    if isinstance(model, XGBoostClassifier):
        return "model.json", bytes(model.booster_.save_raw("json"))
    return "model.skops", _canonical(skops.io.dumps(model))


def load_model_payload(
    model: TableClassifier, member: str, payload: bytes, classes: np.ndarray, n_features: int
) -> TableClassifier:
    """Return `model` fitted as the bytes say.

    Raises
    ------
    ArtifactError
        If the bytes are damaged, hold a type that is not trusted, or another kind of model.
    """
    try:
        if isinstance(model, XGBoostClassifier) and member == "model.json":
            fitted = _load_trees(model, payload, classes, n_features)
        else:
            fitted = _load_skops(payload)
    except ArtifactError:
        raise
    except Exception as error:
        # XGBoost and skops raise many types on damaged bytes.
        raise ArtifactError(
            f"{member}: damaged ({type(error).__name__}); save the model again"
        ) from error
    fits = type(fitted) is type(model) and fitted.n_features_in_ == n_features
    if not fits or fitted.classes_.tolist() != classes.tolist():
        raise ArtifactError(f"{member}: holds another model than the metadata says")
    return fitted


def _canonical(archive: bytes) -> bytes:
    """Renumber objects by order instead of memory address, and fix the members' times."""
    with zipfile.ZipFile(io.BytesIO(archive)) as source:
        schema = source.read("schema.json").decode()
        found = re.findall(r'"__id__": (\d+)|"file": "(\d+)\.', schema)
        order = {number: place for place, number in enumerate(dict.fromkeys(map("".join, found)))}
        schema = re.sub(
            r'("__id__": |"file": ")(\d+)', lambda hit: f"{hit[1]}{order[hit[2]]}", schema
        )
        members = {"schema.json": schema.encode()}
        for name in source.namelist():
            if name != "schema.json":
                number, _, suffix = name.partition(".")
                members[f"{order[number]}.{suffix}"] = source.read(name)
    return write_archive(members)


def write_archive(members: dict[str, bytes]) -> bytes:
    """Return a zip of the members, the same bytes for the same content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            archive.writestr(entry, members[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _load_skops(payload: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        schema = json.loads(archive.read("schema.json"))
    extra = sorted(_types(schema) - TRUSTED_TYPES)
    if extra:
        raise ArtifactError(
            f"model.skops: holds the type {extra[0]}, which no ksfeat model holds; "
            "nothing was loaded; do not use this file"
        )
    return skops.io.loads(payload, trusted=_OWN_TYPES)


def _types(node: Any) -> set[str]:
    """Return every type a skops schema names, found before anything is built."""
    if isinstance(node, list):
        return set().union(*map(_types, node))
    if not isinstance(node, dict):
        return set()
    named = {f"{node.get('__module__')}.{node['__class__']}"} if "__class__" in node else set()
    return named.union(*map(_types, node.values()))


def _load_trees(
    model: XGBoostClassifier, payload: bytes, classes: np.ndarray, n_features: int
) -> XGBoostClassifier:
    _check_trees(json.loads(payload), n_features, len(classes))
    booster = xgb.Booster({"nthread": model.n_jobs})
    booster.load_model(bytearray(payload))
    if booster.num_features() != n_features:
        raise ArtifactError("model.json: another number of features than the metadata says")
    model.booster_ = booster
    model.classes_ = classes
    model.n_features_in_ = n_features
    return model


def _check_trees(document: dict[str, Any], n_features: int, n_classes: int) -> None:
    """Refuse trees that would lead the unchecked predictor out of its arrays or in circles."""
    booster = document["learner"]["gradient_booster"]["model"]
    outputs = 1 if n_classes == 2 else n_classes
    targets = np.asarray(booster["tree_info"])
    if len(targets) != len(booster["trees"]) or not ((targets >= 0) & (targets < outputs)).all():
        raise ArtifactError("model.json: trees for classes that the metadata does not have")
    for tree in booster["trees"]:
        size = int(tree["tree_param"]["num_nodes"])
        own = np.arange(size)
        left, right = np.asarray(tree["left_children"]), np.asarray(tree["right_children"])
        split = np.asarray(tree["split_indices"])
        arrays = [left, right, split, tree["split_conditions"], tree["default_left"]]
        if any(len(array) != size for array in arrays) or size == 0:
            raise ArtifactError("model.json: a tree whose arrays do not fit each other")
        inner = left != -1
        # A child that comes after its parent cannot lead back to it.
        forward = ((left > own) & (right > own) & (left < size) & (right < size))[inner].all()
        known = ((split >= 0) & (split < n_features))[inner].all()
        if not (forward and known and (right[~inner] == -1).all()):
            raise ArtifactError("model.json: a tree that leads nowhere or in circles")
