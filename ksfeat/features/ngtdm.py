"""Texture from how much a pixel differs from the mean of its neighbours (IBSI family IPET)."""

from __future__ import annotations

from functools import partial

import numpy as np

from ksfeat.features.aggregation import DEFAULT, Aggregation, average, merge, suffix
from ksfeat.features.identity import Family, Feature
from ksfeat.features.kernels.tone_features import describe_differences
from ksfeat.features.texture_limits import check_counted
from ksfeat.features.textures import Textures, textures_of
from ksfeat.roi import Region
from ksfeat.roi.discretise import Discretisation

_ALONE = "no pixel of the region has a neighbour in it"
# name, title, unit, IBSI id
_ROWS = (
    ("coarseness", "how little pixels differ from their neighbours", "1/level", "QCDE"),
    ("contrast", "range of the grey levels times mean difference", "level^3", "65HE"),
    ("busyness", "difference to the neighbours relative to that between levels", "1", "NQ30"),
    ("complexity", "difference between levels, weighted by that to neighbours", "level^2", "HDEZ"),
    ("strength", "difference between levels relative to that to neighbours", "level", "1X9X"),
)


def compute(
    region: Region, levels: int | Discretisation, aggregation: Aggregation = DEFAULT
) -> np.ndarray:
    """Return the five IBSI features of neighbourhood grey tone differences of a region.

    Neighbours are the 8 in a slice, 26 in a volume, that lie in the region. As IBSI prescribes,
    coarseness is 1,000,000 where nothing differs, and contrast, busyness and strength are then 0.

    Parameters
    ----------
    region : Region
        What to describe.
    levels : int or Discretisation
        How grey levels are made; a whole number is a fixed number of bins.
    aggregation : Aggregation, default="2d_mrg"
        Whether neighbours are those in slices or in the volume.

    Returns
    -------
    ndarray of float64, shape (5,)
        In the order of `family`'s features.

    References
    ----------
    .. [1] M. Amadasun, R. King, "Textural features corresponding to textural properties", IEEE
           Trans. Syst. Man Cybern. 19 (1989) 1264-1274.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> region = Region.of(StoneImage(np.array([[0.0, 0.0, 1.0]])))
    >>> [round(float(value), 6) for value in compute(region, 2)]
    [1.5, 0.111111, 0.0, 0.444444, 1.333333]
    """
    return describe(textures_of(region, levels, aggregation), aggregation)


def describe(textures: Textures, aggregation: Aggregation = DEFAULT) -> np.ndarray:
    """Return the five features from counted textures."""
    check_counted(aggregation, textures.dimensions)
    differences = merge(textures.differences, aggregation)
    counts = merge(textures.counts[:, None], aggregation)
    values = np.full((len(differences), len(_ROWS)), np.nan)
    describe_differences(differences, counts, values)
    return average(values)


def family(levels: int | Discretisation, aggregation: Aggregation = DEFAULT) -> Family:
    """Return the family `ngtdm` for a discretisation and an aggregation."""
    rest = f"{suffix(aggregation, directional=False)}_{Discretisation.of(levels).suffix}"
    features = tuple(
        Feature(f"ngtdm_{name}{rest}", "ngtdm", title, unit, ibsi_id, _ALONE)
        for name, title, unit, ibsi_id in _ROWS
    )
    return Family("ngtdm", features, partial(compute, levels=levels, aggregation=aggregation))
