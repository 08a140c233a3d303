"""How loops are compiled: lazily, cached on disk where that is possible, without the GIL."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

import numba
from numba.extending import intrinsic

_SECONDS = 12  # measured: 12 s for all kernels on one core of a small server
_kernels: list[tuple[Any, str]] = []


def kernel(signature: str) -> Callable[[Callable], Any]:
    """Compile a function at its first call, or by `compile_kernels`, and keep the machine code.

    Parameters
    ----------
    signature : str
        The one signature that the kernel is compiled for, in numba's notation.
    """

    def decorate(function: Callable) -> Any:
        dispatcher = part_of_kernel(function)
        _kernels.append((dispatcher, signature))
        return dispatcher

    return decorate


def part_of_kernel(function: Callable) -> Any:
    """Compile a function that only kernels call: with them, and kept in their machine code."""
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError as error:
        # A container with a read-only home: numba finds no folder for its cache.
        if "cannot cache" not in str(error):
            raise
        _warn_uncached()
        return numba.njit(nogil=True)(function)


def instruction(write: Callable) -> Any:
    """Let kernels call what is written in LLVM's terms, where numba has no word for it.

    Parameters
    ----------
    write : callable
        As numba's `intrinsic` takes it: from the types of the arguments to a signature and to what
        builds the code.
    """
    return intrinsic(write)


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

    Says so on stderr after the first that was not in the cache. A second call costs nothing.
    """
    told = False
    for dispatcher, signature in _kernels:
        if not dispatcher.signatures:
            dispatcher.compile(signature)
            missed = bool(sum(dispatcher.stats.cache_misses.values()))
            if missed and not told:
                sys.stderr.write(f"compiling kernels, once per machine (about {_SECONDS} s)...\n")
                told = True
