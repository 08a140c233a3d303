"""ComBat against the published Python code, and what it must never do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

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
    np.testing.assert_allclose(
        SiteHarmoniser().fit(X, sites=sites).transform(X, sites=sites), Y, atol=2e-4
    )


def scanned(rng, n=60):
    sites = np.tile(["A", "B", "C"], n)
    offset = pd.Series(sites).map({"A": 0.0, "B": 4.0, "C": -2.0}).to_numpy()[:, None]
    spread = pd.Series(sites).map({"A": 1.0, "B": 3.0, "C": 0.5}).to_numpy()[:, None]
    return rng.normal(size=(3 * n, 12)) * spread + offset, sites


def fitted(X, sites):
    return SiteHarmoniser().fit(X, sites=sites)


def test_shift_and_scale_of_new_images_of_the_same_sites_are_gone():
    rng = np.random.default_rng(0)
    harmoniser = fitted(*scanned(rng))
    X, sites = scanned(rng, 400)
    even = harmoniser.transform(X, sites=sites)
    means = [even[sites == site].mean() for site in "ABC"]
    spreads = [even[sites == site].std() for site in "ABC"]
    assert np.ptp(means) < 0.3
    assert max(spreads) / min(spreads) < 1.2


def test_a_row_is_transformed_by_itself_and_by_training_alone():
    rng = np.random.default_rng(1)
    harmoniser = fitted(*scanned(rng))
    X, sites = scanned(rng, 5)
    together = harmoniser.transform(X, sites=sites)
    alone = [
        harmoniser.transform(row[None], sites=[site])[0] for row, site in zip(X, sites, strict=True)
    ]
    np.testing.assert_array_equal(together, alone)


def test_what_is_not_defined_or_never_varies_stays():
    X, sites = scanned(np.random.default_rng(2))
    X[::7, 0], X[:, 1] = np.nan, 5.0
    even = SiteHarmoniser().fit(X, sites=sites).transform(X, sites=sites)
    np.testing.assert_array_equal(np.isnan(even), np.isnan(X))
    np.testing.assert_array_equal(even[:, 1], 5.0)


def test_mean_only_keeps_the_spread():
    X, sites = scanned(np.random.default_rng(3))
    even = SiteHarmoniser(mean_only=True).fit(X, sites=sites).transform(X, sites=sites)
    for site in "ABC":
        np.testing.assert_allclose(even[sites == site].std(axis=0), X[sites == site].std(axis=0))


def test_a_new_scanner_or_a_lone_image_is_refused():
    X, sites = scanned(np.random.default_rng(4))
    harmoniser = fitted(X, sites)
    with pytest.raises(InputError, match="site 'D' was not seen in training; expected one of A, B"):
        harmoniser.transform(X[:1], sites=["D"])
    with pytest.raises(InputError, match="1 sites, the smallest"):
        fitted(X, ["A"] * len(X))
    with pytest.raises(InputError, match="the smallest of 1 images"):
        fitted(X, ["D", *sites[1:]])
    with pytest.raises(InputError, match="no sites given; expected where each image comes from"):
        harmoniser.transform(X)
    with pytest.raises(InputError, match="2 sites for 180 images"):
        fitted(X, ["A", "B"])


def test_in_a_pipeline_each_fold_is_harmonised_by_its_training_rows_alone(monkeypatch):
    rng = np.random.default_rng(5)
    X, sites = scanned(rng)
    y = rng.integers(0, 2, len(X))
    seen = []
    fit = SiteHarmoniser.fit

    def spy(self, X, y=None, *, sites=None):
        seen.append(len(X))
        return fit(self, X, y, sites=sites)

    monkeypatch.setattr(SiteHarmoniser, "fit", spy)
    with sklearn.config_context(enable_metadata_routing=True):
        asked = SiteHarmoniser().set_fit_request(sites=True).set_transform_request(sites=True)
        pipeline = make_pipeline(asked, LogisticRegression())
        scores = cross_val_score(pipeline, X, y, params={"sites": sites}, error_score="raise")
    assert seen == [144] * 5
    assert np.isfinite(scores).all()


def test_it_is_an_estimator_of_scikit_learns():
    X, sites = scanned(np.random.default_rng(6))
    table = pd.DataFrame(X, columns=[f"f{place}" for place in range(12)])
    harmoniser = clone(SiteHarmoniser(mean_only=True)).set_output(transform="pandas")
    assert harmoniser.get_params() == {"mean_only": True}
    even = harmoniser.fit_transform(table, sites=sites)
    assert even.columns.tolist() == table.columns.tolist()
    pd.testing.assert_frame_equal(even, harmoniser.transform(table, sites=sites))
    assert abs(even - table).to_numpy().max() > 1
    with pytest.raises(ValueError, match="feature names should match"):
        harmoniser.transform(table.rename(columns={"f0": "g"}), sites=sites)
