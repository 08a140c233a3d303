"""Which columns are NaN, on regions where much is not defined and on one where next to nothing is.

`test_laws.py` holds that the registry says when a value may be NaN; here is that it is so then, and
only then.
"""

from fnmatch import fnmatchcase

import numpy as np
import pytest

from ksfeat.features.registry import families
from ksfeat.image import StoneImage
from ksfeat.roi import Region

NO_SPREAD = (  # one grey level has no skew, no gradient, no correlation, and nothing stands out
    *("first_order_skewness", "first_order_kurtosis"),
    *("histogram_skewness_*", "histogram_kurtosis_*", "histogram_m??_gradient_*"),
    *("intensity_volume_v10", "intensity_volume_v90", "intensity_volume_v10_minus_v90"),
    "glcm_maximal_correlation_coefficient_*",
    *("morphology*_moran_i", "morphology*_geary_c"),
)
NO_SPREAD_IN_A_SLICE = (
    *("bright_spots_*_contrast_*", "bright_spots_*_area_px_*", "bright_spots_*_roundness_*"),
    "zernike_intensity_*",
)
NO_PAIR = ("glcm_*", "ngtdm_*")
NO_WINDOW = ("lbp_p*", "lbp_multiscale_*")  # no circle of the smallest radius fits in
NO_ISOLATED_SPOT = tuple(
    f"isolated_spots_{which}_*" for which in ("clearest", "deepest", "largest")
)
NOTHING_DENSE = ("hounsfield_mean_above_130hu", "hounsfield_sd_above_130hu")
UNDEFINED = {
    (2, "pixel"): (
        *(*NO_SPREAD, *NO_SPREAD_IN_A_SLICE, *NO_PAIR, *NO_WINDOW, *NO_ISOLATED_SPOT),
        *("morphology_2d_elongation", "morphology_2d_area_density_ellipse"),
        *("hog_*", "fractal_*", "dual_energy_slope_dense"),
    ),
    (2, "level"): (
        *(*NO_SPREAD, *NO_SPREAD_IN_A_SLICE, *NO_ISOLATED_SPOT, *NOTHING_DENSE),
        *("glcm_correlation_*", "glcm_information_correlation_1_*"),
        *("lbp_multiscale_p24_r[58]_*", "hog_*", "fractal_*"),
        *("dual_energy_*_dense", "dual_energy_*_core"),
    ),
    (2, "line"): (
        *(*NO_WINDOW, *NO_ISOLATED_SPOT),
        *("morphology_2d_area_density_ellipse", "fractal_boxes"),
    ),
    # Of large spots one stands out of the noise, and no bone is near.
    (2, "ordinary"): ("bright_spots_second_contrast_r8_*", "isolated_spots_*_bone_distance_px"),
    (3, "pixel"): (
        *(*NO_SPREAD, *NO_PAIR, "morphology_elongation", "morphology_flatness"),
        "morphology_*_density_ellipsoid",
    ),
    (3, "level"): (
        *(*NO_SPREAD, *NOTHING_DENSE),
        *("glcm_correlation_*", "glcm_information_correlation_1_*"),
    ),
    (3, "line"): ("morphology_*_density_ellipsoid",),
    (3, "ordinary"): (),
}


def image_of(dimensions, kind):
    shape = (30, 32) if dimensions == 2 else (10, 12, 14)
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    middle = tuple(size // 2 for size in shape)
    place = {
        "pixel": middle,
        "line": (*middle[:-1], slice(3, 11)),
        "level": tuple(slice(2, 9) for _ in shape),
        "ordinary": tuple(slice(1, -2) for _ in shape),
    }[kind]
    mask = np.zeros(shape, dtype=bool)
    mask[place] = True
    if kind in ("pixel", "level"):
        pixels[mask] = 200 if kind == "pixel" else 60
    second = np.sqrt(pixels + 40.0) * 9
    return StoneImage(
        pixels,
        unit="HU",
        spacing_mm=(0.9,) * dimensions,
        mask=mask,
        second_energy=second,
        volume=dimensions == 3,
    )


def undefined(dimensions, kind):
    """Return all columns of a region, and those that are NaN; filters and colours left out."""
    region = Region.of(image_of(dimensions, kind))
    table = families(32, "3d_mrg" if dimensions == 3 else "2d_mrg")
    values = {
        column: value
        for name, family in table.items()
        if dimensions in family.dimensions and not name.startswith(("wavelet_", "log_", "colour"))
        for column, value in zip(family.columns, family.compute(region), strict=True)
    }
    return set(values), {column for column, value in values.items() if np.isnan(value)}


@pytest.mark.parametrize(("dimensions", "kind"), UNDEFINED)
def test_exactly_these_columns_are_not_defined(dimensions, kind):
    columns, found = undefined(dimensions, kind)
    patterns = UNDEFINED[dimensions, kind]
    expected = {
        column for column in columns if any(fnmatchcase(column, pattern) for pattern in patterns)
    }
    assert found == expected
