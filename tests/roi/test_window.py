import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import WINDOWS, window


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_clips_and_no_longer_claims_hounsfield_units(name):
    pixels = np.arange(-2000.0, 4000.0, 10.0).reshape(20, -1)
    low, high = WINDOWS[name].bounds
    seen = window(StoneImage(pixels, unit="HU", spacing_mm=(1.0, 2.0)), name)
    assert seen.unit == "grey"
    assert (seen.pixels.min(), seen.pixels.max()) == (low, high)
    inside = (pixels >= low) & (pixels <= high)
    np.testing.assert_array_equal(seen.pixels[inside], pixels[inside])
    assert seen.spacing_mm == (1.0, 2.0)


def test_only_hounsfield_units_can_be_windowed():
    with pytest.raises(InputError, match=r"a\.png: a window needs an image in HU; found unit 'gr"):
        window(StoneImage(np.eye(8), key="a.png"), "bone")


def test_an_unknown_window_is_told_with_those_that_exist():
    with pytest.raises(InputError, match="window 'lung'; expected one of soft_tissue, bone, stone"):
        window(StoneImage(np.eye(8), unit="HU"), "lung")
