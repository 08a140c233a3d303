"""Test objects of the scanner: those of its benchmark."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from ksfeat.phantom.compositions import StoneMatter
from ksfeat.phantom.materials import matter
from ksfeat.phantom.stones import Stone

ROOT = Path(__file__).parents[3]


@pytest.fixture
def scanned(monkeypatch):
    """The module `benchmarks.scanned`: a water cylinder, an edge, and how they are measured."""
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.scanned")


@pytest.fixture(scope="module")
def ball():
    """A smooth ball of cortical bone of a diameter in mm, with a core of the same."""

    def make(diameter, x=20.0, y=-10.0, z=0.0, core_share=0.0, core=None, roughness=0.0):
        bone = matter(cortical_bone=1.0)
        return Stone(
            "calcium_phosphate",
            StoneMatter(core or bone, bone, core_share, (("apatite", 1.0),), 1.0),
            np.array([[x, y, z]]),
            np.full((1, 3), diameter / 2),
            np.column_stack([3 * np.eye(3), [0.0, 1.0, 2.0]]),
            roughness,
            "lower calyx",
        )

    return make
