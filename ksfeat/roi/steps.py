"""Preprocessing as text, for the command line and model files: ``window:stone,clahe,crop:body``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ksfeat.errors import InputError
from ksfeat.roi.crop import MARGIN_UNITS
from ksfeat.roi.transformers import (
    Clahe,
    CropToBody,
    CropToMask,
    ImageTransformer,
    ResampleIsotropic,
    Resize,
    Window,
    ZScore,
)

_CROPS = {"body": CropToBody, "mask": CropToMask}


def _crop(what: str, margin: tuple[float, str] = (0, "px")) -> ImageTransformer:
    if what not in _CROPS:
        raise ValueError(what)
    return _CROPS[what](*margin)


def _margin(text: str) -> tuple[float, str]:
    """Read ``5``, ``5px`` or ``2.5mm``."""
    unit = text[-2:] if text[-2:] in MARGIN_UNITS else "px"
    number = text.removesuffix(unit)
    return (int(number) if unit == "px" else float(number)), unit


@dataclass(frozen=True)
class Step:
    """A step that can be written as text.

    Parameters
    ----------
    usage : str
        How it is written; what stands in brackets may be left out.
    make : callable
        Makes the transformer from the arguments.
    types : tuple of callable
        What reads each argument; a ValueError says that it cannot.
    """

    usage: str
    make: Callable[..., ImageTransformer]
    types: tuple[Callable[[str], Any], ...] = ()

    @property
    def n_required(self) -> int:
        """Number of arguments that must be given."""
        return self.usage.split("[")[0].count(":")


STEPS: dict[str, Step] = {
    "window": Step("window:NAME", Window, (str,)),
    "resize": Step("resize:PIXELS", Resize, (int,)),
    "isotropic": Step("isotropic:MM", ResampleIsotropic, (float,)),
    "zscore": Step("zscore", ZScore),
    "clahe": Step("clahe[:CLIP_LIMIT[:TILES]]", Clahe, (float, int)),
    "crop": Step("crop:body|mask[:MARGIN[px|mm]]", _crop, (str, _margin)),
}


def parse_steps(steps: str | Sequence[str] | None) -> tuple[ImageTransformer, ...]:
    """Return the transformers that are written in some text.

    Parameters
    ----------
    steps : str or sequence of str, optional
        Steps in the order in which they are taken, separated by commas or one by one. A step is
        its name, and its arguments after colons: ``window:NAME``, ``resize:PIXELS``,
        ``isotropic:MM``, ``zscore``, ``clahe[:CLIP_LIMIT[:TILES]]``,
        ``crop:body|mask[:MARGIN[px|mm]]``.

    Returns
    -------
    tuple of ImageTransformer
        With parameters that can be used; empty where there is no step.

    Raises
    ------
    InputError
        If a step is not known, or its arguments cannot be used.

    Examples
    --------
    >>> parse_steps("window:stone,isotropic:1,crop:mask:5mm")
    (Window(name='stone'), ResampleIsotropic(), CropToMask(margin=5.0, unit='mm'))
    >>> parse_steps(["sharpen"])
    Traceback (most recent call last):
    ...
    ksfeat.errors.InputError: preprocessing step 'sharpen'; expected one of window:NAME, \
resize:PIXELS, isotropic:MM, zscore, clahe[:CLIP_LIMIT[:TILES]], crop:body|mask[:MARGIN[px|mm]]
    """
    if steps is None:
        return ()
    if not isinstance(steps, str | list | tuple):
        raise InputError(f"preprocess {steps!r}; expected steps as text, such as 'window:stone'")
    texts = steps.split(",") if isinstance(steps, str) else steps
    return tuple(_parse(str(text).strip()) for text in texts)


def _parse(text: str) -> ImageTransformer:
    name, *arguments = text.split(":")
    if name not in STEPS:
        _refuse(text, "one of " + ", ".join(step.usage for step in STEPS.values()))
    step = STEPS[name]
    if not step.n_required <= len(arguments) <= len(step.types):
        _refuse(text, step.usage)
    try:
        values = [read(argument) for read, argument in zip(step.types, arguments, strict=False)]
        transformer = step.make(*values)
    except ValueError:
        _refuse(text, step.usage)
    try:
        transformer.check()
    except InputError as error:
        raise InputError(f"preprocessing step {text!r}: {error}") from None
    return transformer


def _refuse(text: str, expected: str) -> NoReturn:
    raise InputError(f"preprocessing step {text!r}; expected {expected}")
