"""Conformal sets: their promise kept by simulation, with groups that are no independent cases."""

import numpy as np
import pytest

from ksfeat.errors import ArtifactError, InputError
from ksfeat.models.conformal import ConformalSets, fit_sets, group_quantile, groups_needed


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_with_one_image_a_group_it_is_the_textbooks_quantile(level):
    """The ceil((n + 1) * level)-th smallest of n scores."""
    for n in (19, 40, 99, 100):
        scores = np.random.default_rng(n).normal(size=n)
        expected = np.sort(scores)[int(np.ceil((n + 1) * level - 1e-9)) - 1]
        assert group_quantile(scores, np.arange(n), level) == expected


@pytest.mark.parametrize(("level", "needed"), [(0.8, 4), (0.9, 9), (0.95, 19)])
def test_too_few_groups_are_all_classes_and_it_says_why(level, needed):
    assert groups_needed(level) == needed
    codes = np.repeat([0, 1], [needed - 1, needed])
    sets = fit_sets(np.linspace(-1, 1, len(codes)), codes, None, coverage=level)
    assert [limit is None for limit in sets.limits] == [True, False]
    assert sets.of(np.array([-99.0, 99.0]))[:, 0].all()
    (remark,) = sets.remarks(["a", "b"])
    assert remark.startswith(f"'a' stands in every set: {needed - 1} groups show it")


def test_repeating_an_images_group_changes_nothing():
    rng = np.random.default_rng(0)
    margins, codes = rng.normal(size=60), np.arange(60) % 2
    once = fit_sets(margins, codes, np.arange(60))
    rows = np.repeat(np.arange(60), rng.integers(1, 9, 60))
    assert fit_sets(margins[rows], codes[rows], rows) == once


def coverage_of(level, grouped, seed):
    """Patients with an effect on all of their 1 to 8 images: what new patients' sets hold."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 9, 400)
    groups = np.repeat(np.arange(400), sizes)
    codes = groups % 2
    margins = 2.0 * codes - 1 + rng.normal(size=400)[groups] + rng.normal(size=len(groups)) / 3
    known = groups < 60
    units = groups[known] if grouped else None
    sets = fit_sets(margins[known], codes[known], units, coverage=level)
    held = sets.of(margins[~known])[np.arange((~known).sum()), codes[~known]]
    new = groups[~known] - 60
    return (np.bincount(new, held) / np.bincount(new)).mean()


@pytest.mark.parametrize("level", [0.8, 0.9])
def test_new_patients_are_covered_as_often_as_is_said(level):
    found = np.mean([coverage_of(level, True, seed) for seed in range(150)])
    assert level - 0.01 <= found <= level + 0.04  # 30 patients a class: at most 2 / 31 above


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("n_groups", [3, 12, 40])
def test_each_group_once_the_new_one_is_covered_within_the_bound(level, n_groups):
    """Exchangeable groups in numbers: the mean over which of K + 1 is new needs no luck."""
    for seed in range(20):
        rng = np.random.default_rng([seed, n_groups])
        groups = np.repeat(np.arange(n_groups + 1), rng.integers(1, 5, n_groups + 1))
        scores = rng.normal(size=n_groups + 1)[groups] + rng.normal(size=len(groups)) / 3
        held = []
        for new in range(n_groups + 1):
            inside = groups != new
            limit = group_quantile(scores[inside], groups[inside], level)
            held.append(1.0 if limit is None else (scores[~inside] <= limit).mean())
        assert level - 1e-9 <= np.mean(held) <= level + 2 / (n_groups + 1) + 1e-9


def test_images_taken_as_independent_promise_more_certainty_than_there_is():
    """With few patients the coverage of single runs scatters; group weights stay above it."""
    pairs = [(coverage_of(0.95, True, s), coverage_of(0.95, False, s)) for s in range(100)]
    grouped, pooled = np.array(pairs).T
    assert grouped.mean() > pooled.mean()
    assert pooled.mean() < 0.95


def test_many_classes():
    rng = np.random.default_rng(1)
    codes = np.arange(300) % 5
    margins = rng.normal(size=(300, 5)) + 3 * np.eye(5)[codes]
    sets = fit_sets(margins[:200], codes[:200], None)
    held = sets.of(margins[200:])
    assert held.shape == (100, 5)
    assert held[np.arange(100), codes[200:]].mean() > 0.8
    assert 0.9 < held.sum(axis=1).mean() < 1.5


def test_a_file_gives_the_same_sets_and_lies_are_refused():
    sets = ConformalSets(0.9, (0.5, None), (12, 3))
    assert ConformalSets.from_dict(sets.to_dict(), 2) == sets
    lies = ({"limits": [0.5]}, {"limits": [0.5, float("nan")]}, {"coverage": 1.0}, {"n_groups": []})
    for lie in lies:
        with pytest.raises(ArtifactError):
            ConformalSets.from_dict({**sets.to_dict(), **lie}, 2)


@pytest.mark.parametrize("coverage", [0, 1, 1.5])
def test_a_coverage_is_a_share(coverage):
    with pytest.raises(InputError, match="expected a share above 0 and below 1"):
        fit_sets(np.zeros(4), np.array([0, 1, 0, 1]), None, coverage=coverage)
