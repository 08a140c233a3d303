"""Colours of photographs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from skimage.color import rgb2hsv, rgb2lab

from ksfeat.errors import InputError
from ksfeat.features import FAMILIES, FeatureExtractor, glrlm
from ksfeat.image import StoneImage
from ksfeat.roi import Region

LAW = settings(max_examples=25, derandomize=True, deadline=None)
COLOUR = FAMILIES["colour"]
PHOTO = np.random.default_rng(3).integers(0, 256, (12, 14, 3)).astype(np.uint8)


def describe(pixels, mask=None):
    image = StoneImage(pixels, unit="rgb", mask=mask)
    return dict(zip(COLOUR.columns, COLOUR.compute(Region.of(image)), strict=True))


@pytest.mark.parametrize("pixels", [PHOTO, PHOTO * 0.999], ids=["bytes", "fractions"])
def test_histograms_are_those_of_scikit_images_colours(pixels):
    found = describe(pixels)
    hsv, lab = rgb2hsv(pixels / 255), rgb2lab(pixels / 255)
    ranges = {"hsv": [(0, 1)] * 3, "lab": [(0, 100), (-128, 128), (-128, 128)]}
    for space, values in (("hsv", hsv), ("lab", lab)):
        for number, (low, high) in enumerate(ranges[space]):
            channel = values[..., number]
            counts, _ = np.histogram(channel, 8, (low, high))
            name = f"colour_{space}_{space[number]}"
            shares = [found[f"{name}_bin{bin_}"] for bin_ in range(8)]
            np.testing.assert_allclose(shares, counts / channel.size, atol=1e-12)
            if name != "colour_hsv_h":
                assert found[f"{name}_mean"] == pytest.approx(channel.mean(), rel=1e-9)
                assert found[f"{name}_sd"] == pytest.approx(channel.std(), rel=1e-9)


def test_run_lengths_are_those_of_the_channel():
    found = describe(PHOTO)
    green = glrlm.compute(Region.of(StoneImage(PHOTO[..., 1])), 32)
    assert found["colour_green_glrlm_short_runs_emphasis_fbn32"] == green[0]
    assert len(found) == 48 + 10 + 48


def test_hue_counts_where_there_is_a_colour():
    half = np.full((8, 8, 3), 90, dtype=np.uint8)
    half[:, 4:] = (0, 0, 200)
    assert describe(half)["colour_hsv_h_bin5"] == 1  # blue: 240 of 360 degrees
    grey = describe(half, np.arange(8) < np.full((8, 1), 4))
    undefined = [name for name, value in grey.items() if np.isnan(value)]
    assert undefined == [f"colour_hsv_h_bin{number}" for number in range(8)]
    assert all(f.undefined for f in COLOUR.features if f.name in undefined)


@LAW
@given(
    hnp.arrays(np.uint8, (6, 7, 3)),
    hnp.arrays(bool, (6, 7)).filter(np.any),
    st.integers(0, 2**32 - 1),
    st.tuples(*[st.integers(0, 4)] * 4),
)
def test_pixels_outside_the_mask_and_its_place_do_not_matter(pixels, mask, seed, frame):
    other = np.random.default_rng(seed).integers(0, 256, pixels.shape)
    widths = (frame[:2], frame[2:])
    changed = np.pad(np.where(mask[..., None], pixels, other), (*widths, (0, 0)))
    expected, found = describe(pixels, mask), describe(changed, np.pad(mask, widths))
    np.testing.assert_array_equal(list(found.values()), list(expected.values()))
    assert not np.isinf(list(found.values())).any()
    for feature in COLOUR.features:
        assert feature.undefined or not np.isnan(found[feature.name])


def test_a_grey_image_has_no_colours():
    grey = StoneImage(PHOTO[..., 0], key="b.png")
    photo = StoneImage(PHOTO, unit="rgb", key="a.png")
    with pytest.raises(InputError, match=r"b\.png: 'colour' .* needs an image in colour"):
        FeatureExtractor("colour").fit([photo, grey])
    assert "colour" in FeatureExtractor("all").fit([grey]).left_out_
    assert "colour" in FeatureExtractor(["all"]).fit([photo]).families_
    with pytest.raises(InputError, match="a region of unit 'grey'; expected 'rgb'"):
        COLOUR.compute(Region.of(grey))


def test_colours_beyond_a_byte_are_named():
    region = Region.of(StoneImage(PHOTO * 2.0, unit="rgb", key="c.tif"))
    with pytest.raises(InputError, match=r"c\.tif: colours from 0 to 510; expected 0 to 255"):
        COLOUR.compute(region)
