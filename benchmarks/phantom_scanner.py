"""The phantom's scanner: noise power, edge response and speed, beside what was asked for.

Simulated throughout. The noise is that of a flat water cylinder, the edge the rim of a bone rod at
a hundred times the dose.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.harness import Target, main
from benchmarks.scanned import (
    asked_power,
    asked_sd,
    edge_transfer,
    flat_noise,
    frequency_at,
    middle,
    radial_power,
)
from ksfeat.phantom.make.case import draw_case
from ksfeat.phantom.scanner import Scan, scan_slices
from ksfeat.phantom.scanner.protocol import transfer
from ksfeat.scale import map_ordered
from ksfeat.scale.compiled import compile_kernels

SCANS = tuple(
    Scan(size=size, kernel=kernel, thickness_mm=thickness, dose=dose)
    for size, kernel, thickness, dose in (
        (256, "soft", 3, 1),
        (512, "soft", 3, 1),
        (256, "sharp", 3, 1),
        (512, "sharp", 3, 1),
        (256, "soft", 1, 0.5),
    )
)
BINS = 12
BAND = slice(1, None)  # the lowest bin holds few frequencies, and the window leaks into it
SLICES = 500
WORKERS = 2
A_PATIENT = 10  # slices

Row = dict[str, Any]


def measure(quick: bool, seed: int) -> tuple[list[Row], list[Target]]:
    """Measure noise and edges of each scan, and the time of 500 slices."""
    rows = [_physics(scan, 4 if quick else 80, seed) for scan in SCANS]
    rows += [_speed(size, 40 if quick else SLICES, seed) for size in (256, 512)]
    return rows, _targets(rows)


def _row(what: str, scan: Scan, **numbers: float) -> Row:
    asked = {"size": scan.size, "kernel": scan.kernel}
    return {"what": what, **asked, "thickness_mm": scan.thickness_mm, "dose": scan.dose, **numbers}


def _physics(scan: Scan, number: int, seed: int) -> Row:
    images = flat_noise(scan, number, seed)
    patch = middle(images, scan.size // 4)
    _, power = radial_power(patch, scan.pixel_mm, BINS)
    asked = asked_power(scan, patch.shape[-1], BINS)
    kernel, frequencies = transfer(scan.kernel), edge_transfer(Scan(**_clean(scan)), seed)
    return _row(
        "physics",
        scan,
        sd_hu=round(float(middle(images, scan.size // 8).std()), 3),
        sd_asked=round(asked_sd(scan), 3),
        power_worst=round(float(np.abs(power / asked - 1)[BAND].max()), 4),
        mtf50=round(frequency_at(*frequencies, 0.5), 4),
        mtf50_asked=kernel.mtf50,
        mtf10=round(frequency_at(*frequencies, 0.1), 4),
        mtf10_asked=kernel.mtf10,
    )


def _clean(scan: Scan) -> dict[str, Any]:
    return {"size": scan.size, "kernel": scan.kernel, "dose": 100.0}


def _speed(size: int, slices: int, seed: int) -> Row:
    compile_kernels()
    tasks = [(size, seed, patient) for patient in range(slices // A_PATIENT)]
    start = time.perf_counter()
    made = sum(map_ordered(_scan_patient, tasks, n_jobs=WORKERS))
    return _row("speed", Scan(size=size), slices=made, seconds=time.perf_counter() - start)


def _scan_patient(task: tuple[int, int, int]) -> int:
    size, seed, number = task
    case = draw_case(number, "stone", seed)
    heights = [3.0 * step - 15.0 for step in range(A_PATIENT)]
    rng = np.random.default_rng([seed, number])
    scan = Scan(size=size)
    return sum(
        1 for _ in scan_slices(case.patient, case.shown, case.look_alikes, heights, scan, rng)
    )


def _targets(rows: list[Row]) -> list[Target]:
    physics = [row for row in rows if row["what"] == "physics"]
    targets = [
        _worst("noise: standard deviation off by", physics, "sd_hu", "sd_asked", 0.03),
        _worst("edge: MTF50 off by", physics, "mtf50", "mtf50_asked", 0.05),
        _worst("edge: MTF10 off by", physics, "mtf10", "mtf10_asked", 0.05),
    ]
    power = max(row["power_worst"] for row in physics)
    targets.append(Target("noise: power in a band off by", power, "at most 0.1", power <= 0.1))
    for row in rows:
        if row["what"] == "speed":
            seconds = round(row["seconds"] * SLICES / row["slices"], 1)
            what = f"{SLICES} slices of {row['size']} px on {WORKERS} cores, seconds"
            targets.append(Target(what, seconds, "at most 60", seconds <= 60))
    return targets


def _worst(what: str, rows: list[Row], got: str, asked: str, most: float) -> Target:
    off = max(abs(row[got] / row[asked] - 1) for row in rows)
    return Target(what, round(off, 4), f"at most {most}", off <= most)


if __name__ == "__main__":
    main("phantom_scanner", __doc__ or "", measure)
