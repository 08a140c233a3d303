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
from ksfeat.evaluation import cross_validate, split_dataset
from ksfeat.evaluation.description import Copies
from ksfeat.models import tuning


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
