"""Checkpoints: what training needs to go on after it was stopped."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import torch

from ksfeat.errors import InputError
from ksfeat.io.atomic import replacing


def fingerprint(described: dict[str, Any], *examples: torch.Tensor) -> str:
    """Return a hash of a recipe and of what it is used on: images, their labels and weights."""
    content = hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode())
    for values in examples:
        content.update(values.numpy().tobytes())
    return content.hexdigest()


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write a checkpoint in one step: a kill leaves the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as partial:
        torch.save(state, partial)


def load_checkpoint(path: Path, expected: str) -> dict[str, Any] | None:
    """Return the checkpoint of the same training, or None if there is none.

    Raises
    ------
    InputError
        If the file is damaged, or of another training.
    """
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        found = state["fingerprint"]
    except (RuntimeError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise InputError(
            f"{path.name}: no checkpoint of ksfeat ({type(error).__name__}); "
            "delete it to start anew"
        ) from error
    if found != expected:
        raise InputError(
            f"{path.name}: a checkpoint of other images or settings; "
            "give another file, or delete it to start anew"
        )
    return state
