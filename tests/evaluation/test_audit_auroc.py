"""A warning of an audit allows for all of its tests; the interval that is told stays 95 %."""

from pathlib import Path

import numpy as np
import pytest

from ksfeat.dataset import Dataset, Grouping
from ksfeat.evaluation import split_dataset
from ksfeat.evaluation.audit_auroc import told_from, varies
from ksfeat.io import ImageSource
from ksfeat.metrics import draw_auroc, score_predictions

LABELS = np.repeat(["normal", "stone"], 24)
HIT = (LABELS == "stone").astype(float)
# It says a little of the class: a warning alone, but not one test of eleven.
NOISY = HIT + np.random.default_rng(5).normal(0, 1.1, len(LABELS))


@pytest.fixture(scope="module")
def pairs():
    """24 groups of two images; nothing is read."""
    images = tuple(ImageSource(Path(f"{row}.png"), f"{row}") for row in range(len(LABELS)))
    groups = np.repeat([f"g{number:02d}" for number in range(24)], 2)
    return Dataset(Path(), images, labels=LABELS, groups=groups, grouping=Grouping("given"))


def test_a_warning_that_stands_alone_is_none_among_many(pairs):
    split = split_dataset(pairs, n_folds=4)
    alone, among = (told_from("x", NOISY[:, None], pairs, split, n_tests=n) for n in (1, 11))
    assert alone.warns
    assert not among.warns
    assert among.bound < 0.5 < among.low
    assert (alone.auroc, alone.low, alone.high) == (among.auroc, among.low, among.high)
    assert alone.bound == alone.low


def test_what_tells_the_class_for_sure_warns_among_many(pairs):
    split = split_dataset(pairs, n_folds=4)
    assert told_from("x", HIT[:, None], pairs, split, n_tests=11).warns


def test_what_never_varies_is_no_test():
    assert not varies(np.full((5, 2), np.nan))
    assert varies(np.array([[1.0, 2.0], [1.0, 3.0]]))


def test_the_auroc_alone_is_that_of_all_scores(pairs):
    how = {"groups": pairs.groups, "n_bootstrap": 200, "random_state": 4}
    value, draws = draw_auroc(LABELS, NOISY, pairs.classes, **how)
    score = score_predictions(LABELS, NOISY, pairs.classes, **how)["auroc"]
    assert value == pytest.approx(score.value)
    np.testing.assert_allclose(np.percentile(draws, [2.5, 97.5]), [score.low, score.high])
