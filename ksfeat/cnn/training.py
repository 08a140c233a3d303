"""The training loop."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from ksfeat.cnn.checkpoint import fingerprint, load_checkpoint, save_checkpoint
from ksfeat.cnn.networks import Trainable
from ksfeat.cnn.recipe import TrainingRecipe
from ksfeat.scale.progress import report

_CLIP = 1.0  # largest norm of a step's gradient: one odd image must not undo the pretraining


@dataclass(frozen=True, eq=False)
class Examples:
    """Images to train or to judge on.

    Parameters
    ----------
    pictures : torch.Tensor of uint8, shape (n, 3, H, W)
        From 0 to 255.
    labels : torch.Tensor of int64, shape (n,)
        Classes by number.
    weights : torch.Tensor of float32, shape (n,)
        Of each image in the loss.
    """

    pictures: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor


@dataclass
class _State:
    """Where training stands."""

    epoch: int = 0
    best_loss: float = float("inf")
    best_epoch: int = 0
    losses: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    best: dict[str, torch.Tensor] | None = None


class Training:
    """One training of a network.

    Parameters
    ----------
    trainable : Trainable
        Is trained in place.
    recipe : TrainingRecipe
        How.
    device : torch.device
        Where.
    checkpoint : Path, optional
        File that holds the state after each epoch; training goes on from it.
    """

    def __init__(
        self,
        trainable: Trainable,
        recipe: TrainingRecipe,
        device: torch.device,
        checkpoint: Path | None = None,
    ) -> None:
        self.trainable, self.recipe, self.device = trainable, recipe, device
        self.checkpoint = checkpoint
        self.mean = torch.tensor(trainable.mean, device=device).view(1, 3, 1, 1)
        self.scale = torch.tensor(trainable.scale, device=device).view(1, 3, 1, 1)

    def run(self, train: Examples, validation: Examples | None = None) -> list[float]:
        """Train; return the mean loss of each epoch.

        With a validation part, the weights of its best epoch are kept.
        """
        network = self.trainable.network.to(self.device)
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        steps = len(self._split(torch.arange(len(train.labels))))
        updates = -(-steps // self.recipe.accumulate)
        self.optimiser = self.recipe.optimiser(self.trainable)
        self.schedule = self.recipe.schedule(self.optimiser, updates * self.recipe.epochs)
        self.generator = torch.Generator().manual_seed(self.recipe.seed)
        identity = self._identity(train)
        state = self._resumed(identity)
        while state.epoch < self.recipe.epochs and not self._has_settled(state):
            begun = time.process_time()
            state.losses.append(self._train_epoch(train, state.epoch, steps))
            state.epoch += 1
            if validation is not None:
                self._note(state, self.loss(validation))
            state.cpu_s += time.process_time() - begun
            self._save(state, identity)
        if state.best is not None:
            network.load_state_dict(state.best)
        network.eval()
        self.cpu_s = state.cpu_s
        return state.losses

    @torch.no_grad()
    def loss(self, examples: Examples) -> float:
        """Return the weighted mean cross-entropy on images that are not augmented."""
        self.trainable.network.eval()
        total = torch.zeros((), dtype=torch.float64)
        for places in torch.arange(len(examples.labels)).split(self.recipe.batch_size):
            losses = self._losses(examples, places, augment=False)
            total += (losses.cpu() * examples.weights[places]).sum().double()
        return float(total / examples.weights.sum())

    def _train_epoch(self, train: Examples, epoch: int, steps: int) -> float:
        self._set_mode(epoch)
        order = torch.randperm(len(train.labels), generator=self.generator)
        # Dropout draws from the global stream; a seed an epoch makes a resumed run the same.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed * 1_000_003 + epoch)
            total, weight = 0.0, 0.0
            for step, places in enumerate(self._split(order)):
                weights = train.weights[places].to(self.device)
                losses = self._losses(train, places, augment=True)
                loss = (losses * weights).sum() / weights.sum().clamp_min(1e-12)
                (loss / self.recipe.accumulate).backward()
                if (step + 1) % self.recipe.accumulate == 0 or step + 1 == steps:
                    self._update()
                total += float(loss.detach()) * float(weights.sum())
                weight += float(weights.sum())
                report(epoch * steps + step + 1, self.recipe.epochs * steps)
        return total / weight

    def _update(self) -> None:
        torch.nn.utils.clip_grad_norm_(self.trainable.network.parameters(), _CLIP)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.schedule.step()

    def _set_mode(self, epoch: int) -> None:
        """Train all of the network, or the head alone: then its statistics stay as they were."""
        frozen = self.trainable.pretrained and epoch < self.recipe.frozen_epochs
        network, head = self.trainable.network, self.trainable.head
        network.train(not frozen)
        network.requires_grad_(not frozen)
        head.train()
        head.requires_grad_(True)

    def _split(self, order: torch.Tensor) -> list[torch.Tensor]:
        batches = list(order.split(self.recipe.batch_size))
        if len(batches) > 1 and len(batches[-1]) == 1:
            # Batch normalisation cannot learn from one image.
            batches[-2:] = [torch.cat(batches[-2:])]
        return batches

    def _losses(self, examples: Examples, places: torch.Tensor, *, augment: bool) -> torch.Tensor:
        images = examples.pictures[places].to(self.device).float()
        if augment and self.recipe.augmentation is not None:
            images = self.recipe.augmentation.apply(images, self.generator)
        labels = examples.labels[places].to(self.device)
        mixed = augment and self.recipe.is_mixed(self.device)
        return functional.cross_entropy(self.logits(images, mixed), labels, reduction="none")

    def logits(self, images: torch.Tensor, mixed: bool = False) -> torch.Tensor:
        """Return float32 logits of images (n, 3, H, W), 0 to 255, on the device."""
        scaled = (images - self.mean) / self.scale
        scaled = scaled.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=mixed):
            return self.trainable.network(scaled).float()

    def _note(self, state: _State, loss: float) -> None:
        if loss < state.best_loss:
            state.best_loss, state.best_epoch = loss, state.epoch
            weights = self.trainable.network.state_dict()
            state.best = {name: values.cpu().clone() for name, values in weights.items()}

    def _has_settled(self, state: _State) -> bool:
        patience = self.recipe.patience
        return (
            patience is not None
            and state.best is not None
            and state.epoch - state.best_epoch >= patience
        )

    def _save(self, state: _State, identity: str) -> None:
        if self.checkpoint is None:
            return
        saved: dict[str, Any] = {
            "fingerprint": identity,
            **vars(state),
            "network": self.trainable.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "generator": self.generator.get_state(),
        }
        save_checkpoint(self.checkpoint, saved)

    def _identity(self, train: Examples) -> str:
        """Return a hash of all that decides how training goes: a checkpoint is of one training."""
        shapes = {k: tuple(v.shape) for k, v in self.trainable.network.state_dict().items()}
        described = {**self.recipe.describe(), "network": shapes}
        return fingerprint(described, train.pictures, train.labels, train.weights)

    def _resumed(self, identity: str) -> _State:
        saved = None if self.checkpoint is None else load_checkpoint(self.checkpoint, identity)
        if saved is None:
            return _State()
        self.trainable.network.load_state_dict(saved["network"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.schedule.load_state_dict(saved["schedule"])
        self.generator.set_state(saved["generator"])
        return _State(**{name: saved[name] for name in vars(_State())})
