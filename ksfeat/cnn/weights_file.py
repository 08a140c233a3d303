"""A trained network to bytes and back: safetensors, which hold numbers and nothing that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from ksfeat.cnn.networks import Trainable, build_network
from ksfeat.embedding.require import require
from ksfeat.errors import InputError

if TYPE_CHECKING:
    from ksfeat.cnn.finetune import FineTunedCNN

MOST_BYTES = 1024**3  # VGG19, the largest of torchvision's plain networks, has 0.56 GB
_MOST_CLASSES = 1000  # bounds the new head before it is built
_PURPOSE = "a CNN in a model file"


def dump_cnn(model: FineTunedCNN) -> bytes:
    """Return the weights of a trained network as safetensors.

    Raises
    ------
    InputError
        If the network cannot be built anew from its name, or is larger than a model file holds.
    MissingExtraError
        If safetensors is not installed.
    """
    save = require("safetensors.torch", _PURPOSE, "cnn").save
    tensors = {
        name: values.detach().cpu().contiguous().clone()
        for name, values in model.network_.state_dict().items()
    }
    _check(tensors, _blank(model, len(model.classes_)))
    size = sum(values.nbytes for values in tensors.values())
    if size >= MOST_BYTES:
        raise InputError(
            f"{model.model} has {size / 1e9:.1f} GB of weights; a model file holds 1 GB; "
            "use a smaller network"
        )
    return save(tensors)


def restore_cnn(model: FineTunedCNN, payload: bytes, classes: np.ndarray) -> FineTunedCNN:
    """Give a `FineTunedCNN` the weights of a file, and make it ready to answer.

    Parameters
    ----------
    model : FineTunedCNN
        With the parameters of the one that was saved; its `losses_` do not come back.
    payload : bytes
        Of `dump_cnn`; it may lie.
    classes : ndarray
        In the order of the logits.

    Raises
    ------
    InputError
        If a parameter cannot be used, or the weights are not those of such a network: other names,
        shapes or types, or numbers that are not finite.
    MissingExtraError
        If safetensors is not installed.
    """
    load = require("safetensors.torch", _PURPOSE, "cnn").load
    model.check()
    trainable = _blank(model, len(classes))
    tensors = load(payload)
    _check(tensors, trainable)
    trainable.network.load_state_dict(tensors)
    return model.adopt(trainable, classes)


def _blank(model: FineTunedCNN, n_classes: int) -> Trainable:
    if n_classes > _MOST_CLASSES:
        raise InputError(f"{n_classes} classes; a CNN in a model file has {_MOST_CLASSES} at most")
    return build_network(model.model, n_classes, seed=0, pretrained=False)


def _check(tensors: dict[str, torch.Tensor], trainable: Trainable) -> None:
    expected = trainable.network.state_dict()
    odd = sorted(set(tensors) ^ set(expected))
    if odd:
        raise InputError(f"weights of another network ({odd[0]!r:.60}); fit it again")
    for name, values in tensors.items():
        wanted = expected[name]
        if values.shape != wanted.shape or values.dtype != wanted.dtype:
            raise InputError(
                f"weights {name!r:.60} of shape {tuple(values.shape)} and {values.dtype}; "
                f"expected {tuple(wanted.shape)} and {wanted.dtype}"
            )
        if not torch.isfinite(values).all():
            raise InputError(f"weights {name!r:.60} that are not finite; fit it again")
