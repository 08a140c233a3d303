"""Surface meshes of masks: marching cubes at half height, without making the mesh.

The mask is 0 or 1, so every vertex lies half way between two voxels and what a cell between eight
voxels adds to area and volume depends on which of them are inside alone: 256 cases, counted.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from skimage.measure import marching_cubes

from ksfeat.features.kernels.solids import count_cells


def measure_surface(mask: np.ndarray, spacing_mm: tuple[float, ...]) -> tuple[float, float]:
    """Return volume and area of the mesh around a mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (Z, H, W)
        Any; its voxels need not be connected.
    spacing_mm : tuple of float
        Of the three axes.

    Returns
    -------
    volume, area : float
        In mm^3 and mm^2, of the mesh that marching cubes (Lewiner) makes.

    References
    ----------
    .. [1] T. Lewiner et al., "Efficient implementation of marching cubes' cases with topological
           guarantees", Journal of Graphics Tools 8 (2003) 1-15.

    Examples
    --------
    One voxel is an octahedron:

    >>> volume, area = measure_surface(np.ones((1, 1, 1), dtype=bool), (1.0, 1.0, 1.0))
    >>> round(volume, 6), round(area, 6)
    (0.166667, 1.732051)
    """
    counts = count_cells(np.pad(mask, 1).view(np.uint8))
    area, flux, facing = _cells(tuple(map(float, spacing_mm)))
    heights = np.arange(len(counts)) * spacing_mm[0]
    number = counts.sum(axis=0)
    return abs(float(number @ flux + heights @ (counts @ facing))), float(number @ area)


@lru_cache(maxsize=64)
def _cells(spacing_mm: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return area, flux of (z, 0, 0) and area facing z of the surface in each of the 256 cells.

    By the divergence theorem that flux through the whole surface is the volume.
    """
    triangles, cell = _triangles()
    corners = triangles * np.asarray(spacing_mm)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2
    area = np.bincount(cell, np.sqrt((normals**2).sum(axis=1)), 256)
    flux = np.bincount(cell, normals[:, 0] * corners[:, :, 0].mean(axis=1), 256)
    return area, flux, np.bincount(cell, normals[:, 0], 256)


@cache
def _triangles() -> tuple[np.ndarray, np.ndarray]:
    """Return the triangles of every cell, (n, corner, axis), and the code of the cell of each."""
    found, cells = [], []
    for code in range(1, 255):
        inside = (code >> np.arange(8) & 1).reshape(2, 2, 2).astype(np.float32)
        vertices, faces, _, _ = marching_cubes(inside, 0.5)
        found.append(vertices[faces].astype(np.float64))
        cells.append(np.full(len(faces), code))
    return np.concatenate(found), np.concatenate(cells)


def measure_outline(mask: np.ndarray, spacing_mm: tuple[float, ...]) -> tuple[float, float]:
    """Return area and length of the line around a mask by marching squares at half height.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W)
        Any. Pixels that share a corner only are not joined.
    spacing_mm : tuple of float
        Of the two axes.

    Returns
    -------
    area, length : float
        In mm^2 and mm.

    Examples
    --------
    >>> area, length = measure_outline(np.ones((1, 1), dtype=bool), (1.0, 1.0))
    >>> area, round(length, 6)
    (0.5, 2.828427)
    """
    inside = np.pad(mask, 1).view(np.uint8)
    top, bottom = inside[:-1], inside[1:]
    code = top[:, :-1] + 2 * top[:, 1:] + 4 * bottom[:, :-1] + 8 * bottom[:, 1:]
    counts = np.bincount(code.ravel(), minlength=16)
    corners = np.array([bin(number).count("1") for number in range(16)])
    diagonal = np.isin(np.arange(16), (6, 9))
    upright, level = np.isin(np.arange(16), (5, 10)), np.isin(np.arange(16), (3, 12))
    high, wide = spacing_mm
    slant = np.hypot(high, wide) / 2
    area = np.select([diagonal], [0.25], np.array([0, 0.125, 0.5, 0.875, 1])[corners])
    length = np.select(
        [diagonal, upright, level, corners % 2 == 1], [2 * slant, high, wide, slant], 0.0
    )
    return float(counts @ area) * high * wide, float(counts @ length)
