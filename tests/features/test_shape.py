import cv2
import numpy as np
import pytest
from skimage.measure import regionprops

from ksfeat.features import shape
from ksfeat.image import StoneImage
from ksfeat.roi import Region


def measure(mask, pixels=None):
    image = StoneImage(np.zeros(mask.shape) if pixels is None else pixels, mask=mask)
    values = shape.compute(Region.of(image))
    names = [name.removeprefix("shape_") for name in shape.family().columns]
    return dict(zip(names, values, strict=True))


def ellipse(angle, axes=(30, 15)):
    canvas = np.zeros((101, 101), dtype=np.uint8)
    return cv2.ellipse(canvas, (50, 50), axes, angle, 0, 360, 1, -1) > 0


def test_a_rectangle_has_the_measures_of_a_rectangle():
    values = measure(np.ones((6, 8), dtype=bool))
    assert values["area_px"] == 48
    assert values["solidity"] == values["extent"] == 1
    assert values["feret_diameter_px"] == pytest.approx(10)
    assert values["major_axis_px"] == pytest.approx(4 * np.sqrt((8**2 - 1) / 12))
    assert values["euler_number"] == values["components"] == values["largest_component_share"] == 1


def test_a_disc_is_round():
    values = measure(ellipse(0, (40, 40)))
    assert values["circularity"] == pytest.approx(1, abs=0.02)
    assert values["eccentricity"] == pytest.approx(0, abs=0.05)
    assert values["feret_diameter_px"] == pytest.approx(81, abs=2)


@pytest.mark.parametrize("angle", [0, 30, 45, 77])
def test_turning_an_ellipse_keeps_its_axes_and_moments(angle):
    values, upright = measure(ellipse(angle)), measure(ellipse(0))
    for name in ("major_axis_px", "minor_axis_px", "eccentricity", "solidity", "hu1", "hu2"):
        assert values[name] == pytest.approx(upright[name], rel=0.03), name


def test_holes_and_parts_are_counted():
    mask = np.zeros((20, 30), dtype=bool)
    mask[2:12, 2:12] = True
    mask[5:8, 5:8] = False
    mask[14:16, 20:25] = True
    values = measure(mask)
    assert values["components"] == 2
    assert values["euler_number"] == 1  # two parts, one hole
    assert values["largest_component_share"] == pytest.approx(91 / 101)


@pytest.mark.parametrize("seed", range(5))
def test_measures_agree_with_scikit_image(seed):
    noise = np.random.default_rng(seed).random((40, 50))
    mask = cv2.GaussianBlur(noise, (0, 0), 3) > 0.5
    peer = regionprops(np.pad(mask, 1).astype(np.uint8))[0]
    values = measure(mask)
    assert values["perimeter_px"] == pytest.approx(peer.perimeter_crofton)
    assert values["euler_number"] == peer.euler_number
    # Its hull is drawn in pixels, ours is a polygon round their squares.
    assert values["solidity"] == pytest.approx(peer.solidity, rel=0.05)
    assert values["feret_diameter_px"] == pytest.approx(peer.feret_diameter_max, abs=1.5)


def test_without_a_mask_the_foreground_is_described():
    pixels = np.zeros((30, 30))
    pixels[5:15, 5:15] = 200
    pixels[20:22, 20:22] = 200
    values = dict(
        zip(shape.family().columns, shape.compute(Region.of(StoneImage(pixels))), strict=True)
    )
    assert values["shape_area_px"] == 100
    assert values["shape_components"] == 2
    assert values["shape_largest_component_share"] == pytest.approx(100 / 104)


def test_one_pixel_has_a_shape():
    values = measure(np.ones((1, 1), dtype=bool))
    assert values["area_px"] == 1
    assert values["feret_diameter_px"] == pytest.approx(np.sqrt(2))
    assert values["eccentricity"] == 0
    assert values["circularity"] > 1  # an outline of one pixel is too coarse to be measured
