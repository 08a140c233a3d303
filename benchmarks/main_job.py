"""`ksfeat fit` as a user runs it: grouped scores, wall time and memory, for the three models.

Real sets are skipped, and said to be, where they are not at hand (KSFEAT_DATA names their folder).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness import Target, main, real_data, run_measured

MODELS = ("xgboost", "svm", "linear")
REAL = {
    "ct_kidney (series blocks)": "ct_kidney/manifest.csv",
    "coronal_ct halves (exams)": "coronal_ct/halves.csv",
}
PHANTOMS = {
    "phantom halves (simulated)": {"task": "half", "patients": 100, "slices": 4, "n_jobs": -1},
    "phantom type (simulated)": {"task": "type", "patients": 100, "slices": 3, "n_jobs": -1},
}
QUICK_PHANTOMS = {
    "phantom halves (simulated)": {"task": "half", "patients": 12, "slices": 2},
}
OVERALL = (
    "accuracy",
    "balanced_accuracy",
    "macro_precision",
    "macro_recall",
    "macro_f1",
    "auroc",
)
MOST_SECONDS = 60


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Fit every model on every set."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm_up(folder)
        sets, skipped = data_sets(folder, quick, seed)
        rows = [
            measure_fit(title, manifest, model, folder / "model.ksf", seed)
            for title, manifest in sets.items()
            for model in MODELS
        ]
    times = [row["wall_s"] for row in rows if row["data"] == next(iter(REAL))]
    slowest = max(times, default=None)
    target = Target(
        "slowest `ksfeat fit` on 1,564 images, seconds",
        slowest,
        f"< {MOST_SECONDS}",
        None if slowest is None else slowest < MOST_SECONDS,
    )
    return rows + skipped, [target]


def data_sets(folder: Path, quick: bool, seed: int) -> tuple[dict[str, Path], list[dict[str, Any]]]:
    """Return the manifests at hand, and a row for each set that is not."""
    from ksfeat import make_phantom

    sets = {}
    for number, (title, settings) in enumerate((QUICK_PHANTOMS if quick else PHANTOMS).items()):
        made = make_phantom(folder / str(number), random_state=seed, **settings)
        sets[title] = made / "manifest.csv"
    data = real_data()
    if data is None or quick:
        why = "quick run" if quick else "no real data at hand"
        return sets, [{"data": title, "model": f"skipped: {why}"} for title in REAL]
    return {**{title: data / path for title, path in REAL.items()}, **sets}, []


def warm_up(folder: Path) -> None:
    """Compile the kernels, which happens once a machine, before anything is timed."""
    from ksfeat import FeatureExtractor, load_dataset, make_phantom

    made = make_phantom(folder / "warm", patients=2, slices=1)
    FeatureExtractor().fit_transform(load_dataset(made / "manifest.csv").images)


def measure_fit(title: str, manifest: Path, model: str, out: Path, seed: int) -> dict[str, Any]:
    """Fit one model and return its row."""
    arguments = ["fit", str(manifest), "--model", model, "--out", str(out), "--seed", str(seed)]
    document, wall, peak = run_measured(arguments)
    cross = document["cross_validation"]
    row: dict[str, Any] = {
        "data": title,
        "model": model,
        "images": document["n_images"],
        "groups": cross["split"]["n_groups"],
        "features": document["n_features"],
        "split": cross["split"]["hash"],
        "wall_s": round(wall, 1),
        "peak_mb": round(peak),
    }
    for score in cross["scores"]:
        if score["name"] in OVERALL and score["class"] is None:
            low, high = score["ci95"]
            row[score["name"]] = f"{score['value']:.3f} ({low:.3f}-{high:.3f})"
    by_class = {
        f"{score['name']} {score['class']}": score["value"]
        for score in cross["scores"]
        if score["name"] in ("precision", "recall", "f1") and score["class"] is not None
    }
    row["by_class"] = "; ".join(f"{name} {value:.3f}" for name, value in by_class.items())
    return row


if __name__ == "__main__":
    main("main_job", __doc__ or "", measure)
