"""Repeated, leave-one-group-out and nested: no group on both sides of any of them."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.splits import leave_one_group_out, nested_split, repeated_splits

LAW = settings(max_examples=60, derandomize=True, deadline=None)
LABELS = np.array(["stone", "normal"] * 12)
GROUPS = np.repeat([f"g{number}" for number in range(8)], 3)


@st.composite
def data(draw):
    """Labels and groups of 12 to 48 images; a group may hold several classes."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=12, max_size=12))
    groups = np.repeat([f"g{number:02d}" for number in range(12)], sizes)
    codes = draw(st.lists(st.integers(0, 1), min_size=len(groups), max_size=len(groups)))
    return np.array(["a", "b"])[codes], groups


def tried(make, *arguments, **options):
    try:
        return make(*arguments, **options)
    except InputError:
        return None


@LAW
@given(data(), st.integers(0, 100))
def test_no_loop_of_a_nested_split_has_a_group_on_both_sides(given_data, seed):
    labels, groups = given_data
    nested = tried(nested_split, labels, groups, n_folds=3, n_inner=2, random_state=seed)
    assume(nested is not None)
    for train, test, inner in nested:
        assert not set(groups[train]) & set(groups[test])
        np.testing.assert_array_equal(np.sort(np.r_[train, test]), np.arange(len(labels)))
        chosen = np.concatenate([choose for _, choose in inner])
        np.testing.assert_array_equal(np.sort(chosen), train)
        for fit, choose in inner:
            assert not set(groups[fit]) & set(groups[choose])
            assert not set(fit) & set(test)
            assert set(labels[fit]) == {"a", "b"}


@LAW
@given(data())
def test_each_group_is_left_out_once(given_data):
    labels, groups = given_data
    # It can always be done where each class is in two groups, and only there.
    in_two = all(len(set(groups[labels == name])) > 1 for name in set(labels))
    if len(set(labels)) < 2 or not in_two:
        with pytest.raises(InputError, match=r"one class only|in one of the groups only"):
            leave_one_group_out(labels, groups)
        return
    split = leave_one_group_out(labels, groups)
    assert split.n_folds == split.n_groups == len(set(groups))
    for train, test in split:
        assert len(set(groups[test])) == 1
        assert not set(groups[train]) & set(groups[test])
        assert set(labels[train]) == set(labels)


def test_repeats_differ_and_the_first_is_the_plain_split():
    repeats = repeated_splits(LABELS, GROUPS, n_repeats=4, n_folds=4)
    assert len({split.hash for split in repeats}) == 4
    assert repeats[0].hash == repeated_splits(LABELS, GROUPS, n_repeats=1, n_folds=4)[0].hash
    for split in repeats:
        for train, test in split:
            assert not set(GROUPS[train]) & set(GROUPS[test])


def test_without_groups_a_nested_split_is_random():
    nested = nested_split(LABELS, None, n_folds=3, n_inner=2)
    train, test, inner = next(iter(nested))
    assert set(GROUPS[train]) & set(GROUPS[test])
    assert len(inner) == 2


def test_what_cannot_be_done_is_told():
    with pytest.raises(InputError, match="0 repeats; expected at least 1"):
        repeated_splits(LABELS, GROUPS, n_repeats=0)
    with pytest.raises(InputError, match="inner folds of fold 0: 4 groups for 6 folds"):
        nested_split(LABELS, GROUPS, n_folds=2, n_inner=6)
    with pytest.raises(InputError, match="class 'b' occurs in one of the groups only"):
        leave_one_group_out(["a", "a", "b"], ["u", "v", "w"])
