"""Shape of the region, or of the foreground where nobody drew a region."""

from __future__ import annotations

import cv2
import numpy as np
from skimage.measure import regionprops

from ksfeat.features.identity import Family, Feature
from ksfeat.roi import Region
from ksfeat.roi.body import above_otsu, largest_component

_FLAT = "no mask, and the image has one grey level"
_HU_MOMENTS = 7
_SMALLEST_MOMENT = 1e-30  # below it a moment is rounding; symmetric shapes have exact zeros
# name, title, unit
_ROWS = (
    ("area", "area", "px^2"),
    ("perimeter", "length of the outline (Crofton, 4 directions)", "px"),
    ("major_axis", "major axis of the ellipse with the same moments", "px"),
    ("minor_axis", "minor axis of the ellipse with the same moments", "px"),
    ("eccentricity", "eccentricity of that ellipse (0 a circle, 1 a line)", "1"),
    ("solidity", "area over the area of the convex hull", "1"),
    ("extent", "area over the area of the bounding box", "1"),
    ("equivalent_diameter", "diameter of the circle of the same area", "px"),
    ("circularity", "4 pi area / perimeter^2 (1 a circle; more for a few pixels)", "1"),
    ("euler_number", "parts less holes, 8-connected", "1"),
    ("feret_diameter", "largest distance between two points of the region", "px"),
    ("components", "number of parts", "1"),
    ("largest_component_share", "area of the largest part over all parts", "1"),
)


def compute(region: Region) -> np.ndarray:
    """Return the shape of a region in pixels.

    With a mask, it is the mask that is described, all its parts together. Without one it is the
    largest part above Otsu's threshold; `components` then counts all parts above the threshold.

    Parameters
    ----------
    region : Region
        What to describe.

    Returns
    -------
    ndarray of float64, shape (20,)
        In the order of `family`'s features; the last seven are Hu's moments h as
        ``-sign(h) * log10(abs(h))``, and 0 where a moment vanishes.

    References
    ----------
    .. [1] M.-K. Hu, "Visual pattern recognition by moment invariants", IRE Trans. Inf. Theory 8
           (1962) 179-187.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> square = Region.of(StoneImage(np.eye(4), mask=np.ones((4, 4))))
    >>> values = dict(zip(family().columns, compute(square)))
    >>> float(values["shape_area_px"]), float(values["shape_solidity"])
    (16.0, 1.0)
    """
    parts = _parts(region)
    if not parts.any():
        return np.full(len(_ROWS) + _HU_MOMENTS, np.nan)
    count, _, stats, _ = cv2.connectedComponentsWithStats(parts.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    measured = _measure(described_mask(region, parts))
    return np.array([*measured[:-1], count - 1.0, areas.max() / areas.sum(), *measured[-1]])


def described_mask(region: Region, parts: np.ndarray | None = None) -> np.ndarray:
    """Return the mask whose shape is described: all that was drawn, or the largest bright part.

    Parameters
    ----------
    region : Region
        What to describe.
    parts : ndarray of bool, optional
        All parts, where they are known already.

    Returns
    -------
    ndarray of bool, in the shape of the region
        All False where nobody drew a mask and the image has one grey level.
    """
    known = _parts(region) if parts is None else parts
    return known if region.has_mask or not known.any() else largest_component(known)


def _parts(region: Region) -> np.ndarray:
    return region.mask if region.has_mask else above_otsu(region.pixels)


def _measure(mask: np.ndarray) -> tuple:
    properties = regionprops(mask.astype(np.uint8))[0]
    area, perimeter = float(properties.area), float(properties.perimeter_crofton)
    hull_area, feret = _hull(mask)
    return (
        area,
        perimeter,
        properties.axis_major_length,
        properties.axis_minor_length,
        properties.eccentricity,
        area / hull_area,
        properties.extent,
        properties.equivalent_diameter_area,
        4 * np.pi * area / perimeter**2,
        float(properties.euler_number),
        feret,
        _logarithm(properties.moments_hu),
    )


def _hull(mask: np.ndarray) -> tuple[float, float]:
    """Return area and diameter of the convex hull of the pixels' squares."""
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask[rows].argmax(axis=1)
    last = mask.shape[1] - mask[rows, ::-1].argmax(axis=1)
    # The outermost corners of each row are enough: every other corner lies between them.
    columns = np.concatenate([first, last, first, last])
    corners = np.stack([columns, np.concatenate([rows, rows, rows + 1, rows + 1])], axis=1)
    hull = cv2.convexHull(corners.astype(np.int32))[:, 0].astype(np.float64)
    steps = hull[:, None] - hull
    return cv2.contourArea(hull.astype(np.float32)), float(np.sqrt((steps**2).sum(axis=-1).max()))


def _logarithm(hu: np.ndarray) -> np.ndarray:
    size = np.abs(hu)
    seen = size > _SMALLEST_MOMENT
    logarithm = -np.sign(hu) * np.log10(np.where(seen, size, 1.0))
    return np.where(seen, logarithm, 0.0) + 0.0  # + 0.0 turns -0.0 into 0.0


def family() -> Family:
    """Return the family `shape`."""
    rows = [
        *_ROWS,
        *((f"hu{n}", f"Hu moment {n}, logarithmic", "1") for n in range(1, _HU_MOMENTS + 1)),
    ]
    features = tuple(
        Feature(_column(name, unit), "shape", title, unit, None, _FLAT)
        for name, title, unit in rows
    )
    return Family("shape", features, compute)


def _column(name: str, unit: str) -> str:
    return f"shape_{name}_px" if unit.startswith("px") else f"shape_{name}"
