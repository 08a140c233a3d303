"""One library in its own process: ``PYTHON -m benchmarks.peers.worker LIBRARY WORK CASE.npz``.

It describes the case once, says what it found, then repeats as often as each line on its standard
input asks, and answers with the milliseconds of each time.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
import time
from contextlib import redirect_stdout

import numpy as np


def main() -> None:
    """Answer with one line of JSON a request."""
    library, work, case = sys.argv[1:]
    answers = sys.stdout
    with redirect_stdout(io.StringIO()):  # what a library prints is no answer
        try:
            module = importlib.import_module(f"benchmarks.peers.{library}")
            describe = getattr(module, work)
            held = np.load(case)
            given = (held["pixels"], held["mask"], held["spacing"], int(held["levels"]))
            first = {"version": module.VERSION, "values": describe(*given)}
        except Exception as error:  # whatever a peer fails with is what the row says
            why = (str(error).splitlines() or [""])[0][:120]
            _say(answers, {"skipped": f"{type(error).__name__}: {why}"})
            return
        _say(answers, first)
        for line in sys.stdin:
            _say(answers, {"ms": _repeat(describe, given, int(line))})


def _repeat(describe, given, times):
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        describe(*given)
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def _say(stream, answer):
    stream.write(json.dumps(answer) + "\n")
    stream.flush()


if __name__ == "__main__":
    main()
