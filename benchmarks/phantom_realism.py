"""Are the phantom's slices like real ones? What is learnt on the one is tried on the other.

Halves of coronal slices, XGBoost on the default features, AUROC with intervals from a bootstrap
over patients. With ``pairs --out DIR``: shuffled pairs for a blinded forced choice; the key goes to
``DIR_key.csv``, apart. With ``grid``: the picture in the documentation. The phantom is simulated.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.beside import write_grid, write_pairs
from benchmarks.coronal import draw_many, write_halves
from benchmarks.harness import ROOT, Target, main, real_data
from ksfeat import FeatureExtractor, StoneClassifier, load_dataset
from ksfeat.dataset import Dataset
from ksfeat.evaluation.holdout import evaluate
from ksfeat.evaluation.training import train
from ksfeat.metrics import Score

PATIENTS = 60
PAIRS = 40
GRID = ROOT / "docs" / "phantom_beside_coronal_ct.png"
REAL, MADE = "coronal_ct halves", "phantom halves (simulated)"


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Train on each set; score on itself, by patient, and on the other."""
    data = real_data()
    with tempfile.TemporaryDirectory() as folder:
        made = write_halves(Path(folder), draw_many(10 if quick else PATIENTS, seed))
        sets = {MADE: load_dataset(made)}
        if data is not None:
            real = load_dataset(data / "coronal_ct" / "halves.csv")
            sets[REAL] = real.select(range(40)) if quick else real
        rows = [row for name in sets for row in _trained_on(name, sets, seed)]
    if data is None:
        rows.append({"train": "skipped: no real data at hand"})
    return rows, []


def _trained_on(name: str, sets: dict[str, Dataset], seed: int) -> list[dict[str, Any]]:
    """Return a row for the set itself, in cross-validation, and one for each other set."""
    describer = StoneClassifier(FeatureExtractor(n_jobs=-1), random_state=seed)
    trained = train(describer, sets[name], random_state=seed)
    own = trained.crossval
    rows = [_row(name, name, sets[name], own.scores["auroc"], own.split.hash)]
    for other, dataset in sets.items():
        if other != name:
            found = evaluate(trained.classifier, dataset, part="all", random_state=seed)
            rows.append(_row(name, other, dataset, found.scores["auroc"], found.split))
    return rows


def _row(name: str, other: str, dataset: Dataset, auroc: Score, split: str) -> dict[str, Any]:
    return {
        "train": name,
        "test": f"{other}, cross-validated" if name == other else other,
        "images": len(dataset),
        "groups": len(set(dataset.known_groups())),
        "auroc": round(auroc.value, 4),
        "low": round(auroc.low, 4),
        "high": round(auroc.high, 4),
        "split": split,
    }


def _command(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["pairs", "grid"])
    parser.add_argument("--out", type=Path, default=GRID, help="of pairs: a folder not there yet")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    if chosen.what == "grid":
        print(write_grid(chosen.out, 6, chosen.seed))
        return
    if chosen.out.exists():
        parser.error(f"{chosen.out} is there; expected --out with a folder that is not")
    print(write_pairs(chosen.out, chosen.pairs, chosen.seed))


if __name__ == "__main__":
    if sys.argv[1:2] in (["pairs"], ["grid"]):
        _command(sys.argv[1:])
    else:
        main("phantom_realism", __doc__ or "", measure)
