"""Damaged files of every format, each read in a process of its own: an image or one line of text.

A process has 4 GB of address space and 5 s; what it took and how it ended is measured from outside.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.damage import Format, damaged
from benchmarks.harness import Target, main
from benchmarks.wholes import formats
from ksfeat.errors import InputError, MissingExtraError
from ksfeat.io import read_image

FILES, QUICK_FILES = 10_000, 200
ADDRESS_SPACE, MOST_MB, MOST_S = 4 * 2**30, 2048, 5
WORKERS, BATCH = 2, 25
OUTCOMES = ("images", "input_errors", "crashes", "hangs", "over_2gb", "other")
_ENDED = {0: "images", 1: "input_errors", 2: "other"}  # by the exit code of the process


@dataclass(frozen=True)
class Batch:
    """Some damaged files of one format, told by their numbers."""

    place: int
    kind: Format
    numbers: range
    seed: int


Trial = tuple[str, float, float, str]  # outcome, seconds, MB, what was found


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Read damaged files of every format; no format may crash, hang, or take 2 GB."""
    kinds = formats(seed)
    each = -(-(QUICK_FILES if quick else FILES) // len(kinds))
    batches = [
        Batch(place, kind, range(first, min(first + BATCH, each)), seed)
        for place, kind in enumerate(kinds)
        for first in range(0, each, BATCH)
    ]
    trials: list[list[Trial]] = [[] for _ in kinds]
    gc.freeze()  # or each process would copy what it shares with this one
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        for place, some in pool.imap_unordered(_try_all, batches):
            trials[place] += some
    rows = [_row(kind, some) for kind, some in zip(kinds, trials, strict=True)]
    targets = []
    for outcome in OUTCOMES[2:]:
        total = sum(row[outcome] for row in rows)
        targets.append(Target(f"{outcome} of {each * len(kinds)} files", total, "0", total == 0))
    return rows, targets


def _row(kind: Format, trials: list[Trial]) -> dict[str, Any]:
    counts = Counter(outcome for outcome, *_ in trials)
    return {
        "format": kind.name,
        "files": len(trials),
        **{outcome: counts[outcome] for outcome in OUTCOMES},
        "slowest_s": round(max(seconds for _, seconds, _, _ in trials), 2),
        "peak_mb": round(max(mb for _, _, mb, _ in trials)),
        "found": "; ".join(sorted({text for *_, text in trials if text})[:3]),
    }


def _try_all(batch: Batch) -> tuple[int, list[Trial]]:
    trials = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"damaged{batch.kind.ending}"
        for number in batch.numbers:
            path.write_bytes(damaged(batch.kind, np.random.default_rng([batch.seed, number])))
            outcome, seconds, mb, text = _try_one(path)
            trials.append((outcome, seconds, mb, text and f"#{number}: {text}"))
    return batch.place, trials


def _try_one(path: Path) -> Trial:
    """Read a file in a forked process: whatever a decoder does there, this one goes on."""
    reading, writing = os.pipe()
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        _read_and_exit(path, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        text = pipe.read().decode(errors="replace")
    _, status, usage = os.wait4(child, 0)
    seconds, mb = time.perf_counter() - start, usage.ru_maxrss / 1024
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        outcome = "hangs" if number == signal.SIGALRM else "crashes"
        return outcome, seconds, mb, signal.Signals(number).name
    if mb > MOST_MB:
        return "over_2gb", seconds, mb, f"{mb:.0f} MB"
    outcome = _ENDED.get(os.waitstatus_to_exitcode(status), "crashes")
    return outcome, seconds, mb, text


def _read_and_exit(path: Path, writing: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())  # decoders in C warn there
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, MOST_S)
    code, text = 2, ""
    try:
        code = 0 if read_image(path).pixels.size else 2
    except (InputError, MissingExtraError) as error:
        code, text = (2, "several lines") if "\n" in str(error) else (1, "")
    except BaseException as error:  # all there is: it is what is looked for
        text = f"{type(error).__name__}: {error}".splitlines()[0][:100]
    os.write(writing, text.encode())
    os._exit(code)


if __name__ == "__main__":
    main("fuzz", __doc__ or "", measure)
