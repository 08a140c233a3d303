"""Formulas of what is said of the intensities, wherever they lie in the region.

Symbols: x_k the N intensities of the region, m their mean, s^2 their variance, P_q their q-th
percentile; p_i the share and n_i the number of grey level i.
"""

from __future__ import annotations

from ksfeat.features.formulas.rows import ANY, POSITIVE, SHARE, Formula, Table


def _statistics(level: str) -> Table:
    rows = {
        "mean": (f"m = sum({level}) / N", ANY),
        "variance": (f"s^2 = sum(({level} - m)^2) / N", POSITIVE),
        "skewness": (f"sum(({level} - m)^3) / (N s^3)", ANY),
        "kurtosis": (f"sum(({level} - m)^4) / (N s^4) - 3", ">= -2"),
        "median": ("P_50", ANY),
        "minimum": (f"min({level})", ANY),
        "p10": ("P_10", ANY),
        "p90": ("P_90", ANY),
        "maximum": (f"max({level})", ANY),
        "iqr": ("P_75 - P_25", POSITIVE),
        "range": ("maximum - minimum", POSITIVE),
        "mad": (f"sum(|{level} - m|) / N", POSITIVE),
        "robust_mad": (
            f"the same of those from P_10 to P_90, around the mean of those {level}",
            POSITIVE,
        ),
        "median_ad": (f"sum(|{level} - P_50|) / N", POSITIVE),
        "cov": ("s / m", ANY),
        "qcod": ("(P_75 - P_25) / (P_75 + P_25)", ANY),
    }
    return {name: Formula(*row) for name, row in rows.items()}


FIRST_ORDER: Table = {
    **_statistics("x_k"),
    "energy": Formula("sum(x_k^2)", POSITIVE),
    "rms": Formula("sqrt(sum(x_k^2) / N)", POSITIVE),
}
HISTOGRAM: Table = {
    **_statistics("level_k"),
    "mode": Formula("the level with the largest p_i; of several, that next to the mean", ">= 1"),
    "entropy": Formula("-sum(p_i log2 p_i)", "0 to log2(levels)"),
    "uniformity": Formula("sum(p_i^2)", SHARE),
    "max_gradient": Formula("largest (n_(i+1) - n_(i-1)) / 2, one-sided at the ends", ANY),
    "max_gradient_level": Formula("the level i of it", ">= 1"),
    "min_gradient": Formula("smallest of them", ANY),
    "min_gradient_level": Formula("the level i of it", ">= 1"),
}
_FRACTION = "share of x_k at the lowest step or above that is {} of the way from min to max of them"
_REACHED = "lowest step that a share of x_k of {} at most reaches; one above the last if none does"
INTENSITY_VOLUME: Table = {
    "v10": Formula(_FRACTION.format("10 %"), SHARE),
    "v90": Formula(_FRACTION.format("90 %"), SHARE),
    "i10": Formula(_REACHED.format("0.1"), ANY),
    "i90": Formula(_REACHED.format("0.9"), ANY),
    "v10_minus_v90": Formula("v10 - v90", SHARE),
    "i10_minus_i90": Formula("i10 - i90", POSITIVE),
    "area": Formula("trapezoids under the shares over the steps, from 0 at min to 1 at max", SHARE),
}
LOCAL_INTENSITY: Table = {
    "local_peak": Formula(
        "M_k of the voxel with the highest x_k, M_k the mean of all x within 6.204 mm of voxel k; "
        "of several, the highest M_k",
        ANY,
    ),
    "global_peak": Formula("max(M_k)", ANY),
}
HOUNSFIELD: Table = {
    r"share_above_\d+hu": Formula("(number of x_k > limit) / N", SHARE),
    "mean_above_130hu": Formula("m of the x_k > 130", ">= 130"),
    "sd_above_130hu": Formula("s of the x_k > 130", POSITIVE),
    "maximum_hu": Formula("max(x_k)", ANY),
}
# x_k at the first, y_k at the second energy.
DUAL_ENERGY: Table = {
    "mean_first_(dense|core)": Formula("m = sum(x_k) / N of those pixels", ">= 130"),
    "mean_first_mask": Formula("m = sum(x_k) / N", ANY),
    r"mean_second_\w+": Formula("m' = sum(y_k) / N of those pixels, y_k at the second energy", ANY),
    "ratio_(dense|core)": Formula("m / m'", POSITIVE),
    "ratio_mask": Formula("m / m'", ANY),
    r"difference_\w+": Formula("m - m'", ANY),
    "slope_dense": Formula(
        "(d + sqrt(d^2 + 4 c^2)) / (2 c), c the covariance of x_k and y_k and d the variance of "
        "x_k less that of y_k",
        ANY,
    ),
}
COLOUR: Table = {
    r"\w+_bin\d": Formula("share of pixels in the bin, of 8 of one width", SHARE),
    "hsv_[sv]_mean": Formula("m", SHARE),
    "hsv_[sv]_sd": Formula("s", "0 to 0.5"),
    "lab_l_mean": Formula("m", "0 to 100"),
    "lab_l_sd": Formula("s", "0 to 50"),
    "lab_[ab]_mean": Formula("m", "-128 to 128"),
    "lab_[ab]_sd": Formula("s", "0 to 128"),
}
