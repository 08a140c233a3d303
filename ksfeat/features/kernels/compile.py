"""How loops are compiled: lazily, cached on disk where that is possible, without the GIL."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

_SECONDS = 2  # measured: 1.5 s for all kernels on one core of a small server
_kernels: list[tuple[Any, str]] = []


def kernel(signature: str) -> Callable[[Callable], Any]:
    """Compile a function at its first call, or by `compile_kernels`, and keep the machine code.

    Parameters
    ----------
    signature : str
        The one signature that the kernel is compiled for, in numba's notation.
    """

    def decorate(function: Callable) -> Any:
        dispatcher = _dispatcher(function)
        _kernels.append((dispatcher, signature))
        return dispatcher

    return decorate


def _dispatcher(function: Callable) -> Any:
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError as error:
        # A container with a read-only home: numba finds no folder for its cache.
        if "cannot cache" not in str(error):
            raise
        _warn_uncached()
        return numba.njit(nogil=True)(function)


def _warn_uncached() -> None:
    # Python shows a warning once a place: one line, however many kernels there are.
    warnings.warn(
        "compiled kernels cannot be kept on this machine and are compiled anew in each process; "
        "set NUMBA_CACHE_DIR to a writable folder",
        RuntimeWarning,
        stacklevel=2,
    )


def compile_kernels() -> None:
    """Compile all kernels now, so that workers started later find them in the cache.

    Says so on stderr where they are not cached yet. A second call costs nothing.
    """
    waiting = [(item, signature) for item, signature in _kernels if not item.signatures]
    if any(not _is_cached(item) for item, _ in waiting):
        sys.stderr.write(f"compiling kernels, once per machine (about {_SECONDS} s)...\n")
    for dispatcher, signature in waiting:
        dispatcher.compile(signature)


def _is_cached(dispatcher: Any) -> bool:
    folder = dispatcher.stats.cache_path
    if folder is None:
        return False
    function = dispatcher.py_func
    source = Path(function.__code__.co_filename)
    indices = Path(folder).glob(f"{source.stem}.{function.__qualname__}-*.nbi")
    return any(index.stat().st_mtime >= source.stat().st_mtime for index in indices)
