"""Features of neighbourhood grey tone difference matrices."""

from __future__ import annotations

import numpy as np

from ksfeat.scale.compiled import kernel, part_of_kernel


@kernel("void(int64[:,:,::1], int64[:,::1], float64[:,::1])")
def describe_differences(differences: np.ndarray, counts: np.ndarray, values: np.ndarray) -> None:
    """Compute the five features of neighbourhood grey tone difference matrices.

    Parameters
    ----------
    differences : ndarray of int64, shape (M, N, K + 1)
        From `count_neighbourhoods`, without level 0.
    counts : ndarray of int64, shape (M, N)
        Voxels of each level.
    values : ndarray of float64, shape (M, 5)
        Filled in; NaN before, and left where no voxel has a neighbour.
    """
    number = differences.shape[1]
    present = np.empty(number, dtype=np.int64)
    occurs = np.empty(number, dtype=np.int64)
    sides = np.empty(number)
    for m in range(differences.shape[0]):
        total = counts[m].sum() - differences[m, :, 0].sum()
        found = 0
        for i in range(number):
            voxels = counts[m, i] - differences[m, i, 0]
            if voxels > 0:
                present[found] = i + 1
                occurs[found] = voxels
                sides[found] = 0.0
                for near in range(1, differences.shape[2]):
                    sides[found] += differences[m, i, near] / near
                found += 1
        if found > 0:
            _describe_tones(present[:found], occurs, sides, total, values[m])


@part_of_kernel
def _describe_tones(
    present: np.ndarray, occurs: np.ndarray, sides: np.ndarray, total: int, values: np.ndarray
) -> None:
    found = present.size
    weighted, side = 0.0, 0.0
    for i in range(found):
        weighted += occurs[i] / total * sides[i]
        side += sides[i]
    contrast, busy, complexity, strength = 0.0, 0, 0.0, 0.0
    for i in range(found):
        for j in range(i):
            apart = float(present[i] - present[j])
            mine, others = occurs[i] / total, occurs[j] / total
            both = mine + others
            contrast += mine * others * apart * apart
            # Whole numbers: where it is zero, it must not be a rounding error.
            busy += abs(present[i] * occurs[i] - present[j] * occurs[j])
            complexity += apart * (mine * sides[i] + others * sides[j]) / both
            strength += both * apart * apart
    # The values at zero denominators are those that IBSI prescribes.
    values[0] = 1 / weighted if weighted > 0 else 1e6
    values[1] = 2 * contrast / (found * (found - 1)) * side / total if found > 1 else 0.0
    values[2] = weighted * total / (2 * busy) if busy > 0 else 0.0
    values[3] = 2 * complexity / total
    values[4] = 2 * strength / side if side > 0 else 0.0
