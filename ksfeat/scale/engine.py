"""Map a function over many items, in order, on one core or on many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import cv2
import joblib
import numpy as np
from threadpoolctl import ThreadpoolController

from ksfeat.errors import InputError
from ksfeat.scale.progress import report

Item = TypeVar("Item")
Result = TypeVar("Result")

_LARGEST_BATCH = 16  # so that progress is seen to move; a batch of images takes about 0.2 s
_BATCHES_PER_WORKER = 4  # so that no worker waits long for the last one


def map_ordered(
    function: Callable[[Item], Result],
    items: Sequence[Item] | np.ndarray,
    n_jobs: int | None = None,
    *,
    until: Callable[[Result], bool] | None = None,
) -> list[Result]:
    """Return `function` of each item, in the order of the items.

    Numerical libraries are held to one thread while it works, in the parent as in the workers:
    the results are the same bytes whatever `n_jobs`, and workers do not fight for cores.

    Parameters
    ----------
    function : callable
        Without side effects; with several jobs it must be importable (no lambda) or picklable.
    items : sequence or ndarray
        What to work on.
    n_jobs : int, optional
        As in joblib: None is 1 (or what `joblib.parallel_config` says), -1 all cores.
    until : callable, optional
        Stop after the first result of which this is true; that result is the last one returned.

    Returns
    -------
    list
        One result an item, fewer if `until` stopped the work.

    Examples
    --------
    >>> map_ordered(abs, [-1, 2, -3])
    [1, 2, 3]
    >>> map_ordered(abs, [-1, 2, -3], until=lambda result: result == 2)
    [1, 2]
    """
    results: list[Result] = []
    stopped = Event()
    for batch in _stream(function, items, n_jobs, stopped):
        for result in batch:
            if stopped.is_set():
                break  # what was under way already
            results.append(result)
            if until is not None and until(result):
                stopped.set()
        else:
            report(len(results), len(items))
    return results


def _stream(
    function: Callable[[Item], Result],
    items: Sequence[Item] | np.ndarray,
    n_jobs: int | None,
    stopped: Event,
) -> Iterator[list[Result]]:
    """Yield results by batch; once `stopped`, start no other batch and end with those under way.

    To close joblib's generator instead would break off its workers, which it warns of, and which
    can end in an error of its own threads.
    """
    if n_jobs == 0:
        raise InputError("0 jobs; expected a number of processes from 1, or -1 for all cores")
    workers = min(joblib.effective_n_jobs(n_jobs), max(len(items), 1))
    if workers == 1:
        with _one_thread():
            for item in items:
                if stopped.is_set():
                    return
                yield [function(item)]
        return
    size = max(1, min(_LARGEST_BATCH, len(items) // (workers * _BATCHES_PER_WORKER)))
    batches = [items[start : start + size] for start in range(0, len(items), size)]
    place = Path.cwd()
    waiting = (
        joblib.delayed(_work)(function, batch, place) for batch in batches if not stopped.is_set()
    )
    run = joblib.Parallel(n_jobs=n_jobs, prefer="processes", batch_size=1, return_as="generator")
    yield from run(waiting)


def _work(
    function: Callable[[Item], Result], batch: Sequence[Item] | np.ndarray, place: Path
) -> list[Result]:
    # Workers are kept between calls, and with them the folder that relative paths began at.
    os.chdir(place)
    with _one_thread():
        return [function(item) for item in batch]


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()  # looking for the libraries takes milliseconds: once a process


@contextmanager
def _one_thread() -> Iterator[Any]:
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with _libraries().limit(limits=1):
            yield
    finally:
        cv2.setNumThreads(threads)
