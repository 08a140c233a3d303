"""What a fold shows a model, and what it counts as its cost."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from ksfeat.evaluation.benchmark import Settings, fold, run_benchmark
from ksfeat.evaluation.benchmark import run as module

ALONE = Settings(n_folds=2, random_folds=0, n_sampled=0)


def test_what_describes_an_image_is_paid_for(stones, tmp_path, monkeypatch):
    def describe(*given):
        made = describe_part(*given)
        return replace(made, cpu_ms=1e6, peak_mb=1e7, bytes_=5 * 10**9, energy_j=2.0)

    describe_part = module.describe_part
    monkeypatch.setattr(module, "describe_part", describe)
    names = ("first_order/linear", "thumbnails/forest")
    result = run_benchmark(stones, tmp_path / "out", contenders=names, settings=ALONE)
    for name in names:
        for found in result.folds_of(name).values():
            n_train = len(stones) - len(found.test)
            assert found.facts["fit_cpu_s"] == pytest.approx(1e3 * n_train, rel=0.01)
            assert found.facts["predict_ms"] == pytest.approx(1e6, rel=0.01)
            assert found.facts["model_mb"] == pytest.approx(5e3, rel=0.01)
            assert found.facts["peak_mb"] == 1e7


def test_covariates_are_encoded_as_the_training_rows_say(stones, tmp_path, monkeypatch):
    seen = []

    class Watched(fold.CovariateEncoder):
        def fit(self, table):
            seen.append(table)
            return super().fit(table)

    monkeypatch.setattr(fold, "CovariateEncoder", Watched)
    data = replace(stones, covariates=pd.DataFrame({"age": np.arange(len(stones)) + 30.0}))
    names = ("covariates/linear",)
    result = run_benchmark(data, tmp_path / "out", contenders=names, settings=ALONE)
    folds = result.folds_of(names[0]).values()
    assert len(folds) == len(seen) == 2
    for found, table in zip(folds, seen, strict=True):
        train = np.setdiff1d(np.arange(len(data)), found.test)
        assert table["age"].tolist() == data.covariates["age"].iloc[train].tolist()


class Told:
    """A network that notes what it is told, and learns nothing."""

    cpu_seconds_ = 5e3  # as a checkpoint tells of the epochs before a kill
    network_ = torch.nn.Linear(1, 1)
    made: list["Told"]

    def __init__(self, model, **settings):
        self.model, self.settings = model, settings

    def check(self):
        pass

    def fit(self, images, labels, groups=None):
        self.groups = groups
        self.made.append(self)

    def decision_function(self, images):
        return np.arange(len(images), dtype=float)


def test_a_network_is_told_seed_view_groups_and_where_to_keep_its_state(
    stones, tmp_path, monkeypatch
):
    monkeypatch.setattr("ksfeat.cnn.FineTunedCNN", Told)
    monkeypatch.setattr(Told, "made", [], raising=False)
    boxed = tuple(replace(source, boxes=((4, 4, 9, 9),)) for source in stones.images)
    data = replace(stones, images=boxed)
    settings = replace(ALONE, view="crop", cnn={"size": 64}, random_state=7)
    out, name = tmp_path / "out", "cnn:seed_cnn"
    result = run_benchmark(data, out, contenders=(name,), settings=settings)
    for number, (found, told) in enumerate(
        zip(result.folds_of(name).values(), Told.made, strict=True)
    ):
        train = np.setdiff1d(np.arange(len(data)), found.test)
        assert told.model == "seed_cnn"
        assert told.groups.tolist() == data.groups[train].tolist()
        assert told.settings == {
            "random_state": 7,
            "checkpoint": out / "checkpoints" / f"cnn-seed_cnn-grouped-{number}.pt",
            "view": "crop",
            "size": 64,
        }
        assert found.facts["fit_cpu_s"] == 5e3
