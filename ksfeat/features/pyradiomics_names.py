"""pyradiomics' names of features that are the same number here; `docs/definitions.md` measures it.

One of texture is the same number with the aggregation "2d_avg" of slices, "3d_avg" of volumes and
"2.5d_avg" of volumes where pyradiomics has ``force2D: true``: it averages features over directions.
One of a wavelet's sub-band is the same where the region lies 3 pixels or more from the image's
edge: beyond it ksfeat mirrors the image, and pyradiomics begins at the other side.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ksfeat.features.identity import Feature

NAMES = ("ksfeat", "pyradiomics")
_GREY = {
    "GrayLevelNonUniformity": "grey_level_non_uniformity",
    "GrayLevelNonUniformityNormalized": "grey_level_non_uniformity_normalised",
    "GrayLevelVariance": "grey_level_variance",
}
# pyradiomics' class, its names and ours, by our family
COUNTERPARTS: dict[str, tuple[str, dict[str, str]]] = {
    "first_order": (
        "firstorder",
        {
            "10Percentile": "p10",
            "90Percentile": "p90",
            "Energy": "energy",
            "InterquartileRange": "iqr",
            "Maximum": "maximum",
            "Mean": "mean",
            "MeanAbsoluteDeviation": "mad",
            "Median": "median",
            "Minimum": "minimum",
            "Range": "range",
            "RobustMeanAbsoluteDeviation": "robust_mad",
            "RootMeanSquared": "rms",
            "Skewness": "skewness",
            "Variance": "variance",
        },
    ),
    "histogram": ("firstorder", {"Entropy": "entropy", "Uniformity": "uniformity"}),
    "glcm": (
        "glcm",
        {
            "Autocorrelation": "autocorrelation",
            "ClusterProminence": "cluster_prominence",
            "ClusterShade": "cluster_shade",
            "ClusterTendency": "cluster_tendency",
            "Contrast": "contrast",
            "Correlation": "correlation",
            "DifferenceAverage": "difference_average",
            "DifferenceEntropy": "difference_entropy",
            "DifferenceVariance": "difference_variance",
            "Id": "inverse_difference",
            "Idm": "inverse_difference_moment",
            "Idmn": "inverse_difference_moment_normalised",
            "Idn": "inverse_difference_normalised",
            "Imc1": "information_correlation_1",
            "Imc2": "information_correlation_2",
            "InverseVariance": "inverse_variance",
            "JointAverage": "joint_average",
            "JointEnergy": "angular_second_moment",
            "JointEntropy": "joint_entropy",
            "MaximumProbability": "joint_maximum",
            "SumAverage": "sum_average",
            "SumEntropy": "sum_entropy",
            "SumSquares": "joint_variance",
        },
    ),
    "glcm_mcc": ("glcm", {"MCC": "glcm_maximal_correlation_coefficient"}),
    "glrlm": (
        "glrlm",
        {
            **_GREY,
            "HighGrayLevelRunEmphasis": "high_grey_level_run_emphasis",
            "LongRunEmphasis": "long_runs_emphasis",
            "LongRunHighGrayLevelEmphasis": "long_run_high_grey_level_emphasis",
            "LongRunLowGrayLevelEmphasis": "long_run_low_grey_level_emphasis",
            "LowGrayLevelRunEmphasis": "low_grey_level_run_emphasis",
            "RunEntropy": "run_entropy",
            "RunLengthNonUniformity": "run_length_non_uniformity",
            "RunLengthNonUniformityNormalized": "run_length_non_uniformity_normalised",
            "RunPercentage": "run_percentage",
            "RunVariance": "run_length_variance",
            "ShortRunEmphasis": "short_runs_emphasis",
            "ShortRunHighGrayLevelEmphasis": "short_run_high_grey_level_emphasis",
            "ShortRunLowGrayLevelEmphasis": "short_run_low_grey_level_emphasis",
        },
    ),
    "glszm": (
        "glszm",
        {
            **_GREY,
            "HighGrayLevelZoneEmphasis": "high_grey_level_emphasis",
            "LargeAreaEmphasis": "large_zone_emphasis",
            "LargeAreaHighGrayLevelEmphasis": "large_zone_high_grey_level_emphasis",
            "LargeAreaLowGrayLevelEmphasis": "large_zone_low_grey_level_emphasis",
            "LowGrayLevelZoneEmphasis": "low_grey_level_emphasis",
            "SizeZoneNonUniformity": "zone_size_non_uniformity",
            "SizeZoneNonUniformityNormalized": "zone_size_non_uniformity_normalised",
            "SmallAreaEmphasis": "small_zone_emphasis",
            "SmallAreaHighGrayLevelEmphasis": "small_zone_high_grey_level_emphasis",
            "SmallAreaLowGrayLevelEmphasis": "small_zone_low_grey_level_emphasis",
            "ZoneEntropy": "zone_size_entropy",
            "ZonePercentage": "zone_percentage",
            "ZoneVariance": "zone_size_variance",
        },
    ),
    "ngtdm": (
        "ngtdm",
        {
            "Busyness": "busyness",
            "Coarseness": "coarseness",
            "Complexity": "complexity",
            "Contrast": "contrast",
            "Strength": "strength",
        },
    ),
    "ngldm": (
        "gldm",
        {
            "DependenceEntropy": "dependence_count_entropy",
            "DependenceNonUniformity": "dependence_count_non_uniformity",
            "DependenceNonUniformityNormalized": "dependence_count_non_uniformity_normalised",
            "DependenceVariance": "dependence_count_variance",
            "GrayLevelNonUniformity": "grey_level_non_uniformity",
            "GrayLevelVariance": "grey_level_variance",
            "HighGrayLevelEmphasis": "high_grey_level_count_emphasis",
            "LargeDependenceEmphasis": "high_dependence_emphasis",
            "LargeDependenceHighGrayLevelEmphasis": "high_dependence_high_grey_level_emphasis",
            "LargeDependenceLowGrayLevelEmphasis": "high_dependence_low_grey_level_emphasis",
            "LowGrayLevelEmphasis": "low_grey_level_count_emphasis",
            "SmallDependenceEmphasis": "low_dependence_emphasis",
            "SmallDependenceHighGrayLevelEmphasis": "low_dependence_high_grey_level_emphasis",
            "SmallDependenceLowGrayLevelEmphasis": "low_dependence_low_grey_level_emphasis",
        },
    ),
    "morphology": (
        "shape",
        {
            "Elongation": "elongation",
            "Flatness": "flatness",
            "Maximum3DDiameter": "maximum_diameter",
            "VoxelVolume": "voxel_volume",
        },
    ),
    "morphology_2d": (
        "shape2D",
        {
            "Elongation": "elongation",
            "MaximumDiameter": "maximum_diameter",
            "MeshSurface": "area",
            "Perimeter": "perimeter",
            "PerimeterSurfaceRatio": "perimeter_to_area",
            "PixelSurface": "pixel_area",
            "Sphericity": "sphericity",
        },
    ),
}
# What pyradiomics has and ksfeat has not, or defines in another way.
_OTHERS: dict[str, tuple[str, ...]] = {
    "firstorder": ("Kurtosis", "StandardDeviation", "TotalEnergy"),
    "glcm": ("Dissimilarity", "Homogeneity1", "Homogeneity2", "SumVariance"),
    "gldm": ("DependencePercentage", "GrayLevelNonUniformityNormalized"),
    "shape": (
        *("Compactness1", "Compactness2", "LeastAxisLength", "MajorAxisLength"),
        *("Maximum2DDiameterColumn", "Maximum2DDiameterRow", "Maximum2DDiameterSlice"),
        *("MeshVolume", "MinorAxisLength", "SphericalDisproportion", "Sphericity", "SurfaceArea"),
        "SurfaceVolumeRatio",
    ),
    "shape2D": ("MajorAxisLength", "MinorAxisLength", "SphericalDisproportion"),
}
_WAVELET = "wavelet_"
_HOW = re.compile(r"(_d1)?(_(2|2\.5|3)d(_avg|_mrg)?)?_fb[nsw][\d.]+$")


def base_name(feature: Feature) -> str:
    """Return a feature's name without its family and how it was computed.

    Examples
    --------
    >>> base_name(Feature("glcm_contrast_d1_3d_avg_fbn32", "glcm", "", ""))
    'contrast'
    """
    return _HOW.sub("", feature.name).removeprefix(f"{feature.family}_")


def pyradiomics_name(feature: Feature) -> str | None:
    """Return what pyradiomics calls a feature, or None where it has no such number.

    Examples
    --------
    >>> pyradiomics_name(Feature("glcm_contrast_d1_fbn32", "glcm", "", ""))
    'original_glcm_Contrast'

    The letters of a sub-band begin with the rows' axis, pyradiomics' with the columns':

    >>> pyradiomics_name(Feature("wavelet_glcm_lh_contrast_d1_fbn32", "wavelet_glcm", "", ""))
    'wavelet-HL_glcm_Contrast'
    """
    image, base = "original", base_name(feature)
    if feature.family.startswith(_WAVELET):
        band, _, base = base.partition("_")
        image = f"wavelet-{band[::-1].upper()}"
    kind, names = COUNTERPARTS.get(feature.family.removeprefix(_WAVELET), ("", {}))
    theirs = [name for name, ours in names.items() if ours == base]
    return f"{image}_{kind}_{theirs[0]}" if theirs else None


def feature_names(kind: str) -> frozenset[str]:
    """Return all features of a class of pyradiomics 3.0.1, those too that are not the same here.

    Examples
    --------
    >>> "MCC" in feature_names("glcm"), "Spectacles" in feature_names("glcm")
    (True, False)
    """
    same = [name for theirs, names in COUNTERPARTS.values() if theirs == kind for name in names]
    return frozenset(same) | frozenset(_OTHERS.get(kind, ()))


def renamed(feature: Feature) -> Feature:
    """Return a feature under pyradiomics' name, or as it is where there is none."""
    return replace(feature, name=pyradiomics_name(feature) or feature.name)
