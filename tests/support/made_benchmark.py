"""Benchmarks made up from arrays: nothing is trained, and no image is ever read."""

from pathlib import Path

import numpy as np

from ksfeat.dataset import Dataset, Grouping
from ksfeat.dataset.source import DatasetSource
from ksfeat.evaluation.benchmark import Benchmark, parse_contenders
from ksfeat.evaluation.benchmark.fold import Fold
from ksfeat.evaluation.benchmark.material import Corruption, Material
from ksfeat.splits import Split

FOUR = ("thumbnails/forest", "texture/svm", "embedding/linear", "cnn:seed_cnn")
N_GROUPS, N_FOLDS, SEVERITIES = 24, 3, (1, 3, 5)


def made_benchmark(
    classes: tuple[str, ...],
    names: tuple[str, ...] = FOUR,
    *,
    simulated: bool = True,
    shifted: bool = True,
) -> Benchmark:
    """Return a benchmark of 72 images in 24 groups; later contenders are better and dearer."""
    rng = np.random.default_rng(0)
    data = _dataset(classes, 3 * N_GROUPS, simulated=simulated)
    group = np.arange(len(data)) // 3
    sample = np.arange(0, len(data), 2) if shifted else np.arange(0)
    corruptions = tuple(
        Corruption(kind, severity, tuple(data.images[row] for row in sample))
        for kind in (("noise", "blur") if shifted else ())
        for severity in SEVERITIES
    )
    outside = {"elsewhere": data.select(data.labels == classes[0])} if shifted else {}
    material = Material(data, sample, corruptions, outside)
    split = Split(group % N_FOLDS, tuple(data.keys), N_GROUPS)
    contenders = parse_contenders(names)
    found = {}
    for place, contender in enumerate(contenders):
        for scheme, n_folds in (("grouped", N_FOLDS), ("random", 1 if shifted else 0)):
            for number in range(n_folds):
                skill = 0.4 + 0.5 * place + (scheme == "random")
                found[contender.name, scheme, number] = _fold(
                    material, np.flatnonzero(split.fold == number), skill, place, rng
                )
    return Benchmark(material, split, contenders, found)


def _dataset(classes: tuple[str, ...], n: int, *, simulated: bool) -> Dataset:
    images = tuple(DatasetSource(Path(f"image{row}.png"), f"image{row}.png") for row in range(n))
    group = np.arange(n) // 3
    return Dataset(
        Path(),
        images,
        labels=np.array(classes)[group % len(classes)],
        groups=group.astype(str),
        grouping=Grouping("column", "group"),
        simulated=simulated,
    )


def _fold(
    material: Material, test: np.ndarray, skill: float, place: int, rng: np.random.Generator
) -> Fold:
    classes = material.dataset.classes
    codes = np.searchsorted(classes, material.dataset.known_labels())
    truth = np.eye(len(classes))[codes]
    truth = truth[:, 1:] if len(classes) == 2 else truth

    def margins(rows: np.ndarray, loss: float = 0.0) -> np.ndarray:
        told = (2 * truth[rows] - 1) * skill * (1 - loss)
        return told + rng.normal(size=told.shape)

    rows = material.sample[material.sampled(test)]
    corrupted = [margins(rows, 0.15 * item.severity) for item in material.corruptions]
    outside = {
        name: margins(np.flatnonzero(material.dataset.known_labels() == data.classes[0]))
        for name, data in material.outside.items()
    }
    facts: dict[str, float | None] = {
        "fit_cpu_s": 2.5 * 4.0**place,
        "fit_wall_s": 2.0 * 4.0**place,
        "predict_ms": 3.0 + place,
        "explain_ms": None if place in (0, 3) else 0.5,
        "peak_mb": 300.0,
        "model_mb": 0.25,
        "energy_j": None,
    }
    shape = (len(material.corruptions), len(rows), truth.shape[1])
    return Fold(test, margins(test), np.reshape(corrupted, shape), outside, facts)
