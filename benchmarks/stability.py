"""How steady each feature is: ICC(2,1) under noise, rotation, translation, mask growth and dose.

Phantom (simulated): outlined stones of five types, each scanned at the reference dose and at half
of it, with the same noise at other strength.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import Target, main
from ksfeat import FeatureExtractor, StoneClassifier, load_dataset, make_phantom
from ksfeat.evaluation import describe_dataset, retest
from ksfeat.evaluation.stability import PERTURBATIONS, Retest
from ksfeat.phantom import Scan

PATIENTS, QUICK_PATIENTS = 60, 10
LOW_DOSE = 0.5
STEADY = 0.75  # what `fit --min-icc 0.75` keeps


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Describe the same stones again and again; return a row a feature."""
    patients = QUICK_PATIENTS if quick else PATIENTS
    classifier = StoneClassifier(FeatureExtractor(n_jobs=-1))
    with tempfile.TemporaryDirectory() as folder:
        full, low = (_scanned(Path(folder), patients, dose, seed) for dose in (1.0, LOW_DOSE))
        described = describe_dataset(classifier, load_dataset(full), fit=True)
        found = {
            name: retest(classifier, described, perturbations=(name,), random_state=seed)
            for name in PERTURBATIONS
        }
        together = retest(classifier, described, random_state=seed)
        again = np.asarray(classifier.extractor_.transform(load_dataset(low).images))
    both = np.stack([described.table.to_numpy(dtype=float), again], axis=1)
    rows = np.arange(len(both))
    icc = {name: part.icc()["icc21"] for name, part in found.items()}
    icc["dose"] = Retest(both, rows, together.names, ("dose",)).icc()["icc21"]
    icc["all but dose"] = together.icc()["icc21"]
    table = pd.DataFrame(icc).round(4).rename_axis("feature").reset_index()
    return [{"data": "phantom (simulated)", **row} for row in _plain(table)], _targets(table)


def _scanned(folder: Path, patients: int, dose: float, seed: int) -> Path:
    made = make_phantom(
        folder / f"dose_{dose}",
        task="type",
        patients=patients,
        slices=1,
        scan=Scan(dose=dose),
        random_state=seed,
        n_jobs=-1,
    )
    return made / "manifest.csv"


def _plain(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.astype(object).where(table.notna(), None).to_dict("records")


def _targets(table: pd.DataFrame) -> list[Target]:
    """Return the share of steady features under each change; nothing was aimed at."""
    shares = {
        name: round(float((table[name].dropna() >= STEADY).mean()), 3) for name in table.columns[1:]
    }
    return [
        Target(f"features with an ICC of {STEADY} or above, {name}", share, "none", None)
        for name, share in shares.items()
    ]


if __name__ == "__main__":
    main("stability", __doc__ or "", measure)
