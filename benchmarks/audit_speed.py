"""How long an audit takes and how much memory: 3,000, 6,000 and 12,000 images.

The images are made, not collected: slices of `ct_kidney` (of the phantom where there is no data),
each bent anew into a series of 30 neighbours, 512 x 512 pixels, JPEG. Wall time tells little on a
shared machine, so CPU seconds of all processes stand beside it, and the load while it ran.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from benchmarks.harness import Target, main, real_data
from ksfeat import make_phantom
from ksfeat.scale import map_ordered

COUNTS = (3_000, 6_000, 12_000)
SERIES = 30  # neighbouring slices
SIDE = 512
LONGEST_S = 120.0
MOST_GROWTH_KB = 32.0  # of memory, for each image more: a 512 x 512 image has 256
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Audit the first images of one set, and more of them each time."""
    counts = (120, 240) if quick else COUNTS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = write_series(folder, _sources(folder, quick, seed), counts[-1], seed)
        rows = [_row(folder, table.head(count)) for count in counts]
    last, more = rows[-1], rows[-1]["images"] - rows[0]["images"]
    growth_kb = round((last["peak_mb"] - rows[0]["peak_mb"]) * 1024 / more, 1)
    what = f"audit of {counts[-1]:,} images"
    return rows, [
        _below(f"{what}: CPU seconds, shared by two cores", last["cpu_s"] / 2, LONGEST_S),
        _below(
            f"{what}: wall time in s, on a machine that others use, too", last["wall_s"], LONGEST_S
        ),
        _below("memory of the main process for each image more, in kB", growth_kb, MOST_GROWTH_KB),
    ]


def _below(what: str, value: float, limit: float) -> Target:
    return Target(what, round(value, 1), f"< {limit:g}", value < limit)


def write_series(folder: Path, sources: list[Path], count: int, seed: int) -> pd.DataFrame:
    """Write images in series of neighbours; no two series are bent alike."""
    (folder / "images").mkdir()
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(sources), -(-count // SERIES))
    work = [(number, sources[place]) for number, place in enumerate(chosen)]
    map_ordered(partial(_write, folder=folder, seed=seed), work, -1)
    rows = [
        (f"images/{number:03d}_{place:02d}.jpg", ("normal", "stone")[number % 2], f"s{number:03d}")
        for number in range(len(work))
        for place in range(SERIES)
    ]
    return pd.DataFrame(rows, columns=["path", "label", "group"]).head(count)


def _write(numbered: tuple[int, Path], folder: Path, seed: int) -> None:
    number, source = numbered
    rng = np.random.default_rng([seed, number])
    grey = cv2.resize(cv2.imread(str(source), cv2.IMREAD_GRAYSCALE), (256, 256))
    shape, drift = _bending(rng, 14.0), _bending(rng, 6.0)
    angle, scale = rng.uniform(-10, 10), rng.uniform(0.85, 1.15)
    matrix = cv2.getRotationMatrix2D((127.5, 127.5), angle, scale)
    grey = cv2.warpAffine(grey, matrix, (256, 256))
    rows, columns = np.indices((256, 256), dtype=np.float32)
    for place, share in enumerate(np.linspace(-1, 1, SERIES)):
        moved = shape + np.float32(share) * drift
        bent = cv2.remap(grey, columns + moved[0], rows + moved[1], cv2.INTER_LINEAR)
        large = cv2.resize(bent, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC).astype(np.int16)
        large += rng.integers(-4, 5, large.shape, dtype=np.int16)
        target = folder / "images" / f"{number:03d}_{place:02d}.jpg"
        cv2.imwrite(str(target), np.clip(large, 0, 255).astype(np.uint8))


def _bending(rng: np.random.Generator, pixels: float) -> np.ndarray:
    """Return a smooth field of displacements, (2, 256, 256)."""
    coarse = rng.normal(0, pixels, (2, 6, 6)).astype(np.float32)
    return np.stack([cv2.resize(one, (256, 256), interpolation=cv2.INTER_CUBIC) for one in coarse])


def _sources(folder: Path, quick: bool, seed: int) -> list[Path]:
    data = None if quick else real_data()
    if data is not None:
        return sorted((data / "ct_kidney" / "images").rglob("*.jpg"))
    made = make_phantom(folder / "phantom", patients=8, slices=1, random_state=seed, n_jobs=-1)
    return sorted((made / "images").rglob("*.png"))


def _row(folder: Path, table: pd.DataFrame) -> dict[str, Any]:
    table.to_csv(folder / "manifest.csv", index=False)
    load = os.getloadavg()[0]
    out = folder / "out"
    used = Used()
    audit = ["audit", str(folder / "manifest.csv"), "--out", str(out), "--jobs", "2"]
    sampled([sys.executable, "-m", "ksfeat", *audit], used)
    return {
        "images": len(table),
        "series": table["group"].nunique(),
        "wall_s": round(used.wall_s, 1),
        "cpu_s": round(sum(used.cpu_s.values()), 1),
        "peak_mb": round(used.peak_mb),
        "peak_all_processes_mb": round(used.peak_all_mb),
        "duplicates": len(pd.read_csv(out / "duplicates.csv")),
        "load_before": round(load, 1),
    }


@dataclass
class Used:
    """What a command and its processes used, as /proc said while it ran."""

    wall_s: float = 0.0
    peak_mb: float = 0.0
    peak_all_mb: float = 0.0
    cpu_s: dict[int, float] = field(default_factory=dict)


def sampled(command: list[str], used: Used, every_s: float = 0.25) -> None:
    """Run a command, and look at it and all its processes every so often."""
    done = threading.Event()
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        watch = threading.Thread(target=_watch, args=(process.pid, used, done, every_s))
        watch.start()
        code = process.wait()
        done.set()
        watch.join()
    used.wall_s = time.perf_counter() - start
    if code != 0:
        raise RuntimeError(f"{' '.join(command[:4])} exited with {code}")


def _watch(root: int, used: Used, done: threading.Event, every_s: float) -> None:
    while not done.wait(every_s):
        memory = {}
        for pid, (cpu_s, resident_mb) in _family(root).items():
            used.cpu_s[pid] = cpu_s
            memory[pid] = resident_mb
        used.peak_mb = max([used.peak_mb, *memory.values()])
        used.peak_all_mb = max(used.peak_all_mb, sum(memory.values()))


def _family(root: int) -> dict[int, tuple[float, float]]:
    """Return CPU seconds and resident MB of a process and all that it started."""
    told: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # Fields from the fourth on: the name, which may hold anything, ends at the bracket.
            told[int(stat.parent.name)] = list(
                map(int, stat.read_text().rpartition(")")[2].split()[1:22])
            )
        except (OSError, ValueError):  # it has just ended
            continue
    family, waiting = {}, [root]
    while waiting:
        pid = waiting.pop()
        waiting += [child for child, fields in told.items() if fields[0] == pid]
        if pid in told:
            fields = told[pid]
            family[pid] = ((fields[10] + fields[11]) / _TICKS, fields[20] * _PAGE_MB)
    return family


if __name__ == "__main__":
    main("audit_speed", __doc__ or "", measure)
