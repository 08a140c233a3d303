"""Certainty in a model file: what lies is refused before it is used."""

import json

import numpy as np
import pytest

from ksfeat import ArtifactError, load_model, save_model
from ksfeat.models.calibration import METHODS
from ksfeat.models.certainty import Certainty, fit_certainty, with_novelty


@pytest.fixture
def kept(fit, images, tmp_path, members):
    """Return metadata, member and payload of a model of three classes with all its certainty."""
    classifier = fit("linear")
    margins = classifier.decision_function(images)
    labels = classifier.predict(images)
    found = fit_certainty(margins, labels, classifier.classes_, None, calibrate="platt")
    classifier.certainty_ = with_novelty(found, classifier.describe(images), None, ("CT",))
    return members(save_model(classifier, tmp_path / "m.ksf").read_bytes())


def test_a_file_without_certainty_is_an_uncalibrated_model(fit, tmp_path):
    assert load_model(save_model(fit("linear"), tmp_path / "m.ksf")).certainty_ is None


def test_what_was_written_is_read(kept, write):
    metadata, member, payload = kept
    loaded = load_model(write(metadata, member, payload))
    assert loaded.certainty_.to_dict() == metadata["certainty"]
    assert loaded.certainty_.novelty.modalities == ("CT",)
    assert loaded.certainty_.method == "platt"


@pytest.mark.parametrize(
    "lie",
    [
        "sure",
        {"calibration": {"method": "platt", "slope": [1.0], "offset": [0.0]}},
        {"calibration": {"method": "__import__"}},
        {"calibration": []},
        {"conformal": {"coverage": 0.9, "limits": [1.0], "n_groups": [9]}},
        {"conformal": {"coverage": "much", "limits": [1.0] * 3, "n_groups": [9] * 3}},
        {"novelty": {"centre": [0.0]}},
        {"remarks": "x"},
        {"remarks": [{"x": 1}]},
    ],
)
def test_lies_are_refused_in_one_line(kept, write, refused, lie):
    metadata, member, payload = kept
    refused(write({**metadata, "certainty": lie}, member, payload))


def leaves(part, path=()):
    """Yield the way to every value of nested plain data."""
    if isinstance(part, dict | list):
        for key in part if isinstance(part, dict) else range(min(len(part), 3)):
            yield (*path, key)
            yield from leaves(part[key], (*path, key))


def with_lie(part, path, lie):
    """Return a copy of nested plain data in which one value is another."""
    copied = json.loads(json.dumps(part))
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = lie
    return copied


LIES = [
    None, True, -1, 0, 1e308, float("nan"), float("-inf"), "__import__('os').mkdir('run')",
    "\x1b[2J", [], [[]], {}, {"__reduce__": ["os.mkdir", ["run"]]}, [0.5] * 9,
]  # fmt: skip


def test_whatever_is_tampered_with_is_refused_or_still_gives_probabilities(
    kept, write, images, tmp_path, monkeypatch
):
    """Each value of calibration, sets and novelty, one after another, is every lie."""
    monkeypatch.chdir(tmp_path)
    metadata, member, payload = kept
    refusals = 0
    ways = list(leaves(metadata["certainty"]))
    assert {way[0] for way in ways} == {"calibration", "conformal", "novelty", "remarks"}
    for way in ways:
        for lie in LIES:
            told = with_lie(metadata["certainty"], way, lie)
            try:
                found = Certainty.from_dict(told, 3, len(metadata["feature_names"]))
            except (ArtifactError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
                refusals += 1
                continue
            if found.calibrator is not None:
                chances = found.calibrator.probabilities(np.eye(3) * 2 - 1)
                np.testing.assert_allclose(chances.sum(axis=1), 1)
            if found.sets is not None:
                assert found.sets.of(np.eye(3)).dtype == bool
            if found.novelty is not None:
                rows = np.zeros((2, len(metadata["feature_names"])))
                assert not np.isnan(found.novelty.cloud.distances(rows)).any()
                assert all("\x1b" not in name for name in found.novelty.modalities)
    assert refusals > len(ways) * len(LIES) / 2
    assert not (tmp_path / "run").exists()
    # What `from_dict` raises, of whatever type, `load_model` says in one line.
    path = write(
        {**metadata, "certainty": with_lie(metadata["certainty"], ways[0], [])}, member, payload
    )
    with pytest.raises(ArtifactError, match=r"hostile\.ksf"):
        load_model(path)


def test_an_older_file_that_says_nothing_of_certainty_is_an_uncalibrated_model(kept, write, images):
    metadata, member, payload = kept
    older = {key: value for key, value in metadata.items() if key != "certainty"}
    loaded = load_model(write(older, member, payload))
    assert loaded.certainty_ is None
    now = load_model(write(metadata, member, payload))
    np.testing.assert_array_equal(loaded.predict(images), now.predict(images))
    np.testing.assert_array_equal(
        loaded.predict_proba(images), loaded.model_.predict_proba(loaded.describe(images))
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_saved_model_says_the_same_bit_for_bit(fit, images, tmp_path, method):
    classifier = fit("linear")
    margins, labels = classifier.decision_function(images), classifier.predict(images)
    found = fit_certainty(margins, labels, classifier.classes_, None, calibrate=method)
    table = classifier.describe(images)
    classifier.certainty_ = with_novelty(found, table, None, ("CT",))
    loaded = load_model(save_model(classifier, tmp_path / "m.ksf"))
    np.testing.assert_array_equal(loaded.predict_proba(images), classifier.predict_proba(images))
    kept, again = classifier.certainty_, loaded.certainty_
    np.testing.assert_array_equal(again.sets.of(margins), kept.sets.of(margins))
    rows = table.to_numpy(dtype=float)
    np.testing.assert_array_equal(
        again.novelty.cloud.distances(rows), kept.novelty.cloud.distances(rows)
    )
    classifier.certainty_ = None


def test_few_groups_leave_a_remark_and_no_limits():
    codes = np.array([0, 1] * 4)
    found = fit_certainty(2.0 * codes - 1, codes, np.array([0, 1]), None, calibrate="platt")
    assert found.sets.limits == (None, None)
    assert len(found.remarks) == 2
    assert Certainty.from_dict(None, 2, 3) is None
