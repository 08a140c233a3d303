"""`CovariateEncoder`: numbers as they are, text as one column a category, missing stays missing."""

import numpy as np
import pandas as pd
import pytest

from ksfeat import InputError
from ksfeat.models.covariates import CovariateEncoder

NAN = np.nan
TRAINING = pd.DataFrame(
    {"age": [40.0, 61.0, NAN], "sex": ["m", "f", None], "stone_before": [True, False, True]}
)


@pytest.fixture(scope="module")
def encoder():
    return CovariateEncoder().fit(TRAINING)


def test_numbers_text_and_holes(encoder):
    assert encoder.get_feature_names_out().tolist() == ["age", "sex=f", "sex=m", "stone_before"]
    expected = [[40, 0, 1, 1], [61, 1, 0, 0], [NAN, NAN, NAN, 1]]
    np.testing.assert_array_equal(encoder.transform(TRAINING), expected)


def test_an_unknown_category_is_zero_in_all_and_an_unknown_number_is_a_number(encoder):
    table = pd.DataFrame({"age": [200], "sex": ["divers"], "stone_before": [False]})
    np.testing.assert_array_equal(encoder.transform(table), [[200, 0, 0, 0]])


def test_columns_are_found_by_name(encoder):
    other = TRAINING.assign(hospital="x")[["hospital", "stone_before", "sex", "age"]]
    np.testing.assert_array_equal(encoder.transform(other), encoder.transform(TRAINING))


def test_a_column_of_numbers_may_be_text_in_training():
    """A column of 0, 1 and one word is text; without the word, it is read as numbers."""
    encoder = CovariateEncoder().fit(pd.DataFrame({"grade": ["0", "1", "unknown", "2.5"]}))
    names = ["grade=0", "grade=1", "grade=2.5", "grade=unknown"]
    assert encoder.get_feature_names_out().tolist() == names
    numbers = encoder.transform(pd.DataFrame({"grade": [1.0, 2.5, NAN]}))
    np.testing.assert_array_equal(numbers, [[0, 1, 0, 0], [0, 0, 1, 0], [NAN] * 4])
    mixed = CovariateEncoder().fit(pd.DataFrame({"grade": pd.Series([1, 1.0, "1"], dtype=object)}))
    assert mixed.get_feature_names_out().tolist() == ["grade=1"]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([1, None], dtype="Float64"),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([1, None], dtype=float),
        pd.Series(["1", None], dtype=object),
    ],
    ids=["Float64", "Int64", "float", "text"],
)
def test_every_kind_of_missing_number_is_missing(column):
    encoder = CovariateEncoder().fit(pd.DataFrame({"ph": [5.5, 6.0]}))
    table = pd.DataFrame({"ph": column})
    np.testing.assert_array_equal(encoder.transform(table), [[1.0], [NAN]])


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_every_kind_of_missing_text_is_missing(dtype):
    table = pd.DataFrame({"sex": pd.Series(["f", None, "m"], dtype=dtype)})
    encoded = CovariateEncoder().fit(table).transform(table)
    np.testing.assert_array_equal(encoded, [[1, 0], [NAN, NAN], [0, 1]])


def test_a_column_without_any_text_has_no_categories():
    table = pd.DataFrame({"note": pd.Series([None, None], dtype=object), "age": [1.0, 2.0]})
    encoder = CovariateEncoder().fit(table)
    assert encoder.get_feature_names_out().tolist() == ["age"]
    np.testing.assert_array_equal(encoder.transform(table), [[1.0], [2.0]])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            TRAINING.assign(age=["forty", "sixty", ""]),
            "covariate 'age' holds text; it was a number in training; expected numbers or empty",
        ),
        (TRAINING.assign(age=[1.0, np.inf, 2.0]), "covariate 'age' holds an infinite value"),
        (
            TRAINING[["age"]],
            "no covariate 'sex'; the model was fitted with age, sex, stone_before; give them as",
        ),
        (TRAINING.to_numpy(), "covariates of type ndarray; expected a pandas DataFrame with named"),
        (TRAINING.to_dict(), "covariates of type dict; expected a pandas DataFrame"),
        (
            pd.concat([TRAINING, TRAINING], axis=1),
            "covariate 'age' stands in more than one column; keep one of them",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_its_mend(encoder, table, message):
    with pytest.raises(InputError, match=message):
        encoder.transform(table)
