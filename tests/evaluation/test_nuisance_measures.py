"""Nuisances and views of an image are the same whatever its size, and each sees what it says."""

import cv2
import numpy as np
import pytest

from ksfeat import StoneImage
from ksfeat.evaluation.nuisance_measures import measure_nuisances, ring_of, thinned
from ksfeat.evaluation.shortcut import VIEWS, view_descriptors


def measured(grey):
    grey = np.asarray(grey, dtype=np.float32)
    found = measure_nuisances(StoneImage(grey), StoneImage(grey), grey)
    return {nuisance.name: np.array(nuisance.values) for nuisance in found}


def picture(size=256, seed=0):
    rng = np.random.default_rng(seed)
    smooth = cv2.GaussianBlur(rng.normal(size=(size, size)), (0, 0), size / 16)
    return (100 + 900 * smooth * size / 256).astype(np.float32)


def test_large_images_are_thinned_and_small_ones_are_not():
    assert thinned(np.zeros((511, 700))).shape == (511, 700)
    assert thinned(np.zeros((512, 700))).shape == (256, 350)
    assert thinned(np.zeros((3, 4))).shape == (3, 4)


def test_noise_is_told_from_smoothness_and_grows():
    rng = np.random.default_rng(1)
    quiet = picture()
    bands = [
        measured(quiet + rng.normal(0, level, quiet.shape))["noise and sharpness"]
        for level in (0, 3, 12)
    ]
    finest, first_band = np.array(bands)[:, 0], np.array(bands)[:, 2]
    assert (np.diff(finest) > 0).all()
    assert (np.diff(first_band) > 0).all()


def test_white_noise_has_the_energies_of_its_blurs():
    """Blurs of 1, 2 and 4 pixels leave 1 / (4 pi sigma squared) of the variance of white noise."""
    white = np.random.default_rng(2).normal(0, 1, (512, 512)).astype(np.float32)
    values = measured(white)["noise and sharpness"]
    reach, bands = values[1], np.exp(values[2:5])
    # Of the difference between no blur and sigma 1: 1 - 2 / (2 pi) + 1 / (4 pi).
    assert bands[0] * reach == pytest.approx(np.sqrt(1 - 1 / np.pi + 1 / (4 * np.pi)), rel=0.02)
    # Between blurs a and b: 1 / (4 pi) (1 / a + 1 / b - 4 / (a + b)), of their variances.
    for band, (a, b) in zip(bands[1:], ((1, 4), (4, 16)), strict=True):
        expected = np.sqrt((1 / a + 1 / b - 4 / (a + b)) / (4 * np.pi))
        assert band * reach == pytest.approx(expected, rel=0.06)


def test_text_is_seen_in_its_corner_alone():
    grey = cv2.normalize(picture(), None, 0, 200, cv2.NORM_MINMAX).astype(np.uint8)
    values = measured(cv2.putText(grey, "120", (2, 20), 0, 0.6, 255, 2))
    bright = values["text in the corners"][:4]
    assert bright[0] > 0.02
    assert bright[0] > 5 * bright[1:].max()


def views(grey, **known):
    grey = np.asarray(grey, dtype=np.float32)
    annotated = bool(known)
    return dict(
        zip(VIEWS, view_descriptors(StoneImage(grey, **known), grey, annotated=annotated),
            strict=True)
    )  # fmt: skip


def test_region_and_the_rest_are_the_whole():
    """A thumbnail of areas is linear: what one view shows, the other does not."""
    grey, mask = picture(96), np.zeros((96, 96), dtype=bool)
    mask[30:60, 40:70] = True
    found = views(grey, mask=mask)
    both = found["region only"][:144] + found["region blanked out"][:144]
    np.testing.assert_allclose(both, found["whole image"][:144], atol=1e-5)
    share = mask.mean()
    hist = share * found["region only"][144:] + (1 - share) * found["region blanked out"][144:]
    np.testing.assert_allclose(hist, found["whole image"][144:], atol=1e-5)


def test_what_changes_inside_the_region_is_not_seen_outside_of_it():
    grey, mask = picture(96), np.zeros((96, 96), dtype=bool)
    mask[30:60, 40:70] = True
    other = grey.copy()
    other[mask] = grey[mask][::-1]  # the same values, so that the range is the same
    before, after = views(grey, mask=mask), views(other, mask=mask)
    np.testing.assert_array_equal(before["region blanked out"], after["region blanked out"])
    np.testing.assert_array_equal(before["border only"], after["border only"])
    assert np.abs(before["region only"] - after["region only"]).max() > 0.05


def test_the_border_is_its_ring():
    ring = ring_of((40, 60))
    assert ring[:2].all()
    assert ring[:, -2:].all()
    assert not ring[2:-2, 2:-2].any()
    grey = picture(96)
    inside = ~ring_of(grey.shape)
    other = grey.copy()
    other[inside] = grey[inside][::-1]
    np.testing.assert_array_equal(views(grey)["border only"], views(other)["border only"])
