"""Corruptions: each does what it says, more at each severity, and keeps the type of pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.evaluation.corruption import CORRUPTIONS, SEVERITIES, corrupt, corrupted, kinds_for
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource


def picture(dtype=np.uint8, **more):
    rows, columns = np.mgrid[:160, :224]
    body = 200 * np.exp(-((rows - 70) ** 2 / 2000 + (columns - 125) ** 2 / 5000))
    body[90:94, 150:154] = 250
    return StoneImage(body.astype(dtype), key="a.png", **more)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_each_step_takes_an_image_further_from_what_it_was(kind):
    image = picture()
    pixels = image.pixels.astype(float)
    apart = [
        np.abs(corrupt(image, kind, step).pixels.astype(float) - pixels).mean()
        for step in SEVERITIES
    ]
    assert apart[0] > 0
    assert apart == sorted(apart)


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_the_type_of_pixel_the_key_and_the_grid_stay(kind):
    image = picture(mask=np.eye(160, 224, dtype=bool))
    changed = corrupt(image, kind, 5)
    assert changed.pixels.dtype == np.uint8
    assert (changed.shape, changed.key, changed.unit) == (image.shape, image.key, image.unit)
    assert changed.mask.shape == image.shape


@given(st.integers(0, 2**31), st.sampled_from(SEVERITIES))
def test_noise_is_that_of_the_seed_and_of_the_image(seed, severity):
    image = picture()
    first = corrupt(image, "noise", severity, seed).pixels
    np.testing.assert_array_equal(first, corrupt(image, "noise", severity, seed).pixels)
    other = corrupt(image.with_(key="b.png"), "noise", severity, seed).pixels
    assert (first != other).any()


def test_noise_in_hu_is_in_hu():
    image = StoneImage(np.zeros((200, 200)), unit="HU")
    assert corrupt(image, "noise", 5).pixels.std() == pytest.approx(40, rel=0.05)


def test_contrast_keeps_the_mean_and_scales_what_is_about_it():
    image = picture(float)
    changed = corrupt(image, "contrast", 3)
    assert changed.pixels.mean() == pytest.approx(image.pixels.mean())
    assert changed.pixels.std() == pytest.approx(0.6 * image.pixels.std())


def test_images_of_no_bytes_are_never_stored_as_jpeg():
    assert "jpeg" in kinds_for(picture())
    assert "jpeg" not in kinds_for(picture(np.int16, unit="HU"))
    with pytest.raises(InputError, match="not of bytes"):
        corrupt(picture(np.int16, unit="HU"), "jpeg", 1)


@pytest.mark.parametrize(("kind", "severity"), [("fog", 1), ("noise", 0), ("noise", 6)])
def test_what_there_is_not_is_refused(kind, severity):
    with pytest.raises(InputError, match="expected one of noise, blur"):
        corrupt(picture(), kind, severity)


def test_a_source_is_corrupted_whenever_it_is_read(stone_data):
    path = next((stone_data.parent / "images").rglob("*.png"))
    source = corrupted(ImageSource(path, "a.png"), "blur", 2)
    image = source.read()
    assert image.key == "a.png (blur 2)"
    expected = corrupt(ImageSource(path, "a.png").read(), "blur", 2)
    np.testing.assert_array_equal(image.pixels, expected.pixels)
