"""The benchmark of the detector never lets an exam, or a locked one, be learnt from and tested."""

import numpy as np
import pandas as pd

from benchmarks.stones import _resampled, auroc_with_interval
from benchmarks.stones_pictures import _one_an_exam
from benchmarks.stones_tasks import _folds, _split_of


def test_locked_exams_train_nothing_and_are_tested_once_by_all_others():
    locked = np.array([False, True, False, False, True, False])
    split = [(np.array([0, 1]), np.array([2, 3])), (np.array([2, 3]), np.array([0, 1]))]
    folds = _folds(split, locked)
    assert len(folds) == 3
    for train, test in folds:
        assert not locked[train].any()
        assert not set(train) & set(test)
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested.tolist()) == list(range(6))
    assert folds[-1][0].tolist() == [0, 2, 3, 5]
    assert folds[-1][1].tolist() == [1, 4]


def test_without_locked_exams_there_is_no_further_fold():
    split = [(np.array([0]), np.array([1]))]
    assert len(_folds(split, np.zeros(2, dtype=bool))) == 1


def test_an_exam_is_in_one_fold():
    groups = pd.Series(np.repeat([f"e{i}" for i in range(11)], 3), index=range(33)).astype(str)
    groups.index = [f"{i}.jpg" for i in range(33)]
    fold = pd.Series(_split_of(groups, 0).fold, index=groups.to_numpy())
    assert all(len(set(part)) == 1 for _, part in fold.groupby(level=0))
    assert sorted(set(fold)) == [0, 1, 2, 3, 4]


def test_resampling_draws_whole_exams_and_keeps_both_classes():
    groups = np.repeat(np.arange(6), 2)
    truth = groups < 2
    for rows in _resampled(groups, 0, truth)[:50]:
        counts = np.bincount(rows, minlength=12).reshape(6, 2)
        assert (counts[:, 0] == counts[:, 1]).all()
        assert 0 < truth[rows].sum() < len(rows)
    told = auroc_with_interval(truth, truth.astype(float), groups, 0)
    assert told == "1.0000 [1.0000, 1.0000]"


def test_one_exam_fills_no_picture_alone():
    table = pd.DataFrame({"path": [f"a_{i}" for i in range(9)] + [f"b_{i}" for i in range(2)]})
    assert _one_an_exam(table)["path"].tolist() == ["a_0", "a_1", "b_0", "b_1"]
