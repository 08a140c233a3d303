"""How the matrices of slices and directions become one number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ksfeat.errors import InputError
from ksfeat.features import glcm, gldzm, glrlm, glszm, ngldm, ngtdm
from ksfeat.features.aggregation import AGGREGATIONS, average, dimensions_of, merge
from ksfeat.features.textures import Textures, textures_of
from ksfeat.roi import Region
from ksfeat.roi.discretise import Discretisation

FAMILIES = [glcm, glrlm, glszm, gldzm, ngtdm, ngldm]
EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__.split(".")[-1])
EVERY_AGGREGATION = pytest.mark.parametrize("aggregation", AGGREGATIONS)
LAW = settings(max_examples=20, derandomize=True, deadline=None)


def volumes():
    shapes = hnp.array_shapes(min_dims=3, max_dims=3, max_side=5)
    return hnp.arrays(np.uint16, shapes, elements=st.integers(0, 4))


def describe(family, levels, aggregation):
    return family.describe(Textures(levels, 4, dimensions_of(aggregation)), aggregation)


@EVERY_FAMILY
@EVERY_AGGREGATION
@LAW
@given(volumes())
def test_turns_and_mirrors_within_the_slices_change_nothing(family, aggregation, levels):
    expected = describe(family, levels, aggregation)
    for other in (np.rot90(levels, axes=(1, 2)), levels[::-1], levels[:, ::-1], levels[..., ::-1]):
        turned = describe(family, other, aggregation)
        np.testing.assert_allclose(turned, expected, rtol=1e-9, atol=1e-12)


@EVERY_FAMILY
@pytest.mark.parametrize("aggregation", ["3d_avg", "3d_mrg"])
@LAW
@given(volumes())
def test_a_volume_has_no_preferred_axis(family, aggregation, levels):
    turned = describe(family, np.rot90(levels, axes=(0, 2)), aggregation)
    expected = describe(family, levels, aggregation)
    np.testing.assert_allclose(turned, expected, rtol=1e-9, atol=1e-12)


@EVERY_FAMILY
@EVERY_AGGREGATION
@LAW
@given(volumes(), st.tuples(*[st.integers(0, 3)] * 6))
def test_an_empty_frame_changes_nothing(family, aggregation, levels, frame):
    framed = np.pad(levels, (frame[:2], frame[2:4], frame[4:]))
    np.testing.assert_array_equal(
        describe(family, framed, aggregation), describe(family, levels, aggregation)
    )


@EVERY_FAMILY
@pytest.mark.parametrize("how", ["avg", "mrg"])
@LAW
@given(volumes())
def test_one_slice_is_the_same_in_two_and_two_and_a_half_dimensions(family, how, levels):
    one = levels[:1]
    np.testing.assert_array_equal(
        describe(family, one, f"2d_{how}"), describe(family, one, f"2.5d_{how}")
    )


@EVERY_FAMILY
def test_equal_slices_average_to_one_of_them(family):
    levels = np.random.default_rng(4).integers(0, 5, (6, 7))
    stack = np.stack([levels, np.zeros_like(levels), levels])  # an empty slice does not count
    np.testing.assert_allclose(
        describe(family, stack, "2d_mrg"), describe(family, levels, "2d_mrg"), rtol=1e-12
    )


@EVERY_FAMILY
@EVERY_AGGREGATION
def test_an_empty_region_has_no_texture(family, aggregation):
    assert np.isnan(describe(family, np.zeros((2, 3, 3), dtype=int), aggregation)).all()


def test_one_voxel_alone_has_the_values_that_definitions_give():
    levels = np.zeros((3, 3, 3), dtype=int)
    levels[1, 1, 1] = 3
    assert np.isnan(describe(glcm, levels, "3d_avg")).all()
    assert np.isnan(describe(ngtdm, levels, "3d_avg")).all()
    for family in (glrlm, glszm, gldzm, ngldm):
        values = describe(family, levels, "3d_avg")[:16]
        # One run, zone and dependence, of size 1: every emphasis is that of its level.
        expected = [1, 1, 1 / 9, 9, 1 / 9, 9, 1 / 9, 9, 1, 1, 1, 1, 1, 0, 0, 0]
        np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_a_flat_region_is_as_coarse_as_ibsi_lets_it_be():
    values = describe(ngtdm, np.full((4, 4), 2), "2d_mrg")
    np.testing.assert_array_equal(values, [1e6, 0, 0, 0, 0])


def test_a_voxel_without_neighbours_has_no_part_in_tone_differences():
    with_one_alone = describe(ngtdm, np.array([[1, 1, 2, 0, 3]]), "2d_mrg")
    np.testing.assert_array_equal(with_one_alone, describe(ngtdm, np.array([[1, 1, 2]]), "2d_mrg"))


def test_busyness_is_zero_where_levels_balance_to_the_last_digit():
    # IBSI's zero denominator: 3 * 7/10 and 7 * 3/10 differ in floating point.
    assert 3 * 0.7 != 7 * 0.3
    levels = np.array([[3] * 7 + [7] * 3])
    assert ngtdm.describe(Textures(levels, 7))[2] == 0


def test_large_zones_of_slices_are_merged_level_by_level():
    # Zones of more than 256 voxels are listed: merged, they must count as if they were tabled.
    levels = np.ones((3, 20, 30), dtype=int)
    levels[1] = 2
    levels[:, 0, :5] = 3
    values = describe(glszm, levels, "2.5d_mrg")
    sizes, greys = np.array([595, 595, 595, 5, 5, 5]), np.array([1, 1, 2, 3, 3, 3])
    np.testing.assert_allclose(values[:2], [(1.0 / sizes**2).mean(), (sizes**2.0).mean()])
    np.testing.assert_allclose(values[8], (2**2 + 1 + 3**2) / 6)  # grey level non-uniformity
    np.testing.assert_allclose(values[10], (3**2 + 3**2) / 6)  # zone size non-uniformity
    np.testing.assert_allclose(values[13:15], [greys.var(), sizes.var()])
    shares = np.array([2, 1, 3]) / 6
    np.testing.assert_allclose(values[15], -(shares * np.log2(shares)).sum())


def test_families_share_what_is_counted():
    region = Region(np.arange(60.0).reshape(3, 4, 5), np.ones((3, 4, 5), dtype=bool))
    glrlm.compute(region, 8, "3d_avg")
    shared = textures_of(region, 8, "3d_mrg")
    assert "_pairs_and_runs" in vars(shared)
    assert textures_of(region, 8, "2d_mrg") is not shared
    assert textures_of(region, 9, "3d_mrg") is not shared


def test_a_slice_has_no_third_dimension():
    region = Region(np.eye(4), np.ones((4, 4), dtype=bool))
    with pytest.raises(InputError, match=r"'3d_avg' of a single slice; expected a volume"):
        glcm.compute(region, 2, "3d_avg")


def test_bins_of_a_fixed_size_have_as_many_levels_as_they_fill():
    pixels = np.array([[0.0, 10.0, 30.0], [0.0, 60.0, 74.0]])
    region = Region(pixels, np.ones(pixels.shape, dtype=bool))
    bins = Discretisation("fbs", 25)
    assert textures_of(region, bins, "2d_mrg").number == 3
    by_hand = Textures(np.array([[1, 1, 2], [1, 3, 3]]), 3)
    np.testing.assert_array_equal(glrlm.compute(region, bins), glrlm.describe(by_hand))
    assert glrlm.family(bins, "3d_avg").columns[12] == "glrlm_run_percentage_3d_avg_fbs25"


def test_depths_are_those_of_the_mask_before_resegmentation():
    pixels = np.zeros((5, 5))
    pixels[2, 2] = 1
    mask = np.ones((5, 5), dtype=bool)
    mask[2, 3] = False
    drawn = np.ones((5, 5), dtype=bool)
    long = gldzm.compute(Region(pixels, mask, drawn=drawn), 2)[1]
    assert long == (1 + 3**2) / 2
    assert gldzm.compute(Region(pixels, mask), 2)[1] == 1


def test_an_unknown_aggregation_is_told_with_all_there_are():
    with pytest.raises(InputError, match=r"'4d'; expected one of 2d_avg, 2d_mrg, 2\.5d_avg"):
        merge(np.ones((1, 1)), "4d")


def test_columns_name_every_aggregation_but_the_default():
    assert glrlm.family(32).columns[0] == "glrlm_short_runs_emphasis_fbn32"
    assert glrlm.family(32, "3d_avg").columns[0] == "glrlm_short_runs_emphasis_3d_avg_fbn32"
    assert glszm.family(32, "2.5d_mrg").columns[0] == "glszm_small_zone_emphasis_2.5d_fbn32"
    assert glcm.family(8, "3d_mrg", 2).columns[11] == "glcm_contrast_d2_3d_mrg_fbn8"
    assert ngldm.family(8, "2d_mrg", 2, 1).columns[0] == "ngldm_low_dependence_emphasis_d2_a1_fbn8"
    assert glcm.maximal_correlation_family(8).columns == [
        "glcm_maximal_correlation_coefficient_d1_fbn8"
    ]


@LAW
@given(hnp.arrays(np.float64, (4, 3), elements=st.sampled_from([np.nan, 0.0, 1.0, 5.0])))
def test_the_average_is_that_of_the_matrices_where_a_feature_is_defined(values):
    for column, ours in zip(values.T, average(values), strict=True):
        defined = column[~np.isnan(column)]
        expected = defined.mean() if len(defined) else np.nan
        np.testing.assert_allclose(ours, expected, rtol=1e-12)


def test_the_maximal_correlation_is_that_of_haralicks_matrix():
    rng = np.random.default_rng(7)
    levels = rng.integers(1, 6, (30, 30))
    pairs = Textures(levels, 5).pairs.sum(axis=(0, 1)).astype(float)
    joint = (pairs + pairs.T) / (2 * pairs.sum())
    marginal = joint.sum(axis=1)
    q = np.einsum("ik,jk,i,k->ij", joint, joint, 1 / marginal, 1 / marginal)
    expected = np.sqrt(np.sort(np.linalg.eigvals(q).real)[-2])
    region = Region(levels.astype(float), np.ones(levels.shape, dtype=bool))
    assert glcm.maximal_correlation(region, 5)[0] == pytest.approx(expected, rel=1e-9)
    assert expected > 0
