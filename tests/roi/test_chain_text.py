"""The IBSI's image processing, written as text."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import ProcessingChain, parse_chain


def test_text_is_the_chain_that_it_names():
    assert parse_chain(None) is None
    assert parse_chain(" outliers:3 , interpolate:1.5 ") == ProcessingChain(1.5, outliers_sd=3.0)
    flat = ProcessingChain((None, 2.0, 2.0), "cubic", limits=(-500.0, np.inf))
    assert parse_chain("interpolate2d:2:cubic,limits:-500:inf") == flat


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "chain ''; expected text"),
        (3, "chain 3; expected text"),
        ("blur:2", "chain term 'blur:2'; expected one of interpolate:MM"),
        ("limits:400", "expected limits:LOW:HIGH"),
        ("limits:400:-50", "'limits:400:-50': a range from 400.0 to -50.0"),
        ("limits:a:b", "expected limits:LOW:HIGH"),
        ("outliers:0", "expected outliers:SD"),
        ("outliers:nan", "expected outliers:SD"),
        ("interpolate:2:spline", "interpolation 'spline'"),
        ("interpolate:0", "mm 0"),
        ("interpolate:2,interpolate2d:1", "interpolation twice"),
        ("limits:0:1,limits:0:2", "limits twice"),
    ],
)
def test_what_cannot_be_used_is_named(text, said):
    with pytest.raises(InputError) as caught:
        parse_chain(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_within_slices_a_slice_alone_is_interpolated_as_each_of_a_volume():
    pixels = np.random.default_rng(0).normal(size=(3, 12, 10))
    chain = parse_chain("interpolate2d:0.5")
    whole = chain.interpolated(StoneImage(pixels, volume=True, spacing_mm=(3.0, 1.0, 1.0)))
    alone = chain.interpolated(StoneImage(pixels[1], spacing_mm=(1.0, 1.0)))
    np.testing.assert_allclose(whole.pixels[1], alone.pixels)
    assert whole.shape[0] == 3
