"""The numbers of independent code, to 1e-9: `python -m benchmarks.agreement` wrote them.

`peers.csv` holds what pyradiomics, MIRP, nyxus, flash-radiomics, mahotas and scikit-image found in
the phantom beside it, and in a real kidney; what they define otherwise says why.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ksfeat.features.pyradiomics_names import COUNTERPARTS, base_name
from ksfeat.features.registry import families
from ksfeat.io import read_image
from ksfeat.roi import Region
from ksfeat.roi.region import bounding_box

REFERENCE = Path(__file__).parents[1] / "reference"
TABLE = pd.read_csv(REFERENCE / "peers.csv", dtype={"why": str}).fillna({"why": ""})
CASES = sorted(set(TABLE["case"]))


def region_of(case):
    if case == "kidney":
        root = Path(__file__).parents[2].parent / "shared" / "data"
        folder = Path(os.environ.get("KSFEAT_DATA", root)) / "dicom" / "volume"
        if not folder.is_dir():
            pytest.skip("the real volume is not here: set KSFEAT_DATA")
        image = read_image(folder / "kidneys_ct.nii.gz")
        mask = read_image(folder / "kidneys_seg.nii.gz").pixels == 2
        box = bounding_box(mask)
        pixels = image.pixels[box].astype(np.int16)
        return Region(pixels.astype(np.float64), mask[box], spacing_mm=image.spacing_mm)
    name = case.removeprefix("phantom ")
    held = np.load(REFERENCE / "peers_phantom.npz")
    whole = name.startswith("whole ")
    name = name.removeprefix("whole ")
    spacing = tuple(held[f"{name}_spacing"].tolist())
    mask = np.ones_like(held[f"{name}_mask"]) if whole else held[f"{name}_mask"]
    return Region(held[name].astype(np.float64), mask, spacing_mm=spacing)


@pytest.fixture(scope="module")
def ours():
    """Return ours by case, family and name; each case is described once."""
    known = {}

    def describe(case, family):
        if (case, family) not in known:
            region = known.setdefault(case, region_of(case))
            levels = int(TABLE["levels"].iloc[0])
            described = families(levels, "3d_avg" if region.is_volume else "2d_avg")[family]
            values = described.compute(region)
            names = map(base_name, described.features)
            known[case, family] = dict(zip(names, values, strict=True))
        return known[case, family]

    return describe


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("peer", sorted(set(TABLE["peer"])))
def test_where_definitions_agree_the_numbers_do(case, peer, ours):
    rows = TABLE[(TABLE["case"] == case) & (TABLE["peer"] == peer) & (TABLE["why"] == "")]
    if rows.empty:
        pytest.skip(f"{peer} does not describe this case")
    found = [ours(case, row.family)[row.name] for row in rows.itertuples(index=False)]
    np.testing.assert_allclose(found, rows["value"], rtol=1e-9, err_msg=f"{peer}, {case}")


def test_where_definitions_differ_some_number_does(ours):
    rows = TABLE[TABLE["why"] != ""]  # meshes differ in the kidney only
    same = {}
    for row in rows.itertuples(index=False):
        own = ours(row.case, row.family)[row.name]
        differs = abs(own - row.value) > 1e-9 * abs(row.value)
        same.setdefault((row.peer, row.feature), []).append(differs)
    assert [feature for feature, differs in same.items() if not any(differs)] == []


def test_a_name_of_pyradiomics_is_given_only_where_the_number_is_the_same():
    rows = TABLE[(TABLE["peer"] == "pyradiomics") & (TABLE["why"] == "")]
    given = {f"{kind}_{theirs}" for kind, names in COUNTERPARTS.values() for theirs in names}
    assert given - {"glcm_MCC"} == set(rows["feature"])  # that is in test_params_numbers.py
