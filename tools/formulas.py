"""Formulas and ranges of the IBSI's families, for docs/features.md, in the order of the registry.

Symbols: x_k the N intensities of the region, m their mean, s^2 their variance, P_q their q-th
percentile; p_i the shares of grey levels i; p(i, j) the shares of pairs, runs, zones and so on, and
n their number; p(i), p(j) the sums over the other index, m_i and m_j, s_i and s_j their means and
standard deviations.
"""

from __future__ import annotations

# formula, range
Row = tuple[str, str]
_ANY, _POSITIVE, _SHARE = "any", ">= 0", "0 to 1"


def _statistics(level: str) -> dict[str, Row]:
    return {
        "mean": (f"m = sum({level}) / N", _ANY),
        "variance": (f"s^2 = sum(({level} - m)^2) / N", _POSITIVE),
        "skewness": (f"sum(({level} - m)^3) / (N s^3)", _ANY),
        "kurtosis": (f"sum(({level} - m)^4) / (N s^4) - 3", ">= -2"),
        "median": ("P_50", _ANY),
        "minimum": (f"min({level})", _ANY),
        "p10": ("P_10", _ANY),
        "p90": ("P_90", _ANY),
        "maximum": (f"max({level})", _ANY),
        "iqr": ("P_75 - P_25", _POSITIVE),
        "range": ("maximum - minimum", _POSITIVE),
        "mad": (f"sum(|{level} - m|) / N", _POSITIVE),
        "robust_mad": (
            f"the same of those from P_10 to P_90, around the mean of those {level}",
            _POSITIVE,
        ),
        "median_ad": (f"sum(|{level} - P_50|) / N", _POSITIVE),
        "cov": ("s / m", _ANY),
        "qcod": ("(P_75 - P_25) / (P_75 + P_25)", _ANY),
        "energy": (f"sum({level}^2)", _POSITIVE),
        "rms": (f"sqrt(sum({level}^2) / N)", _POSITIVE),
    }


