"""The manifest: what is known of each image, as cells."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from ksfeat.phantom.make.case import Case
from ksfeat.phantom.make.parameters import NO_STONE, kvp_of
from ksfeat.phantom.scanner import Scan

Row = dict[str, str | int]

COLUMNS = (
    "path",
    "label",
    "group",
    "slice",
    "x0",
    "y0",
    "x1",
    "y1",
    "mask",
    "stone_mask",
    "stone_box",
    "type",
    "composition",
    "diameter_mm",
    "location",
    "contrast",
    "kvp",
    "second_path",
    "second_kvp",
    "beams",
    "unit",
    "simulated",
)


def scan_cells(case: Case, scan: Scan) -> Row:
    """Return the cells that all images of a scanned patient share."""
    voltages = [kvp_of(beam) for beam in scan.beams]
    cells: Row = {
        "label": case.label,
        "group": case.name,
        "contrast": case.patient.contrast.phase,
        "kvp": voltages[0],
        "second_kvp": voltages[1] if len(voltages) > 1 else "",
        "beams": " ".join(scan.beams),
    }
    return cells if case.label == NO_STONE else cells | _stone_cells(case)


def box_of(mask: np.ndarray | None) -> str:
    """Return the half-open box x0 y0 x1 y1 of a mask, of all slices of a volume; "" of none.

    Examples
    --------
    >>> box_of(np.eye(4)[:, ::-1][:2] > 0)
    '2 0 4 2'
    """
    if mask is None or not mask.any():
        return ""
    flat = mask.any(axis=0) if mask.ndim > 2 else mask
    rows, columns = np.nonzero(flat)
    return f"{columns.min()} {rows.min()} {columns.max() + 1} {rows.max() + 1}"


def write_manifest(path: Path, rows: Iterable[Mapping[str, str | int]]) -> None:
    """Write the rows; a cell that a row lacks is empty, and every row says that it is simulated."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows({**row, "simulated": "yes"} for row in rows)


def _stone_cells(case: Case) -> Row:
    stone = case.main
    return {
        "type": stone.composition,
        "composition": stone.matter.label,
        "diameter_mm": f"{stone.diameter_mm:.1f}",
        "location": stone.location,
    }
