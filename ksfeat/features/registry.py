"""The one table of families and presets."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cache

from ksfeat.errors import InputError
from ksfeat.features import (
    bright_spots,
    first_order,
    glcm,
    histogram,
    hounsfield,
    isolated_spots,
    lbp,
    shape,
)
from ksfeat.features.identity import Family

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
)

PRESETS: dict[str, tuple[str, ...]] = {
    "texture": ("glcm", "lbp"),
    "density": ("first_order", "histogram", "hounsfield"),
    "stones": ("bright_spots", "isolated_spots"),
    "all": DEFAULT,
}


@cache
def families(levels: int = LEVELS) -> dict[str, Family]:
    """Return all families by name, computed with a number of grey levels.

    Parameters
    ----------
    levels : int, default=32
        Grey levels of the discretised families, which stands in their columns' names.

    Examples
    --------
    >>> families(16)["glcm"].columns[11]
    'glcm_contrast_d1_fbn16'
    """
    table = (
        first_order.family(),
        histogram.family(levels),
        glcm.family(levels),
        lbp.family(),
        shape.family(),
        bright_spots.family(),
        isolated_spots.family(),
        hounsfield.family(),
    )
    return {family.name: family for family in table}


FAMILIES = families()


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
    ('glcm', 'lbp')
    >>> resolve(["stones", "first_order"])
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
