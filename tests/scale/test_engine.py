import os
import sys
from pathlib import Path

import cloudpickle
import cv2
import numpy as np
import pytest
from threadpoolctl import threadpool_info

from ksfeat.scale import map_ordered, reporting

# Workers cannot import a test module that pytest has loaded by its path.
cloudpickle.register_pickle_by_value(sys.modules[__name__])


def square(value):
    return value * value


def process_of(_):
    return os.getpid()


def folder_of(_):
    return Path.cwd().resolve()


def threads(_):
    return cv2.getNumThreads(), max(library["num_threads"] for library in threadpool_info())


@pytest.mark.parametrize("jobs", [None, 1, 2])
def test_results_come_in_the_order_of_the_items(jobs):
    items = list(range(40))
    assert map_ordered(square, items, jobs) == [square(item) for item in items]


def test_two_jobs_leave_the_parent_process():
    assert os.getpid() not in map_ordered(process_of, range(8), 2)
    assert set(map_ordered(process_of, range(8))) == {os.getpid()}


def test_workers_that_were_kept_follow_the_parent_to_another_folder(tmp_path, monkeypatch):
    """Relative paths mean the same in a worker as in the call that sent them."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert set(map_ordered(folder_of, range(8), 2)) == {(tmp_path / name).resolve()}


@pytest.mark.parametrize("jobs", [1, 2])
def test_libraries_are_held_to_one_thread_and_let_go_again(jobs):
    before = threads(None)
    np.ones((2, 2)) @ np.ones((2, 2))
    assert set(map_ordered(threads, range(4), jobs)) == {(1, 1)}
    assert threads(None) == before


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_stops_at_the_first_result_that_says_so(jobs):
    results = map_ordered(square, range(100), jobs, until=lambda value: value >= 9)
    assert results == [0, 1, 4, 9]


def test_nothing_is_done_after_the_stop():
    seen = []
    map_ordered(seen.append, range(100), until=lambda _: len(seen) == 3)
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_is_told_in_the_parent_and_ends_at_the_total(jobs):
    steps = []
    with reporting(lambda done, total: steps.append((done, total))):
        map_ordered(square, range(10), jobs)
    done = [step[0] for step in steps]
    assert done == sorted(done)
    assert steps[-1] == (10, 10)
    map_ordered(square, range(10))
    assert steps[-1] == (10, 10)
    assert len(steps) == len(done)


def test_nothing_to_do_is_no_error():
    assert map_ordered(square, [], 2) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_that_nobody_expected_reaches_the_caller(jobs):
    with pytest.raises(TypeError, match="can't multiply"):
        map_ordered(square, [1, 2, "three"], jobs)
    assert cv2.getNumThreads() == threads(None)[0]
