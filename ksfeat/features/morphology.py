"""Shape of a volume's region in millimetres (IBSI family HCUG)."""

from __future__ import annotations

from math import prod

import numpy as np

from ksfeat.features.autocorrelation import autocorrelation
from ksfeat.features.hull import (
    Hull,
    diameter_of,
    ellipsoid_size,
    enclosing_ellipsoid,
    hull_of,
    straight_box,
    turned_box,
)
from ksfeat.features.identity import Family, Feature
from ksfeat.features.kernels.solids import sum_positions
from ksfeat.features.statistics import ratio
from ksfeat.features.surface import measure_surface
from ksfeat.roi import Region

_FLAT = "all voxels lie in one plane"
_POINT = "there is one voxel only"
_PAIRS = "the region has one grey level"
# name, title, unit, IBSI id, when it is not defined
_ROWS = (
    ("volume", "volume within the surface mesh", "mm^3", "RNU0", ""),
    ("voxel_volume", "volume of the voxels", "mm^3", "YEKZ", ""),
    ("surface_area", "area of the surface mesh", "mm^2", "C0JK", ""),
    ("surface_to_volume", "surface over volume", "mm^-1", "2PR5", ""),
    ("compactness_1", "V / (sqrt(pi) A^1.5): 1 / (6 pi) of a ball", "1", "SKGS", ""),
    ("compactness_2", "36 pi V^2 / A^3: 1 of a ball", "1", "BQWJ", ""),
    ("spherical_disproportion", "surface over that of a ball of its volume", "1", "KRCK", ""),
    ("sphericity", "surface of a ball of its volume over its own", "1", "QCFX", ""),
    ("asphericity", "spherical disproportion less 1", "1", "25C7", ""),
    (
        "centre_of_mass_shift",
        "from the centre of the shape to that of the intensities",
        "mm",
        "KLMA",
        "the intensities add up to 0",
    ),
    ("maximum_diameter", "largest distance of two points of the mesh", "mm", "L0JK", ""),
    ("major_axis", "major axis of the ellipsoid with the same moments", "mm", "TDIC", ""),
    ("minor_axis", "second axis of that ellipsoid", "mm", "P9VJ", ""),
    ("least_axis", "least axis of that ellipsoid", "mm", "7J51", ""),
    ("elongation", "second axis over the major one", "1", "Q3CK", _POINT),
    ("flatness", "least axis over the major one", "1", "N17B", _POINT),
    ("volume_density_box", "volume over that of the box along the axes", "1", "PBX1", ""),
    ("area_density_box", "surface over that of the box along the axes", "1", "R59B", ""),
    ("volume_density_turned_box", "volume over that of the smallest box", "1", "ZH1A", ""),
    ("area_density_turned_box", "surface over that of the smallest box", "1", "IQYR", ""),
    ("volume_density_ellipsoid", "volume over that of the ellipsoid", "1", "6BDE", _FLAT),
    ("area_density_ellipsoid", "surface over that of the ellipsoid", "1", "RDD2", _FLAT),
    (
        "volume_density_enclosing_ellipsoid",
        "volume over that of the smallest ellipsoid around",
        "1",
        "SWZ1",
        "",
    ),
    (
        "area_density_enclosing_ellipsoid",
        "surface over that of the smallest ellipsoid around",
        "1",
        "BRI8",
        "",
    ),
    ("volume_density_hull", "volume over that of the convex hull", "1", "R3ER", ""),
    ("area_density_hull", "surface over that of the convex hull", "1", "7T7F", ""),
    ("integrated_intensity", "volume times mean intensity", "intensity mm^3", "99N0", ""),
    ("moran_i", "autocorrelation over all pairs (Moran's I)", "1", "N365", _PAIRS),
    ("geary_c", "contrast over all pairs (Geary's C)", "1", "NPT7", _PAIRS),
)
# What `compute_sizes` returns.
SIZES = (
    *("volume", "voxel_volume", "surface_area", "surface_to_volume", "sphericity"),
    *("maximum_diameter", "major_axis", "minor_axis", "least_axis", "elongation", "flatness"),
)


def compute(region: Region) -> np.ndarray:
    """Return the 29 IBSI features of the shape of a volume's region.

    The outline is described as it was drawn; the intensities are those that re-segmentation left.

    Parameters
    ----------
    region : Region
        Of a volume, with `spacing_mm`.

    Returns
    -------
    ndarray of float64, shape (29,)
        In the order of `family`'s features.

    Notes
    -----
    The turned box is the smallest that lies on a facet of the hull. The mesh is that of marching
    cubes (Lewiner) at half height. The enclosing ellipsoid is Loewner's to 1e-8, where the IBSI
    stops at 0.1 %.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> cube = StoneImage(np.ones((4, 4, 4)), volume=True, spacing_mm=(1.0, 1.0, 1.0))
    >>> values = dict(zip(family().columns, compute(Region.of(cube)).round(3)))
    >>> float(values["morphology_voxel_volume"]), float(values["morphology_major_axis"])
    (64.0, 4.507)
    """
    spacing = region.spacing_mm
    assert spacing is not None  # the family needs it
    volume, area = measure_surface(region.outline, spacing)
    number, centre, axes = moments_of(region.outline, spacing)
    hull = hull_of(region.outline, spacing)
    ball = (36 * np.pi * volume**2) ** (1 / 3)
    return np.array(
        [
            *(volume, number * prod(spacing), area, area / volume),
            *(volume / (np.pi**0.5 * area**1.5), 36 * np.pi * volume**2 / area**3),
            *(area / ball, ball / area, area / ball - 1, shift(region, centre), hull.diameter),
            *(*axes, ratio(axes[1], axes[0]), ratio(axes[2], axes[0])),
            *_densities(volume, area, hull, axes),
            volume * region.values.mean(),
            *autocorrelation(region.pixels, region.mask, spacing),
        ]
    )


