"""`TrainingRecipe`: how a network is trained."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal, get_args

import torch

from ksfeat.cnn.augment import Augmentation
from ksfeat.cnn.networks import Trainable

Precision = Literal["auto", "single", "mixed"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class TrainingRecipe:
    """How a network is trained.

    Parameters
    ----------
    epochs : int
        Passes over the images.
    batch_size : int
        Images a step; `accumulate` batches make one step of the optimiser.
    learning_rate : float
        Highest rate of the head; one cycle rises to it and falls.
    discriminative : float
        What the rate of each earlier third of the network is divided by, once more each.
    frozen_epochs : int
        First epochs in which the head alone is trained.
    weight_decay : float
        Of AdamW.
    accumulate : int
        Batches a step.
    augmentation : Augmentation or None
        What happens to training images.
    patience : int or None
        Epochs without a better loss on the validation part after which training stops; the best
        epoch's weights are kept.
    precision : {"auto", "single", "mixed"}
        Of training: "mixed" multiplies in bfloat16, "auto" does so on CUDA. Networks answer in
        single precision always.
    seed : int
        Of the order and the augmentation.
    """

    epochs: int = 8
    batch_size: int = 32
    learning_rate: float = 1e-3
    discriminative: float = 3.0
    frozen_epochs: int = 1
    weight_decay: float = 1e-2
    accumulate: int = 1
    augmentation: Augmentation | None = field(default_factory=Augmentation)
    patience: int | None = None
    precision: Precision = "auto"
    seed: int = 0

    def describe(self) -> dict[str, object]:
        """Return all of it, plain enough for JSON."""
        return asdict(self)

    def is_mixed(self, device: torch.device) -> bool:
        """Return whether steps multiply in bfloat16."""
        return self.precision == "mixed" or (self.precision == "auto" and device.type == "cuda")

    def optimiser(self, trainable: Trainable) -> torch.optim.AdamW:
        """Return AdamW with a rate a third of the network, the head's highest."""
        head = list(trainable.head.parameters())
        known = {id(parameter) for parameter in head}
        body = [p for p in trainable.network.parameters() if id(p) not in known]
        third = -(-len(body) // 3) or 1
        parts = [body[start : start + third] for start in range(0, len(body), third)]
        rates = [
            self.learning_rate / self.discriminative ** (len(parts) - i) for i in range(len(parts))
        ]
        groups = [{"params": part, "lr": rate} for part, rate in zip(parts, rates, strict=True)]
        groups.append({"params": head, "lr": self.learning_rate})
        return torch.optim.AdamW(groups, weight_decay=self.weight_decay)

    def schedule(
        self, optimiser: torch.optim.Optimizer, steps: int
    ) -> torch.optim.lr_scheduler.OneCycleLR:
        """Return one cycle over all steps, each group up to its own rate."""
        highest = [group["lr"] for group in optimiser.param_groups]
        return torch.optim.lr_scheduler.OneCycleLR(optimiser, highest, total_steps=max(steps, 2))
