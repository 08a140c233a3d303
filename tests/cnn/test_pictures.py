"""`PictureExtractor`: what a CNN is shown, in the interface of an extractor."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from ksfeat.cnn import FineTunedCNN
from ksfeat.cnn.pictures import COLUMN, PictureExtractor, stacked
from ksfeat.errors import InputError
from ksfeat.image import StoneImage

SMALL = {"model": "seed_cnn", "size": 32, "epochs": 1, "batch_size": 8, "device": "cpu"}


def images(count: int = 8) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (40, 36)).astype(np.uint8) for _ in range(count)]


def table_of(rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[COLUMN])


def test_a_network_learns_the_same_from_images_and_from_their_table():
    shown, labels = images(), np.array(["a", "b"] * 4)
    table = table_of(PictureExtractor(size=32).fit_transform(shown))
    one, other = (FineTunedCNN(**SMALL).fit(given, labels) for given in (shown, table))
    assert one.losses_ == other.losses_
    np.testing.assert_array_equal(one.decision_function(shown), other.decision_function(table))


def test_each_way_to_make_them_makes_the_same():
    shown = images(3)
    extractor = PictureExtractor(size=(32, 40), preprocess="clahe")
    made = extractor.fit_transform(shown)
    assert made.shape == (3, extractor.n_features_out_) == (3, 1)
    assert made[0, 0].shape == (3, 32, 40)
    for again in (extractor.transform(shown), extractor.fit_transform_each(shown)):
        assert all((a[0] == b[0]).all() for a, b in zip(again, made, strict=True))
    plain = clone(extractor).set_params(preprocess=None).fit_transform(shown)
    assert (plain[0, 0] != made[0, 0]).any()


def test_an_image_that_cannot_be_shown_stops_no_other():
    volume = StoneImage(np.stack(images(2)), volume=True, key="v")
    extractor = PictureExtractor(size=32)
    rows = extractor.fit_transform_each([images()[0], volume])
    assert extractor.units_ == ("grey",)
    assert isinstance(rows[1], InputError)
    assert rows[0][0].shape == (3, 32, 32)
    with pytest.raises(InputError, match="v: a volume; a CNN takes one slice"):
        extractor.transform([volume])
    with pytest.raises(InputError, match="v: a volume"):
        extractor.fit_transform_each([volume])


def test_another_unit_and_one_colour_are_refused_unless_forced():
    extractor = PictureExtractor(size=32).fit(images())
    scan = StoneImage(np.eye(40), "HU", key="a.dcm")
    flat = np.full((40, 40), 9, np.uint8)
    for strange, line in ((scan, "unit 'HU'"), (flat, "one colour")):
        with pytest.raises(InputError, match=line):
            extractor.transform([strange])
    extractor.forced = True
    assert extractor.transform([flat])[0, 0].max() == 9


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (pd.DataFrame({"a": [1.0]}), "a table with the columns a; a CNN looks at pictures"),
        (table_of(PictureExtractor(size=40).fit_transform(images(1))), "give PictureExtractor and"),
        (table_of(np.array([[1.0]])), "a picture of shape"),
    ],
)
def test_a_table_of_something_else_is_refused(table, line):
    with pytest.raises(InputError, match=line):
        stacked(table, (32, 32))


@pytest.mark.parametrize("wrong", [{"size": 8}, {"channels": "lung"}, {"preprocess": "sharpen"}])
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(InputError):
        PictureExtractor(**wrong).check()
