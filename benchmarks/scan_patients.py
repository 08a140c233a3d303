"""Simulated patients as a detector meets them: candidates, cross-fitted detections, sizes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.phantom_scans import View, phantom_case, phantom_part, phantom_scan
from benchmarks.phantom_truth import Thing, things
from benchmarks.scan_scores import Scored
from ksfeat.features.stone_size import measure_stone
from ksfeat.image import StoneImage
from ksfeat.models.boosting import XGBoostClassifier
from ksfeat.models.candidate_table import Proposed, Proposing, propose, propose_all
from ksfeat.models.detector import StoneDetector
from ksfeat.models.scan_detections import ScanDetections, join_detections
from ksfeat.phantom.make.case import Case

_MOST = 80  # candidates a slice
_COPIES = 2  # of each slice that is learnt from
URINARY = "stone"
PHLEBOLITH = "phlebolith"


class Patient(NamedTuple):
    """A simulated patient: what is true, and the candidates of each slice.

    Slices of a whole scan have the indices 0, 1, ...; those of a part lie between.
    """

    case: Case
    things: list[Thing]
    proposed: list[Proposed]
    indices: np.ndarray

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
    return Patient(case, things(case, view), proposed, np.arange(float(len(proposed))))


def taught(number: int, view: View, folder: Path, seed: int) -> Patient:
    """Scan a part of a patient, and propose candidates in each slice and its copies."""
    case = phantom_case(number, seed)
    indices, slices = phantom_part(case, view, folder)
    how = Proposing(_MOST, False, _COPIES, seed + number)
    return Patient(case, things(case, view), propose_all(slices, how), indices)


def fitted(patients: Sequence[Patient], seed: int) -> StoneDetector:
    """Fit a detector to the masks of patients."""
    proposed = [one for patient in patients for one in patient.proposed]
    names = [one.case.name for one in patients for _ in one.indices]
    detector = StoneDetector(copies=_COPIES, most=_MOST, random_state=seed)
    detector.fit_proposed(proposed, None, names)
    return detector


def detected(
    detector: StoneDetector, patients: Sequence[Patient], view: View, folder: Path
) -> list[ScanDetections]:
    """Return what a detector finds in each patient's scan."""
    found = []
    for one in patients:
        scan = phantom_scan(one.case, view, folder)
        slices = [scan.slice(index) for index in range(len(scan.pixels))]
        found.append(join_detections([detector.detect(p) for p in one.proposed], slices))
    return found


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


def likeness(trained: Sequence[Patient], patients: Sequence[Patient], seed: int) -> pd.DataFrame:
    """Tell phleboliths from stones by the descriptors of their candidates.

    Parameters
    ----------
    trained, patients : sequence of Patient
        Whom it learns from, and whom it judges.
    seed : int
        Of the trees.

    Returns
    -------
    DataFrame
        A row a stone or phlebolith of `patients`: patient (its place), kind, location, and the
        margin for "stone"; NaN where no candidate lies in it.
    """
    _, known, X = _described(trained)
    table, _, asked = _described(patients)
    there, seen = ~np.isnan(X).all(axis=1), ~np.isnan(asked).all(axis=1)
    table = table.assign(margin=np.nan)
    if known[there].nunique() == 2:
        model = XGBoostClassifier(random_state=seed).fit(X[there], known[there])
        table.loc[seen, "margin"] = model.decision_function(asked[seen])
    return table


def _described(patients: Sequence[Patient]) -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    """Return place, kind and columns of the brightest candidate of each stone and phlebolith."""
    rows, tables = [], []
    for at, patient in enumerate(patients):
        for thing in patient.things:
            if thing.kind in (URINARY, PHLEBOLITH):
                rows.append({"patient": at, "kind": thing.kind, "location": thing.location})
                tables.append(_brightest(thing, patient))
    table = pd.DataFrame(rows)
    return table, table["kind"], np.array(tables)


def _brightest(thing: Thing, patient: Patient) -> np.ndarray:
    """Return the columns of the brightest candidate in a thing; NaN where none lies in it."""
    columns = Proposing(_MOST, mirror=False).columns
    best, most = np.full(len(columns), np.nan), -np.inf
    views = len(patient.proposed) // len(patient.indices)
    for index, one in zip(patient.indices, patient.proposed[::views], strict=True):
        places = np.column_stack([np.full(len(one.centres), index), one.centres])
        for row in np.flatnonzero(thing.hit_by(places)):
            level = float(one.table[row, columns.index("stones_maximum")])
            if level > most:
                best, most = one.table[row].astype(float), level
    return best
