"""The consensus values of the IBSI-1 digital phantom."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ksfeat.features import first_order, glcm, histogram
from ksfeat.features.textures import Textures
from ksfeat.image import StoneImage
from ksfeat.roi import Region

REFERENCE = Path(__file__).parents[1] / "reference"
EXPECTED = pd.read_csv(REFERENCE / "ibsi_digital_phantom_features.csv", comment="#")


@cache
def phantom() -> tuple[np.ndarray, np.ndarray]:
    """Values and mask, (z, y, x); the values are grey levels already."""
    table = pd.read_csv(REFERENCE / "ibsi_digital_phantom.csv", comment="#")
    table = table.sort_values(["z", "y", "x"])
    shape = (4, 4, 5)
    return table["value"].to_numpy().reshape(shape), table["mask"].to_numpy().reshape(shape) > 0


@cache
def computed(family: str) -> dict[str, float]:
    values, mask = phantom()
    levels = np.where(mask, values, 0).astype(np.int32)
    if family == "first_order":
        # Statistics do not care where pixels are: the slices lie side by side.
        flat = StoneImage(values.reshape(16, 5), mask=mask.reshape(16, 5))
        names, numbers = first_order.family().columns, first_order.compute(Region.of(flat))
    elif family == "histogram":
        names = histogram.family(6).columns
        numbers = histogram.describe(np.bincount(levels[mask])[1:])
    else:
        names = glcm.family(6).columns
        numbers = glcm.describe(Textures(levels, 6))
    short = [
        name.removeprefix(f"{family}_").removesuffix("_fbn6").removesuffix("_d1") for name in names
    ]
    return dict(zip(short, numbers, strict=True))


@pytest.mark.parametrize("row", list(EXPECTED.itertuples()), ids=lambda row: row.tag)
def test_the_consensus_value_is_matched(row):
    # Consensus values are printed with three significant digits.
    last_digit = 10.0 ** (np.floor(np.log10(abs(row.value))) - 2)
    assert computed(row.family)[row.feature] == pytest.approx(
        row.value, abs=row.tolerance + last_digit / 2 * (1 + 1e-9), rel=0
    )


def test_every_feature_of_the_three_families_has_a_consensus_value():
    for family in ("first_order", "histogram", "glcm"):
        assert set(EXPECTED[EXPECTED.family == family].feature) == set(computed(family))
