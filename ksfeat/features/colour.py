"""Colour of photographs: histograms in HSV and Lab, run lengths of red, green and blue."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from itertools import pairwise

import numpy as np
from skimage.color import rgb2hsv, xyz2lab
from skimage.color.colorconv import xyz_from_rgb

from ksfeat.errors import InputError
from ksfeat.features import glrlm
from ksfeat.features.identity import Family, Feature
from ksfeat.roi import Discretisation, Region

_BINS = 8
_CHUNK = 8192  # pixels at a time: what is worked out between stays in the cache
# name, title, lowest value, highest value, whether it goes round in a circle
_CHANNELS = (
    ("hsv_h", "hue", 0.0, 1.0, True),
    ("hsv_s", "saturation", 0.0, 1.0, False),
    ("hsv_v", "value", 0.0, 1.0, False),
    ("lab_l", "lightness", 0.0, 100.0, False),
    ("lab_a", "green to red", -128.0, 128.0, False),
    ("lab_b", "blue to yellow", -128.0, 128.0, False),
)
_COLOURS = ("red", "green", "blue")
_GREY = "every pixel of the region is grey"


def compute(region: Region, levels: int | Discretisation) -> np.ndarray:
    """Return the colours of a region of a photograph.

    Colours are sRGB of 0 to 255. Hue counts only where there is a colour (saturation above 0).

    Parameters
    ----------
    region : Region
        Of an image of unit "rgb".
    levels : int or Discretisation
        How the grey levels of the run lengths are made, of each colour by itself.

    Returns
    -------
    ndarray of float64, shape (106,)
        Of hue, saturation, value (HSV) and L, a, b (CIE Lab, white D65): shares of 8 bins of one
        width, then (hue apart) mean and standard deviation; hue, saturation and value are 0 to 1, L
        0 to 100, a and b -128 to 128. Then the 16 run length features of red, green and blue.

    Raises
    ------
    InputError
        If the image has no colours, or one outside 0 to 255.

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> red = StoneImage(np.full((8, 8, 3), [255, 0, 0], dtype=np.uint8), unit="rgb")
    >>> values = dict(zip(family(32).columns, compute(Region.of(red), 32)))
    >>> float(values["colour_hsv_h_bin0"]), round(float(values["colour_lab_l_mean"]), 2)
    (1.0, 53.24)
    """
    colours = _colours(region)
    # Colour by colour in memory: rgb2hsv takes half the time.
    inside = np.stack([channel[region.mask] for channel in np.moveaxis(colours, -1, 0)]).T
    parts = [inside[start : start + _CHUNK] for start in range(0, len(inside), _CHUNK)]
    hsv = np.concatenate([rgb2hsv(part / 255) for part in parts])
    lab = np.concatenate([xyz2lab(_linear(part) @ xyz_from_rgb.T) for part in parts])
    channels = (hsv[hsv[:, 1] > 0, 0], hsv[:, 1], hsv[:, 2], *lab.T)
    histograms = [
        _histogram(values, low, high, circular)
        for values, (_, _, low, high, circular) in zip(channels, _CHANNELS, strict=True)
    ]
    runs = [
        glrlm.compute(replace(region, pixels=np.ascontiguousarray(channel)), levels)
        for channel in np.moveaxis(colours, -1, 0)
    ]
    return np.concatenate([*histograms, *runs])


def _colours(region: Region) -> np.ndarray:
    image = region.source
    if image is None or image.unit != "rgb":
        raise InputError(
            f"a region of unit {region.unit!r}; expected 'rgb'; colours need a colour image"
        )
    rows, columns = (
        slice(start, start + length)
        for start, length in zip(region.place or (0, 0), region.mask.shape, strict=True)
    )
    colours = image.pixels[rows, columns].astype(np.float64)
    inside = colours[region.mask]
    if inside.min() < 0 or inside.max() > 255:
        raise InputError(
            f"{image.name}: colours from {inside.min():g} to {inside.max():g}; "
            "expected 0 to 255; rescale them"
        )
    return colours


def _linear(colours: np.ndarray) -> np.ndarray:
    """Undo the gamma curve of sRGB, as scikit-image's `rgb2lab` does; by a table for bytes."""
    whole = colours.astype(np.uint8)
    if np.array_equal(colours, whole):
        return _linear_bytes()[whole]
    return _straightened(colours / 255)


@cache
def _linear_bytes() -> np.ndarray:
    return _straightened(np.arange(256) / 255)


def _straightened(shares: np.ndarray) -> np.ndarray:
    return np.where(shares > 0.04045, ((shares + 0.055) / 1.055) ** 2.4, shares / 12.92)


def _histogram(values: np.ndarray, low: float, high: float, circular: bool) -> np.ndarray:
    if not len(values):
        return np.full(_BINS, np.nan)
    numbers = np.minimum((values - low) * _BINS / (high - low), _BINS - 1).astype(np.int64)
    shares = np.bincount(numbers, minlength=_BINS) / len(values)
    return shares if circular else np.append(shares, [values.mean(), values.std()])


def family(levels: int | Discretisation) -> Family:
    """Return the family `colour` for a number of grey levels, or how they are made."""
    rows: list[Feature] = []
    for name, title, low, high, circular in _CHANNELS:
        undefined = _GREY if circular else ""
        rows += [
            Feature(f"colour_{name}_bin{bin_}", "colour", text, "1", None, undefined)
            for bin_, text in enumerate(_bin_titles(title, low, high))
        ]
        if not circular:
            rows.append(Feature(f"colour_{name}_mean", "colour", f"mean {title}", "1"))
            rows.append(
                Feature(f"colour_{name}_sd", "colour", f"standard deviation of {title}", "1")
            )
    runs = [
        replace(
            feature,
            name=f"colour_{colour}_{feature.name}",
            family="colour",
            title=f"{feature.title}, of {colour}",
            ibsi_id=None,  # it stands for the feature of the grey image
        )
        for colour in _COLOURS
        for feature in glrlm.family(levels).features
    ]
    return Family("colour", (*rows, *runs), partial(compute, levels=levels), needs=("rgb",))


def _bin_titles(title: str, low: float, high: float) -> list[str]:
    edges = np.linspace(low, high, _BINS + 1)
    return [
        f"share of pixels with {title} from {one:g} to {other:g}" for one, other in pairwise(edges)
    ]
