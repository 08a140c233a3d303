"""Local intensity and the intensity-volume histogram, against plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.features import intensity_volume, local_intensity
from ksfeat.image import StoneImage
from ksfeat.roi import Discretisation, Region, resegment

LAW = settings(max_examples=25, derandomize=True, deadline=None)
RADIUS = (3 / (4 * np.pi)) ** (1 / 3) * 10


def image_of(seed, shape, spacing):
    rng = np.random.default_rng(seed)
    mask = rng.random(shape) < 0.4
    mask.flat[rng.integers(mask.size)] = True
    pixels = rng.integers(0, 50, shape).astype(float)
    return StoneImage(pixels, "HU", spacing, mask=mask, volume=len(shape) == 3)


@LAW
@given(
    st.integers(0, 999),
    st.sampled_from([(3, 6, 7), (1, 1, 1), (9, 10)]),
    st.tuples(*[st.floats(0.9, 8)] * 3),
)
def test_peaks_are_means_of_all_voxels_within_a_ball_of_a_cubic_centimetre(seed, shape, spacing):
    image = image_of(seed, shape, spacing[: len(shape)])
    places = np.argwhere(np.ones(shape)) * spacing[: len(shape)]
    values, inside = image.pixels.ravel(), image.mask.ravel()
    apart = np.sqrt(((places[:, None] - places) ** 2).sum(axis=-1))
    means = np.array([values[row <= RADIUS].mean() for row in apart])
    brightest = inside & (values == values[inside].max())
    expected = [means[brightest].max(), means[inside].max()]
    found = local_intensity.compute(Region.of(image))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_local_peak_sees_what_lies_outside_the_region():
    pixels, mask = np.zeros((3, 3, 3)), np.zeros((3, 3, 3), dtype=bool)
    mask[1, 1, 1] = True
    pixels[0, 1, 1] = 70.0
    image = StoneImage(pixels, mask=mask, volume=True, spacing_mm=(5.0, 5.0, 5.0))
    assert local_intensity.compute(Region.of(image)).tolist() == [10.0, 10.0]  # of 7 voxels


@LAW
@given(st.integers(0, 999))
def test_shares_are_counted_at_each_unit_of_the_range(seed):
    region = resegment(Region.of(image_of(seed, (4, 5), (1.0, 1.0))), (-10, 60))
    values = region.values
    steps = np.arange(-10, 61)
    shares = np.array([(values >= step).mean() for step in steps])
    v10, v90, i10, i90, v_difference, i_difference, area = intensity_volume.compute(region)
    assert v10 == pytest.approx((values >= -3).mean())  # 10 % of a range of 70 above -10
    assert v90 == pytest.approx((values >= 53).mean())
    assert (i10, i90) == (steps[shares <= 0.1][0], steps[shares <= 0.9][0])
    assert (v_difference, i_difference) == (v10 - v90, i10 - i90)
    assert area == pytest.approx(np.trapezoid(shares, dx=1 / 70))


def test_bins_of_a_fixed_size_stand_for_their_centres():
    region = resegment(Region(np.array([[1.0, 5.0, 9.0]]), np.ones((1, 3), bool)), (0, 10))
    values = intensity_volume.compute(region, Discretisation("fbs", 2.5, start=0))
    # Centres 1.25, 3.75, 6.25 and 8.75, of which 1, 5 and 9 fill the first, third and fourth.
    np.testing.assert_allclose(values[:4], [2 / 3, 1 / 3, 11.25, 3.75])


@pytest.mark.parametrize(("how", "first"), [("fbs", 3.0), ("fbw", 2.5)])
def test_bins_without_a_start_stand_for_their_centres_too(how, first):
    """They begin at the lowest intensity, or at a multiple below it, wherever the range begins."""
    region = resegment(Region(np.array([[3.0, 6.0, 9.0]]), np.ones((1, 3), bool)), (0, 10))
    values = intensity_volume.compute(region, Discretisation(how, 2.5))
    centres = first + 2.5 * np.arange(0.5, 3)
    assert values[3] == centres[1]  # 9 in 10 of the region reach the first bin alone


def test_units_without_a_meaning_are_put_in_1000_bins():
    pixels = np.linspace(0, 1, 2000)[None]
    grey = Region(pixels, np.ones(pixels.shape, bool), "grey")
    found = intensity_volume.compute(grey)
    np.testing.assert_array_equal(
        found, intensity_volume.compute(grey, Discretisation("fbn", 1000))
    )
    assert found[2:4] == pytest.approx([901, 101])


def test_one_intensity_has_no_range():
    flat = intensity_volume.compute(Region(np.full((2, 2), 7.0), np.ones((2, 2), bool), "HU"))
    assert np.isnan(flat[[0, 1, 4]]).all()
    assert flat[[2, 3, 5, 6]].tolist() == [8, 8, 0, 0]


def test_columns_say_the_bins_where_they_were_chosen():
    assert intensity_volume.family().columns[0] == "intensity_volume_v10"
    wide = Discretisation("fbs", 2.5)
    assert intensity_volume.family(wide).columns[0] == "intensity_volume_v10_fbs2.5"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_voxel_whose_centre_lies_on_the_sphere_is_inside_whatever_the_rounding(axis):
    spacing = [9.0, 9.0, 9.0]
    spacing[axis] = np.nextafter(RADIUS, 9)
    shape = [1, 1, 1]
    shape[axis] = 3
    mask = np.array([0, 1, 0]).reshape(shape)
    pixels = np.array([0.0, 3.0, 0.0]).reshape(shape)
    image = StoneImage(pixels, mask=mask, volume=True, spacing_mm=tuple(spacing))
    assert local_intensity.compute(Region.of(image)).tolist() == [1.0, 1.0]
