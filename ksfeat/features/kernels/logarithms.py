"""Logarithms of counts, looked up: most counts of a matrix are small."""

from __future__ import annotations

import math

import numpy as np

from ksfeat.scale.compiled import part_of_kernel

_TABLED = 4096
_counts = np.arange(_TABLED, dtype=np.float64)
C_LOG_C = _counts * np.log2(np.maximum(_counts, 1.0))


@part_of_kernel
def c_log_c(count: int, table: np.ndarray) -> float:
    """Return c log2 c, from the table `C_LOG_C` where it has it."""
    return table[count] if count < table.size else count * math.log2(count)
