"""Shape of a slice's region in millimetres: what the IBSI's morphology is, in two dimensions."""

from __future__ import annotations

import numpy as np

from ksfeat.features.autocorrelation import autocorrelation
from ksfeat.features.hull import Hull, hull_of, straight_box, turned_box
from ksfeat.features.identity import Family, Feature
from ksfeat.features.morphology import moments_of, shift
from ksfeat.features.statistics import ratio
from ksfeat.features.surface import measure_outline
from ksfeat.roi import Region

_LINE = "all pixels lie on one line"
_POINT = "there is one pixel only"
_PAIRS = "the region has one grey level"
# name, title, unit, when it is not defined
_ROWS = (
    ("area", "area within the outline", "mm^2", ""),
    ("pixel_area", "area of the pixels", "mm^2", ""),
    ("perimeter", "length of the outline", "mm", ""),
    ("perimeter_to_area", "perimeter over area", "mm^-1", ""),
    ("circularity", "4 pi area / perimeter^2: 1 of a circle", "1", ""),
    ("sphericity", "perimeter of a circle of its area over its own", "1", ""),
    ("circular_disproportion", "perimeter over that of a circle of its area", "1", ""),
    (
        "centre_of_mass_shift",
        "from the centre of the shape to that of the intensities",
        "mm",
        "the intensities add up to 0",
    ),
    ("maximum_diameter", "largest distance of two points of the outline", "mm", ""),
    ("major_axis", "major axis of the ellipse with the same moments", "mm", ""),
    ("minor_axis", "minor axis of that ellipse", "mm", ""),
    ("elongation", "minor axis over the major one", "1", _POINT),
    ("area_density_box", "area over that of the box along the axes", "1", ""),
    ("perimeter_density_box", "perimeter over that of the box along the axes", "1", ""),
    ("area_density_turned_box", "area over that of the smallest box", "1", ""),
    ("perimeter_density_turned_box", "perimeter over that of the smallest box", "1", ""),
    ("area_density_ellipse", "area over that of the ellipse", "1", _LINE),
    ("area_density_hull", "area over that of the convex hull", "1", ""),
    ("perimeter_density_hull", "perimeter over that of the convex hull", "1", ""),
    ("integrated_intensity", "area times mean intensity", "intensity mm^2", ""),
    ("moran_i", "autocorrelation over all pairs (Moran's I)", "1", _PAIRS),
    ("geary_c", "contrast over all pairs (Geary's C)", "1", _PAIRS),
)


def compute(region: Region) -> np.ndarray:
    """Return the shape of a slice's region, as `morphology` describes that of a volume.

    The IBSI defines shape in three dimensions only, so none of these has its identifier.

    Parameters
    ----------
    region : Region
        Of a slice, with `spacing_mm`.

    Returns
    -------
    ndarray of float64, shape (22,)
        In the order of `family`'s features.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> square = StoneImage(np.eye(4), mask=np.ones((4, 4)), spacing_mm=(0.5, 0.5))
    >>> values = dict(zip(family().columns, compute(Region.of(square)).round(6)))
    >>> float(values["morphology_2d_pixel_area"]), float(values["morphology_2d_area"])
    (4.0, 3.875)
    """
    spacing = region.spacing_mm
    assert spacing is not None  # the family needs it
    area, length = measure_outline(region.outline, spacing)
    number, centre, axes = moments_of(region.outline, spacing)
    hull = hull_of(region.outline, spacing)
    round_ = 4 * np.pi * area / length**2
    return np.array(
        [
            *(area, number * np.prod(spacing), length, length / area),
            *(round_, round_**0.5, round_**-0.5, shift(region, centre), hull.diameter),
            *(*axes, ratio(axes[1], axes[0])),
            *_densities(area, length, hull),
            ratio(area, np.pi * axes[0] * axes[1] / 4),
            *(area / hull.size, length / hull.border, area * region.values.mean()),
            *autocorrelation(region.pixels, region.mask, spacing),
        ]
    )


def _densities(area: float, length: float, hull: Hull) -> list[float]:
    boxes = (straight_box(hull), turned_box(hull))
    return [part for a, b in boxes for part in (area / (a * b), length / (2 * (a + b)))]


def family() -> Family:
    """Return the family `morphology_2d`."""
    features = tuple(
        Feature(f"morphology_2d_{name}", "morphology_2d", title, unit, None, undefined)
        for name, title, unit, undefined in _ROWS
    )
    return Family("morphology_2d", features, compute, needs=("mm",))
