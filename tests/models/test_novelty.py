"""Other pictures than those of the training set are known as such."""

import importlib
import json

import numpy as np
import pandas as pd
import pytest

from ksfeat import FeatureExtractor, StoneImage, load_dataset
from ksfeat.errors import ArtifactError, InputError
from ksfeat.models.novelty import Cloud, Novelty, fit_novelty

STRANGERS = importlib.import_module("benchmarks.strangers").STRANGERS


@pytest.fixture(scope="module")
def trained(stone_data):
    dataset = load_dataset(stone_data)
    extractor = FeatureExtractor(("first_order", "glcm")).fit(dataset.images)
    names = extractor.get_feature_names_out()
    table = pd.DataFrame(np.asarray(extractor.transform(dataset.images)), columns=names)
    return extractor, table, fit_novelty(table, dataset.groups)


@pytest.mark.parametrize("name", [name for name in STRANGERS if name != "all-black slice"])
def test_other_pictures_are_refused_with_a_reason(trained, name):
    extractor, table, novelty = trained
    row = np.asarray(extractor.transform([STRANGERS[name]()]))[0]
    reason = novelty.reason_in(row, table.columns.to_numpy())
    assert reason.startswith("unlike the training images (distance ")
    assert "in training about" in reason


def test_the_training_images_are_not(trained):
    _, table, novelty = trained
    names = table.columns.to_numpy()
    assert [novelty.reason_in(row, names) for row in table.to_numpy()] == [None] * len(table)


def test_nothing_to_see_and_another_modality_are_refused():
    novelty = Novelty(Cloud(np.zeros(1), np.ones(1), np.ones((1, 1)), 1.0), 1.0, 2.0, ("CT",))
    dark, light = np.zeros((8, 8)), np.eye(8)
    assert novelty.reason_against(StoneImage(dark)) == "all pixels are 0.0: nothing is shown"
    reason = novelty.reason_against(StoneImage(light, modality="US"))
    assert reason == "its modality is US; the model was trained on CT"
    for modality in ("CT", None):
        assert novelty.reason_against(StoneImage(light, modality=modality)) is None


@pytest.mark.slow
def test_about_one_new_group_in_a_hundred_is_flagged():
    rng = np.random.default_rng(2)
    mix = rng.normal(size=(6, 30))

    def draw(n):
        rows = np.repeat(rng.normal(size=(n, 6)), 2, axis=0) @ mix
        return pd.DataFrame(rows + rng.normal(size=rows.shape) / 2), np.repeat(np.arange(n), 2)

    flagged, refused = [], []
    for _ in range(5):
        novelty = fit_novelty(*draw(300))
        distances = novelty.cloud.distances(draw(2000)[0].to_numpy())
        flagged.append((distances > novelty.limit).mean())
        refused.append((distances > novelty.refusal).mean())
    assert 0.001 < np.mean(flagged) < 0.02
    assert np.mean(refused) < 0.01


def test_no_fold_that_finds_the_limits_cuts_a_group(monkeypatch):
    """A row tells which group it is of: none is measured from a cloud of its own images."""
    groups = np.random.default_rng(5).permutation(np.repeat(np.arange(12), 4))
    measured = []

    class Watched(Cloud):
        @classmethod
        def of(cls, rows):
            return cls(rows, np.ones(1), np.ones((1, 1)), 1.0)

        def distances(self, rows):
            assert not set(rows[:, 0]) & set(self.centre[:, 0])
            measured.extend(rows[:, 0])
            return np.ones(len(rows))

    monkeypatch.setattr("ksfeat.models.novelty.Cloud", Watched)
    fit_novelty(pd.DataFrame(groups.astype(float)), groups)
    assert sorted(measured) == sorted(groups)


def test_few_groups_refuse_later():
    rows = pd.DataFrame(np.random.default_rng(3).normal(size=(40, 4)))
    few, many = fit_novelty(rows, np.arange(40) // 4), fit_novelty(pd.concat([rows] * 3), None)
    assert few.refusal == 1.5 * few.limit
    assert many.refusal >= many.limit


def test_missing_constant_and_empty_columns_are_no_distance():
    rows = np.random.default_rng(4).normal(size=(50, 4))
    rows[:, 1], rows[:, 2], rows[::3, 3] = 7.0, np.nan, np.nan
    distances = Cloud.of(rows).distances(rows)
    assert np.isfinite(distances).all()
    assert distances.max() < 10


def test_a_file_gives_the_same_distances_and_lies_are_refused(trained):
    _, table, novelty = trained
    plain = json.loads(json.dumps(novelty.to_dict()))
    again = Novelty.from_dict(plain, table.shape[1])
    rows = table.to_numpy()
    np.testing.assert_array_equal(again.cloud.distances(rows), novelty.cloud.distances(rows))
    n = table.shape[1]
    for lie in (
        {"centre": [0.0]},
        {"scale": [0.0] * n},
        {"residual": 0.0},
        {"limit": float("nan")},
        {"axes": [[0.0] * n]},
        {"axes": [[1.0]]},
    ):
        with pytest.raises(ArtifactError):
            Novelty.from_dict({**plain, **lie}, n)


def test_one_group_tells_nothing():
    with pytest.raises(InputError, match="one group only"):
        fit_novelty(pd.DataFrame(np.eye(3)), np.zeros(3))
