"""Names for those who come from pyradiomics, and bins as it makes them."""

import numpy as np
import pytest
from sklearn.base import clone

from ksfeat.errors import InputError
from ksfeat.features import FeatureExtractor
from ksfeat.features.pyradiomics_names import COUNTERPARTS, base_name, pyradiomics_name
from ksfeat.features.registry import families
from ksfeat.roi import Discretisation


def slices(count):
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (20, 24)).astype(np.uint8) for _ in range(count)]


@pytest.mark.parametrize("family", COUNTERPARTS)
def test_every_counterpart_is_a_feature_and_is_named_once(family):
    features = families()[family].features
    assert set(COUNTERPARTS[family][1].values()) <= {base_name(feature) for feature in features}
    named = [name for name in map(pyradiomics_name, features) if name]
    assert len(named) == len(set(named)) == len(COUNTERPARTS[family][1])


def test_columns_are_called_as_pyradiomics_calls_them_and_the_others_keep_their_name():
    extractor = FeatureExtractor("glcm", names="pyradiomics", aggregation="2d_avg").fit(slices(1))
    names = extractor.get_feature_names_out().tolist()
    assert "original_glcm_Contrast" in names
    assert "glcm_dissimilarity_d1_2d_avg_fbn32" in names  # pyradiomics has none
    assert extractor.describe()["name"].tolist() == names


def test_names_change_no_number():
    images = slices(2)
    ours = FeatureExtractor("texture")
    theirs = clone(ours).set_params(names="pyradiomics")
    np.testing.assert_array_equal(ours.fit_transform(images), theirs.fit_transform(images))


def test_other_names_are_refused():
    with pytest.raises(InputError, match=r"names 'sklearn'; expected one of"):
        FeatureExtractor(names="sklearn").fit(slices(1))


def test_bins_of_a_width_begin_at_a_multiple_of_it_as_in_pyradiomics():
    pixels = np.array([[30.0, 49.0, 50.0, 80.0]])
    mask = np.ones(pixels.shape, dtype=bool)
    theirs = Discretisation.parse("fbw25").apply(pixels, mask)  # edges 25, 50, 75
    assert theirs.tolist() == [[1, 1, 2, 3]]
    ibsi = Discretisation.parse("fbs25").apply(pixels, mask)  # edges 30, 55, 80
    assert ibsi.tolist() == [[1, 1, 1, 3]]
    below = Discretisation.parse("fbw25").apply(pixels - 60, mask)  # edges -50, -25, 0
    assert below.tolist() == [[1, 2, 2, 3]]


def test_a_bin_width_stands_in_the_columns():
    extractor = FeatureExtractor("glcm", levels="fbw25").fit(slices(1))
    assert extractor.get_feature_names_out()[0] == "glcm_joint_maximum_d1_fbw25"


@pytest.mark.parametrize("levels", ["25", "fbx25", "fbs", "fbs-1", "fbw1e3"])
def test_levels_that_say_nothing_are_refused(levels):
    with pytest.raises(InputError, match="levels"):
        FeatureExtractor("glcm", levels=levels).fit(slices(1))
