"""A CNN is searched over its learning rate and epochs, and its own validation knows the groups."""

import numpy as np
import pandas as pd
import pytest

from ksfeat import FineTunedCNN
from ksfeat.cnn.pictures import PictureExtractor
from ksfeat.models import tuning
from ksfeat.models.tuning import tune

SMALL = {"size": 32, "epochs": 1, "batch_size": 8, "device": "cpu"}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (32, 32)).astype(np.uint8) for _ in range(24)]
    pictures = PictureExtractor(size=32).fit_transform(images)
    labels = np.array(["nostone", "stone"])[np.arange(24) % 2]
    return pd.DataFrame(pictures, columns=["picture"]), labels, np.repeat(np.arange(8), 3)


@pytest.fixture
def fits(monkeypatch):
    """Learning rate, epochs and groups of each training, which learns nothing here."""
    seen = []

    def fit(self, X, y, groups=None, sample_weight=None):
        seen.append((self.learning_rate, self.epochs, len(X), groups))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        known = "stone" if (self.learning_rate, self.epochs) == (3e-3, 2) else "nostone"
        return np.where(np.arange(len(X)) % 2, known, "nostone")

    monkeypatch.setattr(FineTunedCNN, "fit", fit)
    monkeypatch.setattr(FineTunedCNN, "predict", predict)
    return seen


def test_the_grid_is_nested_and_the_groups_reach_every_training(table, fits):
    pictures, labels, groups = table
    model = FineTunedCNN("seed_cnn", **SMALL)
    tune(model, pictures, labels, groups, search="grid")
    inner, final = fits[:-1], fits[-1]
    assert {(rate, epochs) for rate, epochs, *_ in inner} == {
        (rate, epochs) for rate in (3e-4, 1e-3, 3e-3) for epochs in (1, 2)
    }
    assert len(inner) == 6 * tuning.INNER_FOLDS
    assert final[2] == 24
    assert final[3].tolist() == groups.tolist()
    for *_, rows, told in inner:
        assert rows == len(told) < 24
        assert all((told == group).sum() == 3 for group in set(told))  # no group is cut


def test_a_random_search_draws_the_rate(table, fits):
    pictures, labels, groups = table
    tune(FineTunedCNN("seed_cnn", **SMALL), pictures, labels, groups, search="random")
    rates = {rate for rate, *_ in fits}
    assert len(rates) == tuning.N_RANDOM_CNN
    assert all(1e-4 <= rate <= 1e-2 for rate in rates)


def test_without_groups_it_is_searched_too(table, fits):
    pictures, labels, _ = table
    tune(FineTunedCNN("seed_cnn", **SMALL), pictures, labels, None, search="grid")
    assert fits[-1][3] is None
