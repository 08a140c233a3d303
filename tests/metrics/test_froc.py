"""Free-response sensitivity on cases small enough to count by hand."""

import numpy as np
import pytest

from ksfeat.metrics.froc import froc_sensitivity

HIT = [
    np.array([[True, False], [False, True], [False, False]]),
    np.array([[False], [False]]),
    np.zeros((1, 0), dtype=bool),
]
SCORES = [np.array([0.9, 0.3, 0.5]), np.array([0.8, 0.2]), np.array([0.6])]


@pytest.mark.parametrize(
    ("rate", "found"),
    [(0.0, 1), (1 / 3, 1), (2 / 3, 1), (1.0, 2), (2.0, 2)],
)
def test_counted_by_hand(rate, found):
    # False positives by falling score: 0.8, 0.6, 0.5, 0.2; hits at 0.9 and 0.3; one is missed.
    assert froc_sensitivity(HIT, SCORES, [rate])[0] == pytest.approx(found / 3)


def test_a_tie_with_a_false_positive_that_is_not_allowed_is_no_hit():
    hit, scores = [np.array([[True], [False]])], [np.array([0.5, 0.5])]
    assert froc_sensitivity(hit, scores, [0.0, 1.0]).tolist() == [0.0, 1.0]


def test_more_false_positives_never_find_less():
    values = froc_sensitivity(HIT, SCORES, np.linspace(0, 3, 13))
    assert (np.diff(values) >= 0).all()


def test_no_lesion_has_no_sensitivity():
    assert np.isnan(froc_sensitivity([np.zeros((1, 0), bool)], [np.ones(1)], [1.0])).all()
