"""Texture families against the consensus values of the IBSI-1 digital phantom."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ksfeat.features import glcm, gldzm, glrlm, glszm, ngldm, ngtdm
from ksfeat.features.aggregation import AGGREGATIONS, dimensions_of
from ksfeat.features.textures import Textures

REFERENCE = Path(__file__).parents[1] / "reference"
EXPECTED = pd.read_csv(REFERENCE / "ibsi_digital_phantom_textures.csv", comment="#")
FAMILIES = {
    "glcm": glcm,
    "glrlm": glrlm,
    "glszm": glszm,
    "gldzm": gldzm,
    "ngtdm": ngtdm,
    "ngldm": ngldm,
}
LEVELS = 6


@cache
def phantom() -> np.ndarray:
    """Grey levels, (z, y, x), 0 outside the mask."""
    table = pd.read_csv(REFERENCE / "ibsi_digital_phantom.csv", comment="#")
    table = table.sort_values(["z", "y", "x"])
    return (table["value"] * (table["mask"] > 0)).to_numpy().reshape(4, 4, 5)


@cache
def computed(family: str, aggregation: str) -> dict[str, float]:
    textures = Textures(phantom(), LEVELS, dimensions_of(aggregation))
    values = FAMILIES[family].describe(textures, aggregation)
    return dict(zip(short_names(family), values, strict=True))


@cache
def short_names(family: str) -> list[str]:
    columns = FAMILIES[family].family(LEVELS).columns
    end = "_d1_fbn6" if family == "glcm" else "_fbn6"
    return [column.removeprefix(f"{family}_").removesuffix(end) for column in columns]


@pytest.mark.parametrize("row", list(EXPECTED.itertuples()), ids=lambda row: row.tag)
def test_the_consensus_value_is_matched(row):
    # Consensus values are printed with three significant digits.
    last_digit = 10.0 ** (np.floor(np.log10(abs(row.value))) - 2) if row.value else 0
    assert computed(row.family, row.aggregation)[row.feature] == pytest.approx(
        row.value, abs=row.tolerance + last_digit / 2 * (1 + 1e-9) + 1e-12, rel=0
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_every_feature_has_a_consensus_value_in_every_aggregation(family):
    rows = EXPECTED[EXPECTED.family == family]
    aggregations = AGGREGATIONS if family in ("glcm", "glrlm") else AGGREGATIONS[1::2]
    expected = {(name, how) for name in short_names(family) for how in aggregations}
    assert set(zip(rows.feature, rows.aggregation, strict=True)) == expected
    assert len(rows) == len(expected)


@pytest.mark.parametrize("family", ["glszm", "gldzm", "ngtdm", "ngldm"])
@pytest.mark.parametrize("dimensions", ["2d", "2.5d", "3d"])
def test_families_without_directions_have_one_value_a_dimension(family, dimensions):
    averaged, merged = (computed(family, f"{dimensions}_{how}") for how in ("avg", "mrg"))
    assert averaged == merged
