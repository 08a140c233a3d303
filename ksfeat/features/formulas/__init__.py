"""Formula and range of every feature of the registry: `formula_of`."""

from __future__ import annotations

import re
from functools import cache

from ksfeat.features.formulas import intensities, shapes, structures, textures
from ksfeat.features.formulas.rows import Formula, Table
from ksfeat.features.identity import Feature
from ksfeat.features.pyradiomics_names import base_name

__all__ = ["Formula", "formula_of"]

_TABLES: dict[str, Table] = {
    "first_order": intensities.FIRST_ORDER,
    "histogram": intensities.HISTOGRAM,
    "intensity_volume": intensities.INTENSITY_VOLUME,
    "local_intensity": intensities.LOCAL_INTENSITY,
    "hounsfield": intensities.HOUNSFIELD,
    "dual_energy": intensities.DUAL_ENERGY,
    "colour": intensities.COLOUR,
    "glcm": textures.PAIRS,
    "glcm_mcc": textures.MAXIMAL_CORRELATION,
    **dict.fromkeys(("glrlm", "glszm", "gldzm", "ngldm"), textures.SIZES),
    "ngtdm": textures.TONES,
    **dict.fromkeys(("lbp", "lbp_multiscale"), textures.PATTERNS),
    "morphology": shapes.SOLIDS,
    "morphology_2d": shapes.OUTLINES,
    "shape": shapes.FLAT_SHAPES,
    "zernike": shapes.ZERNIKE,
    "bright_spots": structures.BRIGHT_SPOTS,
    "isolated_spots": structures.ISOLATED_SPOTS,
    "hog": structures.GRADIENTS,
    "gabor": structures.WAVES,
    "fractal": structures.FRACTAL,
}
# The same numbers of another image: a filter's response, or one colour.
_FED = re.compile(r"(?:wavelet|log)_(?P<family>\w+) (?:[lh]{2,3}|(?:3d_)?s\d)_(?P<name>\w+)")
_OF_COLOUR = re.compile(r"colour (?:red|green|blue)_(?P<family>glrlm)_(?P<name>\w+)")


def described_as(feature: Feature) -> tuple[str, str]:
    """Return the family and the bare name whose formula is a feature's.

    Examples
    --------
    >>> described_as(Feature("wavelet_glcm_lh_contrast_d1_fbn32", "wavelet_glcm", "", ""))
    ('glcm', 'contrast')
    """
    own = feature.family, base_name(feature)
    found = next(filter(None, (of.fullmatch(" ".join(own)) for of in (_FED, _OF_COLOUR))), None)
    return (found["family"], found["name"]) if found else own


def formula_of(feature: Feature) -> Formula:
    """Return how a feature is computed, and between which values it lies.

    Parameters
    ----------
    feature : Feature
        Of the registry, under its own name.

    Raises
    ------
    KeyError
        If the tables have none, which a test rules out for features of the registry.

    Examples
    --------
    >>> formula_of(Feature("glcm_contrast_d1_fbn32", "glcm", "", ""))
    Formula(text='sum((i - j)^2 p(i, j))', reach='>= 0')
    """
    return _found(*described_as(feature))


@cache
def _found(family: str, name: str) -> Formula:
    for pattern, formula in _TABLES.get(family, {}).items():
        if re.fullmatch(pattern, name):
            return formula
    raise KeyError(f"{family}_{name} has no formula")
