"""A split as a file: what is written is read again, and what is wrong with a file is told."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest

from ksfeat.errors import InputError
from ksfeat.splits import has_groups, make_split, read_split, write_split

LABELS = np.array(["stone", "normal"] * 6)
GROUPS = np.repeat([f"g{number}" for number in range(6)], 2)
KEYS = [f"{label}/{number:02d}.png" for number, label in enumerate(LABELS)]


@pytest.fixture
def split():
    return make_split(LABELS, GROUPS, keys=KEYS, n_folds=3)


@pytest.fixture
def written(split, tmp_path):
    return write_split(
        split, tmp_path / "split.csv", labels=LABELS, groups=GROUPS, grouping="column 'group'"
    )


def test_any_order_of_the_images_reads_the_same_split(split, written):
    order = np.random.default_rng(0).permutation(len(KEYS))
    read = read_split(written, keys=[KEYS[row] for row in order])
    np.testing.assert_array_equal(read.fold, split.fold[order])
    assert (read.hash, read.n_groups, read.n_folds) == (split.hash, 6, 3)
    assert has_groups(written)


def test_any_tool_can_check_the_hash(split, written):
    """With pandas and hashlib alone, as the JSON file says how."""
    table = pd.read_csv(written)
    lines = sorted(f"{path}\t{fold}" for path, fold in zip(table["path"], table["fold"]))  # noqa: B905
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]
    about = json.loads(written.with_suffix(".json").read_text())
    assert digest == about["hash"] == split.hash
    assert list(table) == ["path", "label", "group", "fold"]
    assert (about["n_groups"], about["grouping"]) == (6, "column 'group'")


def test_a_random_split_has_no_groups(tmp_path):
    split = make_split(LABELS, None, keys=KEYS, n_folds=3)
    file = write_split(split, tmp_path / "r.csv", labels=LABELS, groups=None)
    assert not has_groups(file)
    assert read_split(file, keys=KEYS).n_groups is None


def moved(table):
    table.loc[[0, 1], "fold"] = (table.loc[0, "fold"] + 1) % 3
    return table


WRONG = {
    "its hash is .*, but split.json says .*: it was changed": moved,
    "group 'g0' stands in several folds": lambda t: t.assign(fold=[0, 1, 2] * 4),
    "no fold for stone/00.png; expected exactly the images": lambda t: t.iloc[1:],
    "13 images for 12": lambda t: pd.concat([t, t.iloc[:1].assign(path="new.png")]),
    "a path stands twice": lambda t: pd.concat([t, t.iloc[:1]]),
    "fold 'x'; expected whole numbers from 0": lambda t: t.assign(fold="x"),
    "folds are not 0, 1, ... without a gap": lambda t: t.assign(fold=t["fold"] * 2),
    "expected at least two": lambda t: t.assign(fold=0),
    "has no column 'fold'": lambda t: t.drop(columns="fold"),
}


@pytest.mark.parametrize("message", WRONG)
def test_what_is_wrong_with_a_file_is_told_in_one_line(written, message):
    WRONG[message](pd.read_csv(written)).to_csv(written, index=False)
    with pytest.raises(InputError, match=message) as caught:
        read_split(written, keys=KEYS)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_told(split, tmp_path):
    with pytest.raises(InputError, match=r"absent\.csv: no such split file"):
        read_split(tmp_path / "absent.csv", keys=KEYS)
    with pytest.raises(InputError):
        write_split(split, tmp_path / "no" / "s.csv", labels=LABELS, groups=GROUPS)


def test_a_broken_hash_file_is_told(written):
    written.with_suffix(".json").write_text("[]")
    with pytest.raises(InputError, match=r"split\.json: holds no hash"):
        read_split(written, keys=KEYS)
