"""A model that sees stones in a file: it comes back bit for bit, and a lie in it runs nothing."""

import json

import numpy as np
import pytest
from spotted import spotted

from ksfeat import (
    ArtifactError,
    FeatureExtractor,
    InputError,
    StoneClassifier,
    load_model,
    save_model,
)
from ksfeat.models.extractors import make_extractor
from ksfeat.models.union import JointExtractor

STAGE = {"copies": 0, "n_estimators": 12, "most": 20}


def slices(n=24):
    return [spotted([(30.5, 40.5, 3.0)] if seed % 2 else [], seed) for seed in range(n)]


@pytest.fixture(scope="module", params=["stones", "stones,first_order"])
def kept(request, tmp_path_factory):
    extractor = make_extractor(request.param.split(","), stones=STAGE)
    classifier = StoneClassifier(extractor, "linear").fit(slices(), np.arange(24) % 2)
    return save_model(classifier, tmp_path_factory.mktemp("m") / "seen.ksf"), classifier


def test_it_comes_back_bit_for_bit_and_can_be_fitted_again(kept):
    path, classifier = kept
    loaded = load_model(path)
    expected = classifier.decision_function(slices(6))
    np.testing.assert_array_equal(loaded.decision_function(slices(6)), expected)
    again = loaded.fit(slices(), np.arange(24) % 2)
    np.testing.assert_array_equal(again.decision_function(slices(6)), expected)


def test_the_same_model_is_the_same_bytes(kept, tmp_path):
    path, classifier = kept
    assert save_model(classifier, tmp_path / "again.ksf").read_bytes() == path.read_bytes()


def test_parts_of_the_extractor_say_what_the_model_sees(kept):
    _, classifier = kept
    table = classifier.describe(slices(4))
    assert "stone_candidates" in table.columns
    seen = classifier.model_.seen(table)
    assert "stone_candidates" not in seen.columns
    assert {"stones_margin", "stones_best_area"} <= set(seen.columns)
    if isinstance(classifier.extractor_, JointExtractor):
        assert {"first_order_mean"} < set(seen.columns)
        assert isinstance(classifier.extractor_.parts_[0][1], FeatureExtractor)


def lie(place, value):
    def change(metadata):
        *way, last = place
        found = metadata
        for key in way:
            found = found[key]
        found[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lie(["stones"], None), "candidates without a detector, or the reverse"),
        (lie(["stones", "supervision"], "pickle"), "stones learnt from 'pickle'"),
        (lie(["stones", "trees"], None), "with supervision and without trees"),
        (lie(["stones", "image_curve"], [1.0]), "a curve of the stones' scores is none"),
        (lie(["stones", "candidate_curve"], [1.0, 1e300]), "a curve of the stones' scores is none"),
        (lie(["stones", "classes"], [1]), "expected at least two names"),
        (
            lie(["stones", "trees", "learner", "learner_model_param", "num_feature"], "3"),
            "not the trees that the metadata tells of",
        ),
        (lie(["parts", 0, "features", "most"], 10**9), "most 1000000000; expected a whole number"),
        (lie(["parts", 0, "features", "run"], "os.system"), "none that `fit` makes"),
    ],
)
def test_a_lie_is_named(kept, members, write, change, message):
    path, _ = kept
    metadata, member, payload = members(path.read_bytes())
    if isinstance(metadata, bytes):
        metadata = json.loads(metadata)
    stones_first = metadata["parts"][0]["kind"] == "stones"
    if message.startswith(("most", "none that")) and not stones_first:
        metadata["parts"].reverse()
    change(metadata)
    with pytest.raises(ArtifactError, match=message):
        load_model(write(metadata, member, payload))


def test_settings_reach_the_part_that_has_a_use_for_them():
    both = make_extractor(["stones", "embedding"], size=64, preprocess="clahe")
    (_, network), (_, candidates) = both.parts
    assert (network.size, network.preprocess, candidates.preprocess) == (64, "clahe", "clahe")
    with pytest.raises(InputError, match="size says how families are computed"):
        make_extractor("stones", size=64)
    with pytest.raises(InputError, match="top of a detector, and none is asked for; add 'stones'"):
        make_extractor("density", stones={"top": 2})
