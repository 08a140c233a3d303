"""Formulas of shapes.

Symbols: V and A the volume and the area of the mesh, in a slice A and L the area and the length of
the outline; l_1 >= l_2 >= l_3 the eigenvalues of the covariance of the voxels' centres; w_kl one
over the distance of the voxels k and l.
"""

from __future__ import annotations

from ksfeat.features.formulas.rows import ANY, POSITIVE, SHARE, Formula, Table

_AXES = {
    "major_axis": Formula("4 sqrt(l_1), the covariance over N - 1", POSITIVE),
    "minor_axis": Formula("4 sqrt(l_2)", POSITIVE),
    "elongation": Formula("sqrt(l_2 / l_1)", SHARE),
}
_INTENSITIES = {
    "centre_of_mass_shift": Formula(
        "|sum(r_k) / N - sum(x_k r_k) / sum(x_k)|, r_k the voxels' centres", POSITIVE
    ),
    "moran_i": Formula(
        "N / sum(w_kl) sum(w_kl (x_k - m) (x_l - m)) / sum((x_k - m)^2), over all k /= l", ANY
    ),
    "geary_c": Formula(
        "(N - 1) / (2 sum(w_kl)) sum(w_kl (x_k - x_l)^2) / sum((x_k - m)^2), over all k /= l",
        POSITIVE,
    ),
}
_SERIES = (
    "A / (4 pi a b sum(f^n P_n(g) / (1 - 4 n^2), n from 0 to 20)), f = u v, g = (u^2 + v^2) / "
    "(2 u v), u^2 = 1 - (b / a)^2, v^2 = 1 - (c / a)^2, P_n Legendre's polynomials"
)
_VOLUME_OVER = "V / (a b c), a, b, c the sides of {}"
_AREA_OVER = "A / (2 (a b + b c + c a))"
SOLIDS: Table = {
    "volume": Formula("V = sum(a . (b x c)) / 6 over the triangles a, b, c of the mesh", POSITIVE),
    "voxel_volume": Formula("N times the volume of a voxel", POSITIVE),
    "surface_area": Formula("A = sum(|(b - a) x (c - a)|) / 2", POSITIVE),
    "surface_to_volume": Formula("A / V", POSITIVE),
    "compactness_1": Formula("V / (sqrt(pi) A^1.5)", "0 to 0.053051648"),
    "compactness_2": Formula("36 pi V^2 / A^3", SHARE),
    "spherical_disproportion": Formula("A / (36 pi V^2)^(1/3)", ">= 1"),
    "sphericity": Formula("(36 pi V^2)^(1/3) / A", SHARE),
    "asphericity": Formula("A / (36 pi V^2)^(1/3) - 1", POSITIVE),
    "maximum_diameter": Formula("max(|a - b|) of the vertices of the mesh", POSITIVE),
    **_AXES,
    "least_axis": Formula("4 sqrt(l_3)", POSITIVE),
    "flatness": Formula("sqrt(l_3 / l_1)", SHARE),
    **_INTENSITIES,
    "volume_density_box": Formula(_VOLUME_OVER.format("the mesh along the axes"), SHARE),
    "area_density_box": Formula(_AREA_OVER, POSITIVE),
    "volume_density_turned_box": Formula(
        _VOLUME_OVER.format("the smallest box upon a facet of the hull"), SHARE
    ),
    "area_density_turned_box": Formula(_AREA_OVER, POSITIVE),
    "volume_density_ellipsoid": Formula(
        "V / (4/3 pi a b c), a, b, c = 2 sqrt(l_1), 2 sqrt(l_2), 2 sqrt(l_3)", POSITIVE
    ),
    "area_density_ellipsoid": Formula(_SERIES, POSITIVE),
    "volume_density_enclosing_ellipsoid": Formula(
        "V / (4/3 pi a b c), a, b, c the semi-axes of Loewner's ellipsoid of the mesh", SHARE
    ),
    "area_density_enclosing_ellipsoid": Formula("by the same series of these", POSITIVE),
    "volume_density_hull": Formula("V over the volume of the convex hull of the mesh", SHARE),
    "area_density_hull": Formula("A over the area of that hull", POSITIVE),
    "integrated_intensity": Formula("V m", ANY),
}
_AREA_OF_BOX = "A / (a b), a, b the sides of {}"
OUTLINES: Table = {
    "area": Formula("A = |sum(a x b)| / 2 over the edges a, b of the outline", POSITIVE),
    "pixel_area": Formula("N times the area of a pixel", POSITIVE),
    "perimeter": Formula("L = sum(|b - a|)", POSITIVE),
    "perimeter_to_area": Formula("L / A", POSITIVE),
    "circularity": Formula("4 pi A / L^2", SHARE),
    "sphericity": Formula("2 sqrt(pi A) / L", SHARE),
    "circular_disproportion": Formula("L / (2 sqrt(pi A))", ">= 1"),
    "maximum_diameter": Formula("max(|a - b|) of the vertices of the outline", POSITIVE),
    **_AXES,
    **_INTENSITIES,
    "area_density_box": Formula(_AREA_OF_BOX.format("the outline along the axes"), SHARE),
    "perimeter_density_box": Formula("L / (2 (a + b))", POSITIVE),
    "area_density_turned_box": Formula(_AREA_OF_BOX.format("the smallest box"), SHARE),
    "perimeter_density_turned_box": Formula("L / (2 (a + b))", POSITIVE),
    "area_density_ellipse": Formula("A / (4 pi sqrt(l_1 l_2))", POSITIVE),
    "area_density_hull": Formula("A over the area of the convex hull of the outline", SHARE),
    "perimeter_density_hull": Formula("L over the length of that hull", POSITIVE),
    "integrated_intensity": Formula("A m", ANY),
}
# In pixels: eta_pq = mu_pq / N^(1 + (p + q) / 2) of central moments mu_pq.
_HU = (
    "e20 + e02",
    "(e20 - e02)^2 + 4 e11^2",
    "(e30 - 3 e12)^2 + (3 e21 - e03)^2",
    "(e30 + e12)^2 + (e21 + e03)^2",
    "(e30 - 3 e12) q ((q)^2 - 3 (r)^2) + (3 e21 - e03) r (3 (q)^2 - (r)^2)",
    "(e20 - e02) ((q)^2 - (r)^2) + 4 e11 q r",
    "(3 e21 - e03) q ((q)^2 - 3 (r)^2) - (e30 - 3 e12) r (3 (q)^2 - (r)^2)",
)
_MOMENTS = "; e_pq = sum((y_k - y)^p (x_k - x)^q) / N^(1 + (p + q) / 2) of the pixels"
_TURNS = ", q = e30 + e12, r = e21 + e03"


