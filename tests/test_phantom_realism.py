"""Pictures beside real ones: the key names the simulated side, halves hold their stone."""

import importlib
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def coronal(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.coronal")


@pytest.fixture
def beside(coronal):
    return importlib.import_module("benchmarks.beside")


def picture(coronal, number, columns, grey=90):
    """An even slice with stones at some columns."""
    mask = np.zeros((320, 391), dtype=bool)
    mask[100:104, columns] = True
    return coronal.Coronal(number, np.full((320, 391), grey, np.uint8), mask)


def test_halves_are_those_of_slices_with_stones_on_one_side_only(coronal, tmp_path):
    pictures = [
        picture(coronal, 0, [50, 51]),
        picture(coronal, 1, [300]),
        picture(coronal, 2, [50, 300]),
        picture(coronal, 3, [195]),  # the column that is in neither half
    ]
    halves = pd.read_csv(coronal.write_halves(tmp_path, pictures))
    assert list(halves["group"].unique()) == ["simulated_000", "simulated_001"]
    assert list(halves["label"]) == ["stone", "nostone", "nostone", "stone"]
    assert halves[["x0", "y0", "x1", "y1"]].to_numpy()[:2].tolist() == [
        [0, 0, 195, 320], [196, 0, 391, 320],
    ]  # fmt: skip
    assert cv2.imread(str(tmp_path / halves["path"][0])).shape == (320, 391, 3)


def test_the_key_names_the_side_that_is_simulated(coronal, beside, monkeypatch, tmp_path):
    made = [picture(coronal, number, [50], grey=40) for number in range(12)]
    real = [np.full((320, 391), 200, np.uint8)] * 12
    monkeypatch.setattr(beside, "draw_many", lambda *_: made)
    monkeypatch.setattr(beside, "real_slices", lambda *_: real)
    key = pd.read_csv(beside.write_pairs(tmp_path / "round", 12, 0))
    assert set(key["simulated"]) == {"left", "right"}
    files = sorted((tmp_path / "round").iterdir())
    assert [path.name for path in files] == [f"pair_{number:02d}.png" for number in range(12)]
    for path, side in zip(files, key["simulated"], strict=True):
        shown = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert shown.shape == (320, 2 * 391 + 12)
        assert (shown[0, 0] == 40) == (side == "left")
        assert (shown[0, -1] == 40) == (side == "right")


@pytest.mark.slow
def test_a_simulated_slice_is_a_plain_scan_through_a_stone_and_the_seed_gives_it(coronal):
    first, again = (coronal.draw_coronal(3, 0) for _ in range(2))
    assert first.pixels.shape == first.mask.shape == (320, 391)
    assert first.pixels.dtype == np.uint8
    assert np.array_equal(first.pixels, again.pixels)
    rows, columns = np.nonzero(first.mask)
    assert len(rows) >= 1
    stone = first.pixels[first.mask].mean()
    around = first.pixels[rows.min() - 9 : rows.max() + 10, columns.min() - 9 : columns.max() + 10]
    assert stone > np.median(around) + 20
