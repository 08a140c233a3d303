"""Formulas of the texture matrices.

Symbols: p(i, j) the shares of a matrix and n what it counts; p(i), p(j) its sums over the other
index, m_i and m_j, s_i and s_j their means and standard deviations.
"""

from __future__ import annotations

from ksfeat.features.formulas.rows import ANY, POSITIVE, SHARE, Formula, Table

PAIRS: Table = {
    "joint_maximum": Formula("max p(i, j)", SHARE),
    "joint_average": Formula("m_i = sum(i p(i, j))", ">= 1"),
    "joint_variance": Formula("sum((i - m_i)^2 p(i, j))", POSITIVE),
    "joint_entropy": Formula("-sum(p(i, j) log2 p(i, j))", POSITIVE),
    "difference_average": Formula(
        "m_d = sum(k p_d(k)), p_d(k) = sum of p(i, j) with |i - j| = k",
        POSITIVE,
    ),
    "difference_variance": Formula("sum((k - m_d)^2 p_d(k))", POSITIVE),
    "difference_entropy": Formula("-sum(p_d(k) log2 p_d(k))", POSITIVE),
    "sum_average": Formula(
        "m_s = sum(k p_s(k)), p_s(k) = sum of p(i, j) with i + j = k",
        ">= 2",
    ),
    "sum_variance": Formula("sum((k - m_s)^2 p_s(k))", POSITIVE),
    "sum_entropy": Formula("-sum(p_s(k) log2 p_s(k))", POSITIVE),
    "angular_second_moment": Formula("sum(p(i, j)^2)", SHARE),
    "contrast": Formula("sum((i - j)^2 p(i, j))", POSITIVE),
    "dissimilarity": Formula("sum(|i - j| p(i, j))", POSITIVE),
    "inverse_difference": Formula("sum(p(i, j) / (1 + |i - j|))", SHARE),
    "inverse_difference_normalised": Formula(
        "sum(p(i, j) / (1 + |i - j| / levels))",
        SHARE,
    ),
    "inverse_difference_moment": Formula("sum(p(i, j) / (1 + (i - j)^2))", SHARE),
    "inverse_difference_moment_normalised": Formula(
        "sum(p(i, j) / (1 + (i - j)^2 / levels^2))",
        SHARE,
    ),
    "inverse_variance": Formula("2 sum over i < j of p(i, j) / (i - j)^2", SHARE),
    "correlation": Formula("(sum(i j p(i, j)) - m_i^2) / s_i^2", "-1 to 1"),
    "autocorrelation": Formula("sum(i j p(i, j))", ">= 1"),
    "cluster_tendency": Formula("sum((i + j - 2 m_i)^2 p(i, j))", POSITIVE),
    "cluster_shade": Formula("sum((i + j - 2 m_i)^3 p(i, j))", ANY),
    "cluster_prominence": Formula("sum((i + j - 2 m_i)^4 p(i, j))", POSITIVE),
    "information_correlation_1": Formula(
        "(H - H1) / H(i); H the joint entropy, H1 = -sum(p(i, j) log2(p(i) p(j)))",
        "-1 to 0",
    ),
    "information_correlation_2": Formula(
        "sqrt(1 - exp(-2 (H2 - H))), H2 = -sum(p(i) p(j) log2(p(i) p(j)))",
        SHARE,
    ),
}
MAXIMAL_CORRELATION: Table = {
    "glcm_maximal_correlation_coefficient": Formula(
        "second largest |eigenvalue| of p(i, j) / sqrt(p(i) p(j))", SHARE
    )
}
_SMALL = "(short_runs?|small_(zone|distance)|low_dependence)"
_LARGE = "(long_runs?|large_(zone|distance)|high_dependence)"
_SIZE = "(run_length|zone_size|zone_distance|dependence_count)"
_EMPHASIS = "(_run|_count)?_emphasis"
# Of runs, zones, distances and dependences alike: i is the grey level and j the size, length,
# distance or dependence.
SIZES: Table = {
    f"{_SMALL}_emphasis": Formula("sum(p(i, j) / j^2)", SHARE),
    f"{_LARGE}_emphasis": Formula("sum(j^2 p(i, j))", ">= 1"),
    f"low_grey_level{_EMPHASIS}": Formula("sum(p(i, j) / i^2)", SHARE),
    f"high_grey_level{_EMPHASIS}": Formula("sum(i^2 p(i, j))", ">= 1"),
    f"{_SMALL}_low_grey_level_emphasis": Formula("sum(p(i, j) / (i^2 j^2))", SHARE),
    f"{_SMALL}_high_grey_level_emphasis": Formula("sum(i^2 p(i, j) / j^2)", POSITIVE),
    f"{_LARGE}_low_grey_level_emphasis": Formula("sum(j^2 p(i, j) / i^2)", POSITIVE),
    f"{_LARGE}_high_grey_level_emphasis": Formula("sum(i^2 j^2 p(i, j))", ">= 1"),
    "grey_level_non_uniformity": Formula("n sum(p(i)^2)", POSITIVE),
    "grey_level_non_uniformity_normalised": Formula("sum(p(i)^2)", SHARE),
    f"{_SIZE}_non_uniformity": Formula("n sum(p(j)^2)", POSITIVE),
    f"{_SIZE}_non_uniformity_normalised": Formula("sum(p(j)^2)", SHARE),
    "(run|zone|dependence_count)_percentage": Formula(
        "n / (voxels of the region; of runs: times the directions merged)", SHARE
    ),
    "grey_level_variance": Formula("sum((i - m_i)^2 p(i, j))", POSITIVE),
    f"{_SIZE}_variance": Formula("sum((j - m_j)^2 p(i, j))", POSITIVE),
    f"(run|{_SIZE})_entropy": Formula("-sum(p(i, j) log2 p(i, j))", POSITIVE),
    "dependence_count_energy": Formula("sum(p(i, j)^2)", SHARE),
}
TONES: Table = {
    "coarseness": Formula(
        "1 / sum(p_i s_i), s_i the sum of |i - mean of the neighbours|",
        "0 to 1,000,000",
    ),
    "contrast": Formula(
        "sum(p_i p_j (i - j)^2) / (g (g - 1)) sum(s_i) / N, g the levels that occur",
        POSITIVE,
    ),
    "busyness": Formula("sum(p_i s_i) / sum(|i p_i - j p_j|), of levels that occur", POSITIVE),
    "complexity": Formula("sum(|i - j| (p_i s_i + p_j s_j) / (p_i + p_j)) / N", POSITIVE),
    "strength": Formula("sum((p_i + p_j) (i - j)^2) / sum(s_i)", POSITIVE),
}
_UNIFORM = "share of pixels around which b of the P samples are >= the pixel, in one arc"
_MIXED = "1 - sum of the shares above"
PATTERNS: Table = {
    r"p8_r\d_bin09|p16_r\d_bin17|p24_r\d_bin25": Formula(_MIXED, SHARE),
    r"p\d+_r\d_bin\d+": Formula(_UNIFORM, SHARE),
}
