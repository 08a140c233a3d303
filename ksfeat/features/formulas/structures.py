"""Formulas of spots, edges, waves and roughness."""

from __future__ import annotations

from ksfeat.features.formulas.rows import ANY, POSITIVE, SHARE, Formula, Table

_RADIUS = r"_r\d+_t30"
BRIGHT_SPOTS: Table = {
    f"count{_RADIUS}": Formula(
        "number of 8-connected parts of the pixels with c_k > 0.3, c_k = (x_k - opening of x by a "
        "disc at k) / (P_95 - P_5)",
        POSITIVE,
    ),
    f"area_share{_RADIUS}": Formula("(number of c_k > 0.3) / N", SHARE),
    f"largest_area_px{_RADIUS}": Formula("pixels of the largest part", ">= 1"),
    f"mean_contrast{_RADIUS}": Formula("mean of the c_k > 0.3", ">= 0.3"),
    f"strongest_contrast{_RADIUS}": Formula("max(c_k)", POSITIVE),
    f"second_contrast{_RADIUS}": Formula(
        "second highest of the parts' highest contrasts", ">= 0.3"
    ),
    f"strongest_area_px{_RADIUS}": Formula("pixels of the part with max(c_k)", ">= 1"),
    f"strongest_roundness{_RADIUS}": Formula(
        "sqrt(l_2 / l_1), l the eigenvalues of the covariance of its pixels' centres plus 1 / 12",
        SHARE,
    ),
}
_PICK = "(clearest|deepest|largest)"
ISOLATED_SPOTS: Table = {
    "count": Formula(
        "number of 8-connected parts of y_k > 0.5 of 3 px to 1 % of the image (a mask's of any "
        "size) away from the edge, 64 at most; y_k = (x_k - median of the foreground) / "
        "(max(x_k) - it)",
        "0 to 64",
    ),
    r"count_clearer_\d": Formula("number of them with clarity > the limit", "0 to 64"),
    "total_area_px": Formula("pixels of all of them", POSITIVE),
    f"{_PICK}_area_px": Formula("its pixels", ">= 3"),
    f"{_PICK}_contrast": Formula(
        "mean of y_k in it less that of the ring 2 to 4 px around it", ANY
    ),
    f"{_PICK}_unrest": Formula("standard deviation of y_k in that ring", POSITIVE),
    f"{_PICK}_clarity": Formula("contrast / (unrest + 0.01)", ANY),
    f"{_PICK}_depth_px": Formula(
        "mean over its pixels of the distance to what is outside the body", POSITIVE
    ),
    f"{_PICK}_bone_distance_px": Formula(
        "mean over its pixels of the distance to a bright part of more than 1 % of the image",
        POSITIVE,
    ),
    f"{_PICK}_fill": Formula("its pixels over those of the box around it", SHARE),
}
GRADIENTS: Table = {
    r"c4x4_r\d_c\d_bin\d": Formula(
        "h / |h|, cut at 0.2, and that over its length; h the sum of the moduli of the gradients "
        "of each cell and bin",
        SHARE,
    ),
}
_WAVE = "|sum(g(r) (exp(2 pi i u . r / w) - c) x(k - r))|, g a Gaussian of 0.56 w, u the direction"
WAVES: Table = {
    r"w\d+_a\d+_mean": Formula(f"mean of a_k = {_WAVE}, c so that a flat image gives 0", POSITIVE),
    r"w\d+_a\d+_sd": Formula("standard deviation of a_k", POSITIVE),
}
FRACTAL: Table = {
    "outline": Formula("-slope of log(boxes of side d that the outline meets) over log(d)", ANY),
    "boxes": Formula(
        "-slope of log(sum over boxes of side d of floor(max h) - floor(min h) + 1) over log(d), "
        "h = (x - lowest) length / (d range)",
        ANY,
    ),
    "increments": Formula("3 - slope of log(mean |x_k - x_l| at distance d) over log(d)", ANY),
}
