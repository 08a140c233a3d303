"""Whether conformal sets cover what they promise, and probabilities come true.

Phantom (simulated): 200 patients train, all others are new, many times over; beside it `coronal_ct`
by exam and `ct_kidney` by series, in cross-validation.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import Target, main, real_data
from ksfeat import FeatureExtractor, StoneClassifier, load_dataset, make_phantom
from ksfeat.dataset import Dataset
from ksfeat.evaluation import cross_validate, split_dataset
from ksfeat.evaluation.certainty import CertaintyPlan, certainty_from, out_of_fold
from ksfeat.metrics import score_probabilities
from ksfeat.metrics.sets import by_group
from ksfeat.models.conformal import fit_sets
from ksfeat.models.linear import probabilities
from ksfeat.models.novelty import fit_novelty
from ksfeat.phantom import Scan
from ksfeat.report.page import with_interval

LEVELS = (0.8, 0.9, 0.95)
MODELS = ("linear", "xgboost")
TRAINED = 200
PATIENTS, REPEATS = 500, 60
SIMULATED = "phantom (simulated)"


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Measure coverage, calibration and refusals on the phantom, then on real slices."""
    patients, repeats = (60, 3) if quick else (PATIENTS, REPEATS)
    with tempfile.TemporaryDirectory() as folder:
        dataset = load_dataset(_phantom(Path(folder) / "data", patients, seed))
        table = _described(dataset)
    rows: list[dict[str, Any]] = []
    targets: list[Target] = []
    for model in MODELS:
        found = repeated(model, table, dataset, patients * TRAINED // PATIENTS, repeats, seed)
        rows += [{"data": SIMULATED, "model": model, **row} for row in found]
        targets += [_target(model, row) for row in found if row["what"] == "coverage"]
    data = real_data()
    for name, manifest in (("coronal_ct", "halves.csv"), ("ct_kidney", "manifest.csv")):
        if quick or data is None or not (data / name / manifest).is_file():
            rows.append({"data": name, "model": "skipped: a quick run, or no real data at hand"})
        else:
            rows += real(name, load_dataset(data / name / manifest), seed)
    return rows, targets


def _phantom(out: Path, patients: int, seed: int) -> Path:
    """Make the phantom: the one place that knows how."""
    scan = Scan(size=128)
    made = make_phantom(
        out, task="half", patients=patients, slices=2, scan=scan, random_state=seed, n_jobs=-1
    )
    return made / "manifest.csv"


def _described(dataset: Dataset) -> pd.DataFrame:
    return StoneClassifier(FeatureExtractor(n_jobs=-1)).fit_describe(dataset.images)


def repeated(
    model: str, table: pd.DataFrame, dataset: Dataset, trained: int, repeats: int, seed: int
) -> list[dict[str, Any]]:
    """Return means over repeats, each with other training patients."""
    groups = np.asarray(dataset.known_groups())
    names = np.unique(groups)
    facts: list[dict[str, float]] = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        inside = np.isin(groups, rng.permutation(names)[:trained])
        train, test = np.flatnonzero(inside), np.flatnonzero(~inside)
        facts.append(one_repeat(model, table, dataset, train, test, repeat))
    frame = pd.DataFrame(facts)
    return [
        {
            "what": key.split(" ")[0],
            "nominal": float(key.split(" ")[1]) if " " in key else None,
            "mean": round(float(column.mean()), 4),
            "standard_error": round(float(column.std(ddof=1) / np.sqrt(len(column))), 4),
            "repeats": repeats,
            "groups": trained,
        }
        for key, column in zip(map(str, frame.columns), frame.to_numpy().T, strict=True)
    ]


def one_repeat(
    model: str,
    table: pd.DataFrame,
    dataset: Dataset,
    train: np.ndarray,
    test: np.ndarray,
    seed: int,
) -> dict[str, float]:
    """Fit on some patients as `train` does, and look at all others."""
    part, rest = dataset.select(train), dataset.select(test)
    classifier = StoneClassifier(model=model, random_state=seed)
    labels = part.known_labels()
    fitted = classifier.new_model().fit(table.iloc[train], labels)
    split = split_dataset(part, random_state=seed)
    margins = out_of_fold(fitted, table.iloc[train], labels, split)
    new = fitted.decision_function(table.iloc[test])
    certainty = certainty_from(
        margins, labels, fitted.classes_, part.groups, CertaintyPlan(random_state=seed)
    )
    assert certainty.calibrator is not None
    raw, calibrated = probabilities(new), certainty.calibrator.probabilities(new)
    novelty = fit_novelty(table.iloc[train], part.groups, random_state=seed)
    distances = novelty.cloud.distances(table.iloc[test].to_numpy())
    return {
        **covered(margins, part, new, rest),
        **came_true("raw", raw, rest),
        **came_true("calibrated", calibrated, rest),
        "flagged": float((distances > novelty.limit).mean()),
        "refused": float((distances > novelty.refusal).mean()),
    }


def covered(margins: np.ndarray, part: Dataset, new: np.ndarray, rest: Dataset) -> dict[str, float]:
    """Return the coverage of new patients, a mean over the classes, and how many sets are clear."""
    seen, codes = (
        np.searchsorted(part.classes, data.known_labels()).astype(int) for data in (part, rest)
    )
    member = np.unique(rest.known_groups(), return_inverse=True)[1]
    facts: dict[str, float] = {}
    for level in LEVELS:
        sets = fit_sets(margins, seen, np.asarray(part.known_groups()), coverage=level).of(new)
        held = sets[np.arange(len(codes)), codes].astype(float)[:, None]
        of_class = [by_group(held, member, 1.0 * (codes == code))[0] for code in range(2)]
        facts[f"coverage {level}"] = float(np.mean(of_class))
        facts[f"clear {level}"] = float((sets.sum(axis=1) == 1).mean())
    return facts


def came_true(name: str, chances: np.ndarray, rest: Dataset) -> dict[str, float]:
    """Return calibration error and Brier score of new patients' probabilities."""
    scores = score_probabilities(rest.known_labels(), chances, rest.classes, n_bootstrap=2)
    return {
        f"{score.name}_{name}": score.value
        for score in scores
        if score.of is None and score.name in ("ece", "brier")
    }


def real(name: str, dataset: Dataset, seed: int) -> list[dict[str, Any]]:
    """Return coverage and calibration in cross-validation by group, with intervals."""
    table, split = _described(dataset), split_dataset(dataset, random_state=seed)
    rows = []
    for model in MODELS:
        classifier = StoneClassifier(model=model, random_state=seed)
        judgement = cross_validate(
            classifier, table, dataset, split, random_state=seed, plan=CertaintyPlan()
        ).judgement
        assert judgement is not None
        raw = {score.name: score for score in judgement.uncalibrated if score.of is None}
        for score in judgement.scores:
            if score.name in ("coverage", "clear") or (score.name == "ece" and score.of is None):
                before = f"; raw {with_interval(raw['ece'])}" if score.name == "ece" else ""
                rows.append(
                    {
                        "data": name,
                        "model": model,
                        "what": f"{score.name} {score.of or ''}".strip(),
                        "nominal": judgement.coverage if score.name == "coverage" else None,
                        "interval": with_interval(score) + before,
                        "groups": split.n_groups,
                        "split": split.hash,
                    }
                )
    return rows


def _target(model: str, row: dict[str, Any]) -> Target:
    off = round(abs(row["mean"] - row["nominal"]), 4)
    what = f"{model}: nominal {row['nominal']:.0%} against mean coverage {row['mean']:.1%}"
    return Target(what, off, "<= 0.01", off <= 0.01)


if __name__ == "__main__":
    main("certainty", __doc__ or "", measure)
