"""ComBat against the published Python code, and what it must never do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ksfeat.errors import InputError
from ksfeat.evaluation.harmonise import SiteHarmoniser

REFERENCE = Path(__file__).parents[1] / "reference" / "combat.csv"


def test_it_is_neurocombats():
    """Rows of `neuroCombat` 0.2.12 (MIT, PyPI) run on the input rows of the same file.

    Both stop when nothing moves by more than 1e-4 of itself.
    """
    table = pd.read_csv(REFERENCE)
    given, expected = (part for _, part in table.groupby(table["row"] != "input"))
    X, Y = (part.filter(like="f").to_numpy() for part in (given, expected))
    sites = given["site"].to_numpy()
    np.testing.assert_allclose(SiteHarmoniser().fit(X, sites).transform(X, sites), Y, atol=2e-4)


def scanned(rng, n=60):
    sites = np.tile(["A", "B", "C"], n)
    offset = pd.Series(sites).map({"A": 0.0, "B": 4.0, "C": -2.0}).to_numpy()[:, None]
    spread = pd.Series(sites).map({"A": 1.0, "B": 3.0, "C": 0.5}).to_numpy()[:, None]
    return rng.normal(size=(3 * n, 12)) * spread + offset, sites


def test_shift_and_scale_of_new_images_of_the_same_sites_are_gone():
    rng = np.random.default_rng(0)
    harmoniser = SiteHarmoniser().fit(*scanned(rng))
    X, sites = scanned(rng, 400)
    even = harmoniser.transform(X, sites)
    means = [even[sites == site].mean() for site in "ABC"]
    spreads = [even[sites == site].std() for site in "ABC"]
    assert np.ptp(means) < 0.3
    assert max(spreads) / min(spreads) < 1.2


def test_a_row_is_transformed_by_itself_and_by_training_alone():
    rng = np.random.default_rng(1)
    harmoniser = SiteHarmoniser().fit(*scanned(rng))
    X, sites = scanned(rng, 5)
    together = harmoniser.transform(X, sites)
    alone = [harmoniser.transform(row[None], [site])[0] for row, site in zip(X, sites, strict=True)]
    np.testing.assert_array_equal(together, alone)


def test_what_is_not_defined_or_never_varies_stays():
    X, sites = scanned(np.random.default_rng(2))
    X[::7, 0], X[:, 1] = np.nan, 5.0
    even = SiteHarmoniser().fit(X, sites).transform(X, sites)
    np.testing.assert_array_equal(np.isnan(even), np.isnan(X))
    np.testing.assert_array_equal(even[:, 1], 5.0)


def test_mean_only_keeps_the_spread():
    X, sites = scanned(np.random.default_rng(3))
    even = SiteHarmoniser(mean_only=True).fit(X, sites).transform(X, sites)
    for site in "ABC":
        np.testing.assert_allclose(even[sites == site].std(axis=0), X[sites == site].std(axis=0))


def test_a_new_scanner_or_a_lone_image_is_refused():
    X, sites = scanned(np.random.default_rng(4))
    harmoniser = SiteHarmoniser().fit(X, sites)
    with pytest.raises(InputError, match="site 'D' was not seen in training; expected one of A, B"):
        harmoniser.transform(X[:1], ["D"])
    with pytest.raises(InputError, match="1 sites, the smallest"):
        SiteHarmoniser().fit(X, ["A"] * len(X))
    with pytest.raises(InputError, match="the smallest of 1 images"):
        SiteHarmoniser().fit(X, ["D", *sites[1:]])
    with pytest.raises(InputError, match="2 sites for 180 images"):
        SiteHarmoniser().fit(X, ["A", "B"])
