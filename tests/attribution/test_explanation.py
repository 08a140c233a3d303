"""`Explanation`: data that is checked, cannot be changed, and comes back from its file the same."""

import json
from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
import shap

from ksfeat import Explanation, InputError


def make(n=3, d=2, k=2, **changes):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(n, d, k)) / 3
    base = np.linspace(0.1, 0.7, k)
    data = rng.normal(size=(n, d))
    data[0, 0] = np.nan
    parts = {
        "values": values,
        "base_values": base,
        "margins": base + values.sum(axis=1),
        "data": data,
        "feature_names": tuple(f"feature {column}" for column in range(d)),
        "outputs": tuple(f"class {output}" for output in range(k)),
        "classes": tuple(f"class {output}" for output in range(k)),
        "game": "interventional",
        "keys": tuple(f"niere ä {row}.png" for row in range(n)),
    }
    return Explanation(**{**parts, **changes})


def assert_same(one, other):
    for field in fields(Explanation):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name))
        assert type(getattr(one, field.name)) is type(getattr(other, field.name))


@pytest.mark.parametrize("explanation", [make(3, 2, 2), make(1, 5, 1), make(2, 2, 3).select([])])
def test_it_comes_back_from_its_file_bit_for_bit(tmp_path, explanation):
    path = explanation.save(tmp_path / "explanation.json")
    assert_same(Explanation.load(path), explanation)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["schema"] == 1
    assert "NaN" not in path.read_text(encoding="utf-8")


def damaged(**changes):
    document = {
        "schema": 1,
        "game": "interventional",
        "feature_names": ["a"],
        "outputs": ["x"],
        "classes": ["w", "x"],
        "keys": ["k"],
        "values": [[[1.0]]],
        "base_values": [0.5],
        "margins": [[1.5]],
        "data": [[2.0]],
    }
    return json.dumps({**document, **changes})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not an explanation of ksfeat"),
        ("{}", "not an explanation of ksfeat"),
        ("[1, 2]", "not an explanation of ksfeat"),
        ("[" * 100_000, "not an explanation of ksfeat"),
        (damaged()[:-20], "not an explanation of ksfeat"),
        (damaged(schema=2), "schema 2; this version reads 1"),
        (damaged(game="poker"), "game 'poker'; expected one of 'path-dependent'"),
        (damaged(values=[[[1.0, 2.0]]]), "not an explanation of ksfeat"),
        (damaged(values="text"), "not an explanation of ksfeat"),
        (damaged(margins=[[1.5], [2.5]]), "not an explanation of ksfeat"),
        (damaged(keys=["k", "l"]), "not an explanation of ksfeat"),
        (damaged(keys=None), "not an explanation of ksfeat"),
    ],
)
def test_a_file_that_is_no_explanation_is_named(tmp_path, text, message):
    path = tmp_path / "explanation.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        Explanation.load(path)
    assert "explanation.json: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_picture_and_a_missing_file_are_named(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\x89PNG\r\n\xff\xfe")
    with pytest.raises(InputError, match=r"a\.json: not an explanation"):
        Explanation.load(tmp_path / "a.json")
    with pytest.raises(InputError, match=r"b\.json: .*check the path"):
        Explanation.load(tmp_path / "b.json")
    assert Explanation.load(make().save(tmp_path / "a.json"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": np.zeros((3, 2))}, r"values of shape \(3, 2\); expected \(n, d, k\)"),
        ({"base_values": np.zeros(3)}, r"base_values of shape \(3,\); expected \(2,\)"),
        ({"margins": np.zeros((3, 1))}, r"margins of shape \(3, 1\); expected \(3, 2\)"),
        ({"data": np.zeros((2, 2))}, r"data of shape \(2, 2\); expected \(3, 2\)"),
        ({"feature_names": ("a",)}, "1 feature_names; expected 2"),
        ({"outputs": ("a",)}, "1 outputs; expected 2"),
        ({"keys": ("a",)}, "1 keys; expected 3"),
        ({"game": "poker"}, "game 'poker'"),
    ],
)
def test_parts_that_do_not_fit_are_named(changes, message):
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_nothing_in_it_can_be_changed_and_the_callers_arrays_still_can():
    mine = np.zeros((3, 2))
    explanation = make(data=mine)
    mine[0, 0] = 5
    assert explanation.data[0, 0] == 0
    for name in ("values", "base_values", "margins", "data"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(explanation, name)[0] = 1
    with pytest.raises(FrozenInstanceError):
        explanation.game = "absent = 1"


def test_the_additivity_error_is_relative_to_all_that_is_added():
    explanation = make(1, 2, 1)
    assert explanation.additivity_error() < 1e-15
    scale = np.abs(explanation.base_values).sum() + np.abs(explanation.values).sum()
    shifted = make(1, 2, 1, margins=explanation.margins + 0.01 * scale)
    assert shifted.additivity_error() == pytest.approx(0.01)
    assert explanation.select([]).additivity_error() == 0


def test_rows_are_selected_by_place_or_by_mask():
    explanation = make()
    assert explanation.select([2, 0]).keys == (explanation.keys[2], explanation.keys[0])
    np.testing.assert_array_equal(explanation.select([2]).values, explanation.values[2:])
    assert_same(explanation.select(np.array([True, False, True])), explanation.select([0, 2]))
    assert len(explanation) == 3
    assert repr(explanation) == (
        "<Explanation: 3 images x 2 features x 2 margins, game 'interventional'>"
    )


def test_it_converts_to_shaps_own_explanation():
    explanation = make()
    for output, converted in ((0, explanation.to_shap()), (1, explanation.to_shap("class 1"))):
        assert isinstance(converted, shap.Explanation)
        np.testing.assert_array_equal(converted.values, explanation.values[:, :, output])
        np.testing.assert_array_equal(converted.base_values, [explanation.base_values[output]] * 3)
        np.testing.assert_array_equal(converted.data, explanation.data)
        assert converted.feature_names == list(explanation.feature_names)
    converted.values[:] = 0  # a plot may write into it
    assert explanation.values.any()
    with pytest.raises(InputError, match="no margin for class 'z'; it has class 0, class 1"):
        explanation.to_shap("z")
