"""What is found in neighbouring slices of a scan is one stone, measured in the scan."""

import numpy as np
import pytest

from ksfeat.image import StoneImage
from ksfeat.models.detections import Detections
from ksfeat.models.detector import StoneDetector
from ksfeat.models.scan_detections import detect_in_scan, join_detections


def volume(stones, seed=0, depth=6, spacing=None):
    """Return a grey volume with boxes of 4 x 4 x 3, and soft tissue below fat."""
    pixels = np.random.default_rng(seed).integers(90, 110, (depth, 48, 48)).astype(np.uint8)
    pixels[:, :6] = 5
    for z, y, x in stones:
        pixels[z - 1 : z + 2, y - 2 : y + 2, x - 2 : x + 2] = 220
    return StoneImage(pixels, spacing_mm=spacing, volume=True)


def detections(*rows):
    """Return detections of (x, y, score), 4 pixels wide."""
    table = np.array(rows, dtype=float).reshape(-1, 3)
    boxes = np.hstack([table[:, :2] - 2, table[:, :2] + 2])
    return Detections(table[:, :2], boxes, table[:, 2], np.full(len(table), 4.0), None)


@pytest.fixture(scope="module")
def detector():
    slices = []
    for seed in range(40):
        found = volume([(2, 22, 32)] if seed % 2 else [], seed).slice(2)
        boxes = np.array([[30, 20, 34, 24]] if seed % 2 else []).reshape(-1, 4)
        slices.append(found.with_(boxes=boxes))
    return StoneDetector(copies=0, n_estimators=30, most=20).fit(slices)


def test_a_stone_in_three_slices_is_one_detection_of_its_size(detector):
    scan = volume([(3, 30, 20)], seed=77, spacing=(2.0, 0.85, 0.85))
    found = detect_in_scan(detector, scan)
    assert found.spans[0].tolist() == [2, 4]
    assert found.places[0, 1:] == pytest.approx([20, 30], abs=1.5)
    sizes = found.above(found.scores[0]).sizes(scan, blur_mm=0)
    assert sizes[0].extent == pytest.approx(6.0, rel=0.2)
    assert sizes[0].diameter == pytest.approx(4 * 0.85 * np.sqrt(2), rel=0.25)
    assert sizes[0].maximum == 220


def test_slices_in_a_list_give_what_the_volume_gives(detector):
    scan = volume([(3, 30, 20)], seed=77)
    one, other = (detect_in_scan(detector, x) for x in (scan, [scan.slice(i) for i in range(6)]))
    assert one.places.tolist() == other.places.tolist()
    assert one.scores.tolist() == other.scores.tolist()


def test_the_score_and_the_place_are_those_of_the_most_probable_slice():
    scan = volume([(2, 22, 32)])
    slices = [scan.slice(index) for index in range(3)]
    rows = [detections((32, 22, 0.2)), detections((31, 22, 0.9), (10, 40, 0.3)), detections()]
    found = join_detections(rows, slices)
    assert found.scores.tolist() == [0.9, 0.3]
    assert found.places.tolist() == [[1, 31, 22], [1, 10, 40]]
    assert found.spans.tolist() == [[0, 1], [1, 1]]
    assert len(found.above(0.5)) == 1


def test_what_is_improbable_in_every_slice_is_left_out():
    slices = [volume([]).slice(0)]
    assert len(join_detections([detections((20, 20, 0.001))], slices)) == 0
