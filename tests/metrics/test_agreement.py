"""Bias and limits are those of the textbook formula; intervals come from whole patients."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.metrics.agreement import bland_altman

RNG = np.random.default_rng(0)
TRUE = RNG.uniform(2, 12, 60)
SEEN = TRUE + 0.4 + RNG.normal(0, 0.5, 60)


def test_bias_and_limits_are_mean_and_1_96_standard_deviations():
    found = bland_altman(SEEN, TRUE, np.arange(60))
    difference = SEEN - TRUE
    spread = 1.96 * difference.std(ddof=1)
    assert found.bias == pytest.approx(difference.mean())
    assert (found.low, found.high) == pytest.approx(
        (difference.mean() - spread, difference.mean() + spread)
    )
    assert (found.n, found.n_groups) == (60, 60)


def test_intervals_hold_the_values_and_are_wider_where_patients_hold_many():
    patients = np.repeat(np.arange(6), 10)
    shared = SEEN + RNG.normal(0, 1, 6)[patients]
    alone, together = (bland_altman(shared, TRUE, g) for g in (np.arange(60), patients))
    for value, (low, high) in zip(
        (together.bias, together.low, together.high), together.intervals, strict=True
    ):
        assert low <= value <= high
    assert np.diff(together.intervals[0]) > 1.3 * np.diff(alone.intervals[0])


@settings(max_examples=20, deadline=None)
@given(st.floats(-50, 50))
def test_what_is_added_to_each_measurement_moves_bias_and_limits_alike(offset):
    here, moved = (
        bland_altman(SEEN + more, TRUE, np.arange(60), n_bootstrap=5) for more in (0.0, offset)
    )
    assert np.subtract(moved[:3], here[:3]) == pytest.approx([offset] * 3, abs=1e-9)


@pytest.mark.parametrize(
    ("seen", "true", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], "2 pairs; expected three or more"),
        ([1.0, np.nan, 2.0], [1.0, 1.0, 1.0], "all finite"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], "expected one length"),
    ],
)
def test_what_cannot_be_compared_is_named(seen, true, message):
    with pytest.raises(InputError, match=message):
        bland_altman(seen, true, list(range(len(seen))))