def _hu(number: int, moment: str) -> Formula:
    shown = moment.replace("(q)", "q").replace("(r)", "r")
    shown += (_TURNS if number > 4 else "") + (_MOMENTS if number == 1 else "")
    return Formula(f"-sign(h) log10(|h|), 0 if h is; h = {shown}", ANY)


FLAT_SHAPES: Table = {
    "area_px": Formula("N", ">= 1"),
    "perimeter_px": Formula(
        "Cauchy-Crofton: pi / 4 times the sum over 4 directions of the steps into the region, "
        "those of diagonals over sqrt(2)",
        POSITIVE,
    ),
    "major_axis_px": Formula("4 sqrt(l_1), the covariance over N", POSITIVE),
    "minor_axis_px": Formula("4 sqrt(l_2)", POSITIVE),
    "eccentricity": Formula("sqrt(1 - l_2 / l_1), 0 if l_1 is", SHARE),
    "solidity": Formula("N over the area of the convex hull of the pixels' squares", SHARE),
    "extent": Formula("N over the area of the box around the region", SHARE),
    "equivalent_diameter_px": Formula("2 sqrt(N / pi)", ">= 1"),
    "circularity": Formula("4 pi area / perimeter^2", POSITIVE),
    "euler_number": Formula("parts - holes", ANY),
    "feret_diameter_px": Formula("max(|a - b|) of the corners of the pixels' squares", ">= 1"),
    "components": Formula("number of 8-connected parts", ">= 1"),
    "largest_component_share": Formula("pixels of the largest part over those of all", SHARE),
    **{f"hu{number}": _hu(number, moment) for number, moment in enumerate(_HU, 1)},
}
ZERNIKE: Table = {
    r"(shape|intensity)_n\d_l\d": Formula(
        "(n + 1) / pi |sum(w_k R_nl(d_k) exp(-i l t_k))|, d_k and t_k the polar coordinates in the "
        "disc and w_k the pixel's share; R_nl(d) = sum((-1)^s (n - s)! d^(n - 2 s) / (s! "
        "((n + l) / 2 - s)! ((n - l) / 2 - s)!), s from 0 to (n - l) / 2)",
        POSITIVE,
    ),
}
