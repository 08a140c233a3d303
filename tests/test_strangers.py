"""Other pictures are tried in the size of the data too: a size alone tells pictures apart."""

import importlib

import numpy as np
import pytest

from ksfeat import load_dataset

strangers = importlib.import_module("benchmarks.strangers")
certainty = importlib.import_module("benchmarks.certainty")


def test_every_picture_is_tried_in_the_size_of_the_data(stone_data):
    dataset = load_dataset(stone_data)
    pictures = certainty._pictures(certainty._usual_shape(dataset))
    names = strangers.STRANGERS | strangers.UNSEEN
    assert {"photograph of a man with a camera", "photograph of coins"} <= set(names)
    assert len(pictures) == 2 * len(names)
    for name, draw in names.items():
        assert pictures[name].shape == draw().shape
        assert pictures[f"{name}, {certainty.CUT}"].shape == dataset.images[0].read().shape


@pytest.mark.parametrize("shape", [(96, 48), (48, 96), (512, 512)])
def test_a_picture_keeps_its_proportions(shape):
    """A disc stays a disc."""
    rows, columns = np.mgrid[-1:1:200j, -1:1:200j]
    disc = np.where(rows**2 + columns**2 < 0.16, 255, 0).astype(np.uint8)
    found = strangers.fitted(disc, shape)
    assert found.shape == shape
    inside = np.argwhere(found > 127)
    height, width = np.ptp(inside, axis=0)
    assert height == pytest.approx(width, abs=2)
