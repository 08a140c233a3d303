"""An extractor to plain values and back: what a model file says of how images are described."""

from __future__ import annotations

import re
from typing import Any

from ksfeat.embedding import CNNEmbedding
from ksfeat.embedding.names import check_network_name
from ksfeat.errors import ArtifactError
from ksfeat.features import FeatureExtractor
from ksfeat.models.extractors import Extractor
from ksfeat.models.soundness import check_parameters, known_masks, known_units
from ksfeat.models.stone_candidates import StoneCandidates
from ksfeat.models.stone_features import StoneFeatures
from ksfeat.models.union import JointExtractor

_LACKED = (
    "some training images lacked what it needs"  # reasons name images; a model file names none
)
# Neither the folder of the cache nor the device: they are of the machine that fitted.
_KEPT = ("layers", "view", "size", "channels", "backend", "batch_size", "preprocess")
_OF_PICTURES = ("size", "view", "channels", "preprocess")
_SHA_256 = re.compile("[0-9a-f]{64}")
_MOST_PARTS = 8
PICTURE = "picture"  # the one column of a CNN's table
_Pair = tuple[Any, Any]  # unfitted and fitted


def describe_extractor(extractor: Extractor) -> dict[str, Any]:
    """Return the entries of the metadata that tell of a fitted extractor.

    A `FeatureExtractor` alone is told as format 1 has it; anything else has "parts".
    """
    if isinstance(extractor, FeatureExtractor):
        return _of_features(extractor)
    parts = extractor.parts_ if isinstance(extractor, JointExtractor) else [("", extractor)]
    return {"parts": [{"name": name, **_record(part)} for name, part in parts]}


def rebuild_extractor(metadata: dict[str, Any], module: Any = None) -> _Pair:
    """Return the extractor that the metadata tells of, as it was given and as it was fitted.

    Parameters
    ----------
    metadata : dict
        Of a model file, which may lie.
    module : torch.nn.Module, optional
        The user's own network, where the embedding was of one.

    Raises
    ------
    ArtifactError
        If a value is none that `describe_extractor` writes, or the module is missing or not needed.
    InputError
        If a network's weights are not those that it was fitted with.
    MissingExtraError
        If what runs the network is not installed.
    """
    records = metadata.get("parts")
    own = [record for record in records or () if record.get("own")]
    if len(own) != (module is not None):
        raise ArtifactError(_told_of(own))
    if records is None:
        return _rebuilt_features(metadata)
    if not 1 <= len(records) <= _MOST_PARTS:
        raise ArtifactError(f"{len(records)} parts; expected 1 to {_MOST_PARTS}")
    pairs = [_rebuilt(record, module) for record in records]
    names = [str(record["name"]) for record in records]
    if names == [""]:
        return pairs[0]
    joint = JointExtractor([(name, pair[0]) for name, pair in zip(names, pairs, strict=True)])
    joint.check()
    fitted = JointExtractor(joint.parts)
    fitted.parts_ = [(name, pair[1]) for name, pair in zip(names, pairs, strict=True)]
    return joint, fitted


def _told_of(own: list[dict[str, Any]]) -> str:
    if not own:
        return "holds no embedding of your own module; leave module= out"
    return (
        f"was fitted with a network of your own ({own[0]['network']!r:.80}), which no model file "
        "holds; give it: load_model(path, module=...)"
    )


def _record(part: Any) -> dict[str, Any]:
    if isinstance(part, FeatureExtractor):
        return {"kind": "features", **_of_features(part)}
    if isinstance(part, StoneCandidates):
        stage = part.stage.get_params()
        shown = {"preprocess": part.preprocess}
        return {
            "kind": "stones",
            "extractor": shown,
            "features": {**stage, "n_jobs": None},
            **_seen(part),
        }
    if not isinstance(part, CNNEmbedding):
        shown = {name: getattr(part, name) for name in _OF_PICTURES}
        return {"kind": "pictures", "extractor": shown, **_seen(part)}
    return {
        "kind": "embedding",
        "network": part.network_,
        "own": not isinstance(part.model, str),
        "weights_hash": part.weights_hash_,
        "extractor": {name: getattr(part, name) for name in _KEPT},
        **_seen(part),
    }


def _of_features(extractor: FeatureExtractor) -> dict[str, Any]:
    return {
        "extractor": {**extractor.get_params(), "n_jobs": None},
        "families": list(extractor.families_),
        **_seen(extractor),
        "left_out": dict.fromkeys(extractor.left_out_, _LACKED),
    }


def _seen(part: Any) -> dict[str, Any]:
    return {"units": None if part.units_ is None else list(part.units_), "masks": part.masks_}


def _rebuilt(record: dict[str, Any], module: Any) -> _Pair:
    if record["kind"] == "features":
        return _rebuilt_features(record)
    if record["kind"] == "embedding":
        return _rebuilt_embedding(record, module)
    if record["kind"] == "pictures":
        return _rebuilt_pictures(record)
    if record["kind"] == "stones":
        return _rebuilt_stones(record)
    raise ArtifactError(
        f"a part of kind {record['kind']!r:.40}; expected features, embedding, pictures or stones"
    )


def _rebuilt_features(record: dict[str, Any]) -> _Pair:
    params = with_tuples(record["extractor"])
    extractor = FeatureExtractor(**params)
    check_parameters(extractor)
    extractor.families_ = tuple(record["families"])
    extractor.left_out_ = record["left_out"]
    _note_seen(extractor, record)
    return FeatureExtractor(**params), extractor


def _rebuilt_embedding(record: dict[str, Any], module: Any) -> _Pair:
    params, weights_hash = with_tuples(record["extractor"]), record["weights_hash"]
    if set(params) != set(_KEPT) or not _SHA_256.fullmatch(weights_hash):
        raise ArtifactError("its embedding is none that `fit` makes; fit it again")
    if not record["own"]:
        # Before anything is imported: a name is a known network's or a plain one of a zoo.
        check_network_name(record["network"])
    model = module if record["own"] else record["network"]
    embedding = CNNEmbedding(model, **params)
    embedding.make_ready(weights_hash)
    _note_seen(embedding, record)
    return CNNEmbedding(model, **params), embedding


def _rebuilt_pictures(record: dict[str, Any]) -> _Pair:
    from ksfeat.cnn.pictures import PictureExtractor

    params = with_tuples(record["extractor"])
    if set(params) != set(_OF_PICTURES):
        raise ArtifactError("its pictures are none that `fit` makes; fit it again")
    pictures = PictureExtractor(**params)
    pictures.check()
    _note_seen(pictures, record)
    return PictureExtractor(**params), pictures


def _rebuilt_stones(record: dict[str, Any]) -> _Pair:
    params, stage = with_tuples(record["extractor"]), record["features"]
    if set(params) != {"preprocess"} or set(stage) != set(StoneFeatures().get_params()):
        raise ArtifactError("its candidates are none that `fit` makes; fit it again")
    candidates = StoneCandidates(StoneFeatures(**stage), **params)
    candidates.check()
    _note_seen(candidates, record)
    return StoneCandidates(StoneFeatures(**stage), **params), candidates


def _note_seen(extractor: Any, record: dict[str, Any]) -> None:
    extractor.units_ = known_units(record.get("units"))  # older files say neither
    extractor.masks_ = known_masks(record.get("masks"))


def with_tuples(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters whose lists are tuples, as they were before JSON."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in params.items()
    }
