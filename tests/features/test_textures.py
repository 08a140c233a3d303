"""Textures against scikit-image, and on regions whose texture is known."""

import numpy as np
import pytest
from skimage.feature import graycomatrix, graycoprops, local_binary_pattern

from ksfeat.features import families, lbp
from ksfeat.image import StoneImage
from ksfeat.roi import Region


def test_cooccurrence_agrees_with_scikit_image_where_definitions_agree():
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 16, (40, 50)).astype(np.uint8)
    levels[0, :2] = 0, 15  # so that 16 levels are 16 bins
    quarter = np.pi / 4
    peer = graycomatrix(levels, [1], [0, 2 * quarter], 16, symmetric=True)
    diagonal = graycomatrix(levels, [1], [quarter, 3 * quarter], 16, symmetric=True)
    merged = (peer + diagonal).sum(axis=3, keepdims=True).astype(float)
    ours = families(16)["glcm"]
    named = dict(zip(ours.columns, ours.compute(Region.of(StoneImage(levels))), strict=True))
    for theirs, name in {
        "contrast": "contrast",
        "dissimilarity": "dissimilarity",
        "homogeneity": "inverse_difference_moment",
        "ASM": "angular_second_moment",
        "correlation": "correlation",
    }.items():
        expected = graycoprops(merged / merged.sum(), theirs)[0, 0]
        assert named[f"glcm_{name}_d1_fbn16"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("samples", "radius"), [(8, 1), (16, 2)])
@pytest.mark.filterwarnings("ignore:Applying `local_binary_pattern`:UserWarning")
def test_local_patterns_agree_with_scikit_image(samples, radius):
    # Without equal neighbours, so that how ties are judged does not matter.
    pixels = np.random.default_rng(5).random((37, 41))
    expected = local_binary_pattern(pixels, samples, radius, method="uniform")
    inner = expected[radius:-radius, radius:-radius].astype(int)
    counts = np.bincount(inner.ravel(), minlength=samples + 2)
    start = 0 if samples == 8 else 10
    ours = lbp.compute(Region.of(StoneImage(pixels)))[start : start + samples + 2]
    np.testing.assert_allclose(ours, counts / counts.sum(), rtol=1e-12)


def test_equal_neighbours_are_bright_whatever_the_rounding():
    flat = np.full((9, 9), 0.1)
    shares = lbp.compute(Region.of(StoneImage(flat, mask=np.ones((9, 9)))))
    assert shares[8] == 1  # all 8 samples bright
    assert shares[10 + 16] == 1


def test_equal_neighbours_are_bright_beside_a_step():
    for height in np.random.default_rng(2).random(100):  # the rounding differs from one to another
        step = np.zeros((12, 12))
        step[:, 6:] = height
        shares = lbp.compute(Region.of(StoneImage(step)))
        # Only the first columns of the upper side have darker neighbours.
        assert shares[8] == pytest.approx(9 / 10)
        assert shares[10 + 16] == pytest.approx(6 / 8)


def test_a_region_too_thin_for_a_neighbourhood_has_no_patterns():
    mask = np.zeros((9, 9), dtype=bool)
    mask[4] = True
    assert np.isnan(lbp.compute(Region.of(StoneImage(np.eye(9), mask=mask)))).all()


def test_a_checkerboard_has_the_texture_of_a_checkerboard():
    board = np.indices((16, 16)).sum(axis=0) % 2
    names = families(2)["glcm"].columns
    values = families(2)["glcm"].compute(Region.of(StoneImage(board)))
    named = dict(zip(names, values, strict=True))
    # 480 straight pairs differ by one level, 450 diagonal pairs are equal.
    assert named["glcm_contrast_d1_fbn2"] == pytest.approx(480 / 930)
    assert named["glcm_correlation_d1_fbn2"] == pytest.approx(1 - 2 * 480 / 930)


def test_one_grey_level_is_defined_but_for_correlations():
    glcm = families(32)["glcm"]
    values = glcm.compute(Region.of(StoneImage(np.full((8, 8), 7.0), mask=np.ones((8, 8)))))
    undefined = {name for name, value in zip(glcm.columns, values, strict=True) if np.isnan(value)}
    assert undefined == {
        "glcm_correlation_d1_fbn32",
        "glcm_information_correlation_1_d1_fbn32",
    }
