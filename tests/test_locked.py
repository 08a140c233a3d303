"""The locked exams are a fixed set that depends on nothing but their names."""

import pandas as pd
import pytest

from benchmarks.locked import N_LOCKED, is_locked, locked_groups
from ksfeat.errors import InputError
from ksfeat.splits.split import hash_sides

NAMES = [f"exam{number}" for number in range(192)]


def test_forty_groups_whatever_the_order_and_the_number_of_rows():
    locked = locked_groups(NAMES)
    assert len(locked) == N_LOCKED == 40
    assert locked_groups(NAMES[::-1] * 3) == locked


def test_the_hash_chooses_not_the_name():
    assert locked_groups(NAMES) != frozenset(sorted(NAMES)[:N_LOCKED])


def test_a_part_of_the_data_set_is_refused():
    with pytest.raises(InputError, match="40 groups, of which 40"):
        locked_groups(NAMES[:40])


def test_rows_of_locked_groups_are_marked():
    assert is_locked(["b", "a", "b"], frozenset({"b"})).tolist() == [True, False, True]


def test_the_exams_of_coronal_ct_stay_the_ones_that_were_locked(real_data):
    boxes = pd.read_csv(real_data / "coronal_ct" / "boxes.csv")
    locked = locked_groups(boxes["group"])
    sides = ["locked"] * N_LOCKED
    # Any other hash would mean that exams which were worked on are now counted as unseen.
    assert hash_sides(sorted(locked), sides) == "f66f1988365d"
