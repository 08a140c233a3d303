"""Splits: no group on both sides ever, every class on every training side, one hash a split."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.splits import Split, make_split
from ksfeat.splits import make as splits

LAW = settings(max_examples=100, derandomize=True, deadline=None)


@st.composite
def data(draw):
    """Labels and groups of 6 to 60 images; a group may hold several classes."""
    n_groups = draw(st.integers(4, 12))
    per_group = draw(st.lists(st.integers(1, 5), min_size=n_groups, max_size=n_groups))
    groups = np.repeat([f"g{number}" for number in range(n_groups)], per_group)
    n_classes = draw(st.integers(2, 4))
    size = len(groups)
    codes = draw(st.lists(st.integers(0, n_classes - 1), min_size=size, max_size=size))
    return np.array([f"c{code}" for code in codes]), groups, draw(st.integers(2, 4))


def split_or_refuse(labels, groups, n_folds, **options):
    """Return the split; a refusal must be one of those that are documented."""
    try:
        return make_split(labels, groups, n_folds=n_folds, **options)
    except InputError as error:
        message = str(error)
    known = ("one class only", "in one of the", "leaves every class", "for classes of at most")
    assert any(words in message for words in known), message
    return None


@LAW
@given(data(), st.integers(0, 1000))
def test_no_group_stands_on_both_sides_and_every_class_trains(given_data, seed):
    labels, groups, n_folds = given_data
    split = split_or_refuse(labels, groups, n_folds, random_state=seed)
    assume(split is not None)
    tested = np.concatenate([test for _, test in split])
    np.testing.assert_array_equal(np.sort(tested), np.arange(len(labels)))
    assert split.n_folds == n_folds == len(list(split))
    assert split.n_groups == len(set(groups))
    for train, test in split:
        assert len(test)
        assert not set(groups[train]) & set(groups[test])
        assert set(labels[train]) == set(labels)
        np.testing.assert_array_equal(np.sort(np.r_[train, test]), np.arange(len(labels)))


@LAW
@given(data(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_neither_split_nor_hash(given_data, random):
    labels, groups, n_folds = given_data
    keys = np.array([f"{number}.png" for number in range(len(labels))])
    split = split_or_refuse(labels, groups, n_folds, keys=keys)
    assume(split is not None)
    order = random.sample(range(len(labels)), len(labels))
    other = make_split(labels[order], groups[order], keys=keys[order], n_folds=n_folds)
    np.testing.assert_array_equal(other.fold, split.fold[order])
    assert other.hash == split.hash


LABELS = np.array(["stone", "normal"] * 12)
GROUPS = np.repeat([f"g{number}" for number in range(8)], 3)


def test_the_hash_tells_another_fold_or_key():
    split = make_split(LABELS, GROUPS, n_folds=4)
    assert len(split.hash) == 12
    moved = split.fold.copy()
    moved[0] = (moved[0] + 1) % 4
    renamed = ("other", *split.keys[1:])
    others = [
        Split(moved, split.keys, 8),
        Split(split.fold, renamed, 8),
        make_split(LABELS, GROUPS, n_folds=2),
        make_split(LABELS, GROUPS, n_folds=4, random_state=1),
    ]
    assert len({split.hash, *(other.hash for other in others)}) == 5
    assert make_split(LABELS, GROUPS, n_folds=4).hash == split.hash


def test_classes_are_spread_evenly():
    labels = np.repeat(["a", "b"], [40, 20])
    groups = np.arange(60) // 2
    for _, test in make_split(labels, groups, n_folds=5):
        assert (labels[test] == "a").sum() == 8
        assert (labels[test] == "b").sum() == 4


def test_without_groups_the_split_is_random():
    split = make_split(LABELS, None, n_folds=3)
    assert split.n_groups is None
    sides = [set(GROUPS[train]) & set(GROUPS[test]) for train, test in split]
    assert any(sides)
    assert sorted(np.bincount(split.fold)) == [8, 8, 8]


def test_the_shuffle_is_tried_until_every_class_trains(monkeypatch):
    """Two groups of a rare class must not be tested together, as the first shuffle may want."""
    labels = np.array(["a"] * 20 + ["b"] * 2)
    groups = np.arange(22)
    for seed in range(20):
        for train, _ in make_split(labels, groups, n_folds=2, random_state=seed):
            assert set(labels[train]) == {"a", "b"}
    monkeypatch.setattr(splits, "_usable", lambda *_: False)
    with pytest.raises(InputError, match="no split into 2 folds leaves every class on every train"):
        make_split(labels, groups, n_folds=2)


@pytest.mark.parametrize(
    ("labels", "groups", "options", "message"),
    [
        (["a"] * 6, list("uvwxyz"), {}, "one class only ('a'); expected at least two"),
        ([], [], {}, "one class only (none)"),
        (
            ["a", "b"] * 3,
            list("uuvvww"),
            {"n_folds": 5},
            "3 groups for 5 folds; expected at least as many groups as folds; "
            "ask for fewer folds (--cv N, at most 3) or bring more groups",
        ),
        (["a", "b"] * 3, None, {"n_folds": 7}, "6 images for 7 folds"),
        (
            ["a", "a", "b", "b", "b"],
            list("uvwww"),
            {"n_folds": 2},
            "class 'b' occurs in one of the groups only; expected at least two, "
            "so that one can be tested while the other trains",
        ),
        (["a", "a", "b"], None, {"n_folds": 2}, "class 'b' occurs in one of the images only"),
        (["a", "b"] * 3, list("uvwxyz"), {"n_folds": 1}, "1 folds; expected at least 2"),
        (
            ["a", "b"] * 3,
            list("uvw"),
            {"n_folds": 2},
            "3 groups for 6 labels; expected one a label",
        ),
        (
            ["a", "b"] * 3,
            list("uvwxyz"),
            {"n_folds": 2, "keys": ["k"]},
            "1 keys for 6 labels; expected one a label",
        ),
        (["a", "b"] * 2, None, {"n_folds": 4}, "4 folds for classes of at most 2 images"),
    ],
)
def test_what_cannot_be_split_is_told_with_the_mend(labels, groups, options, message):
    with pytest.raises(InputError) as caught:
        make_split(labels, groups, **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
