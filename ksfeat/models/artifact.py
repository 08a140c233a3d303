"""The model file: a zip of metadata and numbers that runs nothing when it is opened."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

import ksfeat
from ksfeat.errors import ArtifactError, InputError, MissingExtraError
from ksfeat.io.atomic import replacing, require_folder
from ksfeat.models.certainty import Certainty
from ksfeat.models.classifiers import (
    classifier_name,
    elsewhere,
    kept_params,
    make_classifier,
    takes_pictures,
)
from ksfeat.models.covariates import CovariateEncoder
from ksfeat.models.extractor_record import (
    PICTURE,
    describe_extractor,
    rebuild_extractor,
    with_tuples,
)
from ksfeat.models.payload import MAX_BYTES, WEIGHTS, dump_model, load_model_payload, write_archive
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.models.soundness import known_classes
from ksfeat.models.staged import is_staged
from ksfeat.models.staged_record import describe_stones, names_seen, rebuild_staged
from ksfeat.models.stone_candidates import find_stage

FORMAT = 2  # read up to; what format 1 can say is written in it, for older versions
_METADATA = "metadata.json"
_MEMBERS = {_METADATA, "model.json", "model.skops", WEIGHTS}
_LIBRARIES = ("numpy", "scikit-learn", "xgboost", "skops")


def save_model(
    classifier: StoneClassifier,
    path: str | os.PathLike[str],
    *,
    training: dict[str, Any] | None = None,
) -> Path:
    """Save a fitted classifier as a ksfeat model file.

    Parameters
    ----------
    classifier : StoneClassifier
        A fitted classifier with one of ksfeat's own models.
    path : path-like
        Where to. An older model there is replaced in one step; any other file is refused.
    training : dict, optional
        A summary of the training set and its evaluation, plain enough for JSON.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If something that is not a ksfeat model stands at `path`, its folder is missing, or the
        classifier is not one of ksfeat's or holds what JSON cannot, such as a generator as seed.

    Notes
    -----
    The weights of a CNN are stored whole; neither its checkpoint's path nor its device is.

    A support vector machine is made of training rows: its file holds feature vectors of cases (no
    pixels, no names). Trees and linear models hold none.

    Examples
    --------
    >>> import tempfile, pathlib, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=6, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("first_order"), "linear")
    >>> file = save_model(classifier.fit(data.images, data.labels), folder / "model.ksf")
    >>> load_model(file).classes_.tolist()
    ['nostone', 'stone']
    """
    target = Path(path)
    check_target(target)
    if not isinstance(classifier, StoneClassifier):
        raise InputError(f"{type(classifier).__name__} cannot be saved; expected a StoneClassifier")
    check_is_fitted(classifier, "model_")
    metadata = _describe(classifier, training or {})
    member, payload = dump_model(_last(classifier.model_))
    metadata["payload"] = {"member": member, "sha256": hashlib.sha256(payload).hexdigest()}
    text = _to_json(metadata)
    with replacing(target) as partial:
        partial.write_bytes(write_archive({_METADATA: text.encode(), member: payload}))
    return target


def load_model(path: str | os.PathLike[str], *, module: Any = None) -> StoneClassifier:
    """Load a model file; nothing in it is run.

    Parameters
    ----------
    path : path-like
        A file of `save_model`.
    module : torch.nn.Module, optional
        Your own network, where the model was fitted to an embedding of one: no file holds it.

    Returns
    -------
    StoneClassifier
        Fitted; its `training_` holds the training summary.

    Raises
    ------
    ArtifactError
        If the file is missing, truncated, no ksfeat model, of a newer format, or holds a type that
        no ksfeat model holds; or a network's weights are not those that it was fitted with.
    MissingExtraError
        If the model needs a network, and what runs it is not installed.
    """
    source = Path(path)
    members = _read_members(source)
    try:
        metadata = json.loads(members[_METADATA])
        _check_format(metadata, source.name)
        member = metadata["payload"]["member"]
        payload = members[member]
        if hashlib.sha256(payload).hexdigest() != metadata["payload"]["sha256"]:
            raise ArtifactError(f"{source.name}: damaged (checksum of {member}); copy it again")
        return _rebuild(metadata, member, payload, module)
    except MissingExtraError:
        raise
    except (ArtifactError, InputError) as error:
        raise ArtifactError(_with_name(source.name, str(error))) from error
    except Exception as error:
        # Metadata that lies can lead to an error of any type.
        raise ArtifactError(
            f"{source.name}: its metadata is damaged ({type(error).__name__}); copy it again"
        ) from error


def check_target(path: Path) -> None:
    """Refuse a place to save to before the work is done rather than after it."""
    require_folder(path)
    if path.is_dir():
        raise InputError(f"{path}: a folder; expected a file name such as model.ksf")
    if path.exists() and not _is_model(path):
        raise InputError(f"{path}: exists and is not a ksfeat model; choose another name")


def _is_model(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except Exception:
        # zipfile raises many types on damaged archives, and on what is none.
        return False
    return _METADATA in names and names <= _MEMBERS


def _describe(classifier: StoneClassifier, training: dict[str, Any]) -> dict[str, Any]:
    covariates, model = classifier.covariates_, classifier.model_
    last = _last(model)
    described = describe_extractor(classifier.extractor_)
    return {
        "format": FORMAT if "parts" in described else 1,
        "ksfeat": ksfeat.__version__,
        "versions": {name: version(name) for name in _LIBRARIES},
        "classes": classifier.classes_.tolist(),
        "random_state": classifier.random_state,
        "model": {"name": classifier_name(last), "params": kept_params(last)},
        "stones": describe_stones(model.stones_) if is_staged(model) else None,
        **described,
        "covariates": None if covariates is None else covariates.categories_,
        "feature_names": classifier.get_feature_names_out().tolist(),
        "nan_seen": list(classifier.nan_seen_),
        "certainty": None if classifier.certainty_ is None else classifier.certainty_.to_dict(),
        "image_digests": list(classifier.image_digests_),
        "training": training,
    }


def _rebuild(metadata: dict[str, Any], member: str, payload: bytes, module: Any) -> StoneClassifier:
    extractor, fitted = rebuild_extractor(metadata, module)
    # A path or a device in a file is not this machine's.
    model = elsewhere(
        make_classifier(metadata["model"]["name"], **with_tuples(metadata["model"]["params"]))
    )
    classifier = StoneClassifier(extractor, model, random_state=metadata["random_state"])
    classifier.extractor_ = fitted
    classifier.covariates_ = None
    if metadata["covariates"] is not None:
        classifier.covariates_ = CovariateEncoder()
        classifier.covariates_.categories_ = metadata["covariates"]
    names = classifier.get_feature_names_out().tolist()
    if names != metadata["feature_names"]:
        raise ArtifactError("its features are not those that this version computes; fit it again")
    if takes_pictures(model) != (names == [PICTURE]):
        raise ArtifactError("a CNN without pictures, or pictures without a CNN; fit it again")
    classifier.classes_ = known_classes(metadata["classes"])
    stage = find_stage(fitted)
    seen = names_seen(names, stage)
    classifier.model_ = load_model_payload(
        clone(model), member, payload, classifier.classes_, len(seen)
    )
    if not takes_pictures(model):
        classifier.model_.feature_names_in_ = np.array(seen, dtype=object)
    if (stage is None) != (metadata.get("stones") is None):
        raise ArtifactError("candidates without a detector, or the reverse; fit it again")
    if stage is not None:
        classifier.model_ = rebuild_staged(classifier.model_, stage, metadata["stones"])
    classifier.certainty_ = Certainty.from_dict(
        metadata.get("certainty"), len(classifier.classes_), len(names) - (stage is not None)
    )
    if takes_pictures(model) and classifier.certainty_ and classifier.certainty_.novelty:
        raise ArtifactError("novelty of a CNN, which has none; fit it again")
    classifier.nan_seen_ = [str(name) for name in metadata["nan_seen"]]
    classifier.image_digests_ = [str(digest) for digest in metadata["image_digests"]]
    classifier.training_ = dict(metadata["training"])
    return classifier


def _last(model: Any) -> Any:
    """Return what classifies numbers or pictures: of two stages, the second."""
    return model.model_ if is_staged(model) else model


def _to_json(metadata: dict[str, Any]) -> str:
    try:
        return json.dumps(metadata, indent=1, allow_nan=False, default=_plain)
    except (TypeError, ValueError) as error:
        raise InputError(f"the model cannot be saved: {error}; expected plain values") from error


def _plain(value: Any) -> Any:
    """Turn numpy's numbers and arrays, which parameters may be, into Python's."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a {type(value).__name__} among its parameters is no plain value")


