"""The numbers beside those of independent code: are they the same.

Writes tests/reference/peers.csv and docs/definitions.md, from the phantom that stands in
tests/reference and a real kidney where the data is at hand.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.definitions import write_definitions
from benchmarks.harness import ROOT, Target, main
from benchmarks.peers.process import Skipped, started
from benchmarks.texture_peers import kidney_case

REFERENCE = ROOT / "tests" / "reference"
_WORKS = {
    "ksfeat": ("families", "intensity", "shape"),
    "pyradiomics": ("families", "intensity", "shape"),
    "mirp": ("families", "intensity", "shape"),
    "nyxus": ("families",),
    "flash_radiomics": ("families",),
    "mahotas": ("glcm",),
    "scikit_image": ("glcm",),
}
_IDENTITY = ("case", "peer", "version", "feature", "family", "name", "levels")
_COLUMNS = (*_IDENTITY, "value", "ours", "relative", "why")
LARGEST = 1e-9  # relative
_LEVELS = 32
_ONLY_SLICES = ("mahotas", "scikit_image")  # Haralick's directions of a volume are not averaged


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Describe each case with each library and compare what has a counterpart."""
    rows = [row for case in _cases()[: 1 if quick else None] for row in _compared(case)]
    table = pd.DataFrame(rows)
    absent = table["value"].isna().any()
    if not quick and not absent:  # or what an absent one once gave would be lost
        table.drop(columns=["ours", "relative"]).to_csv(REFERENCE / "peers.csv", index=False)
        write_definitions(table)
    return rows, [target for peer in _WORKS if peer != "ksfeat" for target in _targets(peer, table)]


def _targets(peer: str, table: pd.DataFrame) -> list[Target]:
    """Return whether all agree that should, and whether each difference has a cause."""
    found = table[(table["peer"] == peer) & table["value"].notna()]
    agree = found["relative"] <= LARGEST
    same, open_ = found["why"] == "", found["why"].str.contains("not found out")
    here = len(found) > 0
    share = float(agree[same].mean()) if here else None
    unexplained = float((open_ | (same & ~agree)).sum()) if here else None
    words = f"{peer}: of {same.sum()} features with one definition (of {len(found)} counterparts)"
    return [
        Target(f"{words}, agree to {LARGEST:g}", share, "= 1", share == 1 if here else None),
        Target(
            f"{peer}: features that differ, cause unknown",
            unexplained,
            "= 0",
            unexplained == 0 if here else None,
        ),
    ]


def _cases() -> list[dict[str, Any]]:
    held = np.load(REFERENCE / "peers_phantom.npz")
    cases = [
        {
            "name": f"phantom {name}",
            "pixels": held[name],
            "mask": held[f"{name}_mask"],
            "spacing": held[f"{name}_spacing"],
            "levels": _LEVELS,
        }
        for name in ("slice", "volume")
    ]
    whole = {"name": "phantom whole slice", "mask": np.ones_like(cases[0]["mask"])}
    cases.append(cases[0] | whole)
    kidney = kidney_case()
    return cases if kidney is None else [*cases, kidney | {"name": "kidney"}]


def _compared(case: dict[str, Any]) -> list[dict[str, Any]]:
    ours = _by_name(_described("ksfeat", case)[1])
    known = pd.read_csv(Path(__file__).parent / "peers" / "counterparts.csv", dtype=str).fillna("")
    rows = []
    for peer, features in known.groupby("peer", sort=False):
        if peer in _ONLY_SLICES and case["pixels"].ndim == 3:
            continue
        version, theirs, reason = _described(str(peer), case)
        row = {"case": case["name"], "peer": peer, "version": version, "levels": case["levels"]}
        if not theirs and "NotImplementedError" not in reason:
            rows.append(dict.fromkeys(_COLUMNS) | row | {"feature": f"skipped: {reason}"})
        for feature, family, name, why in features.drop(columns="peer").itertuples(index=False):
            value, own = theirs.get(feature), ours.get((family, name))
            if value is None or own is None:
                continue
            named = {"feature": feature, "family": family, "name": name, "why": why}
            relative = abs(own - value) / max(abs(value), np.finfo(float).tiny)
            measured = {"value": value, "ours": own, "relative": relative}
            rows.append(dict.fromkeys(_COLUMNS) | row | named | measured)
    return rows


def _described(library: str, case: dict[str, Any]) -> tuple[str, dict[str, float], str]:
    """Return the version, all that a library finds, and why it does not do some of it."""
    version, values, reason = "", {}, ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.npz"
        np.savez(path, **{key: case[key] for key in ("pixels", "mask", "spacing", "levels")})
        for work in _WORKS[library]:
            try:
                with started(library, work, path) as peer:
                    version, values = peer.version, values | peer.values
            except Skipped as error:
                reason = str(error)  # not all have all of them
    return version, values, reason


def _by_name(values: dict[str, float]) -> dict[tuple[str, str], float]:
    from ksfeat.features.identity import Feature
    from ksfeat.features.pyradiomics_names import base_name
    from ksfeat.features.registry import families

    names = sorted(families(), key=len, reverse=True)
    found = {}
    for column, value in values.items():
        family = next(name for name in names if column.startswith(f"{name}_"))
        found[family, base_name(Feature(column, family, "", ""))] = value
    return found


if __name__ == "__main__":
    main("agreement", __doc__ or "", measure)
