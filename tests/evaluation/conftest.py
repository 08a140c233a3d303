"""A fast classifier, and data sets with one thing wrong."""

import shutil

import pandas as pd
import pytest

from ksfeat import FeatureExtractor, StoneClassifier, load_dataset


@pytest.fixture
def classifier():
    return StoneClassifier(FeatureExtractor("first_order"), "linear")


@pytest.fixture
def stones(stone_data):
    """Eight patients of three slices, grouped by patient."""
    return load_dataset(stone_data)


@pytest.fixture
def types(type_data):
    """Ten patients of two slices, of five classes."""
    return load_dataset(type_data)


@pytest.fixture
def altered(stone_data, tmp_path):
    """Return a function that copies the data set and changes its manifest."""

    def change(**columns):
        folder = tmp_path / "data"
        shutil.copytree(stone_data.parent, folder)
        table = pd.read_csv(folder / "manifest.csv").assign(**columns)
        table.to_csv(folder / "manifest.csv", index=False)
        return folder / "manifest.csv"

    return change
