"""Progress of long work, for whoever wants to draw it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Reporter = Callable[[int, int], None]
_reporter: ContextVar[Reporter | None] = ContextVar("ksfeat_progress", default=None)


@contextmanager
def reporting(reporter: Reporter) -> Iterator[None]:
    """Have `reporter(done, total)` called while work inside the block goes on.

    Parameters
    ----------
    reporter : callable
        Called in the parent process, with the number of items done and of all items.

    Examples
    --------
    >>> from ksfeat.scale import map_ordered
    >>> with reporting(lambda done, total: print(f"{done}/{total}")):
    ...     squares = map_ordered(lambda item: item**2, [2, 3])
    1/2
    2/2
    >>> squares
    [4, 9]
    """
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)


def report(done: int, total: int) -> None:
    """Tell the reporter in charge, if there is one."""
    reporter = _reporter.get()
    if reporter is not None:
        reporter(done, total)
