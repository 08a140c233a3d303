"""The IBSI-1's phantoms through the benchmark: texture, intensities, shape and the chain."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def ibsi():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[2])
        yield import_module("benchmarks.ibsi")


@pytest.fixture(scope="module")
def phantom(ibsi, real_data):
    folder = real_data / "ibsi" / "ct_phantom"
    if not folder.is_dir():
        pytest.skip("no IBSI CT phantom among the real images")
    pytest.importorskip("nibabel")
    return ibsi.ct_phantom(folder)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "number"), [("A", 406), ("C", 270), ("D", 270)])
def test_every_consensus_value_is_matched(ibsi, phantom, name, number):
    rows = ibsi.compare(name, ibsi.Case(phantom, ibsi.CASES[name]))
    assert len(rows) == number
    assert [row for row in rows if row["status"] != "matched"] == []


@pytest.mark.slow
def test_another_setting_is_seen(ibsi, phantom):
    chain = replace(ibsi.CASES["D"], outliers_sd=2)
    rows = ibsi.compare("D", ibsi.Case(phantom, chain))
    assert sum(row["status"] == "missed" for row in rows) > 100


def test_the_digital_phantom_has_482_consensus_values_and_all_are_matched(ibsi):
    rows = ibsi.compare("digital", ibsi.Case(ibsi.digital_phantom(), ibsi.CASES["digital"]))
    assert len(rows) == 482
    assert [row for row in rows if row["status"] != "matched"] == []


def test_a_value_is_compared_with_three_digits_and_the_tolerance(ibsi):
    assert ibsi.agrees(2.154, 2.15, 0)
    assert not ibsi.agrees(2.156, 2.15, 0)
    assert ibsi.agrees(2.156, 2.15, 0.01)
    assert not ibsi.agrees(np.nan, 2.15, 1)
