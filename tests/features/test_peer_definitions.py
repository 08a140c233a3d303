"""Why numbers of other libraries differ: their definitions, computed, give their numbers.

`docs/definitions.md` states the causes; `reference/peers.csv` holds what the libraries found.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from skimage.measure import marching_cubes, mesh_surface_area

from ksfeat.roi import Region

REFERENCE = Path(__file__).parents[1] / "reference"
TABLE = pd.read_csv(REFERENCE / "peers.csv")
HELD = np.load(REFERENCE / "peers_phantom.npz")
STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
WHOLE = "phantom whole slice"


def theirs(peer, feature, case):
    rows = TABLE[(TABLE["peer"] == peer) & (TABLE["feature"] == feature) & (TABLE["case"] == case)]
    return float(rows["value"].iloc[0])


def levels_of(whole):
    pixels = HELD["slice"].astype(float)
    mask = np.ones(pixels.shape, dtype=bool) if whole else HELD["slice_mask"].astype(bool)
    return Region(pixels, mask).levels(32).astype(int)


def neighbours(levels, step):
    """Return both levels of all pairs, one order each."""
    height, width = levels.shape
    down, right = step
    one = levels[: height - down, max(0, -right) : width - max(0, right)]
    two = levels[down:, max(0, right) : width - max(0, -right)]
    inside = (one > 0) & (two > 0)
    return one[inside], two[inside]


def runs(levels, step):
    """Return how many runs there are of each level and length."""
    found = Counter()
    inside = dict(np.ndenumerate(levels))
    for (y, x), level in inside.items():
        if inside.get((y - step[0], x - step[1])) == level:
            continue
        length = 1
        while inside.get((y + length * step[0], x + length * step[1])) == level:
            length += 1
        found[level, length] += 1
    return np.array(list(found.values()))


def nyxus_entropy(counts):
    """Return an entropy with nyxus' logarithm: a parabola from 3/4 to 3/2, in float32."""
    shares = counts[counts > 0] / counts.sum()
    significand, exponent = np.frexp(shares.astype(np.float32).astype(float))
    low = significand < 0.75
    away = np.where(low, 2 * significand, significand) - 1
    logarithm = exponent - low - 0.6296735 * away**2 + 1.466967 * away
    return -(shares * logarithm).sum()


def test_difference_variance_of_mahotas_is_that_of_the_shares():
    shares = []
    for step in STEPS:
        one, two = neighbours(levels_of(whole=False), step)
        shares.append(np.bincount(np.abs(one - two), minlength=33) / len(one))
    found = np.mean([each.var() for each in shares])
    assert found == pytest.approx(theirs("mahotas", "Difference Variance", "phantom slice"))


def test_nyxus_takes_some_entropies_with_a_quick_logarithm():
    levels = levels_of(whole=True)
    pairs = [neighbours(levels, step) for step in STEPS]
    difference = np.mean([nyxus_entropy(np.bincount(np.abs(one - two))) for one, two in pairs])
    total = np.mean([nyxus_entropy(np.bincount(one + two)) for one, two in pairs])
    lengths = np.mean([nyxus_entropy(runs(levels, step)) for step in STEPS])
    around = np.pad(levels, 1)
    windows = np.lib.stride_tricks.sliding_window_view(around, (3, 3))
    alike = (windows == levels[..., None, None]).sum(axis=(2, 3))
    dependence = nyxus_entropy(np.bincount((levels * 10 + alike).ravel()))
    for feature, value in (
        ("GLCM_DIFENTRO_AVE", difference),
        ("GLCM_SUMENTROPY_AVE", total),
        ("GLRLM_RE_AVE", lengths),
        ("GLDM_DE", dependence),
    ):
        assert value == pytest.approx(theirs("nyxus", feature, WHOLE), rel=1e-7), feature


def test_run_percentage_of_nyxus_leaves_out_the_darkest_pixels():
    number = np.mean([runs(levels_of(whole=True), step).sum() for step in STEPS])
    brighter = (HELD["slice"] > HELD["slice"].min()).sum()
    assert number / brighter == pytest.approx(theirs("nyxus", "GLRLM_RP_AVE", WHOLE))


def test_mirp_computes_volume_and_surface_in_single_precision():
    mask = np.pad(HELD["volume_mask"].astype(float), 1)
    vertices, faces, _, _ = marching_cubes(mask, 0.5)
    assert vertices.dtype == np.float32
    a, b, c = (vertices[faces[:, corner]] for corner in range(3))
    volume = np.abs(np.sum(1.0 / 6.0 * np.einsum("ij,ij->i", a, np.cross(b, c))))
    assert float(volume) == theirs("mirp", "morph_volume", "phantom volume")
    area = mesh_surface_area(vertices, faces)
    assert float(area) == pytest.approx(
        theirs("mirp", "morph_area_mesh", "phantom volume"), rel=1e-7
    )
