"""Morphology, local intensity and intensity-volume histogram of the IBSI-1 digital phantom."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ksfeat.features import intensity_volume, local_intensity, morphology
from ksfeat.image import StoneImage
from ksfeat.roi import Region

REFERENCE = Path(__file__).parents[1] / "reference"
EXPECTED = pd.read_csv(REFERENCE / "ibsi_digital_phantom_region.csv", comment="#")
FAMILIES = {
    "morphology": morphology,
    "local_intensity": local_intensity,
    "intensity_volume": intensity_volume,
}
NO_CONSENSUS = {
    *(f"{part}_density_turned_box" for part in ("volume", "area")),
    *(f"{part}_density_enclosing_ellipsoid" for part in ("volume", "area")),
    "area",  # under the intensity-volume histogram
}


@cache
def computed(family: str) -> dict[str, float]:
    table = pd.read_csv(REFERENCE / "ibsi_digital_phantom.csv", comment="#")
    table = table.sort_values(["z", "y", "x"])
    pixels, mask = (table[name].to_numpy().reshape(4, 4, 5) for name in ("value", "mask"))
    # Its whole numbers are taken one by one, as those in HU are.
    image = StoneImage(pixels * 1.0, "HU", (2.0, 2.0, 2.0), mask=mask, volume=True)
    module = FAMILIES[family]
    names = [name.removeprefix(f"{family}_") for name in module.family().columns]
    return dict(zip(names, module.compute(Region.of(image)), strict=True))


@pytest.mark.parametrize("row", list(EXPECTED.itertuples()), ids=lambda row: row.tag)
def test_the_consensus_value_is_matched(row):
    # Consensus values are printed with three significant digits.
    last_digit = 10.0 ** (np.floor(np.log10(abs(row.value))) - 2)
    assert computed(row.family)[row.feature] == pytest.approx(
        row.value, abs=row.tolerance + last_digit / 2 * (1 + 1e-9), rel=0
    )


def test_every_feature_has_a_consensus_value_but_those_on_which_there_was_none():
    for family in FAMILIES:
        expected = set(EXPECTED[EXPECTED.family == family].feature)
        assert set(computed(family)) - expected <= NO_CONSENSUS
        assert expected <= set(computed(family))
