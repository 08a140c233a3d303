"""`TableEncoder`: median and indicator, no constant columns, unit variance; weights as repeats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ksfeat import InputError
from ksfeat.models.encoding import TableEncoder

LAW = settings(max_examples=60, derandomize=True, deadline=None)
NAN = np.nan


def test_a_hole_becomes_the_median_and_an_indicator():
    X = np.array([[1.0, NAN], [2.0, 10.0], [4.0, 20.0], [9.0, 60.0]])
    encoder = TableEncoder().fit(X)
    np.testing.assert_array_equal(encoder.origin_, [0, 1, 1])
    filled = np.array([[1.0, 20, 1], [2, 10, 0], [4, 20, 0], [9, 60, 0]])
    expected = (filled - filled.mean(axis=0)) / filled.std(axis=0)
    np.testing.assert_allclose(encoder.transform(X), expected)


def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two():
    encoder = TableEncoder().fit(np.array([[1.0, 5], [2, 5], [4, 5], [9, 5]]))
    np.testing.assert_array_equal(encoder.median_, [3.0, 5.0])


def test_empty_and_constant_columns_are_dropped_without_a_word():
    rng = np.random.default_rng(0)
    varying = rng.normal(size=20)
    rounding = np.full(20, 0.1) + np.arange(20) % 2 * 1e-17 + np.arange(20) % 3 * 2e-17
    half_empty = np.where(np.arange(20) % 2, 5.0, NAN)  # constant, but its holes tell
    X = np.column_stack([np.full(20, NAN), varying, np.full(20, 5.0), rounding, half_empty])
    encoder = TableEncoder().fit(X)
    np.testing.assert_array_equal(encoder.origin_, [1, 4])
    encoded = encoder.transform(X)
    np.testing.assert_allclose(np.abs(encoded[:, 1]), 1)
    # What was empty in training does not matter, and a new hole is filled by the median.
    other = X[:2].copy()
    other[:, 0], other[:, 1] = 7.0, NAN
    expected = (np.median(varying) - varying.mean()) / varying.std()
    np.testing.assert_allclose(encoder.transform(other)[:, 0], expected)


@LAW
@given(st.integers(0, 2**32 - 1), st.integers(3, 20), st.sampled_from([0.0, 0.3]))
def test_columns_have_mean_zero_and_variance_one(seed, n, holes):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4)) * 10.0 ** rng.integers(-6, 7, 4)
    X[rng.random(X.shape) < holes] = NAN
    X[:3, 0] = [0, 1, 2]
    weights = rng.integers(1, 4, n).astype(float)
    encoded = TableEncoder().fit(X, sample_weight=weights).transform(X)
    assert np.isfinite(encoded).all()
    np.testing.assert_allclose(np.average(encoded, axis=0, weights=weights), 0, atol=1e-9)
    np.testing.assert_allclose(np.average(encoded**2, axis=0, weights=weights), 1)


@LAW
@given(
    arrays(float, (9, 2), elements=st.sampled_from([0.0, 1.0, 2.5, -7.0, NAN])),
    arrays(int, 9, elements=st.integers(0, 3)),
    st.sampled_from([1.0, 1 / 3, 0.7]),
)
def test_a_weight_is_a_number_of_rows(X, counts, unit):
    """Of median, indicators, mean and scale; a row of weight zero is not there."""
    X = np.column_stack([X, np.arange(9.0)])
    counts[:2] = 1
    weighted = TableEncoder().fit(X, sample_weight=counts * unit)
    repeated = TableEncoder().fit(np.repeat(X, counts, axis=0))
    for name in ("median_", "indicated_", "kept_", "origin_"):
        np.testing.assert_array_equal(getattr(weighted, name), getattr(repeated, name))
    np.testing.assert_allclose(weighted.transform(X), repeated.transform(X), atol=1e-12)


def test_nothing_that_varies_is_refused_with_the_mend():
    with pytest.raises(
        InputError, match=r"constant or missing \(n_samples = 3\).*images that diff"
    ):
        TableEncoder().fit([[1.0, NAN], [1.0, NAN], [1.0, NAN]])