_HISTOGRAM: dict[str, Row] = {
    **_statistics("level_k"),
    "mode": ("the level with the largest p_i; of several, that next to the mean", ">= 1"),
    "entropy": ("-sum(p_i log2 p_i)", "0 to log2(levels)"),
    "uniformity": ("sum(p_i^2)", _SHARE),
    "max_gradient": ("largest (n_(i+1) - n_(i-1)) / 2, one-sided at the ends", _ANY),
    "max_gradient_level": ("the level i of it", ">= 1"),
    "min_gradient": ("smallest of them", _ANY),
    "min_gradient_level": ("the level i of it", ">= 1"),
}
_PAIRS: dict[str, Row] = {
    "joint_maximum": ("max p(i, j)", _SHARE),
    "joint_average": ("m_i = sum(i p(i, j))", ">= 1"),
    "joint_variance": ("sum((i - m_i)^2 p(i, j))", _POSITIVE),
    "joint_entropy": ("-sum(p(i, j) log2 p(i, j))", _POSITIVE),
    "difference_average": (
        "m_d = sum(k p_d(k)), p_d(k) = sum of p(i, j) with |i - j| = k",
        _POSITIVE,
    ),
    "difference_variance": ("sum((k - m_d)^2 p_d(k))", _POSITIVE),
    "difference_entropy": ("-sum(p_d(k) log2 p_d(k))", _POSITIVE),
    "sum_average": ("m_s = sum(k p_s(k)), p_s(k) = sum of p(i, j) with i + j = k", ">= 2"),
    "sum_variance": ("sum((k - m_s)^2 p_s(k))", _POSITIVE),
    "sum_entropy": ("-sum(p_s(k) log2 p_s(k))", _POSITIVE),
    "angular_second_moment": ("sum(p(i, j)^2)", _SHARE),
    "contrast": ("sum((i - j)^2 p(i, j))", _POSITIVE),
    "dissimilarity": ("sum(|i - j| p(i, j))", _POSITIVE),
    "inverse_difference": ("sum(p(i, j) / (1 + |i - j|))", _SHARE),
    "inverse_difference_normalised": ("sum(p(i, j) / (1 + |i - j| / levels))", _SHARE),
    "inverse_difference_moment": ("sum(p(i, j) / (1 + (i - j)^2))", _SHARE),
    "inverse_difference_moment_normalised": ("sum(p(i, j) / (1 + (i - j)^2 / levels^2))", _SHARE),
    "inverse_variance": ("2 sum over i < j of p(i, j) / (i - j)^2", _SHARE),
    "correlation": ("(sum(i j p(i, j)) - m_i^2) / s_i^2", "-1 to 1"),
    "autocorrelation": ("sum(i j p(i, j))", ">= 1"),
    "cluster_tendency": ("sum((i + j - 2 m_i)^2 p(i, j))", _POSITIVE),
    "cluster_shade": ("sum((i + j - 2 m_i)^3 p(i, j))", _ANY),
    "cluster_prominence": ("sum((i + j - 2 m_i)^4 p(i, j))", _POSITIVE),
    "information_correlation_1": (
        "(H - H1) / H(i); H the joint entropy, H1 = -sum(p(i, j) log2(p(i) p(j)))",
        "-1 to 0",
    ),
    "information_correlation_2": (
        "sqrt(1 - exp(-2 (H2 - H))), H2 = -sum(p(i) p(j) log2(p(i) p(j)))",
        _SHARE,
    ),
}
# Of runs, zones, distances and dependences alike: i is the grey level and j the size, length,
# distance or dependence.
_SIZES: tuple[Row, ...] = (
    ("sum(p(i, j) / j^2)", _SHARE),
    ("sum(j^2 p(i, j))", ">= 1"),
    ("sum(p(i, j) / i^2)", _SHARE),
    ("sum(i^2 p(i, j))", ">= 1"),
    ("sum(p(i, j) / (i^2 j^2))", _SHARE),
    ("sum(i^2 p(i, j) / j^2)", _POSITIVE),
    ("sum(j^2 p(i, j) / i^2)", _POSITIVE),
    ("sum(i^2 j^2 p(i, j))", ">= 1"),
    ("n sum(p(i)^2)", _POSITIVE),
    ("sum(p(i)^2)", _SHARE),
    ("n sum(p(j)^2)", _POSITIVE),
    ("sum(p(j)^2)", _SHARE),
    ("n / (voxels of the region; of runs: times the directions merged)", _SHARE),
    ("sum((i - m_i)^2 p(i, j))", _POSITIVE),
    ("sum((j - m_j)^2 p(i, j))", _POSITIVE),
    ("-sum(p(i, j) log2 p(i, j))", _POSITIVE),
    ("sum(p(i, j)^2)", _SHARE),
)
_TONES: dict[str, Row] = {
    "coarseness": (
        "1 / sum(p_i s_i), s_i the sum of |i - mean of the neighbours|",
        "0 to 1,000,000",
    ),
    "contrast": (
        "sum(p_i p_j (i - j)^2) / (g (g - 1)) sum(s_i) / N, g the levels that occur",
        _POSITIVE,
    ),
    "busyness": ("sum(p_i s_i) / sum(|i p_i - j p_j|), of levels that occur", _POSITIVE),
    "complexity": ("sum(|i - j| (p_i s_i + p_j s_j) / (p_i + p_j)) / N", _POSITIVE),
    "strength": ("sum((p_i + p_j) (i - j)^2) / sum(s_i)", _POSITIVE),
}
BY_NAME: dict[str, dict[str, Row]] = {
    "first_order": _statistics("x_k"),
    "histogram": _HISTOGRAM,
    "glcm": _PAIRS,
    "ngtdm": _TONES,
}
BY_PLACE: dict[str, tuple[Row, ...]] = dict.fromkeys(("glrlm", "glszm", "gldzm", "ngldm"), _SIZES)
