"""Tests between models: published numbers, plain forms at one image a group, and type-I error."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm

from ksfeat.errors import InputError
from ksfeat.evaluation.clustered_auroc import delong
from ksfeat.evaluation.compare import Difference, compare_aurocs, holm, mcnemar


def clustered(rng, n_groups=40, size=4, gain=0.0):
    """Groups of one class; two models that share the group's effect, the second better by gain."""
    groups = np.repeat(np.arange(n_groups), size)
    truth = (groups % 2).astype(float)
    shared = rng.normal(size=n_groups)[groups]
    own = [rng.normal(size=n_groups)[groups] + 0.3 * rng.normal(size=len(groups)) for _ in range(2)]
    labels = np.where(truth == 1, "s", "n")
    return labels, truth + shared + own[0], truth * (1 + gain) + shared + own[1], groups


def literal_delong(truth, first, second):
    """DeLong, DeLong and Clarke-Pearson, by loops over all pairs."""
    parts = []
    for margin in (first, second):
        ahead = (np.sign(margin[truth][:, None] - margin[~truth][None]) + 1) / 2
        parts.append((ahead.mean(axis=1), ahead.mean(axis=0), ahead.mean()))
    above = np.cov(parts[0][0], parts[1][0]) / truth.sum()
    below = np.cov(parts[0][1], parts[1][1]) / (~truth).sum()
    both = above + below
    variance = both[0, 0] + both[1, 1] - 2 * both[0, 1]
    return parts[1][2] - parts[0][2], np.sqrt(variance)


def test_without_groups_it_is_delongs_own():
    rng = np.random.default_rng(0)
    labels, first, second, _ = clustered(rng)
    first = first.round(1)  # with ties
    found = delong(labels, first, second, positive="s")
    value, error = literal_delong(labels == "s", first, second)
    assert found.value == pytest.approx(value)
    # The stretch of the crossed term, which is 0 here, does not matter.
    assert (found.high - found.low) / 2 / norm.ppf(0.975) == pytest.approx(error)
    assert found.p_value == pytest.approx(2 * norm.sf(abs(value) / error))


def literal_obuchowski(truth, first, second, groups):
    """Obuchowski (1997) as her published program computes it: a loop over clusters."""
    names = np.unique(groups)
    n_hits, n_rest = truth.sum(), (~truth).sum()
    sums, areas = [], []
    for margin in (first, second):
        ahead = (np.sign(margin[truth][:, None] - margin[~truth][None]) + 1) / 2
        area = ahead.mean()
        x = [(ahead.mean(axis=1)[groups[truth] == g] - area).sum() for g in names]
        y = [(ahead.mean(axis=0)[groups[~truth] == g] - area).sum() for g in names]
        sums.append((np.array(x), np.array(y)))
        areas.append(area)
    k, k1, k0 = len(names), len(np.unique(groups[truth])), len(np.unique(groups[~truth]))

    def covariance(a, b):
        s10 = k1 / ((k1 - 1) * n_hits) * (a[0] * b[0]).sum()
        s01 = k0 / ((k0 - 1) * n_rest) * (a[1] * b[1]).sum()
        s11 = k / (k - 1) * ((a[0] * b[1]).sum() + (b[0] * a[1]).sum())
        return s10 / n_hits + s01 / n_rest + s11 / (n_hits * n_rest)

    one, two = sums
    variance = covariance(one, one) + covariance(two, two) - 2 * covariance(one, two)
    return areas[1] - areas[0], np.sqrt(variance)


def test_with_groups_it_is_obuchowskis_also_where_groups_hold_both_classes():
    rng = np.random.default_rng(1)
    labels, first, second, groups = clustered(rng, size=3)
    labels = np.where(rng.random(len(labels)) < 0.3, "s", labels)
    found = delong(labels, first, second, positive="s", groups=groups)
    value, error = literal_obuchowski(labels == "s", first, second, groups)
    assert found.value == pytest.approx(value)
    assert (found.high - found.low) / 2 / norm.ppf(0.975) == pytest.approx(error)


@pytest.mark.slow
def test_under_no_difference_it_errs_as_often_as_it_says_and_the_plain_form_far_more_often():
    rng = np.random.default_rng(2)
    wrong = np.zeros(3)
    for _ in range(400):
        labels, first, second, groups = clustered(rng, n_groups=60)
        wrong[0] += delong(labels, first, second, positive="s", groups=groups).p_value < 0.05
        wrong[1] += delong(labels, first, second, positive="s").p_value < 0.05
        calls = [np.where(margin > 0.5, "s", "n") for margin in (first, second)]
        wrong[2] += mcnemar(labels, *calls, groups=groups).p_value < 0.05
    rates = wrong / 400
    assert 0.02 < rates[0] < 0.085
    assert rates[1] > 0.2
    assert 0.02 < rates[2] < 0.085


