"""What an embedding may be asked for, and the line that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ksfeat.embedding.names import check_network_name
from ksfeat.embedding.picture import CHANNELS, VIEWS
from ksfeat.embedding.require import require
from ksfeat.errors import InputError
from ksfeat.roi.parameters import check_number
from ksfeat.roi.steps import parse_steps

BACKENDS = ("torch", "compile", "openvino")
_SMALLEST, _LARGEST = 32, 1024
_LARGEST_BATCH = 4096
_MOST_LAYERS = 64


def check_asked(embedding: Any) -> None:
    """Refuse an embedding that no image could be described with.

    Parameters
    ----------
    embedding : CNNEmbedding
        Whose parameters are judged.

    Raises
    ------
    InputError
        If a parameter is none that there is.
    MissingExtraError
        If torch is not installed.
    """
    for name, known in (("view", VIEWS), ("channels", CHANNELS), ("backend", BACKENDS)):
        found = getattr(embedding, name)
        if found not in known:
            raise InputError(f"{name}={found!r}; expected one of {', '.join(known)}")
    layers = (embedding.layers,) if isinstance(embedding.layers, str) else embedding.layers
    if not 1 <= len(layers) <= _MOST_LAYERS or not all(isinstance(name, str) for name in layers):
        raise InputError(f"layers {layers!r:.60}; expected the names of 1 to {_MOST_LAYERS} layers")
    check_number("batch_size", embedding.batch_size, 1, _LARGEST_BATCH, whole=True)
    side_of(embedding.size)
    parse_steps(embedding.preprocess)
    if embedding.cache is not None and Path(embedding.cache).is_file():
        raise InputError(f"cache {str(embedding.cache)!r}: a file; expected a folder for vectors")
    if isinstance(embedding.model, str):
        check_network_name(embedding.model)
    require("torch", "an embedding", "cnn")


def side_of(size: Any) -> tuple[int, int]:
    """Return height and width of a picture.

    Raises
    ------
    InputError
        If a side is no whole number from 32 to 1024.

    Examples
    --------
    >>> side_of(224), side_of((192, 256))
    ((224, 224), (192, 256))
    """
    sides = tuple(size) if isinstance(size, tuple | list) else (size, size)
    if len(sides) != 2:
        raise InputError(f"size={size!r}; expected one number, or height and width")
    for side in sides:
        check_number("size", side, _SMALLEST, _LARGEST, whole=True)
    return int(sides[0]), int(sides[1])
