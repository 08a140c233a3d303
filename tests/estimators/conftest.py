"""Small images on which the image estimators keep scikit-learn's contract."""

import numpy as np
import pytest

from ksfeat import FeatureExtractor, StoneClassifier


@pytest.fixture(scope="session")
def images():
    """24 grey images of 16x16 pixels; the second half has a bright spot of growing size."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 120, (24, 16, 16)).astype(np.uint8)
    for number in range(12, 24):
        noise[number, 4 : 6 + number // 4, 5:9] = 250
    noise.flags.writeable = False
    return list(noise)


@pytest.fixture(scope="session")
def labels():
    return np.repeat(["nostone", "stone"], 12)


@pytest.fixture(scope="session")
def groups():
    """Eight patients of three images, each of one class."""
    return np.repeat([f"patient {number}" for number in range(8)], 3)


@pytest.fixture
def extractor():
    return FeatureExtractor("first_order")


@pytest.fixture
def classifier(extractor):
    return StoneClassifier(extractor, "linear")
