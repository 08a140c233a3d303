"""Whether conformal sets cover what they promise, and probabilities come true.

Phantom (simulated): 200 patients train, all others are new, many times over, with features that are
computed once. Beside it `coronal_ct` by exam, and `ct_kidney` by series without a target, in
cross-validation. And whether new patients are refused, which they should not be, and other
pictures, which they should.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from benchmarks.harness import Target, main, real_data
from benchmarks.strangers import STRANGERS, UNSEEN, fitted
from ksfeat import FeatureExtractor, StoneClassifier, load_dataset, make_phantom
from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
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
# Model, folds of the margins that limits come from (as `fit --cv`), and repeats.
RUNS = (
    *(("linear", folds, 100) for folds in (5, 10, 20)),
    *(("xgboost", folds, 50) for folds in (5, 10, 20)),
)
MODELS = ("linear", "xgboost")
PATIENTS, TRAINED = 300, 200
QUICK_PATIENTS, QUICK_REPEATS = 24, 2
SIMULATED = "phantom (simulated)"
CUT = "in the size of the data"


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Measure coverage, calibration and refusals on the phantom, then on real slices."""
    patients = QUICK_PATIENTS if quick else PATIENTS
    with tempfile.TemporaryDirectory() as folder:
        dataset = load_dataset(_phantom(Path(folder) / "data", patients, seed))
        table, others = _described(dataset)
    trained = patients * TRAINED // PATIENTS
    rows: list[dict[str, Any]] = []
    targets: list[Target] = []
    for model, folds, repeats in RUNS:
        chosen = QUICK_REPEATS if quick else repeats
        found = repeated(model, folds, table, dataset, trained, chosen, seed)
        rows += [{"data": SIMULATED, "model": model, "folds": folds, **row} for row in found]
        targets += [
            _target(f"{model}, {folds} folds", row)
            for row in found
            if row["what"].startswith("coverage")
        ]
    found, refused = novel(SIMULATED, table, dataset, others, seed)
    rows += found
    targets += refused
    data = real_data()
    for name, manifest in (("coronal_ct", "halves.csv"), ("ct_kidney", "manifest.csv")):
        if quick or data is None or not (data / name / manifest).is_file():
            rows.append({"data": name, "model": "skipped: a quick run, or no real data at hand"})
            continue
        real_set = load_dataset(data / name / manifest)
        table, others = _described(real_set)
        rows += real(name, table, real_set, seed)
        found, refused = novel(name, table, real_set, others, seed)
        rows += found
        targets += refused
    return rows, targets


def _phantom(out: Path, patients: int, seed: int) -> Path:
    """Make the phantom: the one place that knows how."""
    scan = Scan(size=96)
    made = make_phantom(
        out, task="half", patients=patients, slices=2, scan=scan, random_state=seed, n_jobs=-1
    )
    return made / "manifest.csv"


def _described(dataset: Dataset) -> tuple[pd.DataFrame, dict[str, np.ndarray | InputError]]:
    """Return the features of a data set, and those of pictures of another kind."""
    classifier = StoneClassifier(FeatureExtractor(n_jobs=-1))
    table = classifier.fit_describe(dataset.images)
    pictures = _pictures(_usual_shape(dataset))
    outcomes = classifier.extractor_.transform_each(list(pictures.values()))
    return table, dict(zip(pictures, outcomes, strict=True))


def _usual_shape(dataset: Dataset) -> tuple[int, int]:
    """Return the median height and width of every tenth image."""
    shapes = [source.read().shape for source in dataset.images[::10]]
    height, width = np.median(shapes, axis=0).round().astype(int).tolist()
    return height, width


