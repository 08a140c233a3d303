"""Poses of thumbnails: what is a flip and a turn, and that pairs are found in them."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksfeat.evaluation import pose
from ksfeat.evaluation.pose import THUMBNAIL, find_pairs, poses, turn
from ksfeat.evaluation.proxy import high_passed


def textures(count, seed=0, size=96):
    """Smooth random pictures: noise that survives a reduction to 32 pixels."""
    rng = np.random.default_rng(seed)
    return [cv2.GaussianBlur(rng.normal(size=(size, size)), (0, 0), 4) for _ in range(count)]


def posed(image, flip, angle):
    size = image.shape[0]
    matrix = turn(flip, angle, size)
    return cv2.warpAffine(
        image, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )


@pytest.mark.parametrize("flip", pose.FLIPS)
def test_a_pose_of_angle_nought_is_a_flip(flip):
    image = textures(1)[0]
    expected = image[:: -1 if flip[0] else 1, :: -1 if flip[1] else 1]
    np.testing.assert_allclose(posed(image, flip, 0), expected, atol=1e-9)


def test_the_matrices_of_thumbnails_do_what_the_affine_matrix_says():
    thumbnail = textures(1, size=THUMBNAIL)[0].astype(np.float32)
    for number, (flip, angle) in enumerate(poses()):
        ours = pose._pose_matrices()[number] @ thumbnail.ravel()
        theirs = posed(thumbnail, flip, angle)
        # OpenCV rounds places to 1/32 of a pixel.
        np.testing.assert_allclose(ours.reshape(theirs.shape), theirs, atol=0.05)


@pytest.mark.parametrize("number", [0, 5, 14, 27, 43])
def test_a_posed_copy_is_found_in_its_pose_and_nothing_else(number):
    images = textures(20)
    flip, angle = poses()[number]
    images.append(posed(images[3], flip, angle))
    found = find_pairs(np.array([high_passed(image) for image in images]), 0.5)
    assert list(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(3, 20)]
    assert found.pose.tolist() == [number]
    assert found.similarity[0] <= 1 + 1e-6


def test_each_pair_is_told_once_whatever_the_block(monkeypatch):
    images = textures(6)
    images += images[:3]
    thumbnails = np.array([high_passed(image) for image in images])
    whole = find_pairs(thumbnails, 0.3)
    pairs = list(zip(whole.first.tolist(), whole.second.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert {(0, 6), (1, 7), (2, 8)} <= set(pairs)
    assert (whole.first < whole.second).all()
    monkeypatch.setattr(pose, "_BLOCK", 2)
    parts = find_pairs(thumbnails, 0.3)
    np.testing.assert_array_equal(parts.first, whole.first)
    np.testing.assert_allclose(parts.similarity, whole.similarity, atol=1e-5)
    threads = find_pairs(thumbnails, 0.3, n_jobs=2)
    np.testing.assert_array_equal(threads.pose, parts.pose)
    np.testing.assert_array_equal(threads.second, parts.second)


def test_images_of_one_colour_are_alike_with_nothing():
    flat = np.zeros((3, THUMBNAIL**2), dtype=np.float32)
    assert len(find_pairs(flat, 0.1)) == 0
    one = high_passed(textures(1)[0])
    assert len(find_pairs(np.vstack([flat, one[None]]), 0.1)) == 0


@settings(max_examples=10, derandomize=True, deadline=None)
@given(st.integers(0, 43), st.integers(0, 99), st.booleans())
def test_a_copy_is_found_in_any_pose_and_whichever_comes_first(number, seed, copy_first):
    images = textures(12, seed)
    images.append(posed(images[3], *poses()[number]))
    places = [3, 12]
    if copy_first:
        images, places = images[::-1], [0, 9]
    found = find_pairs(np.array([high_passed(image) for image in images]), 0.5)
    assert [found.first.tolist(), found.second.tolist()] == [[places[0]], [places[1]]]
