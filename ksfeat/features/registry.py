"""The one table of families and presets."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from ksfeat.errors import InputError
from ksfeat.features import (
    bright_spots,
    colour,
    dual_energy,
    first_order,
    fractal,
    gabor,
    glcm,
    gldzm,
    glrlm,
    glszm,
    histogram,
    hog,
    hounsfield,
    intensity_volume,
    isolated_spots,
    laplacian,
    lbp,
    local_intensity,
    morphology,
    morphology_2d,
    ngldm,
    ngtdm,
    shape,
    subbands,
    wavelet,
    zernike,
)
from ksfeat.features.aggregation import DEFAULT as PLANAR
from ksfeat.features.aggregation import Aggregation, dimensions_of
from ksfeat.features.identity import Family
from ksfeat.roi import Discretisation, parse_chain

LEVELS = 32

# In the order of the columns. Fixed for a release: what is installed never changes it.
DEFAULT = (
    "first_order",
    "histogram",
    "glcm",
    "lbp",
    "shape",
    "bright_spots",
    "isolated_spots",
    "hounsfield",
    "dual_energy",
)

# What is computed of filtered images too.
_FED = ("first_order", "histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm")
_WAVELET = tuple(f"wavelet_{name}" for name in _FED)
_LOG = tuple(f"log_{name}" for name in _FED)

PRESETS: dict[str, tuple[str, ...]] = {
    "texture": ("glcm", "glrlm", "glszm", "ngtdm", "ngldm", "lbp"),
    "density": ("first_order", "histogram", "hounsfield", "dual_energy"),
    "spots": ("bright_spots", "isolated_spots"),
    "ibsi": (
        "first_order",
        "histogram",
        "intensity_volume",
        "local_intensity",
        "morphology",
        "glcm",
        "glrlm",
        "glszm",
        "gldzm",
        "ngtdm",
        "ngldm",
    ),
    "pyradiomics_shape": ("morphology", "morphology_2d"),  # its shape of volumes, of slices
    "wavelet": _WAVELET,
    "log": _LOG,
    "all": (
        *DEFAULT,
        "intensity_volume",
        "local_intensity",
        "morphology",
        "morphology_2d",
        "glrlm",
        "glszm",
        "gldzm",
        "ngtdm",
        "ngldm",
        "lbp_multiscale",
        "hog",
        "gabor",
        "fractal",
        "zernike",
        "colour",
        *_WAVELET,
        *_LOG,
    ),
}
# What can be seen in the slices of a volume or in the volume: somebody must say which.
AGGREGATED = (
    *("glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm", "glcm_mcc"),
    *_WAVELET,
    *_LOG,
)


@cache
def families(
    levels: int | Discretisation = LEVELS, aggregation: Aggregation = PLANAR
) -> dict[str, Family]:
    """Return all families by name, computed with a number of grey levels.

    Parameters
    ----------
    levels : int or Discretisation, default=32
        Grey levels of the discretised families, which stand in their columns' names.
    aggregation : Aggregation, default="2d_mrg"
        Of the families of texture matrices; another than the default stands in their names.

    Examples
    --------
    >>> families(16)["glcm"].columns[11]
    'glcm_contrast_d1_fbn16'
    """
    textures = (
        glcm.family(levels, aggregation),
        glrlm.family(levels, aggregation),
        glszm.family(levels, aggregation),
        gldzm.family(levels, aggregation),
        ngtdm.family(levels, aggregation),
        ngldm.family(levels, aggregation),
        glcm.maximal_correlation_family(levels, aggregation),
    )
    table = (
        first_order.family(),
        histogram.family(levels),
        intensity_volume.family(),
        local_intensity.family(),
        *(replace(family, dimensions=(2, 3)) for family in textures),
        lbp.family(),
        shape.family(),
        morphology.family(),
        morphology_2d.family(),
        bright_spots.family(),
        isolated_spots.family(),
        hounsfield.family(),
        dual_energy.family(),
        lbp.multiscale_family(),
        hog.family(),
        gabor.family(),
        fractal.family(),
        zernike.family(),
        colour.family(levels),
        *_fed(levels, aggregation),
    )
    return {family.name: family for family in table}


def _fed(levels: int | Discretisation, aggregation: Aggregation) -> list[Family]:
    """Return what describes the sub-bands of wavelet and Laplacian, of slices or the volume."""
    how = subbands.without_start(levels)
    described = (
        first_order.family(),
        histogram.family(how),
        *(
            replace(module.family(how, aggregation), dimensions=(2, 3))
            for module in (glcm, glrlm, glszm, ngtdm, ngldm)
        ),
    )
    dimensions = dimensions_of(aggregation)
    banks = (wavelet.bank(dimensions), laplacian.bank(dimensions))
    return [subbands.feed(bank, family) for bank in banks for family in described]


FAMILIES = families()


def families_of(
    levels: int | str, aggregation: Aggregation | None, chain: str | None = None
) -> dict[str, Family]:
    """Return all families by name, for parameters as `FeatureExtractor` takes them.

    Bins of a fixed size begin at the lower end of the chain's limits, as the IBSI asks.

    Examples
    --------
    >>> families_of("fbw25", "2d_avg")["glcm"].columns[11]
    'glcm_contrast_d1_2d_avg_fbw25'
    """
    how = Discretisation.parse(levels) if isinstance(levels, str) else levels
    if (known := parse_chain(chain)) is not None and known.limits is not None:
        how = replace(known, discretisation=how).grey_levels
    return families(how, aggregation or PLANAR)


def resolve(names: str | Sequence[str]) -> tuple[str, ...]:
    """Turn names of families and presets into families, each once, in the table's order.

    Parameters
    ----------
    names : str or sequence of str
        Families or presets.

    Raises
    ------
    InputError
        If a name is unknown, or there is none.

    Examples
    --------
    >>> resolve("texture")
    ('glcm', 'glrlm', 'glszm', 'ngtdm', 'ngldm', 'lbp')
    >>> resolve(["spots", "first_order"])
    ('first_order', 'bright_spots', 'isolated_spots')
    """
    asked = [names] if isinstance(names, str) else list(names)
    if not asked:
        raise InputError(f"no features asked for; expected some of {_existing()}")
    chosen = {family for name in asked for family in _expand(name)}
    return tuple(name for name in FAMILIES if name in chosen)


def named_singly(names: str | Sequence[str]) -> frozenset[str]:
    """Return the families asked for by their own name, which every image must have the means for.

    A preset, like "auto", leaves out what an image lacks.

    Examples
    --------
    >>> named_singly(["density", "lbp"])
    frozenset({'lbp'})
    """
    asked = [names] if isinstance(names, str) else list(names)
    return frozenset(name for name in asked if name in FAMILIES and name not in PRESETS)


def _expand(name: object) -> tuple[str, ...]:
    if isinstance(name, str) and name in PRESETS:
        return PRESETS[name]
    if isinstance(name, str) and name in FAMILIES:
        return (name,)
    known = [*PRESETS, *FAMILIES]
    near = difflib.get_close_matches(str(name), known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"no features named {name!r}; expected 'auto' or some of {_existing()}{hint}")


def _existing() -> str:
    return ", ".join(dict.fromkeys([*PRESETS, *FAMILIES]))
