"""Whether `--augment 2` raises the AUROC of the default features, on the same folds.

Half slices of coronal CT, by exam; a quick run takes a small phantom, which says nothing of them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.harness import Target, main, real_data
from ksfeat import FeatureExtractor, StoneClassifier, load_dataset, make_phantom
from ksfeat.dataset import Dataset
from ksfeat.evaluation.crossval import CrossValidation, cross_validate, split_dataset
from ksfeat.evaluation.description import describe_copies, describe_dataset
from ksfeat.phantom import Scan
from ksfeat.roi import Augmenter

MODELS = ("xgboost", "svm")
COPIES = 2
REAL = "coronal_ct halves (exams)"
N_BOOTSTRAP = 1000


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Judge each model without copies and with them, on the same folds."""
    data = real_data()
    with tempfile.TemporaryDirectory() as folder:
        if quick:
            made = make_phantom(
                folder, task="half", patients=20, slices=2, scan=Scan(size=128), random_state=seed
            )
            return compared("phantom halves (simulated)", made / "manifest.csv", seed)
        if data is None:
            skipped = [{"data": REAL, "model": "skipped: no real data at hand"}]
            return skipped, [_target(model, None) for model in MODELS]
        return compared(REAL, data / "coronal_ct" / "halves.csv", seed)


def compared(title: str, manifest: Path, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Return a row for each model, and whether the copies raised its AUROC for certain."""
    dataset = load_dataset(manifest)
    split = split_dataset(dataset, random_state=seed)
    describer = StoneClassifier(FeatureExtractor(n_jobs=-1), random_state=seed)
    described = describe_dataset(describer, dataset, fit=True)
    copies = describe_copies(describer, described, Augmenter(copies=COPIES, random_state=seed))
    rows, targets = [], []
    for model in MODELS:
        classifier = StoneClassifier(model=model, random_state=seed)
        plain, augmented = (
            cross_validate(
                classifier, described.table, dataset, split, random_state=seed, copies=among
            )
            for among in (None, copies)
        )
        gain = paired_gain(dataset, plain, augmented, seed)
        rows.append(
            {
                "data": title,
                "model": model,
                "images": len(dataset),
                "groups": plain.scores.n_units,
                "copies": COPIES,
                "split": split.hash,
                "auroc_plain": _with_interval(plain),
                "auroc_augmented": _with_interval(augmented),
                "gain": "{:+.3f} ({:+.3f} to {:+.3f})".format(*gain),
            }
        )
        targets.append(_target(model, gain[1]))
    return rows, targets


def paired_gain(
    dataset: Dataset, plain: CrossValidation, augmented: CrossValidation, seed: int
) -> tuple[float, float, float]:
    """Return the gain in AUROC, and its 95 % interval from a bootstrap over groups.

    Both models are scored on the same draws; those that hold one class only are drawn again.
    """
    truth = dataset.known_labels() == dataset.classes[1]
    _, member = np.unique(dataset.known_groups(), return_inverse=True)
    rng = np.random.default_rng(seed)
    gains: list[float] = []
    while len(gains) < N_BOOTSTRAP:
        drawn = rng.multinomial(member.max() + 1, np.full(member.max() + 1, 1 / (member.max() + 1)))
        weights = drawn[member]
        if len(set(truth[weights > 0])) == 2:
            gains.append(_gain(truth, plain, augmented, weights))
    low, high = np.percentile(gains, [2.5, 97.5])
    return _gain(truth, plain, augmented, None), float(low), float(high)


def _gain(
    truth: np.ndarray,
    plain: CrossValidation,
    augmented: CrossValidation,
    weights: np.ndarray | None,
) -> float:
    before, after = (
        roc_auc_score(truth, found.margins, sample_weight=weights) for found in (plain, augmented)
    )
    return float(after - before)


def _with_interval(found: CrossValidation) -> str:
    score = found.scores["auroc"]
    return f"{score.value:.3f} ({score.low:.3f}-{score.high:.3f})"


def _target(model: str, low: float | None) -> Target:
    what = f"{model}: lower 95 % bound of the gain in AUROC by --augment {COPIES}"
    return Target(
        what, None if low is None else round(low, 4), "> 0", None if low is None else low > 0
    )


if __name__ == "__main__":
    main("augmentation", __doc__ or "", measure)
