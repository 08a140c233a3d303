"""pyradiomics' parameter files: `--params FILE.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ksfeat.cli.options import read_yaml
from ksfeat.errors import InputError

if TYPE_CHECKING:
    from ksfeat.dataset import Dataset

_TOP = ("setting", "imageType", "featureClass")
_SETTINGS = ("binWidth", "binCount", "resampledPixelSpacing", "label", "force2D", "resegmentRange")
_CLASSES = {
    "firstorder": ("first_order", "histogram"),
    "glcm": ("glcm",),
    "glrlm": ("glrlm",),
    "glszm": ("glszm",),
    "ngtdm": ("ngtdm",),
    "gldm": ("ngldm",),
    "shape": ("morphology",),
    "shape2D": ("morphology_2d",),
}
_IMAGES = {"Original": "", "Wavelet": "wavelet_", "LoG": "log_"}
_NO_SHAPE = ("morphology", "morphology_2d")


@dataclass(frozen=True)
class Params:
    """What a parameter file asks for.

    Parameters
    ----------
    extractor : dict
        Arguments of `FeatureExtractor`.
    label : int, optional
        Value of the region in the masks.
    """

    extractor: dict[str, Any]
    label: int | None = None

    def labelled(self, dataset: Dataset) -> Dataset:
        """Return a data set whose masks mean the label, where its manifest says none."""
        if self.label is None:
            return dataset
        images = tuple(
            replace(image, mask_label=self.label)
            if image.mask is not None and image.mask_label is None
            else image
            for image in dataset.images
        )
        return replace(dataset, images=images)


def read_params(file: str) -> Params:
    """Read a parameter file of pyradiomics.

    Parameters
    ----------
    file : str
        YAML with some of ``setting`` (binWidth, binCount, resampledPixelSpacing, label, force2D),
        ``imageType`` (Original, Wavelet, LoG) and ``featureClass``. A class is computed whole,
        whichever of its features are listed.

    Raises
    ------
    InputError
        If it cannot be read, or holds what ksfeat does not do; the message names all of that.
    """
    name = Path(file).name
    found = read_yaml(file, "parameter file", "'setting: {binWidth: 25}'")
    parts = {key: found.get(key) or {} for key in _TOP}
    for key, part in parts.items():
        if not isinstance(part, dict):
            raise InputError(f"{name}: {key} is no mapping; expected 'key: value' lines under it")
    unknown = [
        *_others(found, _TOP, ""),
        *_others(parts["setting"], _SETTINGS, "setting."),
        *_others(parts["imageType"], _IMAGES, "imageType."),
        *_others(parts["featureClass"], _CLASSES, "featureClass."),
        *(f"imageType.{image}.{key}" for image, own in parts["imageType"].items()
          if isinstance(own, dict) for key in own),
    ]  # fmt: skip
    if unknown:
        raise InputError(
            f"{name}: ksfeat does not know {', '.join(unknown)}; expected of setting "
            f"{', '.join(_SETTINGS)}; of imageType {', '.join(_IMAGES)}; leave the others out"
        )
    return _params(parts, name)


def _others(given: dict[Any, Any], known: Iterable[str], prefix: str) -> list[str]:
    return [f"{prefix}{key}" for key in given if key not in set(known)]


def _params(parts: dict[str, dict[str, Any]], name: str) -> Params:
    setting = parts["setting"]
    extractor: dict[str, Any] = {"names": "pyradiomics"}
    if "binCount" in setting and setting["binCount"] is not None:
        extractor["levels"] = _number(setting, "binCount", name, whole=True)
    elif "binWidth" in setting:
        extractor["levels"] = f"fbw{_number(setting, 'binWidth', name):g}"
    if "force2D" in setting:
        flat = setting["force2D"]
        if not isinstance(flat, bool):
            raise InputError(f"{name}: force2D {flat!r}; expected true or false")
        extractor["aggregation"] = "2d_avg" if flat else "3d_avg"
    spacing = setting.get("resampledPixelSpacing")
    if spacing is not None:
        extractor["preprocess"] = f"isotropic:{_spacing(spacing, name):g}"
    if (limits := setting.get("resegmentRange")) is not None:
        extractor["chain"] = "limits:{:g}:{:g}".format(*_limits(limits, name))
    if parts["featureClass"] or parts["imageType"]:
        extractor["features"] = _families(parts)
    label = setting.get("label")
    return Params(
        extractor, None if label is None else int(_number(setting, "label", name, whole=True))
    )


def _families(parts: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    classes = parts["featureClass"] or dict.fromkeys(_CLASSES.keys() - {"shape", "shape2D"})
    chosen = [family for name in classes for family in _CLASSES[name]]
    return tuple(
        f"{_IMAGES[image]}{family}"
        for image in parts["imageType"] or ("Original",)
        for family in chosen
        if image == "Original" or family not in _NO_SHAPE
    )


def _number(setting: dict[str, Any], key: str, name: str, *, whole: bool = False) -> Any:
    value = setting[key]
    kinds = (int,) if whole else (int, float)
    if not isinstance(value, kinds) or isinstance(value, bool) or not 0 < value < float("inf"):
        kind = "a whole number" if whole else "a number"
        raise InputError(f"{name}: {key} {value!r}; expected {kind} above 0")
    return value


def _limits(value: Any, name: str) -> list[float]:
    """Return the two ends of a range; of one number, pyradiomics keeps all from it upwards."""
    ends = value if isinstance(value, list) else [value]
    numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends)
    if not numbers or len(ends) not in (1, 2) or ends != sorted(set(ends)):
        raise InputError(
            f"{name}: resegmentRange {value!r}; expected [low, high], such as [-50, 400]"
        )
    return [*ends, float("inf")][:2]


def _spacing(value: Any, name: str) -> float:
    """Return the one spacing in the plane of [x, y] or [x, y, z]; slices stay where they are."""
    sides = value if isinstance(value, list) else [value]
    plane = set(sides[:2])
    wanted = len(plane) == 1 and all(isinstance(side, int | float) for side in sides)
    if not wanted or not min(sides) >= 0 or sides[0] == 0:
        raise InputError(
            f"{name}: resampledPixelSpacing {value!r}; expected one size for x and y, such as "
            "[1, 1, 0]; pixels stay square"
        )
    if sides[2:] not in ([], [0], [sides[0]]):
        raise InputError(
            f"{name}: resampledPixelSpacing {value!r}; expected 0 for z, or the same as x and y"
        )
    return float(sides[0])
