"""HU of simulated stones beside published ranges, dual-energy ratios, and how far types overlap."""

from __future__ import annotations

import csv
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.harness import ROOT, Target, main
from ksfeat.phantom.compositions import COMPOSITIONS, PHLEBOLITH, draw_stone_matter
from ksfeat.phantom.materials import BEAMS

REFERENCE = ROOT / "tests" / "reference" / "stone_hu.csv"
PAIRS = ("80/140", "80/Sn140", "100/Sn140", "80/Sn150", "100/Sn150")
RATIO_ORDER = ("uric_acid", "struvite", "cystine", "calcium_oxalate", "calcium_phosphate")
BINS = 60
_KINDS = (*COMPOSITIONS, PHLEBOLITH)

Stones = dict[str, dict[str, np.ndarray]]  # composition -> beam -> HU of each stone


def measure(quick: bool, seed: int) -> tuple[list[dict[str, Any]], list[Target]]:
    """Draw stones of each type and compare them with what was published."""
    stones = {kind: _drawn(kind, 300 if quick else 5000, seed) for kind in _KINDS}
    published = _published()
    rows = [_density(stones, kind, beam, published) for kind in _KINDS for beam in BEAMS]
    rows += [_ratio(stones, kind, pair, published) for kind in _KINDS for pair in PAIRS]
    rows += [
        _cutoff(stones, item, pair) for item in published if _is_cutoff(item) for pair in PAIRS
    ]
    rows += [_overlap(stones, *pair, "120") for pair in pairwise(_by_density(stones))]
    rows += [_overlap(stones, *pair, "80/140") for pair in pairwise(RATIO_ORDER)]
    return rows, [*_range_targets(rows), _order_target(stones)]


def _drawn(kind: str, count: int, seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng([seed, _KINDS.index(kind)])
    matters = [draw_stone_matter(kind, rng) for _ in range(count)]
    return {beam: np.array([stone.hu(beam) for stone in matters]) for beam in BEAMS}


def _published() -> list[dict[str, str]]:
    with REFERENCE.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _density(
    stones: Stones, kind: str, beam: str, published: list[dict[str, str]]
) -> dict[str, Any]:
    return _row("hu", kind, beam, stones[kind][beam], published)


def _ratio(stones: Stones, kind: str, pair: str, published: list[dict[str, str]]) -> dict[str, Any]:
    return _row("ratio", kind, pair, _ratios(stones, kind, pair), published)


def _ratios(stones: Stones, kind: str, pair: str) -> np.ndarray:
    low, high = pair.split("/")
    return stones[kind][low] / stones[kind][high]


def _row(
    quantity: str, what: str, beam: str, values: np.ndarray, published: list[dict[str, str]]
) -> dict[str, Any]:
    digits = 1 if quantity == "hu" else 3
    row = {
        "data": "simulated",
        "quantity": quantity,
        "what": what,
        "beam": beam,
        "mean": round(float(values.mean()), digits),
        "sd": round(float(values.std()), digits),
        "p05": round(float(np.quantile(values, 0.05)), digits),
        "p95": round(float(np.quantile(values, 0.95)), digits),
    }
    key = (quantity, what, beam)
    found = [item for item in published if (item["quantity"], item["what"], item["beam"]) == key]
    return row | _beside(row["mean"], found[0] if found else None)


def _is_cutoff(item: dict[str, str]) -> bool:
    return item["quantity"] == "cutoff"


def _cutoff(stones: Stones, item: dict[str, str], pair: str) -> dict[str, Any]:
    """Return a ratio beside cut-offs whose pair of tube voltages is not known: never a target."""
    here = {**item, "beam": pair}
    return _row("cutoff", item["what"], pair, _ratios(stones, item["what"], pair), [here])


def _beside(value: float, item: dict[str, str] | None) -> dict[str, Any]:
    keys = ("low", "high", "n", "setting", "role", "citation", "address", "note")
    columns = {f"published_{key}": item[key] if item else "" for key in keys}
    inside: bool | None = None
    if item:
        inside = float(item["low"] or -np.inf) <= value <= float(item["high"] or np.inf)
    return {"inside": inside, **columns}


def _by_density(stones: Stones) -> list[str]:
    return sorted(COMPOSITIONS, key=lambda kind: stones[kind]["120"].mean())


def _overlap(stones: Stones, one: str, other: str, beam: str) -> dict[str, Any]:
    """Return the area that the histograms of two types share: 0 apart, 1 the same."""
    both = [_ratios(stones, k, beam) if "/" in beam else stones[k][beam] for k in (one, other)]
    edges = np.histogram_bin_edges(np.concatenate(both), BINS)
    shares = [np.histogram(values, edges)[0] / len(values) for values in both]
    shared = float(np.minimum(*shares).sum())
    row = _row("overlap", f"{one} | {other}", beam, np.array([shared]), [])
    return row | {"sd": None, "p05": None, "p95": None}


def _range_targets(rows: list[dict[str, Any]]) -> list[Target]:
    return [
        Target(
            f"{row['quantity']} of {row['what']} at {row['beam']} ({row['published_setting']}, "
            f"{row['published_role']})",
            row["mean"],
            f"{row['published_low'] or '-'} to {row['published_high'] or '-'}",
            row["inside"],
        )
        for row in rows
        if row["inside"] is not None and row["quantity"] != "cutoff"
    ]


def _order_target(stones: Stones) -> Target:
    order = sorted(COMPOSITIONS, key=lambda kind: _ratios(stones, kind, "80/140").mean())
    held = sum(a == b for a, b in zip(order, RATIO_ORDER, strict=True))
    wanted = f"5 types in the order {' < '.join(RATIO_ORDER)}"
    return Target("dual-energy ratio 80/140", held, wanted, held == len(RATIO_ORDER))


if __name__ == "__main__":
    main("phantom_hu", __doc__, measure)
