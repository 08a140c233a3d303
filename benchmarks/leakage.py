"""What leaks, and whether it is found: random against grouped scores, planted copies, groups.

Three parts. Five models on `ct_kidney`, split at random and by group, on the same images: the gap
is what leaks. Copies planted among slices, altered in five ways: recall and precision of the
duplicates found. Proxy groups against patients, known by construction in the phantom (at three
levels of noise) and from the exam in `coronal_ct`.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score
from sklearn.metrics.cluster import pair_confusion_matrix

from benchmarks.harness import Target, main, real_data
from benchmarks.plants import KINDS, altered
from ksfeat import FeatureExtractor, StoneClassifier, load_dataset, make_phantom
from ksfeat.dataset import Dataset, Grouping
from ksfeat.evaluation.audit_look import look_at
from ksfeat.evaluation.crossval import cross_validate, split_dataset
from ksfeat.evaluation.description import describe_dataset
from ksfeat.evaluation.duplicates import find_duplicates
from ksfeat.evaluation.pose import find_pairs
from ksfeat.evaluation.proxy import ALIKE, find_proxy_groups
from ksfeat.report.page import with_interval

NOISES = (0, 5, 12)  # standard deviation, in grey levels, added to what the phantom has
MODELS = {  # name: the table that it sees, and the classifier
    "default features, xgboost": ("features", "xgboost"),
    "default features, svm": ("features", "svm"),
    "default features, linear": ("features", "linear"),
    "histogram of 32 bins, xgboost": ("histogram", "xgboost"),
    "thumbnail of 16x16, xgboost": ("thumbnail", "xgboost"),
}
REACHED = {"adjusted Rand index": 0.9, "recall": 0.99, "precision": 0.99}
N_PLANTED = 200

Rows = list[dict[str, Any]]


def measure(quick: bool, seed: int) -> tuple[Rows, list[Target]]:
    """Run the three parts."""
    data = None if quick else real_data()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = [
            proxies(folder, data, quick, seed),
            planted(folder, data, quick, seed),
            gap(folder, data, quick, seed),
        ]
    return [row for rows, _ in parts for row in rows], [
        item for _, found in parts for item in found
    ]


def phantom(out: Path, patients: int, slices: int, seed: int) -> Dataset:
    """Return a simulated data set."""
    made = make_phantom(out, patients=patients, slices=slices, random_state=seed, n_jobs=-1)
    return load_dataset(made / "manifest.csv")


def proxies(folder: Path, data: Path | None, quick: bool, seed: int) -> tuple[Rows, list[Target]]:
    """Compare proxy groups with patients, exams, and the series of `ct_kidney`."""
    simulated = phantom(folder / "proxies", 8 if quick else 60, 3 if quick else 5, seed)
    rows, targets = [], []
    for level in NOISES:
        rng = np.random.default_rng([seed, level])
        images = [_noisy(source.read().grey(), level, rng) for source in simulated.images]
        row = _agreement(f"phantom (simulated), noise +{level}", simulated.known_groups(), images)
        rows.append(row)
        targets.append(_target("adjusted Rand index", row))
    if data is None:
        return rows, targets
    for title, path, column in (
        ("coronal_ct slices (exams)", "coronal_ct/boxes.csv", "group"),
        ("ct_kidney (series, found from pixels)", "ct_kidney/manifest.csv", "series"),
    ):
        known, images = _with_column(data / path, column)
        rows.append(_agreement(title, known, images))
    return rows, targets


def planted(folder: Path, data: Path | None, quick: bool, seed: int) -> tuple[Rows, list[Target]]:
    """Plant altered copies among slices, and look for them."""
    simulated = phantom(folder / "plants", 20 if quick else N_PLANTED, 1, seed)
    sets = {"phantom (simulated)": [source.read().pixels for source in simulated.images]}
    if data is not None:
        slices = _with_column(data / "coronal_ct" / "boxes.csv", "group")[1]
        sets["coronal_ct slices"] = slices
    rows, targets = [], []
    for title, images in sets.items():
        row = _planted_row(title, [np.asarray(image) for image in images], seed)
        rows.append(row)
        targets += [_target("recall", row), _target("precision", row)]
    return rows, targets


def _planted_row(title: str, images: list[np.ndarray], seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(images))[:N_PLANTED]
    kinds = [KINDS[number % len(KINDS)] for number in range(len(chosen))]
    copies = [altered(images[i], kind, rng) for i, kind in zip(chosen, kinds, strict=True)]
    truth = {(int(i), len(images) + number): kinds[number] for number, i in enumerate(chosen)}
    looks = look_at([*images, *copies], annotated=False, n_jobs=-1)
    pairs = find_pairs(np.stack([look.thumbnail for look in looks]), ALIKE)
    found = find_duplicates(
        pairs, np.stack([look.detail for look in looks]), [look.digest for look in looks], n_jobs=-1
    )
    named = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    hits = named & set(truth)
    missed = [kind for pair, kind in truth.items() if pair not in named]
    return {
        "part": "planted copies",
        "data": title,
        "images": len(looks),
        "planted": len(truth),
        "found": len(named),
        "recall": round(len(hits) / len(truth), 4),
        "precision": round(len(hits) / max(len(named), 1), 4),
        "missed": "; ".join(missed),
    }


def gap(folder: Path, data: Path | None, quick: bool, seed: int) -> tuple[Rows, list[Target]]:
    """Score models on the same images, split at random and by group."""
    if data is None:
        title, dataset = "phantom (simulated)", phantom(folder / "gap", 12, 3, seed)
    else:
        title = "ct_kidney (series blocks)"
        dataset = load_dataset(data / "ct_kidney" / "manifest.csv")
    tables = _tables(dataset, seed)
    shuffled = replace(dataset, groups=None, grouping=Grouping("none"))
    rows = []
    for model, (seen, kind) in MODELS.items():
        classifier = StoneClassifier(model=kind, random_state=seed)
        scored = {
            name: cross_validate(
                classifier, tables[seen], among, split_dataset(among), random_state=seed
            )
            for name, among in (("random", shuffled), ("grouped", dataset))
        }
        aurocs = {name: found.scores["auroc"].value for name, found in scored.items()}
        rows.append(
            {
                "part": "gap",
                "data": title,
                "model": model,
                "images": len(dataset),
                "auroc_random": round(aurocs["random"], 4),
                "auroc_grouped": with_interval(scored["grouped"].scores["auroc"]),
                "gap": round(aurocs["random"] - aurocs["grouped"], 4),
                "split_random": scored["random"].split.hash,
                "split_grouped": scored["grouped"].split.hash,
            }
        )
    return rows, []


def _tables(dataset: Dataset, seed: int) -> dict[str, pd.DataFrame]:
    describer = StoneClassifier(FeatureExtractor(n_jobs=-1), random_state=seed)
    bytes_ = [source.read().grey().astype(np.uint8) for source in dataset.images]
    histograms = [np.bincount(image.ravel() // 8, minlength=32) / image.size for image in bytes_]
    thumbnails = [cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA) for image in bytes_]
    return {
        "features": describe_dataset(describer, dataset, fit=True).table,
        "histogram": _frame(histograms),
        "thumbnail": _frame([image.ravel() for image in thumbnails]),
    }


def _frame(rows: list[np.ndarray]) -> pd.DataFrame:
    table = pd.DataFrame(np.asarray(rows, dtype=float))
    return table.rename(columns=lambda number: f"value_{number}")


def _noisy(grey: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
    return np.clip(np.rint(grey + rng.normal(0, level, grey.shape)), 0, 255).astype(np.uint8)


def _with_column(table: Path, column: str) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return a column of a manifest, one row an image, and the images."""
    rows = pd.read_csv(table, dtype=str).drop_duplicates("path")
    images = [cv2.imread(str(table.parent / path), cv2.IMREAD_GRAYSCALE) for path in rows["path"]]
    return rows[column].to_numpy(str), images


def _agreement(title: str, known: np.ndarray, images: list[np.ndarray]) -> dict[str, Any]:
    found = find_proxy_groups(images, n_jobs=-1)
    cells = pair_confusion_matrix(known, found)
    together, hits = cells[:, 1].sum(), cells[1, 1]
    return {
        "part": "proxy groups",
        "data": title,
        "images": len(images),
        "groups": len(set(known)),
        "proxy_groups": len(set(found)),
        "adjusted Rand index": round(float(adjusted_rand_score(known, found)), 4),
        "pair_precision": round(float(hits / max(together, 1)), 4),
        "pair_recall": round(float(hits / max(cells[1].sum(), 1)), 4),
    }


def _target(name: str, row: dict[str, Any]) -> Target:
    least = REACHED[name]
    return Target(
        f"{row['part']}, {row['data']}: {name}", row[name], f">= {least}", row[name] >= least
    )


if __name__ == "__main__":
    main("leakage", __doc__ or "", measure)