def _pictures(shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """Return each picture of another kind in its own size, and in that of the data's images."""
    drawn = {name: draw() for name, draw in (STRANGERS | UNSEEN).items()}
    resized = {f"{name}, {CUT}": fitted(picture, shape) for name, picture in drawn.items()}
    return drawn | resized


def novel(
    name: str,
    table: pd.DataFrame,
    dataset: Dataset,
    others: dict[str, np.ndarray | InputError],
    seed: int,
) -> tuple[list[dict[str, Any]], list[Target]]:
    """Return how many images of held-out groups are refused, and of how many folds each picture."""
    split = split_dataset(dataset, random_state=seed)
    strange = np.zeros((2, len(table)), dtype=bool)
    refused = dict.fromkeys(others, 0)
    for train, test in split:
        groups = None if dataset.groups is None else dataset.groups[train]
        novelty = fit_novelty(table.iloc[train], groups, random_state=seed)
        distances = novelty.cloud.distances(table.iloc[test].to_numpy())
        strange[0, test] = distances > novelty.refusal
        strange[1, test] = distances > novelty.limit
        for picture, row in others.items():
            told = isinstance(row, InputError) or (
                novelty.reason_in(row, table.columns.to_numpy()) is not None
            )
            refused[picture] += told
    facts = {"data": name, "model": "novelty", "groups": split.n_groups, "split": split.hash}
    rows = [
        {**facts, "what": what, "mean": round(float(part.mean()), 4), "repeats": split.n_folds}
        for what, part in zip(("refused, held-out groups", "flagged"), strange, strict=True)
    ]
    rows += [
        {
            **facts,
            "what": f"refused, {picture}",
            "mean": count / split.n_folds,
            "repeats": split.n_folds,
        }
        for picture, count in refused.items()
    ]
    share = min(refused.values()) / split.n_folds
    return rows, [
        Target(f"{name}: models that refuse other pictures, least", share, "1", share == 1)
    ]


def repeated(  # noqa: PLR0913 - what is repeated, and how often
    model: str,
    folds: int,
    table: pd.DataFrame,
    dataset: Dataset,
    trained: int,
    repeats: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Return means over repeats, each with other training patients."""
    groups = np.asarray(dataset.known_groups())
    names = np.unique(groups)
    work = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        inside = np.isin(groups, rng.permutation(names)[:trained])
        train, test = np.flatnonzero(inside), np.flatnonzero(~inside)
        work.append(delayed(one_repeat)(model, folds, table, dataset, train, test, repeat))
    frame = pd.DataFrame(Parallel(n_jobs=-1)(work))
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


def one_repeat(  # noqa: PLR0913 - as `repeated`
    model: str,
    folds: int,
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
    split = split_dataset(part, n_folds=folds, random_state=seed)
    margins = out_of_fold(fitted, table.iloc[train], labels, split)
    new = fitted.decision_function(table.iloc[test])
    certainty = certainty_from(
        margins, labels, fitted.classes_, part.groups, CertaintyPlan(random_state=seed)
    )
    assert certainty.calibrator is not None
    raw, calibrated = probabilities(new), certainty.calibrator.probabilities(new)
    return {
        **covered(margins, part, new, rest),
        **came_true("raw", raw, rest),
        **came_true("calibrated", calibrated, rest),
    }


def covered(margins: np.ndarray, part: Dataset, new: np.ndarray, rest: Dataset) -> dict[str, float]:
    """Return the coverage of new patients' images and of their groups, and how clear sets are."""
    seen, codes = (
        np.searchsorted(part.classes, data.known_labels()).astype(int) for data in (part, rest)
    )
    member = np.unique(rest.known_groups(), return_inverse=True)[1]
    facts: dict[str, float] = {}
    for level in LEVELS:
        sets = fit_sets(margins, seen, np.asarray(part.known_groups()), coverage=level).of(new)
        held = sets[np.arange(len(codes)), codes].astype(float)
        of_class = [by_group(held[:, None], member, 1.0 * (codes == code))[0] for code in range(2)]
        facts[f"coverage_by_group {level}"] = float(np.mean(of_class))
        facts[f"coverage {level}"] = float(np.mean([held[codes == code].mean() for code in (0, 1)]))
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


def real(name: str, table: pd.DataFrame, dataset: Dataset, seed: int) -> list[dict[str, Any]]:
    """Return coverage and calibration in cross-validation by group, with intervals."""
    split = split_dataset(dataset, random_state=seed)
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
    kind = "by group" if row["what"] == "coverage_by_group" else "by image"
    what = f"{model}, {kind}: nominal {row['nominal']:.0%}, mean coverage {row['mean']:.2%}"
    return Target(what, off, "<= 0.01", off <= 0.01)


if __name__ == "__main__":
    main("certainty", __doc__ or "", measure)