def test_the_bootstrap_and_delong_agree():
    labels, first, second, groups = clustered(np.random.default_rng(3), n_groups=120, gain=1.0)
    drawn = compare_aurocs(labels, first, second, positive="s", groups=groups, n_bootstrap=500)
    found = delong(labels, first, second, positive="s", groups=groups)
    assert drawn.value == pytest.approx(found.value)
    assert drawn.high - drawn.low == pytest.approx(found.high - found.low, rel=0.25)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 0.1, "superior"),
        (-0.009, 0.1, "not inferior"),
        (-0.01, 0.1, "undecided"),
        (-0.2, 0.2, "undecided"),
        (-0.2, -0.011, "inferior"),
        (-0.2, -0.01, "undecided"),
    ],
)
def test_what_the_data_cannot_say_is_undecided(low, high, verdict):
    assert Difference((low + high) / 2, low, high).verdict == verdict


def test_the_same_model_twice_is_no_difference():
    labels, first, _, groups = clustered(np.random.default_rng(4))
    found = delong(labels, first, first * 3, positive="s", groups=groups)
    assert (found.value, found.p_value, found.verdict) == (0.0, 1.0, "not inferior")
    assert mcnemar(labels, labels, labels).p_value == 1.0


def test_mcnemar_is_mcnemars_at_one_image_a_group():
    """(b - c)^2 / (b + c) = (30 - 12)^2 / 42, times (K - 1) / K."""
    truth = np.array(["a"] * 100)
    first, second = truth.copy(), truth.copy()
    first[:30], second[30:42] = "b", "b"
    found = mcnemar(truth, first, second)
    assert found.statistic == pytest.approx(18**2 / 42 * 99 / 100)
    assert found.p_value == pytest.approx(binomtest(12, 42).pvalue, abs=0.005)


def test_clusters_as_the_published_code_for_obuchowski_counts_them():
    """The first six patients of the thyroid data in R's clust.bin.pair (tests of its 0.1.2).

    b = 0 each and c = 2, 1, 0, 0, 1, 0: 5/6 * 4^2 / (4 + 1 + 1).
    """
    both, spect, neither = [0, 2, 3, 1, 2, 4], [2, 1, 0, 0, 1, 0], [1, 0, 0, 0, 0, 0]
    groups = np.repeat(np.arange(6), np.sum([both, spect, neither], axis=0))
    pairs = [
        pair
        for a, c, d in zip(both, spect, neither, strict=True)
        for pair in [(1, 1)] * a + [(0, 1)] * c + [(0, 0)] * d
    ]
    pet, spect_calls = np.array(pairs).T.astype(str)
    found = mcnemar(np.full(len(pairs), "1"), pet, spect_calls, groups=groups)
    assert found.statistic == pytest.approx(5 / 6 * 16 / 6)


def test_ten_images_a_patient_are_no_ten_patients():
    truth = np.array(["a"] * 20)
    first = np.where(np.arange(20) < 5, "b", "a")
    rows = np.repeat(np.arange(20), 10)
    one = mcnemar(truth, first, truth)
    assert mcnemar(truth[rows], first[rows], truth[rows], groups=rows) == one
    assert mcnemar(truth[rows], first[rows], truth[rows]).p_value < one.p_value / 100


def test_holms_own_steps():
    assert holm([0.005, 0.011, 0.02, 0.04]).tolist() == pytest.approx([0.02, 0.033, 0.04, 0.04])
    assert holm([0.9, 0.9]).tolist() == [1.0, 1.0]
    with pytest.raises(InputError, match="expected numbers from 0 to 1"):
        holm([1.2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"first": np.zeros(3)}, r"margins of shape \(3,\)"),
        ({"second": np.full(4, np.nan)}, "a margin is NaN"),
        ({"labels": np.array(["s"] * 4)}, "expected it and others"),
        ({"groups": np.array([0, 0, 1, 1])}, "a class stands in one group only"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, message):
    given = {
        "labels": np.array(["s", "s", "n", "n"]),
        "first": np.arange(4.0),
        "second": np.arange(4.0),
        "positive": "s",
    }
    with pytest.raises(InputError, match=message):
        delong(**{**given, **change})
