"""`Peer`: a library that runs in its own process, on one processor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT

PEERS = ("pyradiomics", "mirp", "nyxus", "mahotas", "scikit_image", "flash_radiomics", "fastrad")
_HOSTS = {"scikit_image": "mahotas"}  # whose environment it stands in
_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "ITK_GLOBAL_DEFAULT", "VECLIB_MAXIMUM")


class Skipped(Exception):  # noqa: N818
    """Why a library cannot be measured here."""


def has_no_such_thing(reason: str) -> bool:
    """Whether a library that was skipped is there, and does no such work: it is not missed."""
    return reason.startswith(NotImplementedError.__name__)


class Peer:
    """A library at work on one case.

    Parameters
    ----------
    process : Popen
        Of `benchmarks.peers.worker`.

    Attributes
    ----------
    version : str
        Of the library.
    values : dict of str to float
        What it found, by its own names.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        first = self._answer()
        if "skipped" in first:
            raise Skipped(first["skipped"])
        self.version: str = first["version"]
        self.values: dict[str, float] = first["values"]

    def repeat(self, times: int) -> list[float]:
        """Return the milliseconds of each of some repeats."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        taken: list[float] = self._answer()["ms"]
        return taken

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise Skipped("its process ended without an answer")
        answer: dict[str, Any] = json.loads(line)
        return answer


def python_of(library: str) -> Path:
    """Return the Python that has a library; ``KSFEAT_PEERS`` names the folder of environments."""
    if library == "ksfeat":
        return Path(sys.executable)
    folder = os.environ.get("KSFEAT_PEERS")
    if not folder:
        raise Skipped("KSFEAT_PEERS names no folder of environments")
    python = Path(folder) / _HOSTS.get(library, library) / "bin" / "python"
    if not python.is_file():
        raise Skipped("no environment")
    return python


@contextmanager
def started(library: str, work: str, case: Path) -> Iterator[Peer]:
    """Start a library on a case.

    Parameters
    ----------
    library, work : str
        A module of `benchmarks.peers` and a function of it.
    case : Path
        An ``.npz`` of pixels, mask, spacing and levels.

    Raises
    ------
    Skipped
        If there is no such library here, or it cannot do the work.
    """
    command = [str(python_of(library)), "-m", "benchmarks.peers.worker", library, work, str(case)]
    one = dict.fromkeys((f"{name}_NUM_THREADS" for name in _THREADS), "1")
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **one},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=_on_one_processor,
    ) as process:
        try:
            yield Peer(process)
        finally:
            process.kill()


def _on_one_processor() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
