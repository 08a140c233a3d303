"""What holds for every family, whatever the pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ksfeat.features import FAMILIES
from ksfeat.image import StoneImage
from ksfeat.roi import Region

# Those of volumes have laws of their own, as those of filtered (test_subbands.py) and of colour
# images (test_colour.py). Local intensity and Gabor filters look outside the mask.
SLICES = [
    name
    for name, family in FAMILIES.items()
    if 2 in family.dimensions and not name.startswith(("wavelet_", "log_", "colour"))
]
EVERY = pytest.mark.parametrize("name", SLICES)
INSIDE = pytest.mark.parametrize(
    "name", [name for name in SLICES if name not in ("local_intensity", "gabor")]
)
LAW = settings(max_examples=40, derandomize=True, deadline=None)


@st.composite
def regions(draw):
    """Pixels with few or many grey levels, and a mask of any form."""
    shape = draw(hnp.array_shapes(min_dims=2, max_dims=2, max_side=12))
    values = st.integers(0, draw(st.sampled_from([1, 5, 255])))
    pixels = draw(hnp.arrays(np.uint8, shape, elements=values))
    mask = draw(hnp.arrays(bool, shape).filter(np.any))
    return pixels, mask


def describe(name, pixels, mask=None):
    second = np.sqrt(np.abs(pixels) + 40.0) * 9  # any other image of the same place
    image = StoneImage(pixels, unit="HU", mask=mask, second_energy=second, spacing_mm=(0.9, 0.9))
    return FAMILIES[name].compute(Region.of(image))


@INSIDE
@LAW
@given(regions(), st.integers(0, 2**32 - 1))
def test_pixels_outside_the_mask_do_not_matter(name, region, seed):
    pixels, mask = region
    other = np.random.default_rng(seed).integers(0, 256, pixels.shape).astype(np.uint8)
    changed = np.where(mask, pixels, other * 1e50)
    np.testing.assert_array_equal(describe(name, pixels, mask), describe(name, changed, mask))


@INSIDE
@LAW
@given(regions(), st.tuples(*[st.integers(0, 5)] * 4), st.integers(0, 255))
def test_shifting_and_padding_image_and_mask_changes_nothing(name, region, frame, fill):
    pixels, mask = region
    widths = (frame[:2], frame[2:])
    padded = np.pad(pixels, widths, constant_values=fill)
    moved = describe(name, padded, np.pad(mask, widths))
    np.testing.assert_array_equal(describe(name, pixels, mask), moved)


@EVERY
@LAW
@given(regions())
def test_a_value_is_finite_or_the_registry_says_when_it_is_not_defined(name, region):
    values = describe(name, *region)
    family = FAMILIES[name]
    assert values.shape == (len(family.features),)
    assert values.dtype == np.float64
    assert not np.isinf(values).any()
    silent = [
        f.name
        for f, v in zip(family.features, values, strict=True)
        if np.isnan(v) and not f.undefined
    ]
    assert silent == []


TURNED = ["zernike", "shape", "morphology_2d", "bright_spots"]
TEXTURES = ["glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm", "glcm_mcc", "lbp"]


@pytest.mark.parametrize(
    "name",
    [
        *(*TEXTURES, "lbp_multiscale", "fractal", "hog", "histogram", "shape"),
        *("bright_spots", "isolated_spots"),
    ],
)
@LAW
@given(regions(), st.integers(1, 50), st.integers(-1000, 1000))
def test_brightness_and_contrast_do_not_matter_to_textures_and_shapes(name, region, factor, offset):
    pixels, mask = region
    changed = pixels.astype(np.float64) * factor + offset
    expected = describe(name, pixels, mask)
    # The top-hat is computed in single precision.
    np.testing.assert_allclose(describe(name, changed, mask), expected, rtol=1e-5)


@pytest.mark.parametrize(
    "name", ["first_order", "histogram", "hounsfield", "dual_energy", "intensity_volume"]
)
@LAW
@given(regions(), st.randoms(use_true_random=False))
def test_statistics_do_not_care_where_pixels_are(name, region, random):
    pixels, mask = region
    values = list(pixels[mask])
    random.shuffle(values)
    shuffled = pixels.copy()
    shuffled[mask] = values
    np.testing.assert_allclose(
        describe(name, shuffled, mask), describe(name, pixels, mask), rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("name", [*TEXTURES, "lbp_multiscale", "fractal", *TURNED])
@LAW
@given(regions())
def test_a_quarter_turn_changes_no_texture_and_no_shape(name, region):
    pixels, mask = region
    turned = describe(name, np.rot90(pixels).copy(), np.rot90(mask).copy())
    values = describe(name, pixels, mask)
    if name == "bright_spots":
        # Of two spots of equal contrast the first in reading order is "the strongest".
        kept = ["strongest_area" not in c and "roundness" not in c for c in FAMILIES[name].columns]
        values, turned = values[kept], turned[kept]
    if name == "shape":
        # Hu's moments 7 and below 1e-30 are rounding: they are checked in test_shape.
        values, turned = values[:13], turned[:13]
    np.testing.assert_allclose(turned, values, rtol=1e-6, atol=1e-6)
