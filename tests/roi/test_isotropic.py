from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi import isotropic, resample_isotropic

LAW = settings(max_examples=40, derandomize=True, deadline=None)
SIDE = st.integers(2, 30)
SPACING = st.floats(0.3, 5.0)


def positions(length, spacing):
    """Millimetres of the pixels' centres from the centre of the image."""
    return (np.arange(length) - (length - 1) / 2) * spacing


@LAW
@given(SIDE, SIDE, SPACING, SPACING, st.floats(0.4, 4.0))
def test_the_new_grid_covers_the_old_one_and_no_more(height, width, rows_mm, columns_mm, mm):
    image = StoneImage(np.zeros((height, width)), spacing_mm=(rows_mm, columns_mm))
    seen = resample_isotropic(image, mm)
    assert seen.spacing_mm == pytest.approx((mm, mm))
    more = np.multiply(seen.shape, mm) - np.multiply(image.shape, image.spacing_mm)
    assert (more > -1e-3).all()
    assert (more < mm).all()


@LAW
@given(st.integers(2, 12), SIDE, SIDE, SPACING, SPACING)
def test_a_ramp_in_millimetres_stays_the_same_ramp(depth, height, width, z_mm, rows_mm):
    """Nothing is shifted along any axis, up and down its edges excepted."""
    spacing = (z_mm, rows_mm, 0.7)

    def ramp(z, y, x):
        return z[:, None, None] + 2 * y[:, None] - 3 * x

    old = [positions(*axis) for axis in zip((depth, height, width), spacing, strict=True)]
    seen = resample_isotropic(StoneImage(ramp(*old), spacing_mm=spacing, volume=True), 0.3)
    new = [positions(length, 0.3) for length in seen.shape]
    inside = [np.abs(fine) <= coarse[-1] for fine, coarse in zip(new, old, strict=True)]
    inner = np.ix_(*inside)
    np.testing.assert_allclose(seen.pixels[inner], ramp(*new)[inner], atol=1e-9)


def by_hand(values, spacing, mm, new):
    """One axis by the definition: the share of each old pixel in the box of each new one."""
    edges = (np.arange(len(values) + 1) - len(values) / 2) * spacing
    length = max(spacing, mm)
    result = []
    for centre in positions(new, mm):
        low, high = centre - length / 2, centre + length / 2
        shares = [max(0.0, min(high, end) - max(low, start)) for start, end in pairwise(edges)]
        result.append(np.dot(shares, values) / sum(shares))
    return result


@LAW
@given(st.integers(1, 25), SPACING, st.floats(0.4, 4.0), st.integers(0, 99))
def test_fast_is_the_definition(length, spacing, mm, seed):
    values = np.random.default_rng(seed).normal(0, 100, length)
    image = StoneImage(np.tile(values, (1, 1)), spacing_mm=(mm, spacing))
    seen = resample_isotropic(image, mm).pixels[0]
    if not np.isclose(spacing, mm):
        np.testing.assert_allclose(seen, by_hand(values, spacing, mm, len(seen)), atol=1e-8)


@LAW
@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.3, 2.5), SPACING)
def test_mask_box_and_second_energy_stay_on_the_stone(x, y, mm, columns_mm):
    mask = np.zeros((60, 60), dtype=bool)
    mask[y : y + 20, x : x + 16] = True
    image = StoneImage(
        mask * 100.0,
        mask=mask,
        boxes=[[x, y, x + 16, y + 20]],
        second_energy=mask * 50.0,
        spacing_mm=(0.8, columns_mm),
    )
    seen = resample_isotropic(image, mm)
    np.testing.assert_array_equal(seen.mask, seen.pixels >= 50 - 1e-4)
    np.testing.assert_allclose(seen.second_energy, seen.pixels / 2)
    rows, columns = np.nonzero(seen.mask)
    found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    np.testing.assert_allclose(seen.boxes[0], found, atol=0.51)
    size_mm = (seen.boxes[0][2:] - seen.boxes[0][:2]) * mm
    np.testing.assert_allclose(size_mm, [16 * columns_mm, 16.0])


def test_the_place_in_the_patient_is_kept():
    """A voxel that lies on both grids has the same millimetres before and after."""
    direction = np.array([[0, 0, 1.0], [0.6, 0.8, 0], [-0.8, 0.6, 0]])
    image = StoneImage(
        np.zeros((5, 9, 11)),
        spacing_mm=(4.0, 1.0, 0.5),
        direction=direction,
        origin_mm=(10, -20, 30),
        volume=True,
    )
    seen = resample_isotropic(image, 2.0)
    middle = np.multiply([2, 4, 5], image.spacing_mm) @ direction + [10, -20, 30]
    half = (np.array(seen.shape) - 1) / 2
    np.testing.assert_allclose(half * 2.0 @ direction + seen.origin_mm, middle)
    assert resample_isotropic(image.with_(direction=None), 2.0).origin_mm is None


def test_small_whole_numbers_take_half_the_memory_and_float64_its_own():
    for dtype, expected in [(np.int16, np.float32), (np.float32, np.float32), (float, float)]:
        image = StoneImage(np.eye(8, dtype=dtype), unit="HU", spacing_mm=(0.5, 0.5))
        seen = resample_isotropic(image, 1.0)
        assert seen.pixels.dtype == expected
        assert seen.unit == "HU"
    colour = StoneImage(np.full((8, 8, 3), 7, dtype=np.uint8), unit="rgb", spacing_mm=(0.5, 0.5))
    np.testing.assert_allclose(resample_isotropic(colour, 1.0).pixels, np.full((4, 4, 3), 7.0))


def test_an_image_of_that_spacing_is_itself():
    image = StoneImage(np.eye(8), spacing_mm=(1.0, 1.0))
    assert resample_isotropic(image, 1.0) is image


@pytest.mark.parametrize(
    ("changes", "mm", "message"),
    [
        ({"spacing_mm": None}, 1.0, r"a\.png: no spacing in millimetres; expected spacing_mm to"),
        ({}, 0.0, "mm 0.0; expected a number of at least 0.01"),
        ({}, float("nan"), "mm nan; expected a number"),
        ({"spacing_mm": (90.0, 90.0)}, 0.02, "288000x288000 pixels at 0.02 mm; expected at most"),
        ({"mask": np.eye(64) * (np.arange(64) == 9)}, 9.0, "a mask of 1 pixels vanishes at 9 mm"),
    ],
)
def test_what_cannot_be_resampled_is_refused(changes, mm, message):
    image = StoneImage(np.eye(64), spacing_mm=(1.0, 1.0), key="a.png").with_(**changes)
    with pytest.raises(InputError, match=message):
        resample_isotropic(image, mm)


def test_a_volume_may_hold_more_than_a_slice(monkeypatch):
    monkeypatch.setattr(isotropic, "MOST_PIXELS", 100)
    volume = StoneImage(np.zeros((4, 8, 8)), spacing_mm=(5, 1, 1), volume=True)
    assert resample_isotropic(volume, 1.0).shape == (20, 8, 8)
    with pytest.raises(InputError, match="16x8 pixels at 1 mm; expected at most 100"):
        resample_isotropic(StoneImage(np.zeros((8, 8)), spacing_mm=(2, 1)), 1.0)
