"""EfficientNet-Lite: the architecture, its layers in the order of the published weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

# Kernel, stride, expansion, channels out, repeats of each stage of EfficientNet-B0 (M. Tan,
# Q. V. Le, "EfficientNet: rethinking model scaling for convolutional neural networks", ICML 2019).
_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_STEM, _HEAD, _CLASSES = 32, 1280, 1000
_EPSILON, _MOMENTUM = 1e-3, 0.01


@dataclass(frozen=True)
class Scaling:
    """How a variant is scaled from B0: width, depth, and the side of its training images."""

    width: float
    depth: float
    side: int
    dropout: float


SCALINGS = {
    "efficientnet_lite0": Scaling(1.0, 1.0, 224, 0.2),
    "efficientnet_lite1": Scaling(1.0, 1.1, 240, 0.2),
    "efficientnet_lite2": Scaling(1.1, 1.2, 260, 0.3),
}


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's "same": more at the lower right where it is uneven."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Convolve images (n, channels, H, W) to (n, channels, ceil(H / stride), ...)."""
        (kernel, _), (stride, _) = self.kernel_size, self.stride
        down, across = (
            max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
            for side in images.shape[-2:]
        )
        if down or across:
            edges = (across // 2, across - across // 2, down // 2, down - down // 2)
            images = functional.pad(images, edges)
        return functional.conv2d(
            images, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups
        )


class InvertedBottleneck(nn.Module):
    """Widen, convolve each channel, narrow; added to its input where the shape stays.

    Lite variants have no squeeze-and-excitation, and ReLU6 in place of swish.
    """

    def __init__(self, before: int, after: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = before * expansion
        self.expand = _convolution(before, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = _convolution(wide, wide, kernel, stride, groups=wide)
        self.project = _convolution(wide, after, 1, active=False)
        self.adds = stride == 1 and before == after

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the block's output."""
        narrowed = self.project(self.depthwise(self.expand(images)))
        return narrowed + images if self.adds else narrowed


class EfficientNetLite(nn.Module):
    """EfficientNet-Lite0, 1 or 2.

    Parameters
    ----------
    scaling : Scaling
        One of `SCALINGS`.
    """

    def __init__(self, scaling: Scaling) -> None:
        super().__init__()
        self.stem = _convolution(3, _STEM, 3, 2)
        blocks, before = [], _STEM
        for place, (kernel, stride, expansion, channels, repeats) in enumerate(_STAGES):
            after = _rounded(channels * scaling.width)
            # The first and the last stage of the Lite variants keep their depth.
            ends = place in (0, len(_STAGES) - 1)
            for _ in range(repeats if ends else math.ceil(repeats * scaling.depth)):
                blocks.append(InvertedBottleneck(before, after, kernel, stride, expansion))
                before, stride = after, 1  # only the first of a stage strides
        self.blocks = nn.Sequential(*blocks)
        self.head = _convolution(before, _HEAD, 1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(scaling.dropout)
        self.classifier = nn.Linear(_HEAD, _CLASSES)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits of images (n, 3, H, W)."""
        maps = self.head(self.blocks(self.stem(images)))
        return self.classifier(self.dropout(self.pool(maps).flatten(1)))


def _convolution(
    before: int, after: int, kernel: int, stride: int = 1, *, groups: int = 1, active: bool = True
) -> nn.Sequential:
    layers: list[nn.Module] = [
        SameConv2d(before, after, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(after, eps=_EPSILON, momentum=_MOMENTUM),
    ]
    return nn.Sequential(*layers, nn.ReLU6()) if active else nn.Sequential(*layers)


def _rounded(channels: float, divisor: int = 8) -> int:
    """Return the multiple of 8 nearest to a width, never less than nine tenths of it."""
    nearest = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * channels else nearest
