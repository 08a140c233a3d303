"""`Dataset`: its parts, and that nothing of a row is left behind."""

import numpy as np
import pytest

from ksfeat.dataset import Grouping, load_dataset
from ksfeat.errors import InputError

TABLE = (
    "path,label,group,split,age\nstone/a.png,s,p1,train,10\nstone/b.png,s,p2,Test,20\n"
    "nostone/c.png,n,p3,valid,30\nnostone/d e.png,n,p4,test,40\n"
)


@pytest.fixture
def data(write):
    return load_dataset(write(TABLE), covariates=["age"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([3, 0], [3, 0]),
        (np.array([True, False, True, False]), [0, 2]),
        ([], []),
        (np.array([1]), [1]),
    ],
)
def test_a_selection_keeps_every_field_of_its_rows(data, rows, expected):
    part = data.select(np.asarray(rows, dtype=bool if len(rows) == 4 else int))
    assert part.keys == [data.keys[row] for row in expected]
    assert part.labels.tolist() == data.labels[expected].tolist()
    assert part.groups.tolist() == data.groups[expected].tolist()
    assert part.splits.tolist() == data.splits[expected].tolist()
    assert part.covariates["age"].tolist() == [10.0 * (row + 1) for row in expected]
    assert part.covariates.index.tolist() == list(range(len(expected)))


@pytest.mark.parametrize(("name", "rows"), [("all", 4), ("train", 2), ("test", 2)])
def test_a_given_split_is_two_sides_and_validation_trains(data, name, rows):
    part = data.part(name)
    assert len(part) == rows
    if name == "train":
        assert part.groups.tolist() == ["p1", "p3"]


def test_a_side_without_rows_is_an_error_and_no_split_is_all_of_the_data(data, folder):
    with pytest.raises(InputError, match=r"column 'split' has no test rows \(found: train"):
        data.select([0, 2]).part("test")
    plain = load_dataset(folder)
    assert plain.part("test") is plain


def test_a_data_set_says_what_it_is(data, folder):
    assert repr(data) == "<Dataset: 4 images (n 2, s 2), groups: 4>"
    assert repr(load_dataset(folder, labelled=False)) == (
        "<Dataset: 4 images (no labels), groups: unknown>"
    )
    assert load_dataset(folder, labelled=False).classes == []


def test_other_groups_make_another_data_set(data):
    other = data.with_groups(["x"] * 4, Grouping("proxy"))
    assert other.groups.tolist() == ["x"] * 4
    assert str(other.grouping) == "found from the pixels, no patients"
    assert data.groups.tolist() == ["p1", "p2", "p3", "p4"]


@pytest.mark.parametrize(
    ("fixture", "images", "groups", "outlined"),
    [("stone_data", 24, 8, False), ("type_data", 20, 10, True)],
)
def test_the_phantom_is_a_data_set(request, fixture, images, groups, outlined):
    data = load_dataset(request.getfixturevalue(fixture))
    assert len(data) == images
    assert len(set(data.groups)) == groups
    # Where stones are to be found, their masks are for checking and not for describing.
    assert all((source.mask is not None) == outlined for source in data.images)
    assert data.images[0].read().shape == (96, 96)


def test_the_real_data_sets_load(real_data):
    for name in ("ct_kidney/manifest.csv", "coronal_ct/halves.csv"):
        data = load_dataset(real_data / name)
        assert len(data) > 100
        assert data.grouping.kind == "column"
        assert data.images[0].read().pixels.size > 1000
