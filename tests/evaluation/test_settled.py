"""Groups of a split file: they count where the data have none, and never cut a file."""

import pandas as pd
import pytest

from ksfeat import load_dataset
from ksfeat.evaluation.settled import with_split_groups


@pytest.fixture
def ungrouped(altered):
    """Each image as two crops, without a group column."""
    manifest = altered()
    table = pd.read_csv(manifest)[["path", "label"]]
    left, right = (table.assign(x0=x, y0=0, x1=x + 40, y1=40) for x in (0, 41))
    pd.concat([left, right]).to_csv(manifest, index=False)
    return load_dataset(manifest)


def split_of(dataset, folder, groups):
    file = folder / "split.csv"
    table = pd.DataFrame({"path": dataset.keys, "group": groups, "fold": 0})
    table.assign(fold=[place % 2 for place in range(len(table))]).to_csv(file, index=False)
    return file


def test_they_are_used_and_joined_over_the_crops_of_one_file(ungrouped, tmp_path):
    file = split_of(ungrouped, tmp_path, [f"g{place:02d}" for place in range(48)])
    found = with_split_groups(ungrouped, file)
    assert str(found.grouping) == "file split.csv"
    assert found.groups.tolist() == [f"g{place:02d}" for place in range(24)] * 2


def test_groups_of_the_data_win(stones, tmp_path):
    file = split_of(stones, tmp_path, [f"g{place}" for place in range(24)])
    assert with_split_groups(stones, file) is stones
