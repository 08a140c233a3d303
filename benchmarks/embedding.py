"""Frozen embeddings: images a second of each backend, and whether all say the same.

224 pixels, batches of 32, EfficientNet-Lite0, images in memory, on the processor; the backends take
turns, and medians are told. OpenVINO is skipped where it is not installed.
"""

from __future__ import annotations

import statistics
import time
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.harness import Target, main
from ksfeat import CNNEmbedding

BACKENDS = ("torch", "compile", "openvino")
LEAST, TIMES = 70.0, 2.0
_IMAGES, _ROUNDS = 128, 5
_QUICK = ("torch",)


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Time the backends in turns."""
    rng = np.random.default_rng(seed)
    images = list(rng.integers(0, 256, (64 if quick else _IMAGES, 224, 224), dtype=np.uint8))
    ready, rows = {}, []
    for name in _QUICK if quick else BACKENDS:
        if name == "openvino" and find_spec("openvino") is None:
            rows.append({"backend": name, "images_per_s": None, "note": "skipped: not installed"})
            continue
        ready[name] = CNNEmbedding(backend=name, device="cpu").fit(images[:32])
        ready[name].transform(images[:64])
    seconds: dict[str, list[float]] = {name: [] for name in ready}
    vectors = {}
    for _ in range(1 if quick else _ROUNDS):
        for name, embedding in ready.items():
            begun = time.perf_counter()
            vectors[name] = embedding.transform(images)
            seconds[name].append(time.perf_counter() - begun)
    speed = {name: len(images) / statistics.median(times) for name, times in seconds.items()}
    rows += [_row(name, speed, vectors, len(images)) for name in ready]
    return rows, _targets(speed)


def _row(
    name: str, speed: dict[str, float], vectors: dict[str, np.ndarray], n_images: int
) -> dict[str, Any]:
    apart = np.abs(vectors[name] - vectors["torch"]).max() / np.abs(vectors["torch"]).max()
    return {
        "backend": name,
        "images": n_images,
        "images_per_s": round(speed[name], 1),
        "times_torch": round(speed[name] / speed["torch"], 2),
        "largest_difference": float(f"{apart:.1e}"),
    }


def _targets(speed: dict[str, float]) -> list[Target]:
    eager, fast = round(speed["torch"], 1), speed.get("openvino")
    times = None if fast is None else round(fast / speed["torch"], 2)
    return [
        Target("images/s, plain torch, two cores", eager, f">= {LEAST:g}", eager >= LEAST),
        Target(
            "openvino over plain torch",
            times,
            f">= {TIMES:g}",
            None if times is None else times >= TIMES,
        ),
    ]


if __name__ == "__main__":
    main("embedding", __doc__ or "", measure)
