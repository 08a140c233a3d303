"""Training as the recipe says, seen on a network of a few weights."""

import numpy as np
import pytest
import torch
from torch import nn

from ksfeat.cnn.networks import Trainable
from ksfeat.cnn.recipe import TrainingRecipe
from ksfeat.cnn.training import Examples, Training

PLAIN = {"augmentation": None, "frozen_epochs": 0, "learning_rate": 0.05}


def tiny() -> Trainable:
    """A network of two layers without chance in it, from 4 x 4 pixels to two classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Flatten(), nn.Linear(48, 6), nn.ReLU(), nn.Linear(6, 2))
    return Trainable(network, network[-1], (0.0,) * 3, (255.0,) * 3, pretrained=False)


def examples(count: int = 8, *, turned: bool = False) -> Examples:
    """Dark and bright pictures; turned, each has the other's label."""
    drawn = np.random.default_rng(0).integers(0, 128, (count, 3, 4, 4))
    labels = np.arange(count) % 2
    pictures = (drawn + 127 * labels[:, None, None, None]).astype(np.uint8)
    told = 1 - labels if turned else labels
    return Examples(torch.from_numpy(pictures), torch.from_numpy(told), torch.ones(count))


def trained(**recipe) -> tuple[torch.Tensor, list[float]]:
    made = tiny()
    losses = Training(made, TrainingRecipe(**PLAIN, **recipe), torch.device("cpu")).run(examples())
    return made.network[1].weight.detach(), losses


def test_two_halves_of_a_batch_are_one_step_of_the_whole():
    whole, _ = trained(epochs=2, batch_size=8)
    halves, _ = trained(epochs=2, batch_size=4, accumulate=2)
    torch.testing.assert_close(halves, whole)


def test_mixed_precision_learns_nearly_the_same_and_not_the_same():
    single, mixed = (trained(epochs=3, precision=kind)[1] for kind in ("single", "mixed"))
    assert mixed != single
    assert mixed == pytest.approx(single, rel=0.05)


def test_the_weights_of_the_best_epoch_are_kept():
    """The validation part says the opposite: the more is learnt, the worse it becomes."""
    told = []

    class Watched(Training):
        def loss(self, examples: Examples) -> float:
            told.append(super().loss(examples))
            return told[-1]

    training = Watched(tiny(), TrainingRecipe(**PLAIN, epochs=6), torch.device("cpu"))
    training.run(examples(), examples(turned=True))
    assert told[-1] > min(told) + 0.05
    assert training.loss(examples(turned=True)) == pytest.approx(min(told))


def test_earlier_thirds_of_a_network_learn_slower():
    optimiser = TrainingRecipe(learning_rate=0.9, discriminative=3.0).optimiser(tiny())
    *body, head = [group["lr"] for group in optimiser.param_groups]
    assert head == 0.9
    assert body[::-1] == pytest.approx([0.9 / 3 ** (1 + place) for place in range(len(body))])
