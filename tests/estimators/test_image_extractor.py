"""What a transformer over images must keep."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError


def test_fit_transform_is_fit_then_transform(extractor, images):
    table = extractor.fit_transform(images)
    np.testing.assert_array_equal(extractor.fit(images).transform(images), table)
    assert table.shape == (len(images), extractor.n_features_out_)


def test_columns_have_the_names_of_features(extractor, images):
    with pytest.raises(NotFittedError):
        extractor.get_feature_names_out()
    frame = extractor.set_output(transform="pandas").fit_transform(images)
    assert list(frame.columns) == list(extractor.get_feature_names_out())
    assert len(set(frame.columns)) == extractor.n_features_out_
    plain = extractor.set_output(transform="default").transform(images)
    np.testing.assert_array_equal(frame.to_numpy(), plain)
