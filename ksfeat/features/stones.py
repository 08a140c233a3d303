"""What each candidate for a stone is like: size, shape, density, and what lies round it."""

from __future__ import annotations

from functools import cache

import numpy as np

from ksfeat.features.identity import Feature
from ksfeat.features.kernels.spots import N_SPOT, describe_spots
from ksfeat.features.stone_context import CONTEXT, describe_context
from ksfeat.roi.candidate_scene import SIGMAS
from ksfeat.roi.candidates import Candidates

RING_EDGES = (0.0, 1.5, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 36.0, 46.0)  # working pixels
_PLACES = tuple(f"s{round(10 * sigma)}" for sigma in SIGMAS)
_RINGS = tuple(f"r{round(10 * edge)}" for edge in RING_EDGES[1:])
# name, title, unit
_REGION = (
    ("area", "area at half height", "px^2"),
    ("width", "width of the bounding box", "px"),
    ("height", "height of the bounding box", "px"),
    ("major_axis", "major axis of the ellipse of equal moments", "px"),
    ("minor_axis", "minor axis of the ellipse of equal moments", "px"),
    ("roundness", "minor over major axis", "1"),
    ("roughness", "outline squared over 16 areas: 1 for a square", "1"),
    ("fill", "area over that of the bounding box", "1"),
    ("mean", "mean level", "level"),
    ("maximum", "highest level", "level"),
    ("sd", "standard deviation of levels", "level"),
    ("core_rim", "mean of the core less that of the outermost pixels", "level"),
    ("edge_gradient", "mean step over the outline", "level"),
    ("offset", "distance of the centroid from the most prominent place", "px"),
    ("spread", "first Hu moment: 1 for a disc", "1"),
    ("box_dimension", "box-counting dimension of the outline", "1"),
    ("centroid_x", "centroid right of the most prominent place", "px"),
    ("centroid_y", "centroid below the most prominent place", "px"),
    ("cut", "whether the image's edge cuts it", "1"),
)
_MADE_OF = (
    ("fat", "share below -50 levels"),
    ("gas", "share below -105 levels"),
    ("bright", "share above 45 levels"),
    ("soft", "share within 30 levels of soft tissue"),
)


def _spot_rows() -> list[tuple[str, str, str]]:
    rows = [(f"response_{s}", "difference of Gaussians", "level") for s in _PLACES[:-1]]
    rows += [(f"level_{s}", "smoothed level", "level") for s in _PLACES]
    for s in ("own", _PLACES[1], _PLACES[3]):
        rows += [(f"curvature_{s}", "least curvature", "level")]
        rows += [(f"blobness_{s}", "least curvature over the sum of both", "1")]
    rows += [("background", "median on a circle round it", "level")]
    rows += [("rise", "peak above the background", "level"), *_REGION]
    rows += [("growth_30", "area at 30 % of the height over that at half", "1")]
    rows += [("growth_70", "area at 70 % of the height over that at half", "1")]
    rows += [(f"symmetry_r{r}", f"how gradients within {r} px point to it", "1") for r in (3, 7)]
    rows += [(f"ring_mean_{r}", "mean of a ring", "level") for r in _RINGS]
    rows += [(f"ring_sd_{r}", "standard deviation of a ring", "level") for r in _RINGS]
    rows += [(f"ring_{n}_{r}", title, "1") for n, title in _MADE_OF for r in _RINGS[-4:]]
    rows += [
        (f"direction_{rank}_r{radius}", "rank among 8 places round it", "level")
        for radius in (6, 14, 28)
        for rank in ("lowest", "lower", "upper", "highest")
    ]
    rows += [
        (f"ray_{rank}", "length of 16 rays until fat, gas or bone", "px")
        for rank in ("shortest", "lower", "median", "upper", "longest")
    ]
    rows += [("rays_dark", "share of rays that end in fat or gas", "1")]
    rows += [("rays_bone", "share of rays that end in bone", "1")]
    rows += [("bone_distance", "distance to bone", "px"), ("dark_distance", "to fat or gas", "px")]
    rows += [("peak_laplacian", "highest level less the mean of its 8 neighbours", "level")]
    assert len(rows) == N_SPOT
    return rows


@cache
def stone_features() -> tuple[Feature, ...]:
    """Return the identities of the columns of `describe_candidates`.

    Lengths are in working pixels: of 0.85 mm where the image has a spacing. A level is 1.5 HU, or
    one of 256 grey values.
    """
    outside = "the image's edge leaves nothing of the ring"
    return tuple(
        Feature(f"stones_{n}", "stones", t, u, None, outside if n.startswith("ring_") else "")
        for n, t, u in (*_spot_rows(), *CONTEXT)
    )


@cache
def _ring_offsets() -> np.ndarray:
    """Return which places round a candidate are read, and the ring that each is in.

    Beyond 10 pixels every second pixel of every second row will do, beyond 20 every fourth.
    """
    reach = int(RING_EDGES[-1])
    down, right = (grid.ravel() for grid in np.indices((2 * reach + 1,) * 2) - reach)
    distance = np.hypot(down, right)
    step = np.where(distance > 20, 4, np.where(distance > 10, 2, 1))
    read = (down % step == 0) & (right % step == 0) & (distance < RING_EDGES[-1])
    ring = np.searchsorted(RING_EDGES, distance, side="right") - 1
    return np.stack([down[read], right[read], ring[read]], axis=1)


def describe_candidates(candidates: Candidates) -> np.ndarray:
    """Describe each candidate by itself, its surroundings and its place among the others.

    Parameters
    ----------
    candidates : Candidates
        Of one slice.

    Returns
    -------
    ndarray of float64, shape (n, d)
        In the order of `stone_features`.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> from ksfeat.roi.candidates import find_candidates
    >>> pixels = np.full((60, 60), 100, dtype=np.uint8)
    >>> pixels[20:23, 40:43] = 200
    >>> pixels[45:55, 5:15] = 10
    >>> table = describe_candidates(find_candidates(StoneImage(pixels)))
    >>> names = [feature.name for feature in stone_features()]
    >>> float(table[0, names.index("stones_area")]), float(table[0, names.index("stones_maximum")])
    (9.0, 100.0)
    """
    scene = candidates.scene
    spots = np.full((len(candidates), N_SPOT), np.nan)
    describe_spots(
        *(scene.levels, scene.smooth, np.array(SIGMAS)),
        *(scene.bone_distance, scene.dark_distance, scene.labels),
        np.ascontiguousarray(candidates.points, dtype=np.int64),
        np.ascontiguousarray(candidates.scales, dtype=np.int64),
        *(_ring_offsets(), spots),
    )
    return np.column_stack([spots, describe_context(candidates)])
