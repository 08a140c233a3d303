"""Interpolation between the grid points of a slice or a volume."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import interpolate

LAW = settings(max_examples=30, derandomize=True, deadline=None)


def ramp(shape, spacing, slopes, **fields):
    """A volume whose intensity rises evenly, in millimetres from its centre."""
    grids = np.meshgrid(
        *((np.arange(n) - (n - 1) / 2) * mm for n, mm in zip(shape, spacing, strict=True)),
        indexing="ij",
    )
    pixels = sum(slope * grid for slope, grid in zip(slopes, grids, strict=True))
    return StoneImage(pixels, spacing_mm=spacing, volume=len(shape) == 3, **fields)


@LAW
@given(
    st.tuples(*[st.integers(4, 9)] * 3),
    st.tuples(*[st.floats(0.5, 4)] * 3),
    st.tuples(*[st.floats(0.3, 5)] * 3),
)
def test_a_plane_stays_a_plane_about_the_same_centre(shape, spacing, new):
    slopes = (1.0, -2.0, 0.5)
    result = interpolate(ramp(shape, spacing, slopes), new)
    expected = ramp(result.shape, new, slopes).pixels
    half = [(n - 1) / 2 * mm for n, mm in zip(shape, spacing, strict=True)]
    inside = np.ones(result.shape, dtype=bool)
    for axis, (n, mm, limit) in enumerate(zip(result.shape, new, half, strict=True)):
        kept = np.abs((np.arange(n) - (n - 1) / 2) * mm) <= limit
        inside &= kept.reshape([-1 if other == axis else 1 for other in range(3)])
    np.testing.assert_allclose(result.pixels[inside], expected[inside], atol=1e-9)


def test_the_grid_covers_the_image_and_its_edge_goes_on():
    image = StoneImage(np.array([[1.0, 2.0, 3.0]]), spacing_mm=(1.0, 1.0))
    result = interpolate(image, (None, 2.0))
    assert result.spacing_mm == (1.0, 2.0)
    assert result.pixels.tolist() == [[1.0, 3.0]]


def test_none_keeps_an_axis():
    volume = ramp((3, 4, 4), (3.0, 1.0, 1.0), (1.0, 0.0, 0.0))
    result = interpolate(volume, (None, 2.0, 2.0))
    assert result.shape == (3, 2, 2)
    np.testing.assert_allclose(result.pixels[:, 0, 0], [-3.0, 0.0, 3.0])


def test_half_a_voxel_is_enough_for_the_mask():
    image = StoneImage(np.zeros((1, 4)), mask=[[0, 1, 1, 1]], spacing_mm=(1.0, 1.0))
    assert interpolate(image, (None, 2.0)).mask.tolist() == [[True, True]]
    assert interpolate(image, (None, 2.0), partial=0.6).mask.tolist() == [[False, True]]


def test_the_cubic_spline_is_exact_on_a_parabola_inside():
    x = np.arange(40) - 19.5
    image = StoneImage((x**2)[None], spacing_mm=(1.0, 1.0))
    result = interpolate(image, (None, 0.5), "cubic").pixels[0]
    at = (np.arange(80) - 39.5) / 2
    middle = np.abs(at) < 8
    np.testing.assert_allclose(result[middle], at[middle] ** 2, atol=1e-4)
    linear = interpolate(image, (None, 0.5)).pixels[0]
    assert np.abs(linear - at**2)[middle].max() > 0.1


def test_an_image_of_that_spacing_is_returned_as_it_is():
    image = StoneImage(np.eye(4), spacing_mm=(1.0, 1.0))
    assert interpolate(image, (1.0, None)) is image


@pytest.mark.parametrize(
    ("image", "arguments", "message"),
    [
        (StoneImage(np.eye(4)), ((1.0, 1.0),), "image: no spacing in millimetres"),
        (
            StoneImage(np.eye(4), spacing_mm=(1.0, 1.0)),
            ((1.0, 1.0, 1.0),),
            "3 spacings for 2 axes; expected one an axis",
        ),
        (
            StoneImage(np.eye(4), spacing_mm=(1.0, 1.0)),
            ((2.0, 2.0), "lanczos"),
            "interpolation 'lanczos'; expected one of nearest, linear, cubic",
        ),
        (StoneImage(np.eye(4), spacing_mm=(1.0, 1.0)), ((-2.0, None),), "mm -2.0; expected"),
    ],
)
def test_what_cannot_be_interpolated_is_refused(image, arguments, message):
    with pytest.raises(InputError, match=message):
        interpolate(image, *arguments)


def test_the_second_energy_is_interpolated_like_the_first():
    first = np.random.default_rng(0).normal(size=(3, 5, 6))
    image = StoneImage(first, spacing_mm=(2.0, 1.0, 1.0), volume=True, second_energy=7 - 2 * first)
    result = interpolate(image, (1.5, None, 0.7))
    np.testing.assert_allclose(result.second_energy, 7 - 2 * result.pixels)


def test_the_origin_moves_with_the_first_grid_point():
    """The centre stays: 3 pixels of 2 mm are centred 2 mm after the first, 6 of 1 mm 2.5 mm."""
    image = StoneImage(
        np.zeros((1, 3, 3)),
        spacing_mm=(2.0, 2.0, 2.0),
        volume=True,
        origin_mm=(10.0, 20.0, 30.0),
        direction=np.eye(3)[::-1],
    )
    result = interpolate(image, (None, 1.0, 1.0))
    assert result.shape == (1, 6, 6)
    np.testing.assert_allclose(result.origin_mm, [9.5, 19.5, 30.0])
