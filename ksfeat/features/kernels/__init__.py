"""Loops over pixels, compiled by numba.

Every module that holds kernels is imported here, so that `compile_kernels` knows them all.
"""

from ksfeat.features.kernels import (
    cooccurrence,
    depths,
    levels,
    neighbourhoods,
    pair_features,
    pairs,
    size_features,
    solid_hull,
    solid_points,
    solids,
    spots,
    tone_features,
    weighted_sums,
    zones,
)
from ksfeat.features.kernels.local_pattern import count_patterns

__all__ = [
    "cooccurrence",
    "count_patterns",
    "depths",
    "levels",
    "neighbourhoods",
    "pair_features",
    "pairs",
    "size_features",
    "solid_hull",
    "solid_points",
    "solids",
    "spots",
    "tone_features",
    "weighted_sums",
    "zones",
]