def _read_members(path: Path) -> dict[str, bytes]:
    if not path.is_file():
        raise ArtifactError(f"{path}: no such model file; check the path")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            if _METADATA not in names or not names <= _MEMBERS or len(entries) != 2:
                raise ArtifactError(
                    f"{path.name}: a zip, but not a ksfeat model "
                    f"(expected {_METADATA} and one model)"
                )
            if sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise ArtifactError(f"{path.name}: unpacks to more than a model needs; refused")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (ArtifactError, PermissionError):
        raise
    except Exception as error:
        # Damaged archives raise errors of many types, from struct's to zlib's.
        raise ArtifactError(
            f"{path.name}: {_kind_of(path)}; expected a file that `ksfeat fit` or save_model wrote"
        ) from error


def _kind_of(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(2)
    if start == b"PK":
        return "a truncated or damaged model file"
    if start[:1] == b"\x80":
        return "a Python pickle, which can run code and is never opened"
    return "not a ksfeat model file"


def _check_format(metadata: Any, name: str) -> None:
    found = metadata["format"]
    if not isinstance(found, int) or found < 1:
        raise ArtifactError(f"{name}: format {found!r}; expected a number from 1 to {FORMAT}")
    if found > FORMAT:
        raise ArtifactError(
            f"{name}: written by ksfeat {metadata.get('ksfeat')} in format {found}; this version "
            f"reads up to {FORMAT}; upgrade ksfeat"
        )


def _with_name(name: str, message: str) -> str:
    return message if message.startswith(f"{name}:") else f"{name}: {message}"
