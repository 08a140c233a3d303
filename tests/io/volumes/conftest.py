"""Volumes in every orientation, written by nibabel: the way around that is not ksfeat's own."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

SHAPE = (4, 3, 5)
VOXELS = np.arange(60, dtype=np.int16).reshape(SHAPE) * 37 - 1000


def _affine(order, signs, degrees, lengths, origin):
    """Return a matrix to right, anterior, superior: axes in any order, flipped, turned a little."""
    turned = Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()
    affine = np.eye(4)
    affine[:3, :3] = turned @ np.eye(3)[:, list(order)] @ np.diag(np.multiply(signs, lengths))
    affine[:3, 3] = origin
    return affine


@pytest.fixture(scope="session")
def voxels():
    return VOXELS


@pytest.fixture(scope="session")
def affines():
    """Strategy of all 48 orientations, oblique by up to 12 degrees about each axis."""
    return st.builds(
        _affine,
        st.sampled_from(list(permutations(range(3)))),
        st.sampled_from(list(product((1, -1), repeat=3))),
        st.sampled_from([(0, 0, 0), (12, 0, 0), (-7, 12, 5)]),
        st.just((0.75, 1.5, 5.0)),
        st.sampled_from([(0.0, 0.0, 0.0), (-120.5, 33.25, -900.0)]),
    )
