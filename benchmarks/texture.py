"""Five texture families with all their features: milliseconds an image, discretisation included.

Beside its peers where KSFEAT_PEERS names the folder of their environments (`benchmarks/peers`).
"""

from __future__ import annotations

import statistics
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from benchmarks.harness import Target, main
from benchmarks.texture_cases import Case, slice_case, volume_case
from benchmarks.texture_peers import measure_peers
from ksfeat.features import glcm, glrlm, glszm, ngldm, ngtdm
from ksfeat.features.aggregation import Aggregation
from ksfeat.features.textures import discretised
from ksfeat.roi import Region
from ksfeat.scale.compiled import compile_kernels

FAMILIES = (glcm, glrlm, glszm, ngtdm, ngldm)
MOST_MS = {"512 px, 32 levels": 5.0, "256 px, 32 levels": 1.6, "128 px, 32 levels": 0.78}
MOST_MS_VOLUME = 4.4
LEAST_SPEEDUP = 1.8  # of two threads
_SCALE = (64, 128, 256, 512, 1024, 2048)


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Time ksfeat beside its peers, then alone."""
    compile_kernels()
    beside, ratios = measure_peers(quick, seed)
    alone, targets = measure_alone(quick, seed)
    names = dict.fromkeys((*alone[0], *beside[0]))
    return [dict.fromkeys(names) | row for row in (*alone, *beside)], targets + ratios


def measure_alone(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Time every case on one thread, then on two; then the cost of a pixel by size."""
    repeats = 7 if quick else 60
    cases = [slice_case(size, levels, seed) for size in (128, 256, 512) for levels in (32, 256)]
    volume = volume_case(32)
    rows = [_timed(case, "families", repeats) for case in (*cases, *([volume] if volume else []))]
    targets = [_target(row) for row in rows if row["case"] in MOST_MS or row["dimensions"] == 3]
    for size in (256, 512):
        row = _on_two_threads(slice_case(size, 32, seed), 2 * repeats)
        rows.append(row)
        value = row["speedup"]
        what = f"two threads, {row['case']}: speed of one"
        targets.append(Target(what, value, f">= {LEAST_SPEEDUP}", value >= LEAST_SPEEDUP))
    scale = _SCALE[:4] if quick else _SCALE
    rows += [_timed(slice_case(size, 32, seed), "scale", repeats // 3) for size in scale]
    return rows, targets


def describe(case: Case) -> np.ndarray:
    """Return all features of the five families, from the pixels."""
    region = Region(case.pixels, np.ones(case.pixels.shape, dtype=bool))
    # Directions are averaged, as the peers do it and as ksfeat does beside them.
    aggregation: Aggregation = "3d_avg" if case.dimensions == 3 else "2d_avg"
    return np.concatenate([f.compute(region, case.levels, aggregation) for f in FAMILIES])


def _timed(case: Case, table: str, repeats: int) -> dict[str, Any]:
    whole = _milliseconds(lambda: describe(case), repeats)
    mask = np.ones(case.pixels.shape, dtype=bool)
    levels = _milliseconds(
        lambda: Region(case.pixels, mask).levels(case.levels, discretised), repeats
    )
    return _row(
        case,
        table,
        min_ms=round(min(whole), 3),
        median_ms=round(statistics.median(whole), 3),
        discretise_ms=round(statistics.median(levels), 3),
        ns_a_pixel=round(min(whole) * 1e6 / case.pixels.size, 2),
        peak_mb=_peak_mb(case),
    )


def _row(case: Case, table: str, **measured: Any) -> dict[str, Any]:
    names = ("min_ms", "median_ms", "discretise_ms", "ns_a_pixel", "peak_mb", "speedup")
    known = {
        "table": table,
        "case": case.name,
        "dimensions": case.dimensions,
        "library": "ksfeat",
        "pixels": case.source,
    }
    return known | dict.fromkeys(names) | measured


def _milliseconds(work: Callable[[], Any], repeats: int) -> list[float]:
    work()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1e3)
    return taken


def _peak_mb(case: Case) -> float:
    """Memory that one image takes beyond its pixels, in a new thread with no arrays kept."""
    tracemalloc.start()
    thread = threading.Thread(target=describe, args=(case,))
    thread.start()
    thread.join()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / 2**20, 2)


def _on_two_threads(case: Case, images: int) -> dict[str, Any]:
    """Compare the images a second of one thread and two, in turn; the median of nine rounds."""
    ratios = []
    with ThreadPoolExecutor(2) as pool:
        for _ in range(9):
            alone = _seconds(lambda: _describe_often(case, images))
            both = _seconds(lambda: list(pool.map(_describe_often, [case] * 2, [images] * 2)))
            ratios.append(2 * alone / both)
    return _row(case, "two threads", speedup=round(statistics.median(ratios), 3))


def _describe_often(case: Case, images: int) -> None:
    for _ in range(images):
        describe(case)


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _target(row: dict[str, Any]) -> Target:
    most = MOST_MS.get(row["case"], MOST_MS_VOLUME)
    value = row["median_ms"]
    return Target(f"five families, {row['case']}: ms", value, f"<= {most}", value <= most)


if __name__ == "__main__":
    main("texture", __doc__ or "", measure)
