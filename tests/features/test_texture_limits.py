"""What texture cannot be counted of is told in one line, before memory is taken."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.features import (
    FeatureExtractor,
    glcm,
    gldzm,
    glrlm,
    glszm,
    intensity_volume,
    ngldm,
    ngtdm,
)
from ksfeat.features.textures import Textures
from ksfeat.image import StoneImage
from ksfeat.roi import Discretisation, Region, resegment

LEVELS = np.random.default_rng(0).integers(0, 5, (6, 12, 10))
FAMILIES = (glcm, glrlm, glszm, gldzm, ngtdm, ngldm)


def region(shape=(8, 9)):
    return Region.of(StoneImage(np.arange(np.prod(shape), dtype=float).reshape(shape)))


@pytest.mark.parametrize(
    ("levels", "number", "dimensions", "message"),
    [
        (LEVELS.astype(float), 4, 2, "grey levels of type float64"),
        (LEVELS[None], 4, 2, r"shape \(1, 6, 12, 10\); expected whole numbers of shape"),
        (LEVELS[:0], 4, 2, r"shape \(0, 12, 10\)"),
        (LEVELS, 4, 4, "dimensions 4; expected 2 or 3"),
    ],
)
def test_what_are_no_grey_levels_is_refused(levels, number, dimensions, message):
    with pytest.raises(InputError, match=message):
        Textures(levels, number, dimensions)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__[16:])
@pytest.mark.parametrize(
    ("dimensions", "aggregation", "message"),
    [
        (2, "3d_mrg", "'3d_mrg' of textures counted in 2 dimensions; expected one in 2"),
        (3, "2d_avg", "'2d_avg' of textures counted in 3 dimensions"),
        (2, None, "aggregation None; expected one of 2d_avg"),
    ],
)
def test_textures_are_aggregated_in_the_dimensions_they_were_counted_in(
    family, dimensions, aggregation, message
):
    with pytest.raises(InputError, match=message):
        family.describe(Textures(LEVELS, 4, dimensions), aggregation)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__[16:])
def test_an_aggregation_of_none_is_refused(family):
    for use in (lambda: family.compute(region(), 4, None), lambda: family.family(4, None)):
        with pytest.raises(InputError, match="aggregation None; expected one of"):
            use()


@pytest.mark.parametrize("distance", [0, -1, 1.5, float("nan"), 70_000])
def test_a_distance_is_a_number_of_steps(distance):
    for family in (glcm, ngldm):
        with pytest.raises(InputError, match=f"distance {distance}; expected a whole number from"):
            family.compute(region(), 4, distance=distance)
        with pytest.raises(InputError, match=f"distance {distance}; expected"):
            family.family(4, distance=distance)


@pytest.mark.parametrize("coarseness", [-1, 0.5])
def test_a_coarseness_is_a_number_of_levels(coarseness):
    with pytest.raises(InputError, match=f"coarseness {coarseness}; expected a whole number from"):
        ngldm.compute(region(), 4, coarseness=coarseness)


# So many slices of so many levels would take up to 2.7 TB; each matrix is refused before.
DEEP = Textures(np.ones((10_000, 2, 2), dtype=np.uint8), 4096)


@pytest.mark.parametrize(
    "matrix",
    [
        lambda textures: textures.pairs,
        lambda textures: textures.runs,
        lambda textures: textures.pairs_at(2),
        lambda textures: textures.zones,
        lambda textures: textures.differences,
        lambda textures: textures.dependences_within(2, 0),
    ],
    ids=["pairs", "runs", "pairs_at", "zones", "differences", "dependences_within"],
)
def test_matrices_that_do_not_fit_in_memory_are_refused(matrix):
    with pytest.raises(InputError, match="texture matrices of 10000 x"):
        matrix(DEEP)


def test_depths_and_runs_of_long_slices_are_bounded_by_their_length():
    long = Textures(np.ones((1, 2, 65_534), dtype=np.uint8), 4096)
    with pytest.raises(InputError, match="1 x 4 x 4096 x 65534 cells"):
        _ = long.runs
    wide = Textures(np.ones((2, 2, 65_534), dtype=np.uint8), 4096)
    with pytest.raises(InputError, match="2 x 1 x 4096 x 65534 cells"):
        _ = wide.depths


def test_neighbours_too_many_to_list_are_refused():
    with pytest.raises(InputError, match="4 x 400040001 cells"):
        ngldm.compute(region(), 4, distance=10_000)


def test_too_wide_a_range_of_hounsfield_units_names_its_image():
    pixels = np.tile(np.arange(8.0), (8, 1))
    pixels[3, 3] = 1e12
    image = StoneImage(pixels, unit="HU", key="scan.nii")
    message = (
        r"scan\.nii: an intensity-volume histogram of 1e\+12 steps; expected at most 1,000,000"
    )
    with pytest.raises(InputError, match=message):
        FeatureExtractor("intensity_volume").fit_transform([image])


def test_too_wide_a_range_of_bins_is_refused():
    wide = resegment(region(), (0, 1e12))
    with pytest.raises(InputError, match=r"histogram of 4e\+11 steps"):
        intensity_volume.compute(wide, Discretisation("fbs", 2.5))
