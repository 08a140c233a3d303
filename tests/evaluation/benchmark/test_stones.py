"""Stones in a benchmark: learnt in each fold, from labels or from boxes, and kept as numbers."""

from dataclasses import replace

import numpy as np
import pytest

from ksfeat import load_dataset
from ksfeat.errors import InputError
from ksfeat.evaluation.benchmark import Settings, run_benchmark
from ksfeat.evaluation.benchmark import run as module
from ksfeat.evaluation.benchmark.contenders import parse_contender
from ksfeat.models.detector import StoneDetector

SETTINGS = Settings(n_folds=2, random_folds=0, n_sampled=4)
NAMES = ("stones/linear", "first_order+boxed_stones/linear")


@pytest.fixture(scope="module")
def seen(stone_data, mirrored, tmp_path_factory):
    """A benchmark of stones from labels, and of stones from boxes beside features."""
    data = load_dataset(stone_data)
    boxed = [replace(image, boxes=((20.0, 20.0, 40.0, 40.0),)) for image in data.images]
    data = replace(data, images=tuple(boxed))
    out = tmp_path_factory.mktemp("stones") / "out"
    learnt, fit = [], StoneDetector.fit_proposed

    def fit_proposed(self, proposed, y, groups):
        scored = fit(self, proposed, y, groups)
        learnt.append((self.supervision_, len(proposed), groups))
        return scored

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StoneDetector, "fit_proposed", fit_proposed)
        result = run_benchmark(
            data, out, contenders=NAMES, settings=SETTINGS, outside={"all": mirrored}
        )
    return data, out, result, learnt


def test_each_fold_learns_its_own_detector_from_its_training_groups(seen):
    data, _, result, learnt = seen
    assert [supervision for supervision, *_ in learnt] == ["labels"] * 2 + ["boxes"] * 2
    for (_, n_proposed, groups), (train, _) in zip(learnt[:2], result.split, strict=True):
        assert n_proposed == 2 * len(train)  # each with its one copy
        assert groups.tolist() == data.groups[train].tolist()


def test_candidates_come_back_from_the_folder_and_say_the_same(seen, mirrored, monkeypatch):
    data, out, result, _ = seen
    for file in (out / "folds").glob("*.npz"):
        file.unlink()
    monkeypatch.setattr(module, "describe_part", None)  # all descriptions are there
    again = run_benchmark(data, out, contenders=NAMES, settings=SETTINGS, outside={"all": mirrored})
    for name in NAMES:
        for number, fold in result.folds_of(name).items():
            other = again.folds_of(name)[number]
            np.testing.assert_array_equal(fold.margins, other.margins)
            np.testing.assert_array_equal(fold.corrupted, other.corrupted)
            np.testing.assert_array_equal(fold.outside["all"], other.outside["all"])


def test_a_prediction_costs_no_copies_and_the_model_holds_its_detector(seen):
    _, _, result, _ = seen
    fold = result.folds_of("stones/linear")[0]
    assert fold.facts["model_mb"] > 0.02
    assert 0 < fold.facts["predict_ms"] < 1e3 * fold.facts["fit_cpu_s"]


def test_stones_are_a_part_of_their_own_and_learnt_in_one_way():
    found = parse_contender("all+boxed_stones/xgboost")
    assert found.parts == ("auto", "embedding", "stones")
    assert found.boxed
    assert not parse_contender("stones/svm").boxed
    with pytest.raises(InputError, match="stones learnt in two ways"):
        parse_contender("stones+boxed_stones/svm")


@pytest.mark.parametrize(("name", "size"), [("", None), ("@64", (64, 64)), ("@96x128", (96, 128))])
def test_a_network_may_be_named_with_its_size(name, size):
    found = parse_contender(f"cnn:seed_cnn{name}")
    assert (found.model, found.size) == ("seed_cnn", size)
    assert found.network_size == ({} if size is None else {"size": size})
    with pytest.raises(InputError, match="size 'big'; expected such as 192 or 192x256"):
        parse_contender("cnn:seed_cnn@big")
