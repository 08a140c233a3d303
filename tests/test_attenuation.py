"""tools/attenuation.py: the committed table is what chemistry, cross sections and spectra say."""

from __future__ import annotations

import csv
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

HOUSE = Path(__file__).parents[1]
TABLES = HOUSE / "ksfeat" / "phantom" / "tables"


@pytest.fixture(scope="module")
def tool():
    reason = "not installed; see tools/attenuation-requirements.txt"
    pytest.importorskip("xraydb", reason=f"xraydb {reason}")
    pytest.importorskip("spekpy", reason=f"spekpy {reason}")
    spec = importlib.util.spec_from_file_location("attenuation", HOUSE / "tools/attenuation.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["attenuation"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["attenuation"]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    "material", ["whewellite", "carbonate_apatite", "liver", "urine", "iodine"]
)
def test_rows_made_again_are_the_committed_ones(tool, material):
    (stated,) = (row for row in read(TABLES / "materials.csv") if row["material"] == material)
    committed = {
        row["beam"]: row for row in read(TABLES / "attenuation.csv") if row["material"] == material
    }
    for beam in tool.BEAMS:
        again = tool.row(stated, beam)
        for key in ("effective_kev", "relative_attenuation", "hu"):
            assert float(again[key]) == pytest.approx(float(committed[beam.name][key]), rel=1e-4)


def test_attenuation_of_water_is_the_tabulated_one(tool):
    rows = read(HOUSE / "tests" / "reference" / "water_attenuation.csv")
    energy = np.array([1000 * float(row["kev"]) for row in rows])
    expected = [float(row["mass_attenuation_cm2_g"]) for row in rows]
    assert tool.attenuation("H2O", 1.0, energy) == pytest.approx(expected, rel=0.01)


def test_a_formula_and_its_shares_of_mass_are_the_same_matter(tool):
    energy = np.array([40e3, 80e3])
    shares = tool.attenuation("H:0.1119 O:0.8881", 1.0, energy)
    assert shares == pytest.approx(tool.attenuation("H2O", 1.0, energy), rel=1e-3)
