"""Running a frozen network: devices and backends, all in single precision."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch

from ksfeat.embedding.backbones import Backbone
from ksfeat.embedding.require import require
from ksfeat.embedding.taps import Taps
from ksfeat.errors import InputError

Run = Callable[[np.ndarray], np.ndarray]


def choose_device(device: str) -> torch.device:
    """Return the device of a name; "auto" is CUDA, else MPS, else the processor.

    Raises
    ------
    InputError
        If torch does not know or does not find it.
    """
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(1, device=chosen)
    except (RuntimeError, AssertionError) as error:
        raise InputError(
            f"device {device!r} is not to be had ({type(error).__name__}); use 'auto' or 'cpu'"
        ) from error
    return chosen


def prepare(backbone: Backbone, layers: Sequence[str], backend: str, device: str) -> Run:
    """Return a function from pictures (n, 3, H, W), 0 to 255, to vectors (n, d), float32.

    Parameters
    ----------
    backbone : Backbone
        Network and input scale.
    layers : sequence of str
        As in `Taps`.
    backend : {"torch", "compile", "openvino"}
        What runs it.
    device : str
        As in `choose_device`; OpenVINO runs on the processor.

    Raises
    ------
    InputError
        If a layer or the device is not to be had.
    MissingExtraError
        If OpenVINO is asked for and not installed.
    """
    taps = Taps(backbone.network, layers)
    taps.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = torch.tensor(backbone.mean).view(1, 3, 1, 1)
    scale = torch.tensor(backbone.scale).view(1, 3, 1, 1)
    if backend == "openvino":
        return _openvino(taps, mean, scale)
    where = choose_device(device)
    taps, mean, scale = taps.to(where), mean.to(where), scale.to(where)
    network = torch.compile(taps, dynamic=False) if backend == "compile" else taps

    @torch.inference_mode()
    def run(pictures: np.ndarray) -> np.ndarray:
        images = torch.from_numpy(pictures).to(where, memory_format=torch.channels_last)
        return network((images - mean) / scale).float().cpu().numpy()

    return run


@torch.inference_mode()
def lengths_of(backbone: Backbone, layers: Sequence[str], side: tuple[int, int]) -> tuple[int, ...]:
    """Return how many values each layer gives for pictures of a size."""
    blank = torch.zeros(1, 3, *side)
    return tuple(Taps(backbone.network, [layer])(blank).shape[1] for layer in layers)


def _openvino(taps: Taps, mean: torch.Tensor, scale: torch.Tensor) -> Run:
    openvino = require("openvino", "backend='openvino'", "openvino")
    core = openvino.Core()
    compiled: dict[tuple[int, ...], Callable] = {}

    def compile_for(images: torch.Tensor) -> Callable:
        with warnings.catch_warnings():
            # OpenVINO traces, which torch deprecates; what is traced holds for this size only.
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", torch.jit.TracerWarning)
            model = openvino.convert_model(taps, example_input=images, input=list(images.shape))
        # Half precision, its default on some processors, moves the vectors.
        return core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def run(pictures: np.ndarray) -> np.ndarray:
        images = (torch.from_numpy(pictures) - mean) / scale
        if tuple(images.shape) not in compiled:
            compiled[tuple(images.shape)] = compile_for(images)
        return compiled[tuple(images.shape)](images.numpy())[0].copy()

    return run
