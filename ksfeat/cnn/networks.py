"""Networks to train: a backbone with a new head, or a small one from scratch."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from ksfeat.embedding.backbones import load_backbone
from ksfeat.embedding.names import PACKAGED, check_network_name
from ksfeat.errors import InputError

SEED_CNN = "seed_cnn"


@dataclass(frozen=True, eq=False)
class Trainable:
    """A network whose last layer gives one logit a class.

    Parameters
    ----------
    network : torch.nn.Module
        From scaled images (n, 3, H, W) to logits (n, classes).
    head : torch.nn.Module
        Its last linear layer, which is new.
    mean, scale : tuple of float
        Of each channel: the input is (x - mean) / scale, x from 0 to 255.
    pretrained : bool
        Whether all but the head has learned already.
    """

    network: nn.Module
    head: nn.Module
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    pretrained: bool = True


def check_name(name: object) -> None:
    """Raise an `InputError` if a name is no network's, before anything is imported for it."""
    check_network_name(name, also=(SEED_CNN,))


def build_network(name: str, classes: int, *, seed: int, pretrained: bool = True) -> Trainable:
    """Return a network to train; what is not pretrained is drawn from the seed.

    Parameters
    ----------
    name : str
        "seed_cnn": two convolutions of 200 and 100 filters from scratch, the plain CNN of the
        field's notebooks; a packaged backbone with its ImageNet weights; "torchvision:NAME" or
        "timm:NAME" where those are installed, with their weights.
    classes : int
        Number of classes.
    seed : int
        Of the new weights.
    pretrained : bool, default=True
        Whether a network by name comes with its weights; else all is drawn from the seed.

    Raises
    ------
    InputError
        If there is no such network, or it has no linear layer to replace.
    MissingExtraError
        If the package that carries the weights is not installed.
    """
    check_name(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if name == SEED_CNN:
            small = _seed_cnn(classes)
            return Trainable(small, small[-1], (0.0,) * 3, (255.0,) * 3, pretrained=False)
        backbone = load_backbone(name, pretrained=pretrained)
        head = _replace_last_linear(backbone.network, classes, name)
    network = backbone.network.requires_grad_(True)
    return Trainable(network, head, backbone.mean, backbone.scale, pretrained)


def _seed_cnn(classes: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 200, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(200, 100, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.AdaptiveAvgPool2d(8),  # so that it takes images of any size
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(100 * 64, 50),
        nn.ReLU(),
        nn.Linear(50, classes),
    )


def _replace_last_linear(network: nn.Module, classes: int, name: str) -> nn.Linear:
    linear = [
        (path, module) for path, module in network.named_modules() if isinstance(module, nn.Linear)
    ]
    if not linear:
        raise InputError(
            f"{name} has no linear layer to put a new head in place of; "
            f"use one of {', '.join(PACKAGED)}, or one that ends in a classifier"
        )
    path, old = linear[-1]
    parent, _, last = path.rpartition(".")
    head = nn.Linear(old.in_features, classes)
    setattr(network.get_submodule(parent), last, head)
    return head
