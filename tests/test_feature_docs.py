"""docs/features.md is that of the registry, and its formulas are those that are computed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ksfeat.features.registry import families
from ksfeat.roi import Region

ROOT = Path(__file__).parents[1]


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FORMULAS = loaded("formulas")


def test_the_page_is_not_stale():
    command = [sys.executable, str(ROOT / "tools" / "feature_docs.py"), "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("family", FORMULAS.BY_NAME)
def test_every_formula_by_name_is_of_a_feature(family):
    from ksfeat.features.pyradiomics_names import base_name

    names = [base_name(feature) for feature in families()[family].features]
    assert [name for name in names if name not in FORMULAS.BY_NAME[family]] == []


def rows_with_range():
    for family, by_name in FORMULAS.BY_NAME.items():
        yield family, lambda place, name, known=by_name: known[name][1]
    for family, by_place in FORMULAS.BY_PLACE.items():
        yield family, lambda place, name, known=by_place: known[place][1]


def limits(text):
    if text == "any":
        return -np.inf, np.inf
    if text.startswith(">= "):
        return float(text[3:]), np.inf
    low, high = text.split(" to ")
    return float(low), np.inf if high.startswith("log2") else float(high.replace(",", ""))


@pytest.mark.parametrize(("family", "reach"), list(rows_with_range()))
@pytest.mark.parametrize("seed", range(4))
def test_values_stay_in_the_range_that_is_said(family, reach, seed):
    from ksfeat.features.pyradiomics_names import base_name

    rng = np.random.default_rng(seed)
    pixels = rng.normal(0, 50, (9, 7)).round(-(seed % 2))
    mask = rng.random((9, 7)) < (0.3, 0.6, 0.9, 1.0)[seed]
    described = families(8)[family]
    values = described.compute(Region(pixels, mask))
    for place, (feature, value) in enumerate(zip(described.features, values, strict=True)):
        low, high = limits(reach(place, base_name(feature)))
        assert np.isnan(value) or low - 1e-12 <= value <= high + 1e-12, feature.name
