"""Attenuation: what the table must say whatever made it, and how mixtures follow from it."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.phantom.materials import (
    BEAMS,
    material_kinds,
    matter,
    relative_attenuation,
    table_rows,
)

REFERENCE = Path(__file__).parents[1] / "reference" / "stone_hu.csv"
SOLIDS = sorted(name for name, kind in material_kinds().items() if kind != "solute")
CALCIUM = ("whewellite", "weddellite", "brushite", "carbonate_apatite", "cortical_bone")


def published(quantity: str) -> list[dict[str, str]]:
    with REFERENCE.open(newline="", encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["quantity"] == quantity]


def by_energy() -> list[str]:
    """Beams from the softest to the hardest."""
    kev = {row["beam"]: float(row["effective_kev"]) for row in table_rows("attenuation")}
    return sorted(BEAMS, key=kev.__getitem__)


def test_every_material_has_every_beam_once():
    rows = table_rows("attenuation")
    pairs = [(row["material"], row["beam"]) for row in rows]
    assert sorted(pairs) == sorted((name, beam) for name in material_kinds() for beam in BEAMS)


def test_a_higher_voltage_and_tin_make_the_beam_harder():
    assert by_energy() == ["80", "100", "120", "140", "Sn140", "Sn150"]


@pytest.mark.parametrize("beam", BEAMS)
def test_water_and_air_fix_the_scale(beam):
    assert matter(water=1).hu(beam) == 0.0
    assert matter(air=1).hu(beam) == pytest.approx(-1000, abs=2)


@pytest.mark.parametrize("material", CALCIUM)
def test_calcium_loses_contrast_as_the_beam_hardens(material):
    values = [matter(**{material: 1}).hu(beam) for beam in by_energy()]
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.5 * values[-1]


@pytest.mark.parametrize("material", ["uric_acid", "uric_acid_dihydrate", "fat"])
def test_light_elements_do_not(material):
    """No photoelectric surplus over water: what dual energy tells uric acid from calcium by."""
    values = [matter(**{material: 1}).hu(beam) for beam in by_energy()]
    assert values == sorted(values)


def test_pure_minerals_are_in_the_order_that_micro_ct_measured():
    """An independent experiment on pure regions of stones; its units are not HU."""
    rows = published("micro_ct")
    measured = sorted(rows, key=lambda row: float(row["low"]))
    for softer, denser in pairwise(measured):
        assert float(softer["high"]) < float(denser["low"])
    ours = sorted(rows, key=lambda row: matter(**{row["what"]: 1}).hu("80"))
    assert [row["what"] for row in ours] == [row["what"] for row in measured]


def test_urine_is_as_dense_as_in_bladders():
    (row,) = (row for row in published("hu") if row["what"] == "urine")
    assert float(row["low"]) <= matter(urine=1).hu(row["beam"]) <= float(row["high"])


@given(st.sampled_from(SOLIDS), st.sampled_from(SOLIDS), st.floats(0, 1), st.sampled_from(BEAMS))
def test_attenuation_adds_up_by_volume(one, other, share, beam):
    if one == other:
        return
    mixed = matter(**{one: share, other: 1 - share}).hu(beam)
    apart = share * matter(**{one: 1}).hu(beam) + (1 - share) * matter(**{other: 1}).hu(beam)
    assert mixed == pytest.approx(apart, abs=1e-6)


@given(st.floats(0, 100), st.sampled_from(BEAMS))
def test_iodine_comes_on_top_in_proportion_to_its_concentration(mg_ml, beam):
    plain, enhanced = matter(blood=1), matter(blood=1, iodine=mg_ml)
    per_mg_ml = 1000 * relative_attenuation()["iodine", beam]
    assert enhanced.hu(beam) - plain.hu(beam) == pytest.approx(mg_ml * per_mg_ml, abs=1e-6)


def test_parts_that_are_zero_leave_no_trace():
    assert matter(fat=1.0, muscle=0.0, iodine=0.0) == matter(fat=1)


@pytest.mark.parametrize("name", ["materials", "packing", "minerals"])
def test_every_row_says_where_it_is_from(name):
    assert all(row["source"].strip() for row in table_rows(name))


def test_the_two_tables_describe_the_same_matter():
    columns = ("kind", "formula", "density_g_cm3", "source")
    stated = {row["material"]: [row[key] for key in columns] for row in table_rows("materials")}
    for row in table_rows("attenuation"):
        assert [row[key] for key in columns] == stated[row["material"]]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"granite": 1.0}, "unknown material 'granite'; expected some of water,"),
        ({"fat": 0.5, "muscle": 0.4}, "add up to 0.9; expected 1"),
        ({"fat": 1.5, "muscle": -0.5}, "muscle is -0.5; expected a finite number of 0 or more"),
        ({"fat": float("nan")}, "fat is nan; expected a finite number"),
        ({"iodine": 3.0}, "add up to 0; expected 1"),
        ({}, "add up to 0; expected 1"),
    ],
)
def test_bad_mixtures_are_refused(parts, message):
    with pytest.raises(InputError, match=message):
        matter(**parts)


def test_an_unknown_beam_is_refused():
    with pytest.raises(InputError, match="beam '130' is unknown; expected one of 80, 100"):
        matter(water=1).hu("130")
