"""Re-segmentation, and the whole chain of the IBSI."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import Discretisation, ProcessingChain, Region, interpolate, resegment


def region(*values):
    pixels = np.array([values], dtype=float)
    return Region(pixels, np.ones(pixels.shape, dtype=bool), "HU", (1.0, 1.0))


def volume(seed=0, shape=(6, 10, 12)):
    pixels = np.random.default_rng(seed).normal(0, 300, shape).round()
    mask = np.zeros(shape, dtype=bool)
    mask[1:-1, 2:-2, 2:-2] = True
    return StoneImage(pixels, "HU", (3.0, 1.0, 1.0), mask=mask, volume=True, key="v.nii")


def test_both_ends_of_a_range_stay_inside():
    left = resegment(region(-501, -500, 0, 400, 401), (-500, 400))
    assert left.values.tolist() == [-500, 0, 400]
    assert left.limits == (-500, 400)
    assert left.outline.all()


def test_outliers_are_told_by_the_region_before_the_range():
    values = [0.0] * 98 + [100.0, 5000.0]
    once = resegment(region(*values), None, 3)
    assert once.values.max() == 100
    # With the 5000 left out first, 100 would lie ten standard deviations away.
    both = resegment(region(*values), (-1000, 400), 3)
    assert both.values.max() == 100


def test_a_range_that_leaves_nothing_is_refused():
    with pytest.raises(InputError, match=r"no intensity of the region lies in 50\.\.60"):
        resegment(region(1, 2), (50, 60))
    with pytest.raises(InputError, match="a range from 60 to 50"):
        resegment(region(1, 2), (60, 50))
    with pytest.raises(InputError, match=r"v\.nii: no intensity of the region"):
        ProcessingChain(limits=(9000, 9999)).apply(volume())


@pytest.mark.parametrize("outliers", [0, -1, float("nan")])
def test_a_number_of_deviations_is_above_0(outliers):
    with pytest.raises(InputError, match="expected a number above 0, such as 3"):
        resegment(region(1, 2), None, outliers)


def test_hounsfield_units_are_rounded_after_interpolation_and_others_are_not():
    chain = ProcessingChain(2.0)
    image = volume()
    assert (chain.interpolated(image).pixels % 1 == 0).all()
    grey = image.with_(unit="grey")
    assert (chain.interpolated(grey).pixels % 1 != 0).any()
    forced = ProcessingChain(2.0, rounded=True).interpolated(grey)
    assert (forced.pixels % 1 == 0).all()


def test_without_settings_the_chain_is_the_region_of_the_image():
    image = volume()
    plain, whole = ProcessingChain().apply(image), Region.of(image)
    np.testing.assert_array_equal(plain.pixels, whole.pixels)
    assert plain.outline is plain.mask


def test_bins_of_a_fixed_size_begin_at_the_range():
    wide = Discretisation("fbs", 25)
    assert ProcessingChain(limits=(-500, 400), discretisation=wide).grey_levels.start == -500
    assert ProcessingChain(discretisation=wide).grey_levels.start is None
    chain = ProcessingChain(limits=(-500, 400), discretisation=32)
    assert chain.grey_levels == Discretisation("fbn", 32)


CONFIGURATIONS = {
    "B": ProcessingChain((None, 2.0, 2.0), limits=(-500, 400)),
    "E": ProcessingChain(
        2.0,
        interpolation="cubic",
        limits=(-1000, 400),
        outliers_sd=3,
        volume_discretisation=Discretisation("fbn", 1000),
    ),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_other_configurations_are_other_settings(name):
    chain = CONFIGURATIONS[name]
    result = chain.apply(volume())
    assert result.spacing_mm == ((3.0, 2.0, 2.0) if name == "B" else (2.0, 2.0, 2.0))
    assert result.values.max() <= 400
    assert set(np.unique(result.levels(chain.grey_levels)[result.mask])) <= set(range(1, 33))


@pytest.mark.parametrize("method", ["linear", "cubic", "nearest"])
def test_the_chain_interpolates_as_asked(method):
    image = volume().with_(unit="grey")
    found = ProcessingChain(2.0, interpolation=method).interpolated(image)
    np.testing.assert_array_equal(found.pixels, interpolate(image, (2.0,) * 3, method).pixels)


@pytest.mark.parametrize("partial", [0.1, 0.9])
def test_the_chain_cuts_the_mask_as_asked(partial):
    image = volume()
    found = ProcessingChain(1.7, partial=partial).interpolated(image).mask
    np.testing.assert_array_equal(found, interpolate(image, (1.7,) * 3, partial=partial).mask)
    assert found.sum() != ProcessingChain(1.7).interpolated(image).mask.sum()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"interpolation": "bilinear"}, "interpolation 'bilinear'; expected one of nearest"),
        ({"partial": 0}, "partial 0; expected a number"),
        ({"spacing_mm": -1}, "mm -1; expected a number"),
        ({"spacing_mm": (None, 2.0, 0)}, "mm 0; expected a number"),
        ({"discretisation": 1}, "bins 1; expected a whole number from 2"),
    ],
)
def test_settings_are_judged_before_any_image(settings, message):
    with pytest.raises(InputError, match=message):
        ProcessingChain(**settings)
