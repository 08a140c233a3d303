"""Stones: dense as published, different by type at two energies, overlapping at one."""

from __future__ import annotations

import csv
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.phantom.compositions import (
    COMPOSITIONS,
    PHLEBOLITH,
    draw_composition,
    draw_stone_matter,
)
from ksfeat.phantom.materials import matter, table_rows

REFERENCE = Path(__file__).parents[1] / "reference" / "stone_hu.csv"
KINDS = (*COMPOSITIONS, PHLEBOLITH)
PACKING = {row["composition"]: row for row in table_rows("packing")}


def published(quantity: str) -> list[dict[str, str]]:
    with REFERENCE.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["quantity"] == quantity]
    return [row for row in rows if row["what"] in KINDS]


def named(row: dict[str, str]) -> str:
    return f"{row['what']}-{row['beam']}-{row['setting']}"


@cache
def drawn(composition: str, beam: str) -> np.ndarray:
    """HU of 400 stones, the same ones in every beam."""
    rng = np.random.default_rng(7)
    return np.array([draw_stone_matter(composition, rng).hu(beam) for _ in range(400)])


def ratio(composition: str, pair: str = "80/140") -> float:
    low, high = pair.split("/")
    return float(np.mean(drawn(composition, low) / drawn(composition, high)))


def within(value: float, row: dict[str, str]) -> bool:
    low, high = float(row["low"] or -np.inf), float(row["high"] or np.inf)
    return low <= value <= high


@pytest.mark.parametrize("row", published("hu"), ids=named)
def test_the_mean_lies_in_the_published_range(row):
    assert within(drawn(row["what"], row["beam"]).mean(), row)


@pytest.mark.parametrize("row", published("ratio"), ids=named)
def test_the_dual_energy_ratio_is_the_measured_one(row):
    """Packing and mixes were never fitted to these."""
    assert within(ratio(row["what"], row["beam"]), row)


def test_dual_energy_orders_the_types():
    order = ("uric_acid", "struvite", "cystine", "calcium_oxalate", "calcium_phosphate")
    assert sorted(COMPOSITIONS, key=ratio) == list(order)


def test_dual_energy_orders_the_types_as_patients_do():
    rows = published("cutoff")  # between the types, from the lowest ratio to the highest
    assert sorted((row["what"] for row in rows), key=ratio) == [row["what"] for row in rows]


def test_apatite_has_a_higher_ratio_than_whewellite():
    def pure(mineral: str) -> float:
        return matter(**{mineral: 1}).hu("80") / matter(**{mineral: 1}).hu("140")

    assert pure("carbonate_apatite") > pure("whewellite") > pure("cystine") > pure("struvite")


@pytest.mark.parametrize("composition", ["calcium_oxalate", "struvite", "uric_acid"])
def test_stones_of_a_type_differ_as_much_as_in_patients(composition):
    """A published range of 20 and more stones is taken as four standard deviations."""
    (row,) = (row for row in published("hu") if row["what"] == composition)
    spread = (float(row["high"]) - float(row["low"])) / 4
    assert 0.7 * spread < drawn(composition, "120").std() < 1.6 * spread


def test_one_energy_cannot_separate_neighbouring_types():
    """The densest twentieth of a type lies above the least dense of the next, as in patients."""
    ordered = sorted(COMPOSITIONS, key=lambda name: drawn(name, "120").mean())
    assert ordered[0] == "uric_acid"
    for softer, denser in pairwise(ordered[1:]):
        top = np.quantile(drawn(softer, "120"), 0.95)
        assert top > np.quantile(drawn(denser, "120"), 0.05)


@given(st.sampled_from(KINDS), st.integers(0, 2**32 - 1))
def test_shares_add_up(composition, seed):
    stone = draw_stone_matter(composition, np.random.default_rng(seed))
    row = PACKING[composition]
    shares = dict(stone.minerals)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[row["filler"]] == pytest.approx(1 - stone.packing)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert float(row["packing_low"]) <= stone.packing <= float(row["packing_high"])
    assert float(row["core_share_low"]) <= stone.core_share <= float(row["core_share_high"])
    assert stone.hu("120") == pytest.approx(matter(**shares).hu("120"), abs=1e-6)


@given(st.sampled_from(KINDS), st.integers(0, 2**32 - 1))
def test_the_same_seed_is_the_same_stone(composition, seed):
    one, same = (draw_stone_matter(composition, np.random.default_rng(seed)) for _ in range(2))
    assert one == same
    assert one != draw_stone_matter(composition, np.random.default_rng(seed + 1))


def test_only_phleboliths_have_lucent_centres():
    rng = np.random.default_rng(3)
    lucent = {
        kind: np.mean([s.core.hu("120") < 0.75 * s.shell.hu("120") for s in stones])
        for kind in ("cystine", PHLEBOLITH)
        for stones in [[draw_stone_matter(kind, rng) for _ in range(300)]]
    }
    assert lucent["cystine"] == 0
    assert lucent[PHLEBOLITH] == pytest.approx(79 / 120, abs=0.1)


def test_types_occur_as_often_as_the_table_says():
    rng = np.random.default_rng(5)
    draws = [draw_composition(rng) for _ in range(4000)]
    for name in COMPOSITIONS:
        often = float(PACKING[name]["frequency"])
        error = 4 * np.sqrt(often * (1 - often) / len(draws))
        assert draws.count(name) / len(draws) == pytest.approx(often, abs=error)


def test_the_manifest_gets_minerals_in_words():
    stone = draw_stone_matter("cystine", np.random.default_rng(0))
    mineral, filler = stone.label.split(", ")
    assert mineral == f"cystine {stone.packing:.2f}"
    assert filler.startswith("urine 0.")


def test_an_unknown_composition_is_refused():
    message = "composition 'granite' is unknown; expected calcium_oxalate, .*, phlebolith"
    with pytest.raises(InputError, match=message):
        draw_stone_matter("granite", np.random.default_rng(0))