def compute_sizes(region: Region) -> np.ndarray:
    """Return those 11 of the features that need neither intensities nor a hull, which is quick.

    They are what pyradiomics has, too.

    Parameters
    ----------
    region : Region
        Of a volume, with `spacing_mm`.

    Returns
    -------
    ndarray of float64, shape (11,)
        In the order of `SIZES`.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> cube = StoneImage(np.ones((4, 4, 4)), volume=True, spacing_mm=(1.0, 1.0, 1.0))
    >>> values = dict(zip(SIZES, compute_sizes(Region.of(cube)).round(3).tolist()))
    >>> values["voxel_volume"], values["maximum_diameter"]
    (64.0, 5.831)
    """
    spacing = region.spacing_mm
    assert spacing is not None  # the family needs it
    volume, area = measure_surface(region.outline, spacing)
    number, _, axes = moments_of(region.outline, spacing)
    return np.array(
        [
            *(volume, number * prod(spacing), area, area / volume),
            *((36 * np.pi * volume**2) ** (1 / 3) / area, diameter_of(region.outline, spacing)),
            *(*axes, ratio(axes[1], axes[0]), ratio(axes[2], axes[0])),
        ]
    )


def moments_of(
    mask: np.ndarray, spacing_mm: tuple[float, ...]
) -> tuple[int, np.ndarray, np.ndarray]:
    """Return number and centre of voxels, and the axes of the ellipsoid with the same moments.

    Parameters
    ----------
    mask : ndarray of bool, shape (H, W) or (Z, H, W)
        Not empty.
    spacing_mm : tuple of float
        Of its axes.

    Returns
    -------
    number : int
        Of voxels.
    centre : ndarray of float64, shape (2,) or (3,)
        In mm from the first voxel.
    axes : ndarray of float64, shape (2,) or (3,)
        Four standard deviations along the principal directions, falling.
    """
    sums = sum_positions(mask.reshape((1,) * (3 - mask.ndim) + mask.shape).view(np.uint8))
    number = int(sums[0])
    centre = sums[1:4] / number
    zz, yy, xx, zy, zx, yx = sums[4:] / number
    second = np.array([[zz, zy, zx], [zy, yy, yx], [zx, yx, xx]]) - np.outer(centre, centre)
    inner = slice(3 - mask.ndim, 3)
    # The IBSI's values are those of the sample's covariance, divided by the number less one.
    spread = second[inner, inner] * np.outer(spacing_mm, spacing_mm) * number / max(number - 1, 1)
    axes = 4 * np.sqrt(np.maximum(np.linalg.eigvalsh(spread)[::-1], 0.0))
    axes[axes < 1e-6 * max(spacing_mm)] = 0.0  # what rounding left of nothing
    return number, centre[inner] * spacing_mm, axes


def shift(region: Region, centre: np.ndarray) -> float:
    """Return the distance from a centre to that of the intensities, in mm."""
    total = region.values.sum()
    if total == 0:
        return np.nan
    held = np.where(region.mask, region.pixels, 0.0)
    along = []
    for axis, step in enumerate(region.spacing_mm or ()):
        others = tuple(other for other in range(held.ndim) if other != axis)
        along.append(np.arange(held.shape[axis]) @ held.sum(axis=others) * step / total)
    return float(np.sqrt(np.square(np.subtract(along, centre)).sum()))


def _densities(volume: float, area: float, hull: Hull, axes: np.ndarray) -> list[float]:
    """Return volume and area relative to boxes, ellipsoids and the hull."""
    sizes = [_box_size(straight_box(hull)), _box_size(turned_box(hull))]
    sizes.append(ellipsoid_size(axes / 2) if axes[2] > 0 else (np.nan, np.nan))
    sizes += [ellipsoid_size(enclosing_ellipsoid(hull)), (hull.size, hull.border)]
    return [part for size in sizes for part in (volume / size[0], area / size[1])]


def _box_size(sides: np.ndarray) -> tuple[float, float]:
    a, b, c = sides
    return a * b * c, 2 * (a * b + b * c + c * a)


def family() -> Family:
    """Return the family `morphology`."""
    features = tuple(
        Feature(f"morphology_{name}", "morphology", *identity) for name, *identity in _ROWS
    )
    return Family("morphology", features, compute, needs=("mm",), dimensions=(3,))
