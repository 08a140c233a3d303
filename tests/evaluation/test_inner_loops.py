"""The law of the house: no loop, inner or outer, has a group on both sides."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ksfeat import InputError, StoneClassifier
from ksfeat.dataset import Dataset, Grouping
from ksfeat.dataset.source import DatasetSource
from ksfeat.evaluation import certainty, cross_validate, split_dataset
from ksfeat.evaluation.certainty import CertaintyPlan
from ksfeat.evaluation.description import Copies
from ksfeat.models import calibration, tuning
from ksfeat.models.linear import LinearClassifier


@st.composite
def data_sets(draw):
    """Images in 9 to 14 groups of 1 to 4, in any order, with two augmented copies each."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=9, max_size=14))
    groups = np.repeat([f"g{number:02d}" for number in range(len(sizes))], sizes)
    order = draw(st.permutations(range(len(groups))))
    groups = groups[list(order)]
    codes = draw(st.lists(st.integers(0, 1), min_size=len(groups), max_size=len(groups)))
    names = [f"{number}.png" for number in range(len(groups))]
    return Dataset(
        Path(),
        tuple(DatasetSource(Path(name), name) for name in names),
        np.array(["nostone", "stone"])[codes],
        groups,
        Grouping("given"),
    )


@settings(max_examples=25, derandomize=True, deadline=None)
@given(data_sets(), st.integers(0, 50))
def test_tuning_never_sees_a_group_on_both_sides(data, seed):
    """A row of the table is its image's number, so that each row tells its group."""
    n = len(data)
    table = pd.DataFrame({"image": np.arange(n, dtype=float), "x": np.linspace(-1, 1, n)})
    copies = Copies(table.loc[np.repeat(np.arange(n), 2)], np.repeat(np.arange(n), 2), {})
    searched = []

    class Spy(tuning.GridSearchCV):
        def fit(self, X, y):
            searched.append((X["image"].to_numpy(int), list(self.cv)))
            self.best_estimator_ = self.estimator.fit(X, y)
            return self

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tuning, "GridSearchCV", Spy)
        try:
            split = split_dataset(data, n_folds=3, random_state=seed)
            cross_validate(
                StoneClassifier(model="linear"), table, data, split, search="grid", copies=copies
            )
        except InputError:
            assume(False)
    assert len(searched) == 3
    for (image, folds), (train, test) in zip(searched, split, strict=True):
        assert set(image) == set(train)
        assert not set(data.groups[image]) & set(data.groups[test])
        for fit, choose in folds:
            assert not set(data.groups[image[fit]]) & set(data.groups[image[choose]])
            assert len(set(image[choose])) == len(choose)  # copies are never tested


def numbered(data):
    """Return a table that tells of each row which image it is, and copies that tell it, too."""
    n = len(data)
    table = pd.DataFrame({"image": np.arange(n, dtype=float), "x": np.linspace(-1, 1, n)})
    return table, Copies(table.loc[np.repeat(np.arange(n), 2)], np.repeat(np.arange(n), 2), {})


class Watched(LinearClassifier):
    """Gives a margin to no image of a group that it was trained on."""

    groups = np.array([])
    asked: list = []  # noqa: RUF012 - of all its clones

    def fit(self, X, y, sample_weight=None):
        self.known_groups_ = set(self.groups[X["image"].to_numpy(int)])
        return super().fit(X, y, sample_weight)

    def decision_function(self, X):
        groups = set(self.groups[X["image"].to_numpy(int)])
        assert not groups & self.known_groups_
        self.asked.append(len(groups))
        return super().decision_function(X)


@settings(max_examples=6, derandomize=True, deadline=None)
@given(data_sets(), st.integers(0, 50), st.booleans())
def test_calibration_and_conformal_sets_never_see_a_group_on_both_sides(data, seed, augmented):
    """Three loops: outer folds, margins for the certainty, and the choice of a calibration."""
    table, copies = numbered(data)
    chosen, laid = [], []
    make_split, certainty_from = calibration.make_split, certainty.certainty_from

    def watched_choice(codes, groups, **options):
        split = make_split(codes, groups, **options)
        for train, test in split:
            assert not set(groups[train]) & set(groups[test])
        chosen.append(set(groups))
        return split

    def watched_certainty(margins, labels, classes, groups, plan):
        laid.append(set(groups))
        return certainty_from(margins, labels, classes, groups, plan)

    Watched.groups, Watched.asked = data.groups, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StoneClassifier, "new_model", lambda self: Watched())
        patch.setattr(calibration, "make_split", watched_choice)
        patch.setattr(certainty, "certainty_from", watched_certainty)
        try:
            split = split_dataset(data, n_folds=3, random_state=seed)
            cross_validate(
                StoneClassifier(model="linear"), table, data, split, plan=CertaintyPlan(),
                copies=copies if augmented else None, random_state=seed,
            )  # fmt: skip
        except InputError:
            assume(False)
    tested = [set(data.groups[test]) for _, test in split]
    assert len(Watched.asked) == 3 + 3 * len(laid)  # each outer fold, and three inner ones in it
    assume(len(laid) == 3)  # else a fold had too few groups, which it says
    for groups, outer in zip(laid, tested, strict=True):
        assert not groups & outer
    for groups in chosen:
        assert any(not groups & outer for outer in tested)


def test_nothing_stops_early():
    """Early stopping needs a side to watch, and no model takes one: rounds are a parameter."""
    for kind in ("xgboost", "svm", "linear"):
        assert not {
            name for name in StoneClassifier(model=kind).new_model().get_params() if "early" in name
        }
