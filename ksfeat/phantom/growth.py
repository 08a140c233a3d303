"""How stones grow: their size and surface by composition, staghorns, where they lie."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri

from ksfeat.phantom.anatomy import Kidney
from ksfeat.phantom.materials import table_rows

# Where along the ureter, from the pelvis (0) to the bladder (1), each location lies.
URETER = {
    "pelviureteric junction": (0.06, 0.12),
    "proximal ureter": (0.15, 0.45),
    "iliac crossing": (0.52, 0.6),
    "distal ureter": (0.65, 0.93),
    "ureterovesical junction": (0.96, 1.0),
}
WIDEST_IN_URETER = 10.0  # mm: what is larger does not leave the pelvis


@cache
def habits() -> dict[str, dict[str, str]]:
    """Return the rows of ``tables/stones.csv`` by composition."""
    return {row["composition"]: row for row in table_rows("stones")}


def draw_diameter(
    composition: str, rng: np.random.Generator, within: tuple[float, float] = (0.0, np.inf)
) -> float:
    """Draw the largest diameter of a stone in mm: log-normal, cut at the table's limits.

    Parameters
    ----------
    composition : str
        A row of ``tables/stones.csv``.
    rng : numpy.random.Generator
        Advanced by one draw.
    within : tuple of float, default=(0, inf)
        Only diameters between the two, as likely among each other as without.
    """
    row = habits()[composition]
    median, spread = float(row["median_mm"]), float(row["log_sd"])
    with np.errstate(divide="ignore"):
        low, high = ndtr((np.log(np.asarray(within)) - np.log(median)) / spread)
    drawn = median * np.exp(spread * ndtri(rng.uniform(low, high)))
    return float(np.clip(drawn, float(row["low_mm"]), float(row["high_mm"])))


def draw_roughness(composition: str, rng: np.random.Generator) -> float:
    """Draw the standard deviation of the relief, as a share of the radius."""
    row = habits()[composition]
    return float(rng.uniform(float(row["roughness_low"]), float(row["roughness_high"])))


def draw_location(rng: np.random.Generator, ureter: bool = True) -> str:
    """Draw where in the urinary tract, or only in the kidney, a stone lies."""
    rows = [row for row in table_rows("locations") if ureter or row["location"] not in URETER]
    shares = np.array([float(row["share"]) for row in rows])
    return rows[int(rng.choice(len(rows), p=shares / shares.sum()))]["location"]


def spot(
    kidney: Kidney, location: str, diameter: float, rng: np.random.Generator
) -> tuple[str, np.ndarray]:
    """Return the location that a stone of this size can have, and a point there in mm."""
    if location in URETER and diameter <= WIDEST_IN_URETER:
        assert kidney.ureter is not None
        share = rng.uniform(*URETER[location])
        return location, kidney.ureter[round(share * (len(kidney.ureter) - 1))]
    if location in URETER or location == "pelvis":
        return "pelvis", np.asarray(kidney.pelvis)
    cups = [one for one in kidney.calyces if location.startswith(one.group)]
    cup = (cups or kidney.calyces)[int(rng.integers(len(cups or kidney.calyces)))]
    return f"{cup.group} calyx", np.asarray(cup.centre)


def grow_stone(
    centre: np.ndarray, diameter: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return centres and radii of a body with up to two lobes, as large as asked."""
    radii = [rng.uniform(0.7, 1.0, 3)]
    centres = [np.zeros(3)]
    for _ in range(int(rng.integers(0, 3))):
        direction = rng.normal(size=3)
        centres.append(0.5 * direction / np.linalg.norm(direction))
        radii.append(rng.uniform(0.35, 0.7, 3))
    return fitted(np.array(centres), np.array(radii), centre, diameter)


def grow_staghorn(
    kidney: Kidney, diameter: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return a cast of the pelvis with branches towards calyces, as large as asked."""
    pelvis = np.asarray(kidney.pelvis)
    centres, radii = [np.zeros(3)], [rng.uniform(5.0, 7.5, 3)]
    order = rng.permutation(len(kidney.calyces))[: int(rng.integers(3, 6))]
    for number in order:
        way = np.asarray(kidney.calyces[number].centre) - pelvis
        for share in np.linspace(0.25, 1.0, 5):
            centres.append(share * way)
            radii.append(rng.uniform(3.2, 4.8, 3) * (1.3 if share == 1.0 else 1.0))
    return fitted(np.array(centres), np.array(radii), pelvis, diameter)


def fitted(
    centres: np.ndarray, radii: np.ndarray, centre: np.ndarray, diameter: float
) -> tuple[np.ndarray, np.ndarray]:
    """Scale parts so that the longest edge of their box is the diameter, and put them in place."""
    low, high = (centres - radii).min(axis=0), (centres + radii).max(axis=0)
    scale = diameter / float((high - low).max())
    return centre + scale * centres, scale * radii
