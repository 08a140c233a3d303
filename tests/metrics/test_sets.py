"""Coverage counts groups, and not how many images one of them has."""

import numpy as np
import pytest

from ksfeat.metrics import score_sets


def by_name(scores):
    return {(score.name, score.of): score for score in scores}


def test_a_group_of_many_images_is_one_group():
    """Nine images of one patient are covered, the one image of another is not: half."""
    held = np.array([True] * 9 + [False])
    sets = np.column_stack([held, ~held])
    scores = by_name(score_sets(["a"] * 10, sets, ["a", "b"], groups=["p"] * 9 + ["q"]))
    found = [scores["coverage", of].value for of in (None, "a")]
    assert found == pytest.approx([0.5, 0.5])
    assert np.isnan(scores["coverage", "b"].value)


def test_clear_abstained_and_empty_are_all_there_is():
    sets = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], dtype=bool)
    scores = by_name(score_sets(["a", "b", "a", "b"], sets, ["a", "b"]))
    found = [scores[name, None].value for name in ("clear", "abstained", "empty")]
    assert found == [0.5, 0.25, 0.25]
    assert scores["coverage", "a"].value == 0.5


@pytest.mark.slow
def test_the_interval_of_coverage_covers():
    """60 patients of three images, 80 % of patients covered wholly: the interval knows it."""
    inside = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        held = np.repeat(rng.random(60) < 0.8, 3)
        sets, groups = np.column_stack([held, ~held]), np.repeat(np.arange(60), 3)
        options = {"groups": groups, "n_bootstrap": 200, "random_state": seed}
        score = score_sets(["a"] * 179 + ["b"], sets, ["a", "b"], **options)[0]
        inside.append(score.low <= 0.8 <= score.high)
    assert np.mean(inside) > 0.85
