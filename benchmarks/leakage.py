"""What leaks, and whether it is found: random against grouped scores, planted copies, groups.

Three parts. Five models on `ct_kidney`, halves of `coronal_ct` and the phantom, split at random and
by group, on the same images: the gap is what leaks. Copies planted among slices, altered in five
ways: recall and precision of the duplicates found. Proxy groups against patients, known by
construction in the phantom (at three doses) and from the exam in `coronal_ct`. For the last two,
`leakage_found` chooses on one half of the patients and reports on the other.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from benchmarks.harness import Target, main, real_data
from benchmarks.leakage_found import Known, Rows, of_dataset, of_table, planted, proxies
from ksfeat import FeatureExtractor, StoneClassifier, load_dataset, make_phantom
from ksfeat.dataset import Dataset, Grouping
from ksfeat.evaluation.crossval import cross_validate, split_dataset
from ksfeat.evaluation.description import describe_dataset
from ksfeat.phantom import Scan
from ksfeat.report.page import with_interval

DOSES = (1.0, 0.25, 0.1)  # relative: noise grows with the root of the reciprocal, up to 3.2 times
PATIENTS, SLICES = 48, 5
MODELS = {  # name: the table that it sees, and the classifier
    "default features, xgboost": ("features", "xgboost"),
    "default features, svm": ("features", "svm"),
    "default features, linear": ("features", "linear"),
    "histogram of 32 bins, xgboost": ("histogram", "xgboost"),
    "thumbnail of 16x16, xgboost": ("thumbnail", "xgboost"),
}
SINGLES = 100  # patients of one slice each: neighbouring ones may well be called copies


def measure(quick: bool, seed: int) -> tuple[Rows, list[Target]]:
    """Run the three parts."""
    data = None if quick else real_data()
    with tempfile.TemporaryDirectory() as name:
        doses = DOSES[:1] if quick else DOSES
        made = [phantom(Path(name) / f"dose{dose}", quick, seed, dose) for dose in doses]
        simulated = [
            of_dataset(f"phantom (simulated), dose {dose:g}", one)
            for dose, one in zip(doses, made, strict=True)
        ]
        real, only_reported = _real(data)
        rows, targets = proxies([*simulated, *real], only_reported)
        single = phantom(Path(name) / "single", quick, seed + 1, slices=1)
        copies, reached = planted(
            [of_dataset("phantom (simulated), one slice a patient", single), *real], seed
        )
        sets = {"phantom (simulated)": made[0], **_sets(data)}
        gaps = [row for title, dataset in sets.items() for row in gap(title, dataset, seed)]
    return [*rows, *copies, *gaps], [*targets, *reached]


def phantom(out: Path, quick: bool, seed: int, dose: float = 1.0, slices: int = SLICES) -> Dataset:
    """Return simulated patients, the same ones at every dose."""
    patients = SINGLES if slices == 1 else PATIENTS
    made = make_phantom(
        out,
        patients=12 if quick else patients,
        slices=min(slices, 2) if quick else slices,
        scan=Scan(dose=dose),
        random_state=seed,
        n_jobs=-1,
    )
    return load_dataset(made / "manifest.csv")


def _real(data: Path | None) -> tuple[list[Known], list[Known]]:
    if data is None:
        return [], []
    exams = of_table("coronal_ct slices (exams)", data / "coronal_ct" / "boxes.csv", "group")
    series = data / "ct_kidney" / "manifest.csv"
    return [exams], [of_table("ct_kidney (series, found from pixels)", series, "series")]


def _sets(data: Path | None) -> dict[str, Dataset]:
    if data is None:
        return {}
    return {
        "coronal_ct halves (exams)": load_dataset(data / "coronal_ct" / "halves.csv"),
        "ct_kidney (series blocks)": load_dataset(data / "ct_kidney" / "manifest.csv"),
    }


def gap(title: str, dataset: Dataset, seed: int) -> Rows:
    """Score models on the same images, split at random and by group."""
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
    return rows


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


if __name__ == "__main__":
    main("leakage", __doc__ or "", measure)
