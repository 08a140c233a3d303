"""`Taps`: a network that gives the pooled activations of some of its layers."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from ksfeat.errors import InputError

LAST = "last"


class Taps(nn.Module):
    """The pooled activations of some layers of a network, side by side.

    Parameters
    ----------
    network : torch.nn.Module
        Is copied; the copy is folded (`fold_batch_norms`) and takes no gradient.
    layers : sequence of str
        Names as in ``network.named_modules()``; "last" is what the last linear layer is given,
        or, without one, what the network returns.

    Raises
    ------
    InputError
        If there is no such layer.
    """

    def __init__(self, network: nn.Module, layers: Sequence[str]) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        fold_batch_norms(self.network)
        self._caught: dict[int, torch.Tensor] = {}
        for place, layer in enumerate(layers):
            self._tap(place, layer)
        self._places = range(len(layers))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return float32 vectors (n, d) of images (n, 3, H, W)."""
        self._caught.clear()
        given = self.network(images)
        caught = [pooled(self._caught.get(place, given)) for place in self._places]
        self._caught.clear()
        return torch.cat(caught, dim=1)

    def _tap(self, place: int, layer: str) -> None:
        modules = dict(self.network.named_modules())
        if layer == LAST:
            linear = [module for module in modules.values() if isinstance(module, nn.Linear)]
            if linear:
                linear[-1].register_forward_pre_hook(
                    lambda _, given: self._caught.__setitem__(place, given[0])
                )
            return
        if layer not in modules or not layer:
            known = [name for name in modules if name and name.count(".") == 0]
            raise InputError(
                f"no layer {layer!r} in {type(self.network).__name__}; its named_modules() begin "
                f"with {', '.join(known[:8])}; or {LAST!r}"
            )
        modules[layer].register_forward_hook(
            lambda _, __, returned: self._caught.__setitem__(place, returned)
        )


def pooled(activations: torch.Tensor) -> torch.Tensor:
    """Return the mean over places: of maps (n, d, H, W), of tokens (n, places, d), of vectors."""
    if activations.ndim == 4:
        return activations.mean(dim=(2, 3))
    if activations.ndim == 3:
        return activations.mean(dim=1)
    return activations.flatten(1)


def fold_batch_norms(network: nn.Module) -> int:
    """Fold each batch normalisation that directly follows a convolution of a sequence into it.

    Only inside `torch.nn.Sequential`, where what follows what is certain; in evaluation mode the
    function stays the same, up to the rounding of floats.

    Returns
    -------
    int
        How many were folded.
    """
    folded = 0
    for sequence in network.modules():
        if not isinstance(sequence, nn.Sequential):
            continue
        for place in range(len(sequence) - 1):
            convolution, norm = sequence[place], sequence[place + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                _fold(convolution, norm)
                sequence[place + 1] = nn.Identity()
                folded += 1
    return folded


def _fold(convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    convolution.weight, convolution.bias = fuse_conv_bn_weights(
        convolution.weight,
        convolution.bias,
        norm.running_mean,  # type: ignore[arg-type]
        norm.running_var,  # type: ignore[arg-type]
        norm.eps,
        norm.weight,
        norm.bias,
    )
