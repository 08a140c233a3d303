"""Augmented copies: what lies on an image moves with it, and chance comes from seed and key."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ksfeat import FeatureExtractor
from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource
from ksfeat.roi import Augmenter, augment
from ksfeat.roi.augment import AugmentedSource
from ksfeat.roi.warp import turn

LAW = settings(max_examples=60, derandomize=True, deadline=None)
STILL = {"rotation_deg": 0, "scale": 0, "flip": False}
MOVES = Augmenter(rotation_deg=30, scale=0.3, intensity=0, noise=0)
SIZE = 64
CROSS = np.ones((3, 3), dtype=np.uint8)


def planted(x, y, radius, **known):
    """An image of a bright disc, which its mask and its box name too."""
    rows, columns = np.indices((SIZE, SIZE))
    disc = np.hypot(columns - x, rows - y) <= radius
    box = [x - radius, y - radius, x + radius + 1, y + radius + 1]
    return StoneImage(disc * 200.0, mask=disc, boxes=[box], second_energy=disc * 50.0, **known)


def bounds(mask):
    rows, columns = np.nonzero(mask)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])


def grown(mask, by):
    change = cv2.dilate if by > 0 else cv2.erode
    return change(mask.astype(np.uint8), CROSS).astype(bool)


@LAW
@given(
    st.integers(12, 51),
    st.integers(12, 51),
    st.integers(3, 9),
    st.integers(0, 10**6),
    st.sampled_from([None, (1.0, 1.0), (0.6, 1.4)]),
)
def test_blob_mask_box_and_second_energy_still_coincide(x, y, radius, seed, spacing_mm):
    image = planted(x, y, radius, spacing_mm=spacing_mm)
    copy = augment(image, np.random.default_rng(seed), MOVES)
    bright = copy.pixels > 100
    assert not (grown(copy.mask, -1) & ~bright).any()
    assert not (bright & ~grown(copy.mask, 1)).any()
    np.testing.assert_allclose(copy.second_energy, copy.pixels / 4)
    (box,) = copy.boxes
    found = bounds(copy.mask)
    assert (box[:2] <= found[:2] + 1).all()
    assert (box[2:] >= found[2:] - 1).all()
    if (found[:2] > 2).all() and (found[2:] < SIZE - 2).all():
        # Whole in view: the box is around the blob's middle, however much it is wider.
        np.testing.assert_allclose((box[:2] + box[2:]) / 2, (found[:2] + found[2:]) / 2, atol=1.1)


@LAW
@given(st.floats(-180, 180), st.floats(0.7, 1.4), st.booleans(), st.booleans())
def test_a_box_is_the_bounding_box_of_its_turned_corners(degrees, factor, columns, rows):
    image = StoneImage(np.zeros((SIZE, SIZE)), boxes=[[28, 30, 36, 34], [60, 60, 64, 64]])
    seen = turn(image, degrees, factor, (columns, rows)).boxes
    c, s = np.abs([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    size = np.array([8 * c + 4 * s, 8 * s + 4 * c]) * factor
    np.testing.assert_allclose(seen[0], [*(32 - size / 2), *(32 + size / 2)])
    assert len(seen) in (1, 2)  # what is beyond the edge is gone
    assert (seen >= 0).all()
    assert (seen <= SIZE).all()


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 3), (180, 2), (-90, 1)])
def test_right_angles_are_numpys(degrees, quarters):
    pixels = np.random.default_rng(0).normal(size=(9, 9))
    image = StoneImage(pixels, mask=pixels > 0)
    seen = turn(image, degrees)
    np.testing.assert_allclose(seen.pixels, np.rot90(pixels, quarters), atol=1e-6)
    np.testing.assert_array_equal(seen.mask, np.rot90(pixels > 0, quarters))


def test_flips_are_numpys_and_volumes_turn_slice_by_slice():
    pixels = np.random.default_rng(0).normal(size=(3, 6, 9))
    volume = StoneImage(pixels, mask=pixels > 0, volume=True, spacing_mm=(5, 1, 1))
    np.testing.assert_allclose(turn(volume, 0, flips=(True, False)).pixels, pixels[..., ::-1])
    np.testing.assert_allclose(turn(volume, 0, flips=(False, True)).pixels, pixels[:, ::-1])
    seen = turn(volume, 20, 1.25)
    assert seen.spacing_mm == (5, 0.8, 0.8)
    for number in range(3):
        one = turn(StoneImage(pixels[number], mask=pixels[number] > 0), 20, 1.25)
        np.testing.assert_allclose(seen.pixels[number], one.pixels)
        np.testing.assert_array_equal(seen.mask[number], one.mask)


@LAW
@given(st.floats(-180, 180), st.floats(0.7, 1.3), st.floats(0.5, 2), st.floats(0.5, 2))
def test_millimetres_stay_true(degrees, factor, rows_mm, columns_mm):
    """Two points are as far apart as before, whatever the shape of a pixel."""
    boxes = np.array([[20, 24, 20.01, 24.01], [40, 44, 40.01, 44.01]])
    image = StoneImage(np.zeros((256, 256)), boxes=boxes + 96, spacing_mm=(rows_mm, columns_mm))
    seen = turn(image, degrees, factor)

    def apart(image):
        middles = (image.boxes[:, :2] + image.boxes[:, 2:]) / 2
        return np.hypot(*((middles[1] - middles[0]) * image.spacing_mm[::-1]))

    if len(seen.boxes) == 2:
        assert apart(seen) == pytest.approx(apart(image))


def test_where_it_lies_in_the_patient_is_no_longer_said():
    image = planted(30, 30, 5, direction=np.eye(3), origin_mm=(1, 2, 3), spacing_mm=(1, 1))
    copy = augment(image, np.random.default_rng(0))
    assert copy.direction is None
    assert copy.origin_mm is None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32, float])
def test_the_type_of_pixel_is_kept(dtype):
    pixels = np.random.default_rng(0).integers(0, 255, (SIZE, SIZE)).astype(dtype)
    copy = augment(StoneImage(pixels), np.random.default_rng(0), Augmenter(noise=0.5))
    assert copy.pixels.dtype == dtype
    assert copy.shape == (SIZE, SIZE)
    if dtype is np.uint8:  # clipped, not wrapped around
        bright = StoneImage(np.full((SIZE, SIZE), 250, dtype) + np.eye(SIZE, dtype=dtype))
        loud = Augmenter(**STILL, intensity=0, noise=1)
        assert augment(bright, np.random.default_rng(0), loud).pixels.min() > 200


def test_colour_is_kept():
    red = np.zeros((SIZE, SIZE, 3), dtype=np.uint8)
    red[20:40, 20:40, 0] = 200
    copy = augment(StoneImage(red, unit="rgb"), np.random.default_rng(1), Augmenter(noise=0))
    assert copy.unit == "rgb"
    assert copy.pixels.shape == red.shape
    excess = copy.pixels[..., 0].astype(int) - copy.pixels[..., 1]
    assert (excess > 100).sum() == pytest.approx(400, rel=0.25)
    np.testing.assert_array_equal(copy.pixels[..., 1], copy.pixels[..., 2])


@LAW
@given(st.integers(0, 10**6), st.floats(0, 0.5))
def test_a_change_of_intensity_keeps_the_order_of_greys_and_its_bounds(seed, amount):
    pixels = np.random.default_rng(1).uniform(20, 220, (16, 16))
    how = Augmenter(**STILL, intensity=amount, noise=0)
    seen = augment(StoneImage(pixels), np.random.default_rng(seed), how).pixels
    np.testing.assert_array_equal(np.argsort(seen.ravel()), np.argsort(pixels.ravel()))
    width = np.ptp(pixels)
    assert (1 - amount) * width <= np.ptp(seen) * (1 + 1e-9)
    assert np.ptp(seen) <= (1 + amount) * width * (1 + 1e-9)
    assert abs(seen.min() - pixels.min()) <= amount * width * (1 + 1e-9)


def test_intensity_is_changed_of_greys_and_never_of_hounsfield_units():
    pixels = np.random.default_rng(1).normal(40, 300, (SIZE, SIZE))
    how = Augmenter(**STILL, intensity=0.5, noise=0)
    for unit, changes in (("grey", True), ("HU", False)):
        seen = augment(StoneImage(pixels, unit=unit), np.random.default_rng(0), how)
        assert seen.unit == unit
        assert (not np.allclose(seen.pixels, pixels)) == changes


def test_noise_is_white_and_as_strong_as_asked_for():
    pixels = np.random.default_rng(1).normal(40, 300, (256, 256))
    how = Augmenter(**STILL, noise=0.1)
    added = augment(StoneImage(pixels, unit="HU"), np.random.default_rng(0), how).pixels - pixels
    assert added.std() == pytest.approx(0.1 * pixels.std(), rel=0.02)
    assert abs(added.mean()) < 0.5
    assert abs(np.corrcoef(added[:, 1:].ravel(), added[:, :-1].ravel())[0, 1]) < 0.02


def test_nothing_asked_for_is_nothing_changed():
    image = planted(30, 20, 5)
    still = Augmenter(**STILL, intensity=0, noise=0)
    copy = augment(image, np.random.default_rng(0), still)
    np.testing.assert_allclose(copy.pixels, image.pixels)
    np.testing.assert_array_equal(copy.mask, image.mask)
    np.testing.assert_allclose(copy.boxes, image.boxes)


def test_a_move_that_would_lose_the_mask_is_left_out():
    mask = np.zeros((SIZE, SIZE), dtype=bool)
    mask[0, 0] = True
    image = StoneImage(mask * 100.0, mask=mask)
    wild = Augmenter(rotation_deg=45, scale=0.5, flip=False, intensity=0, noise=0)
    kept = [augment(image, np.random.default_rng(seed), wild) for seed in range(20)]
    assert all(copy.mask.any() for copy in kept)
    assert any(np.array_equal(copy.mask, mask) for copy in kept)


def test_chance_comes_from_seed_key_and_number_and_from_nothing_else():
    pixels = np.random.default_rng(0).normal(size=(16, 16))
    a, b = (StoneImage(pixels, key=key) for key in ("a.png", "b.png"))
    how = Augmenter(copies=3)
    copies = [copy.pixels.tobytes() for image in (a, b) for copy in how.copies_of(image)]
    assert len(set(copies)) == 6
    # In another order, with other copies around, and of other pixels the same is drawn.
    again = [how.copy(image, number) for image in (b, a) for number in (2, 0, 1)]
    assert {copy.pixels.tobytes() for copy in again} == set(copies)
    more = Augmenter(copies=9).copies_of(a)
    assert [copy.pixels.tobytes() for copy in more[:3]] == copies[:3]
    other = Augmenter(copies=3, random_state=1).copies_of(a)
    assert not {copy.pixels.tobytes() for copy in other} & set(copies)


def test_an_image_without_a_key_is_known_by_its_pixels():
    pixels = np.random.default_rng(0).normal(size=(2, 16, 16))
    one, other = (StoneImage(image, boxes=[[4, 4, 8, 8]]) for image in pixels)
    how = Augmenter(copies=1)
    boxes = [how.copies_of(image)[0].boxes for image in (one, one, other)]
    np.testing.assert_array_equal(boxes[0], boxes[1])
    assert not np.allclose(boxes[0], boxes[2])


def test_copies_are_read_lazily_and_alike_in_any_number_of_processes(tmp_path):
    rng = np.random.default_rng(0)
    sources = []
    for number in range(6):
        path = tmp_path / f"{number}.png"
        Image.fromarray(rng.integers(0, 255, (32, 40)).astype(np.uint8)).save(path)
        original = ImageSource(path, f"scans/{number}.png", crop=(4, 4, 30, 30))
        sources += [AugmentedSource.of(original, Augmenter(), copy) for copy in range(2)]
    assert sources[1].key == "scans/0.png (copy 2)"
    expected = Augmenter().copy(sources[1].original.read().with_(key="scans/0.png"), 1)
    np.testing.assert_array_equal(sources[1].read().pixels, expected.pixels)
    assert sources[1].read().key == sources[1].key
    one = FeatureExtractor("first_order").fit_transform(sources)
    two = FeatureExtractor("first_order", n_jobs=2).fit_transform(sources[::-1])
    np.testing.assert_array_equal(one, two[::-1])
    assert len(np.unique(one, axis=0)) == 12


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"rotation_deg": 200}, "rotation_deg 200; expected a number from 0 to 180"),
        ({"scale": 1}, "scale 1; expected a number from 0 to 0.5"),
        ({"intensity": -0.1}, "intensity -0.1; expected a number from 0 to 0.5"),
        ({"noise": float("nan")}, "noise nan; expected a number from 0 to 1"),
        ({"copies": 0}, "copies 0; expected a whole number from 1 to 100"),
        ({"copies": 1.5}, "copies 1.5; expected a whole number"),
        ({"random_state": -1}, "random_state -1; expected a whole number of at least 0"),
    ],
)
def test_parameters_out_of_range_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        Augmenter(**parameters)
