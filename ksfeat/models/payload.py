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

from ksfeat.errors import ArtifactError, InputError, MissingExtraError
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.classifiers import Classifier, takes_pictures
from ksfeat.models.soundness import check_encoder, check_machines, check_margins, check_trees
from ksfeat.models.svm import SVMClassifier
from ksfeat.models.table_classifier import TableClassifier

_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed time in archives, so that equal models are equal bytes
MAX_BYTES = 1024**3  # of all members unpacked; an archive that claims more is a bomb
WEIGHTS = "model.safetensors"
_OWN_TYPES = [
    "ksfeat.models.encoding.TableEncoder",
    "ksfeat.models.linear.LinearClassifier",
    "ksfeat.models.svm.SVMClassifier",
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
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.svm._classes.SVC",
    ]
)
# How skops builds an object. Functions, methods, partials and constructors are never needed.
_TRUSTED_LOADERS = frozenset(
    [
        "CachedNode",
        "DictNode",
        "JsonNode",
        "ListNode",
        "NdArrayNode",
        "ObjectNode",
        "TupleNode",
        "TypeNode",
    ]
)


def dump_model(model: Classifier) -> tuple[str, bytes]:
    """Return the member name and the bytes of a fitted classifier."""
    if takes_pictures(model):
        from ksfeat.cnn.weights_file import dump_cnn  # torch is there: it trained the network

        return WEIGHTS, dump_cnn(model)
    if isinstance(model, XGBoostClassifier):
        return "model.json", bytes(model.booster_.save_raw("json"))
    return "model.skops", _canonical(skops.io.dumps(model))


def load_model_payload(
    model: Any, member: str, payload: bytes, classes: np.ndarray, n_features: int
) -> Any:
    """Return `model` fitted as the bytes say.

    Raises
    ------
    ArtifactError
        If the bytes are damaged, hold a type that is not trusted, or another kind of model.
    """
    try:
        if takes_pictures(model) != (member == WEIGHTS):
            raise ArtifactError(f"{member}: holds another model than the metadata says")
        if takes_pictures(model):
            from ksfeat.cnn.weights_file import restore_cnn  # torch is there: it made the model

            return restore_cnn(model, payload, classes)
        if isinstance(model, XGBoostClassifier) and member == "model.json":
            fitted: TableClassifier = _load_trees(model, payload, classes, n_features)
        else:
            fitted = _load_skops(model, payload, classes, n_features)
        check_margins(fitted)
        return fitted
    except (ArtifactError, MissingExtraError):
        raise
    except InputError as error:
        raise ArtifactError(f"{member}: {error}") from error
    except Exception as error:
        # XGBoost and skops raise many types on damaged bytes.
        raise ArtifactError(
            f"{member}: damaged ({type(error).__name__}); save the model again"
        ) from error


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


def _load_skops(
    model: TableClassifier, payload: bytes, classes: np.ndarray, n_features: int
) -> TableClassifier:
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
            raise ArtifactError("model.skops: unpacks to more than a model needs; refused")
        schema = json.loads(archive.read("schema.json"))
    extra = sorted(_named(schema) - TRUSTED_TYPES - _TRUSTED_LOADERS)
    if extra:
        raise ArtifactError(
            f"model.skops: holds the type {extra[0]}, which no ksfeat model holds; "
            "nothing was loaded; do not use this file"
        )
    fitted = skops.io.loads(payload, trusted=_OWN_TYPES)
    known = type(fitted) is type(model) and fitted.n_features_in_ == n_features
    if not known or fitted.classes_.tolist() != classes.tolist():
        raise ArtifactError("model.skops: holds another model than the metadata says")
    check_encoder(fitted.encoder_, n_features)
    if isinstance(fitted, SVMClassifier):
        check_machines(fitted)
    return fitted


def _named(node: Any) -> set[str]:
    """Return every type and loader that a skops schema names, before anything is built."""
    if isinstance(node, list):
        return set().union(*map(_named, node))
    if not isinstance(node, dict):
        return set()
    names = {str(node["__loader__"])} if "__loader__" in node else set()
    if "__class__" in node:
        names.add(f"{node.get('__module__')}.{node['__class__']}")
    return names.union(*map(_named, node.values()))


def _load_trees(
    model: XGBoostClassifier, payload: bytes, classes: np.ndarray, n_features: int
) -> XGBoostClassifier:
    document = json.loads(payload)
    check_trees(document, n_features, len(classes))
    booster = xgb.Booster({"nthread": model.n_jobs})
    # XGBoost reads what was checked, and not the bytes that its parser may understand otherwise.
    booster.load_model(bytearray(json.dumps(document).encode()))
    model.booster_ = booster
    model.classes_ = classes
    model.n_features_in_ = n_features
    return model
