"""What a training may be asked for, and the line that says so."""

from __future__ import annotations

from typing import Any

from ksfeat.cnn.networks import check_name
from ksfeat.cnn.pictures import VIEWS
from ksfeat.cnn.recipe import PRECISIONS
from ksfeat.embedding.parameters import side_of
from ksfeat.embedding.picture import CHANNELS
from ksfeat.embedding.runtime import choose_device
from ksfeat.errors import InputError
from ksfeat.roi.parameters import check_number

_WHOLE = {"epochs": 1000, "batch_size": 4096, "accumulate": 1024, "patience": 1000}
_CHOICES: dict[str, tuple[Any, ...]] = {
    "precision": PRECISIONS,
    "channels": CHANNELS,
    "view": VIEWS,
    "class_weight": ("balanced", None),
    "augment": (True, False),
}


def check_training(cnn: Any) -> None:
    """Refuse a `FineTunedCNN` that could not be trained.

    Raises
    ------
    InputError
        If a parameter is none that there is.
    """
    check_name(cnn.model)
    side_of(cnn.size)
    choose_device(cnn.device)
    for name, most in _WHOLE.items():
        check_number(name, getattr(cnn, name), 1, most, whole=True)
    check_number("frozen_epochs", cnn.frozen_epochs, 0, cnn.epochs, whole=True)
    check_number("learning_rate", cnn.learning_rate, 1e-8, 10)
    check_number("discriminative", cnn.discriminative, 1, 100)
    check_number("validation", cnn.validation, 0, 0.5)
    for name, known in _CHOICES.items():
        found = getattr(cnn, name)
        if found not in known:
            raise InputError(f"{name}={found!r:.60}; expected one of {', '.join(map(str, known))}")
