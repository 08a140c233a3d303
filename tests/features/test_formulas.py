"""Every feature of the registry has a formula, a unit and a range, and keeps to them."""

import re
from math import pi, sqrt

import numpy as np
import pytest
from skimage.measure import moments_central, moments_normalized

from ksfeat.features.formulas import _TABLES, described_as, formula_of
from ksfeat.features.identity import Feature
from ksfeat.features.registry import FAMILIES, families
from ksfeat.image import StoneImage
from ksfeat.roi import Region

LEVELS = 8
FEW = families(LEVELS)


def region_of(family, shape, seed=None, mask=None):
    """Return a region that has what a family needs; of one intensity without a seed."""
    rng = np.random.default_rng(seed)
    colour = "rgb" in family.needs

    def drawn(scale):
        if seed is None:
            return np.ones((*shape, 3) if colour else shape)
        if colour:
            return rng.integers(0, 256, (*shape, 3))
        return rng.normal(0, scale, shape).round(-(seed % 2))

    unit = "HU" if "HU" in family.needs else "rgb" if colour else "grey"
    return Region.of(
        StoneImage(
            drawn(200).astype(np.uint8 if colour else float),
            unit=unit,
            mask=np.ones(shape, bool) if mask is None else mask,
            spacing_mm=(2.5, 0.8, 0.7)[-len(shape) :],
            volume=len(shape) == 3,
            second_energy=drawn(100) if "second_energy" in family.needs else None,
        )
    )


def shapes_of(family, *sides):
    """Return one shape of each length, of a slice if the family describes any."""
    dimensions = 2 if 2 in family.dimensions else 3
    return [(side,) * dimensions for side in sides]


def limits(text):
    if text == "any":
        return -np.inf, np.inf
    if text.startswith(">= "):
        return float(text[3:]), np.inf
    low, high = text.split(" to ")
    return float(low), np.log2(LEVELS) if high == "log2(levels)" else float(high.replace(",", ""))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_feature_has_a_formula_a_unit_and_a_range(family):
    for feature in FAMILIES[family].features:
        formula = formula_of(feature)
        assert formula.text
        assert feature.unit
        low, high = limits(formula.reach)
        assert low < high


@pytest.mark.parametrize("aggregation", ["2d_avg", "2.5d_mrg", "3d_avg"])
@pytest.mark.parametrize("levels", ["fbs25", "fbw12.5", 64])
def test_however_it_is_computed_a_feature_has_the_same_formula(aggregation, levels):
    from ksfeat.features.registry import families_of

    other = families_of(levels, aggregation)
    for name, family in FAMILIES.items():
        described = {formula_of(feature) for feature in other[name].features}
        assert described == {formula_of(feature) for feature in family.features}


def test_a_feature_that_nobody_knows_has_no_formula():
    with pytest.raises(KeyError, match="glcm_beauty has no formula"):
        formula_of(Feature("glcm_beauty_d1_fbn32", "glcm", "", ""))


@pytest.mark.parametrize("family", _TABLES)
def test_no_formula_is_of_no_feature(family):
    alike = [other for other, table in _TABLES.items() if table is _TABLES[family]]
    names = [described_as(feature)[1] for other in alike for feature in FAMILIES[other].features]
    unused = [p for p in _TABLES[family] if not any(re.fullmatch(p, name) for name in names)]
    assert unused == []


@pytest.mark.parametrize("family", FEW)
@pytest.mark.parametrize("seed", range(4))
def test_values_stay_in_the_range_that_is_said(family, seed):
    described = FEW[family]
    shape = shapes_of(described, 19 if 2 in described.dimensions else 6)[0]
    mask = np.random.default_rng(seed).random(shape) < (0.3, 0.6, 0.9, 1.0)[seed]
    values = described.compute(region_of(described, shape, seed, mask))
    for feature, value in zip(described.features, values, strict=True):
        low, high = limits(formula_of(feature).reach)
        assert np.isnan(value) or low - 1e-9 <= value <= high + 1e-9, feature.name


@pytest.mark.parametrize("family", FEW)
def test_what_is_never_undefined_has_a_value_on_every_degenerate_region(family):
    described = FEW[family]
    for shape in shapes_of(described, 1, 2, 6):
        values = described.compute(region_of(described, shape))
        silent = [
            feature.name
            for feature, value in zip(described.features, values, strict=True)
            if np.isnan(value) and not feature.undefined
        ]
        assert silent == []


@pytest.mark.parametrize("family", FEW)
def test_what_is_not_defined_of_one_level_has_no_value_there(family):
    described = FEW[family]
    values = described.compute(region_of(described, shapes_of(described, 6)[0]))
    for feature, value in zip(described.features, values, strict=True):
        if feature.undefined in ("the region has one grey level", "all pairs have one grey level"):
            assert np.isnan(value), feature.name


def evaluated(text, **symbols):
    """Compute a formula as it is printed."""
    text = re.sub(r"(?<=[\w)]) (?=[\w(])", "*", text).replace("^", "**")
    return eval(text, {"sqrt": sqrt, "pi": pi}, symbols)


@pytest.mark.parametrize("name", ["morphology", "morphology_2d"])
def test_what_is_said_of_volume_area_and_outline_is_what_is_computed(name):
    family = FAMILIES[name]
    mask = np.random.default_rng(0).random((7, 8, 9)[-family.dimensions[0] :]) < 0.7
    region = region_of(family, mask.shape, 0, mask)
    values = dict(zip((described_as(f)[1] for f in family.features),
                      family.compute(region), strict=True))  # fmt: skip
    known = ("volume", "surface_area") if name == "morphology" else ("area", "perimeter")
    symbols = dict(zip("VA" if name == "morphology" else "AL", map(values.get, known), strict=True))
    # In the order of the table, so that each formula may use those above it.
    symbols |= {"m": float(region.values.mean())}
    computed = 0
    for feature in family.features:
        text = formula_of(feature).text
        if set(re.findall(r"[a-zA-Z_]\w*", text)) <= {*symbols, "sqrt", "pi"}:
            value = values[described_as(feature)[1]]
            assert evaluated(text, **symbols) == pytest.approx(value, rel=1e-9), feature.name
            computed += 1
    assert computed == {"morphology": 7, "morphology_2d": 5}[name]


def test_hus_moments_are_what_is_said():
    mask = np.random.default_rng(3).random((9, 8)) < 0.6
    family = FAMILIES["shape"]
    computed = family.compute(region_of(family, mask.shape, 0, mask))
    values = dict(zip(family.columns, computed, strict=True))
    e = moments_normalized(moments_central(mask.astype(float)))
    symbols = {f"e{p}{q}": e[p, q] for p in range(4) for q in range(4)}
    symbols |= {"q": e[3, 0] + e[1, 2], "r": e[2, 1] + e[0, 3]}
    for number in range(1, 8):
        feature = next(f for f in family.features if f.name == f"shape_hu{number}")
        text = re.search(r"; h = ([^;,]+)", formula_of(feature).text)[1]
        moment = evaluated(text, **symbols)
        assert values[feature.name] == pytest.approx(-np.sign(moment) * np.log10(abs(moment)))
