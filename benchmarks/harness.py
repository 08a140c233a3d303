"""What every benchmark shares: its options, its provenance, its CSV and its JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

import ksfeat

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
_LIBRARIES = ("numpy", "scikit-learn", "xgboost", "numba", "scikit-image")


@dataclass(frozen=True)
class Target:
    """What was aimed at: in words, the value reached, the target, and whether it holds."""

    what: str
    value: float | None
    target: str
    holds: bool | None


Measure = Callable[[bool, int], tuple[list[dict[str, Any]], list[Target]]]


def main(name: str, doc: str, measure: Measure) -> None:
    """Run a benchmark from the command line.

    Parameters
    ----------
    name : str
        Name of the CSV in ``benchmarks/results``.
    doc : str
        What ``--help`` says.
    measure : callable
        From (quick, seed) to rows and targets.
    """
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    parser.add_argument("--quick", action="store_true", help="a small part, in under a minute")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rows, targets = measure(chosen.quick, chosen.seed)
    if chosen.quick:
        targets = undecided(targets)
    table = pd.DataFrame([{**row, **provenance(chosen.seed)} for row in rows])
    RESULTS.mkdir(exist_ok=True)
    table.to_csv(RESULTS / f"{name}{'.quick' if chosen.quick else ''}.csv", index=False)
    if chosen.json:
        document = {"rows": rows, "targets": [vars(item) for item in targets]}
        print(json.dumps(document, indent=1))
    else:
        print(table.iloc[:, : len(rows[0])].to_string(index=False))
        for item in targets:
            print(f"{item.what}: {item.value} (target {item.target}; holds: {item.holds})")


def undecided(targets: list[Target]) -> list[Target]:
    """Return the targets of a quick run, which is too small to say whether one holds."""
    return [replace(item, holds=None) for item in targets]


def provenance(seed: int) -> dict[str, Any]:
    """Return where a row comes from: commit, seed, versions, machine."""
    versions = " ".join(f"{name}={version(name)}" for name in _LIBRARIES)
    return {
        "commit": commit(),
        "seed": seed,
        "versions": f"python={platform.python_version()} ksfeat={ksfeat.__version__} {versions}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def commit() -> str:
    """Return the short hash of the commit, with a plus where the code has been changed since."""
    git = ["git", "-C", str(ROOT)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "ksfeat", "benchmarks/*.py"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("+" if changed.stdout else "")


def real_data() -> Path | None:
    """Return the folder of real images (KSFEAT_DATA, or ../shared/data), or None."""
    folder = Path(os.environ.get("KSFEAT_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def run_measured(arguments: list[str]) -> tuple[dict[str, Any], float, float]:
    """Run a ksfeat command with ``--json``.

    Returns
    -------
    document : dict
        What it printed.
    wall_s : float
        Seconds from start to end of the process, imports included.
    peak_mb : float
        Resident memory of its largest process.
    """
    import resource
    import time

    command = [sys.executable, "-m", "ksfeat", *arguments, "--json"]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(arguments[:2])} exited with {process.returncode}")
    assert isinstance(usage, resource.struct_rusage)
    return json.loads(text), wall, usage.ru_maxrss / 1024
