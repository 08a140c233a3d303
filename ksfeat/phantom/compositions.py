"""What a stone is made of: minerals, how densely they are packed, and how often a type occurs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri

from ksfeat.errors import InputError
from ksfeat.phantom.materials import Matter, matter, table_rows

COMPOSITIONS = ("calcium_oxalate", "calcium_phosphate", "cystine", "struvite", "uric_acid")
PHLEBOLITH = "phlebolith"


@dataclass(frozen=True)
class StoneMatter:
    """What one stone consists of.

    Parameters
    ----------
    core, shell : Matter
        Minerals and, in their pores, what the stone lies in.
    core_share : float
        Radius of the core as a share of the stone's, 0 to 1.
    minerals : tuple of (str, float)
        Share of the whole stone's volume of each mineral and of what fills the pores, most first;
        they add up to 1.
    packing : float
        Share of the volume that is mineral, over the whole stone, 0 to 1.
    """

    core: Matter
    shell: Matter
    core_share: float
    minerals: tuple[tuple[str, float], ...]
    packing: float

    def hu(self, beam: str) -> float:
        """Return the mean density over the whole stone in a beam, in HU."""
        inner = self.core_share**3
        return inner * self.core.hu(beam) + (1.0 - inner) * self.shell.hu(beam)

    @property
    def label(self) -> str:
        """The minerals in words, as a manifest says them: ``whewellite 0.43, urine 0.41, ...``."""
        return ", ".join(f"{name} {share:.2f}" for name, share in self.minerals)


def draw_stone_matter(composition: str, rng: np.random.Generator) -> StoneMatter:
    """Draw the minerals and the packing of one stone.

    Parameters
    ----------
    composition : str
        One of `COMPOSITIONS`, or `PHLEBOLITH`.
    rng : numpy.random.Generator
        Advanced by the draw.

    Returns
    -------
    StoneMatter
        Shares of minerals are uniform within ``tables/minerals.csv``; packing is a normal
        distribution cut to the range in ``tables/packing.csv``.

    Raises
    ------
    InputError
        If the composition is unknown.

    Examples
    --------
    >>> stone = draw_stone_matter("uric_acid", np.random.default_rng(0))
    >>> 0 < stone.packing < 1 and stone.hu("120") < 600
    True
    """
    packings = _packings()
    if composition not in packings:
        raise InputError(f"composition {composition!r} is unknown; expected {_known()}")
    row = packings[composition]
    packing = _truncated_normal(row, rng)
    share = float(rng.uniform(float(row["core_share_low"]), float(row["core_share_high"])))
    inside, outside = _layer_packings(row, packing, share, rng)
    core = _layer(composition, "core", inside, rng)
    shell = _layer(composition, "shell", outside, rng)
    return StoneMatter(core, shell, share, _whole(core, shell, share), packing)


def draw_composition(rng: np.random.Generator) -> str:
    """Draw one of `COMPOSITIONS`, as often as ``tables/packing.csv`` says.

    Examples
    --------
    >>> draw_composition(np.random.default_rng(0)) in COMPOSITIONS
    True
    """
    often = [float(_packings()[name]["frequency"]) for name in COMPOSITIONS]
    return str(rng.choice(COMPOSITIONS, p=often))


def _known() -> str:
    return ", ".join((*COMPOSITIONS, PHLEBOLITH))


@cache
def _packings() -> dict[str, dict[str, str]]:
    return {row["composition"]: row for row in table_rows("packing")}


@cache
def _minerals(composition: str, layer: str) -> tuple[tuple[str, float, float], ...]:
    return tuple(
        (row["mineral"], float(row["share_low"]), float(row["share_high"]))
        for row in table_rows("minerals")
        if (row["composition"], row["layer"]) == (composition, layer)
    )


def _truncated_normal(row: dict[str, str], rng: np.random.Generator) -> float:
    mean, sd = float(row["packing_mean"]), float(row["packing_sd"])
    low, high = ((float(row[f"packing_{end}"]) - mean) / sd for end in ("low", "high"))
    return mean + sd * float(ndtri(rng.uniform(ndtr(low), ndtr(high))))


def _layer_packings(
    row: dict[str, str], packing: float, core_share: float, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the packing of core and shell; over the whole stone they make `packing`."""
    lucent = rng.random() < float(row["lucent_share"])
    core = float(row["lucent_core"]) if lucent else 1.0
    inner = core_share**3
    shell = packing / (inner * core + 1.0 - inner)
    return core * shell, shell


def _layer(composition: str, layer: str, packing: float, rng: np.random.Generator) -> Matter:
    weights = {
        name: float(rng.uniform(low, high)) for name, low, high in _minerals(composition, layer)
    }
    scale = packing / math.fsum(weights.values())
    shares = {name: weight * scale for name, weight in weights.items()}
    return matter(**shares, **{_packings()[composition]["filler"]: 1.0 - packing})


def _whole(core: Matter, shell: Matter, core_share: float) -> tuple[tuple[str, float], ...]:
    inner = core_share**3
    total: dict[str, float] = {}
    for layer, volume in ((core, inner), (shell, 1.0 - inner)):
        for name, share in layer.parts:
            total[name] = total.get(name, 0.0) + volume * share
    return tuple(sorted(total.items(), key=lambda item: -item[1]))
