"""Simulated patients as a detector meets them: candidates, cross-fitted detections, sizes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.phantom_scans import View, phantom_case, phantom_scan
from benchmarks.phantom_truth import Thing, things
from benchmarks.scan_scores import Scored
from ksfeat.features.stone_size import measure_stone
from ksfeat.image import StoneImage
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.candidate_table import Proposed, Proposing, propose
from ksfeat.models.detector import StoneDetector
from ksfeat.models.scan_detections import ScanDetections, join_detections
from ksfeat.phantom.make.case import Case
from ksfeat.splits.split import Split

_MOST = 80  # candidates a slice
_EVERY = 3  # of the slices without anything calcified, those that are learnt from
URINARY = "stone"
PHLEBOLITH = "phlebolith"


class Patient(NamedTuple):
    """A simulated patient: what is true, and the candidates of each slice."""

    case: Case
    things: list[Thing]
    proposed: list[Proposed]

    @property
    def stones(self) -> list[Thing]:
        """What is to be found."""
        return [thing for thing in self.things if thing.kind == URINARY]


def patient_of(number: int, view: View, folder: Path, seed: int) -> Patient:
    """Scan a patient and propose candidates in each slice."""
    case = phantom_case(number, seed)
    scan = phantom_scan(case, view, folder)
    how = Proposing(_MOST, mirror=False)
    proposed = [propose(scan.slice(index), how) for index in range(len(scan.pixels))]
    return Patient(case, things(case, view), proposed)


def detected(
    patients: Sequence[Patient], split: Split, view: View, folder: Path, seed: int
) -> list[ScanDetections]:
    """Return what a detector that learnt from the other folds finds in each patient."""
    found: list[ScanDetections] = [ScanDetections(*_NONE)] * len(patients)
    for train, test in split:
        detector = _fitted([patients[at] for at in train], seed)
        for at in test:
            one = patients[at]
            scan = phantom_scan(one.case, view, folder)
            slices = [scan.slice(index) for index in range(len(scan.pixels))]
            found[at] = join_detections([detector.detect(p) for p in one.proposed], slices)
    return found


_NONE = (np.zeros((0, 3)), np.zeros((0, 2), dtype=int), np.zeros(0))


def _fitted(patients: Sequence[Patient], seed: int) -> StoneDetector:
    taught = [(one.case.name, one.proposed[at]) for one in patients for at in _slices(one)]
    detector = StoneDetector(copies=0, most=_MOST, random_state=seed)
    return detector.fit_proposed([one for _, one in taught], None, [name for name, _ in taught])


def _slices(patient: Patient) -> list[int]:
    """Return the slices that are learnt from: all with something calcified, some of the rest."""
    chosen = set(range(0, len(patient.proposed), _EVERY))
    for thing in patient.things:
        chosen.update(range(int(thing.low[0]), int(np.ceil(thing.high[0]))))
    return sorted(at for at in chosen if at < len(patient.proposed))


def scored(patient: Patient, found: ScanDetections) -> Scored:
    """Compare what was found in a patient with the stones that are there."""
    hit = np.array([thing.hit_by(found.places) for thing in patient.stones])
    hit = hit.reshape(len(patient.stones), len(found))
    best = np.where(hit, found.scores, -np.inf).max(axis=1, initial=-np.inf)
    diameters = np.array([thing.diameter_mm for thing in patient.stones])
    return Scored(found.scores[~hit.any(axis=0)], best, diameters)


def best_score(thing: Thing, found: ScanDetections) -> float:
    """Return the highest score of what lies in a thing; -inf where nothing does."""
    return float(found.scores[thing.hit_by(found.places)].max(initial=-np.inf))


def measured(
    patients: Sequence[Patient],
    found: Sequence[ScanDetections],
    threshold: float,
    view: View,
    folder: Path,
) -> pd.DataFrame:
    """Return true and measured size and density of each stone that is found above a threshold."""
    rows = []
    for patient, every in zip(patients, found, strict=True):
        shown = every.above(threshold)
        hits = {at: thing.hit_by(shown.places) for at, thing in enumerate(patient.stones)}
        if not any(hit.any() for hit in hits.values()):
            continue
        scan = phantom_scan(patient.case, view, folder)
        for at, hit in hits.items():
            if hit.any():
                rows.append(_pair(patient, patient.stones[at], shown, int(hit.argmax()), scan))
    return pd.DataFrame(rows)


def _pair(
    patient: Patient, thing: Thing, shown: ScanDetections, row: int, scan: StoneImage
) -> dict[str, object]:
    place, others = tuple(shown.places[row].tolist()), np.delete(shown.places, row, axis=0)
    size, plain = (measure_stone(scan, place, others, **blur) for blur in ({}, {"blur_mm": 0.0}))
    return {
        "patient": patient.case.name,
        "contrast": patient.case.patient.contrast.phase,
        "location": thing.location,
        "true_mm": thing.diameter_mm,
        "measured_mm": size.diameter,
        "half_height_mm": plain.diameter,
        "true_extent_mm": thing.extent_mm,
        "extent_mm": size.extent,
        "true_mm3": thing.volume_mm3,
        "measured_mm3": size.volume,
        "true_hu": thing.hu,
        "measured_hu": size.mean,
        "half_height_hu": plain.mean,
        "maximum_hu": size.maximum,
        "outlined_hu": float(scan.pixels[thing.outline].mean()),
    }


def likeness(
    patients: Sequence[Patient], split: Split, view: View, folder: Path, seed: int
) -> pd.DataFrame:
    """Tell phleboliths from stones by the descriptors of their candidates, cross-fitted.

    Returns
    -------
    DataFrame
        A row a stone or phlebolith: patient (its place), kind, location, and the margin for
        "stone"; NaN where no candidate lies in it, or the other folds hold one kind only.
    """
    rows, tables = [], []
    for at, patient in enumerate(patients):
        scan = phantom_scan(patient.case, view, folder)
        for thing in patient.things:
            if thing.kind in (URINARY, PHLEBOLITH):
                rows.append({"patient": at, "kind": thing.kind, "location": thing.location})
                tables.append(_described(thing, patient, scan))
    found = pd.DataFrame(rows).assign(margin=np.nan)
    known = np.array([table is not None for table in tables])
    width = next(len(table) for table in tables if table is not None)
    X = np.array([np.full(width, np.nan) if table is None else table for table in tables])
    for train, test in split:
        taught, asked = (known & found["patient"].isin(part).to_numpy() for part in (train, test))
        if found["kind"][taught].nunique() == 2 and asked.any():
            model = XGBoostClassifier(random_state=seed).fit(X[taught], found["kind"][taught])
            found.loc[asked, "margin"] = model.decision_function(X[asked])
    return found


def _described(thing: Thing, patient: Patient, scan: StoneImage) -> np.ndarray | None:
    """Return the columns of the brightest candidate in a thing, and its size in 3-D."""
    best: tuple[float, np.ndarray, tuple[float, float, float]] | None = None
    column = Proposing(_MOST, mirror=False).columns.index("stones_maximum")
    for at in range(int(thing.low[0]), min(int(np.ceil(thing.high[0])), len(patient.proposed))):
        one = patient.proposed[at]
        places = np.column_stack([np.full(len(one.centres), float(at)), one.centres])
        for row in np.flatnonzero(thing.hit_by(places)):
            if best is None or one.table[row, column] > best[0]:
                best = float(one.table[row, column]), one.table[row], tuple(places[row].tolist())
    if best is None:
        return None
    size = measure_stone(scan, best[2])
    return np.append(best[1], [*size[:-1], size.mean / max(size.maximum, 1.0)])
