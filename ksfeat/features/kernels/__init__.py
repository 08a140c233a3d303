"""Loops over pixels, compiled by numba."""

from ksfeat.features.kernels.compile import compile_kernels
from ksfeat.features.kernels.cooccurrence import count_neighbours
from ksfeat.features.kernels.local_pattern import count_patterns

__all__ = ["compile_kernels", "count_neighbours", "count_patterns"]
