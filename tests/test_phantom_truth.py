"""What is true of a simulated scan agrees with what its scanner marked, and with geometry."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.phantom_scans import View, phantom_case, phantom_scan, scans_folder
from benchmarks.phantom_truth import in_collecting_system, things
from benchmarks.scan_scores import Scored, auroc, sensitivity, threshold_at
from ksfeat.phantom.scanner import Scan
from ksfeat.phantom.scanner.grid import make_grid
from ksfeat.phantom.stones import Stone

VIEW = View(Scan(size=128, field_mm=365.0, thickness_mm=5.0), (-40.0, 0.0), (20, 110))


@pytest.fixture(scope="module")
def case():
    """A patient with a lower-pole stone, and a smooth ball in place of what was drawn."""
    case = phantom_case(1, 0)
    stone = case.stones[0]
    middle = stone.centres.mean(axis=0, keepdims=True)
    ball = Stone("uric_acid", stone.matter, middle, np.full((1, 3), 5.0), stone.waves, 0.0, "here")
    return replace(case, stones=(ball,), look_alikes=())


def drawn_out(case, thing):
    """Return how many times larger than in the patient an area is in the image, at a thing."""
    z, y, x = (thing.low + thing.high) / 2
    height = VIEW.span_mm[0] + z * VIEW.scan.thickness_mm
    points = make_grid(case.patient, VIEW.scan.size, VIEW.scan.pixel_mm, height).points
    down, across = np.gradient(points, VIEW.scan.pixel_mm, axis=(1, 2))
    at = (slice(None), VIEW.rows[0] + int(y), int(x))
    return 1 / np.linalg.det(np.stack([across[at], down[at]]))


def test_a_ball_is_as_large_and_as_dense_as_it_was_made(case):
    (ball,) = things(case, VIEW)
    assert ball.kind == "stone"
    assert ball.extent_mm == pytest.approx(10.0, abs=0.5)
    # The patient's warp draws shapes out or in by some percent in the slice, never along z.
    stretch = drawn_out(case, ball)
    assert ball.volume_mm3 == pytest.approx(np.pi / 6 * 1000 * stretch, rel=0.06)
    assert ball.diameter_mm >= 0.97 * 10.0 * np.sqrt(stretch)
    assert ball.diameter_mm == pytest.approx(10.0 * np.sqrt(stretch), rel=0.15)
    assert ball.hu == pytest.approx(case.stones[0].matter.hu("120"), rel=0.02)


def test_its_outline_lies_where_the_scanner_marks_it(case, tmp_path):
    (ball,) = things(case, VIEW)
    scan = phantom_scan(case, VIEW, tmp_path)
    assert scan.mask[ball.outline].mean() > 0.9
    inside = np.mean(scan.pixels[ball.outline])
    assert inside > 0.6 * ball.hu
    again = phantom_scan(case, VIEW, tmp_path)
    assert np.array_equal(again.pixels, scan.pixels)
    assert np.array_equal(again.mask, scan.mask)


def test_a_place_in_the_box_hits_it_and_one_beside_it_does_not(case):
    (ball,) = things(case, VIEW)
    z, y, x = (ball.low + ball.high) / 2
    places = np.array([[z - 0.5, x, y], [z - 0.5, x + 30, y], [z + 3.5, x, y]])
    assert ball.hit_by(places).tolist() == [True, False, False]


def test_the_pelvis_is_in_the_collecting_system_and_the_spine_is_not(case):
    (ball,) = things(case, VIEW)  # in a calyx
    z, y, x = (ball.low + ball.high) / 2
    places = np.array([[z - 0.5, x, y], [z - 0.5, 64, 70]])
    assert in_collecting_system(case, VIEW, places).tolist() == [True, False]


def test_every_fourth_patient_has_no_stone_and_islands_lie_in_bone():
    cases = [phantom_case(number, 0) for number in range(4)]
    assert [bool(case.shown) for case in cases] == [True, True, True, False]
    islands = [one for case in cases for one in case.look_alikes if one.location == "bone"]
    assert islands
    assert {one.composition for one in islands} == {"bone island"}


def test_scans_stay_in_the_folder_that_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("KSFEAT_PHANTOM_SCANS", str(tmp_path))
    with scans_folder() as folder:
        assert folder == tmp_path
    monkeypatch.delenv("KSFEAT_PHANTOM_SCANS")
    with scans_folder() as folder:
        assert folder.is_dir()
    assert not folder.exists()


def patient(false, stones, diameters):
    return Scored(*(np.array(one, dtype=float) for one in (false, stones, diameters)))


def test_sensitivity_counts_stones_above_the_threshold_that_allows_so_many_false_alarms():
    patients = [patient([0.9, 0.2], [0.95, 0.1], [6, 2]), patient([0.5], [0.6], [4])]
    assert threshold_at(patients, 0.5) == 0.5
    assert sensitivity(patients, 0.5) == pytest.approx(2 / 3)
    assert sensitivity(patients, 0.5, (3, 5)) == 1.0
    assert sensitivity(patients, 0.0) == pytest.approx(1 / 3)
    assert sensitivity(patients, 2.0) == 1.0
    assert np.isnan(sensitivity(patients, 1.0, (10, 20)))


def test_what_is_not_found_ranks_below_all_that_is():
    assert auroc([np.array([-np.inf])], [np.array([0.1])]) == 0.0
    assert auroc([np.array([0.3])], [np.array([-np.inf])]) == 1.0
    assert np.isnan(auroc([np.zeros(0)], [np.ones(1)]))
