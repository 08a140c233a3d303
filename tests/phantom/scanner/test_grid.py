"""Where pixels lie in a patient who is turned, off centre and warped."""

from types import SimpleNamespace

import numpy as np
import pytest

from ksfeat.phantom.scanner.grid import at_height, make_grid

WARP = np.random.default_rng(0).normal(0, 1.7, (1, 2, 7, 7)).astype(np.float32)


def patient(warp=0.0, rotation=0.0, offset=(0.0, 0.0)):
    return SimpleNamespace(warp_mm=WARP * warp, rotation=rotation, offset_mm=offset)


def test_a_patient_who_is_moved_and_turned_is_seen_the_other_way_round():
    x, y = make_grid(patient(rotation=np.pi / 2, offset=(10.0, 4.0)), 101, 1.0).points
    # 10 mm to the image's right and 4 mm down is the patient's own middle.
    assert (x[54, 60], y[54, 60]) == pytest.approx((0, 0), abs=1e-4)
    assert (x[64, 60], y[64, 60]) == pytest.approx((10, 0), abs=1e-4)
    assert (x[54, 70], y[54, 70]) == pytest.approx((0, -10), abs=1e-4)


def test_the_warp_bends_the_body_and_leaves_the_table_straight():
    warped, straight = (make_grid(patient(warp), 256, 1.4) for warp in (1.0, 0.0))
    moved = np.abs(warped.points - straight.points).max(axis=0)
    below = straight.points[1] >= 115
    assert moved[~below].max() > 2
    assert not moved[below].any()
    assert straight.frame[5] == 0 < warped.frame[5]


def test_a_band_of_a_grid_holds_the_same_points_and_knows_where_the_middle_is():
    whole = make_grid(patient(1.0, rotation=0.2), 64, 1.4)
    band = whole.band(20, 30)
    assert np.array_equal(band.points, whole.points[:, 20:30])
    assert whole.frame[6] == 31.5
    assert band.frame[6] == 11.5
    assert np.array_equal(band.frame[:6], whole.frame[:6])


def test_fields_pass_into_each_other_along_z_and_go_on_beyond_their_ends():
    fields = np.array([[-40.0], [0.0], [60.0]])
    heights = [-90, -30, -15, 0, 15, 30, 90]
    found = [at_height(fields, z)[0] for z in heights]
    assert found == pytest.approx([-40, -40, -20, 0, 30, 60, 60])
    assert at_height(fields[:1], 12.0)[0] == -40


def test_the_warp_differs_from_height_to_height():
    fields = np.random.default_rng(1).normal(0, 2, (3, 2, 7, 7)).astype(np.float32)
    body = SimpleNamespace(warp_mm=fields, rotation=0.0, offset_mm=(0.0, 0.0))
    low, middle, high = (make_grid(body, 64, 4.0, z).points for z in (-30.0, -15.0, 30.0))
    assert np.abs(low - high).max() > 2
    between = 0.5 * (low + make_grid(body, 64, 4.0, 0.0).points)
    np.testing.assert_allclose(middle, between, atol=1e-3)
