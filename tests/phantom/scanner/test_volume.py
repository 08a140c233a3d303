"""Volumes: slices in order, and coronal cuts that are what the axial ones show."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.phantom.scanner import Scan, scan_slices, scan_volume

AXIAL = Scan(size=64, field_mm=128.0, dose=100.0)
CORONAL = Scan(size=64, field_mm=128.0, dose=100.0, plane="coronal", thickness_mm=4.0)


def volume(scanned, stone, scan, span=(-12.0, 12.0)):
    return scan_volume(scanned.cylinder(110), (stone,), (), scan, np.random.default_rng(0), span)


def test_an_axial_volume_is_its_slices_from_the_feet_to_the_head(scanned, ball):
    stone = ball(8.0, z=7.0)
    hu, mask = volume(scanned, stone, AXIAL)
    assert hu.shape == (1, 8, 64, 64)
    assert mask.shape == (8, 64, 64)
    heights = np.arange(-10.5, 12, 3.0)
    rng = np.random.default_rng(0)
    alone = list(scan_slices(scanned.cylinder(110), (stone,), (), heights, AXIAL, rng))
    for number, (slice_hu, slice_mask) in enumerate(alone):
        assert np.array_equal(hu[:, number], slice_hu)
        assert np.array_equal(mask[number], slice_mask)
    assert mask.any(axis=(1, 2)).argmax() == 4  # the stone lies towards the head


def test_a_coronal_cut_has_the_head_on_top_and_square_pixels(scanned, ball):
    hu, mask = volume(scanned, ball(8.0, x=20.0, y=-9.0, z=7.0), CORONAL)
    assert hu.shape == (1, 32, 12, 64)  # pixels of 2 mm, two of them to a slice of 4 mm
    fronts, rows, columns = np.nonzero(mask)
    assert (fronts.mean() + 0.5) * 4 - 64 == pytest.approx(-9, abs=1)
    assert 12 - (rows.mean() + 0.5) * 2 == pytest.approx(7, abs=0.7)
    assert (columns.mean() + 0.5) * 2 - 64 == pytest.approx(20, abs=0.7)
    brightest = np.unravel_index(hu[0].argmax(), hu[0].shape)
    assert mask[brightest]


def test_without_a_span_the_whole_patient_is_scanned(scanned, ball):
    body = scanned.cylinder(110)
    hu, _ = scan_volume(body, (), (), AXIAL, np.random.default_rng(0))
    assert hu.shape[1] == int((body.span[1] - body.span[0]) / AXIAL.thickness_mm)


@pytest.mark.parametrize("span", [(3.0, -3.0), (0.0, 1.0), (float("nan"), 1.0), (0.0, np.inf)])
def test_a_span_without_a_slice_is_refused(scanned, ball, span):
    with pytest.raises(InputError, match=r"^span=.*; expected at least 3 mm, low end first$"):
        volume(scanned, ball(5.0), AXIAL, span)


def test_a_band_of_rows_is_cut_as_the_whole_volume_is(scanned, ball):
    stone = ball(8.0, x=20.0, y=-9.0, z=7.0)
    whole, mask = volume(scanned, stone, CORONAL)
    rows = (24, 32)  # slices 12 to 15
    body, rng = scanned.cylinder(110), np.random.default_rng(0)
    band, band_mask = scan_volume(body, (stone,), (), CORONAL, rng, (-12.0, 12.0), rows)
    assert band.shape == (1, 4, 12, 64)
    assert np.abs(band - whole[:, 12:16]).max() <= 2
    assert band_mask.any()
    assert np.array_equal(band_mask, mask[12:16])


@pytest.mark.parametrize("rows", [(-1, 4), (4, 4), (60, 65)])
def test_rows_outside_of_the_slice_are_refused(scanned, rows):
    with pytest.raises(
        InputError, match=r"^rows=.*; expected two of 0 to 64, the first one first$"
    ):
        scan_volume(
            scanned.cylinder(110), (), (), AXIAL, np.random.default_rng(0), (-3.0, 3.0), rows
        )
