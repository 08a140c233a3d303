"""pyradiomics' parameter files: `--params FILE.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ksfeat.cli.settings_file import read_yaml, shown
from ksfeat.errors import InputError
from ksfeat.roi.parameters import written_out

_TOP = ("setting", "imageType", "featureClass")
_SETTINGS = ("binWidth", "binCount", "resampledPixelSpacing", "label", "force2D", "resegmentRange")
# Our families of each class; None for shape, which filters do not change.
_CLASSES: dict[str, tuple[str, ...] | None] = {
    "firstorder": ("first_order", "histogram"),
    "glcm": ("glcm",),
    "glrlm": ("glrlm",),
    "glszm": ("glszm",),
    "ngtdm": ("ngtdm",),
    "gldm": ("ngldm",),
    "shape": None,
    "shape2D": None,
}
_SHAPES = {"shape": "morphology", "shape2D": "morphology_2d"}
_IMAGES = {"Original": "", "Wavelet": "wavelet_", "LoG": "log_"}
_BIN_WIDTH = 25  # pyradiomics' own, where a file says nothing; so is the label
_LABEL = 1
_MOST_LABEL = 65535
_MOST_BINS = 65535
_LARGEST = 1e9  # HU or grey values of a bin; millimetres of a pixel
_SMALLEST = 1e-9
_MOST_NAMED = 10


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

    def reading(self, given: dict[str, Any] | None) -> dict[str, Any]:
        """Return how data is to be read (arguments of `load_dataset`), with the label."""
        return (given or {}) | ({} if self.label is None else {"mask_label": self.label})


def asked_of(file: str | None, reading: dict[str, Any] | None) -> Params:
    """Return what a parameter file asks of data that is read in a way; nothing without a file."""
    if file is None:
        return Params({})
    return read_params(file, volumes=(reading or {}).get("volume") == "region")


def read_params(file: str, *, volumes: bool = False) -> Params:
    """Read a parameter file of pyradiomics.

    Parameters
    ----------
    file : str
        YAML with some of ``setting`` (binWidth, binCount, resampledPixelSpacing, label, force2D,
        resegmentRange), ``imageType`` (Original, Wavelet, LoG) and ``featureClass``. What it does
        not say is as in pyradiomics: a bin width of 25, label 1, the unfiltered image, all classes.
        A class is computed whole, whichever of its features are listed.
    volumes : bool, default=False
        Whether each image is a volume: then texture is that of the volume ("3d_avg"), or with
        ``force2D: true`` that of its slices ("2.5d_avg"). Of a slice it is "2d_avg".

    Raises
    ------
    InputError
        If it cannot be read, or holds what ksfeat does not do; the message names all of that.
    """
    name = Path(file).name
    found = read_yaml(file, "parameter file", "'setting: {binWidth: 25}'")
    parts = {key: _mapping(found, key, name) for key in _TOP}
    _refuse_unknown(found, parts, name)
    _check_classes(parts["featureClass"], name)
    setting = {key: value for key, value in parts["setting"].items() if value is not None}
    extractor: dict[str, Any] = {
        "names": "pyradiomics",
        "levels": _levels(setting, name),
        "aggregation": _aggregation(setting, name, volumes),
        "features": _families(parts),
    }
    if "resampledPixelSpacing" in setting:
        spacing = _spacing(setting["resampledPixelSpacing"], name, volumes)
        extractor["preprocess"] = f"isotropic:{written_out(spacing)}"
    if "resegmentRange" in setting:
        low, high = _limits(setting["resegmentRange"], name)
        extractor["chain"] = f"limits:{written_out(low)}:{written_out(high)}"
    setting.setdefault("label", _LABEL)
    return Params(extractor, _number(setting, "label", name, (1, _MOST_LABEL), whole=True))


def _mapping(given: dict[Any, Any], key: str, name: str) -> dict[Any, Any]:
    value = given.get(key)
    if value is not None and not isinstance(value, dict):
        raise InputError(f"{name}: {key} {shown(value)}; expected 'key: value' lines under it")
    return value or {}


def _refuse_unknown(found: dict[Any, Any], parts: dict[str, dict[Any, Any]], name: str) -> None:
    images = parts["imageType"]
    unknown = [
        *_others(found, _TOP, ""),
        *_others(parts["setting"], _SETTINGS, "setting."),
        *_others(images, _IMAGES, "imageType."),
        *_others(parts["featureClass"], _CLASSES, "featureClass."),
        *(path for image in images if image in _IMAGES
          for path in _others(_mapping(images, image, name), (), f"imageType.{image}.")),
    ]  # fmt: skip
    if unknown:
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        raise InputError(
            f"{name}: ksfeat does not know {', '.join(unknown[:_MOST_NAMED])}{more}; expected of "
            f"setting {', '.join(_SETTINGS)}; of imageType {', '.join(_IMAGES)}; of featureClass "
            f"{', '.join(_CLASSES)}; leave the others out"
        )


def _others(given: dict[Any, Any], known: Iterable[str], prefix: str) -> list[str]:
    return [f"{prefix}{shown(key)[1:-1] if isinstance(key, str) else shown(key)}"
            for key in given if key not in set(known)]  # fmt: skip


def _check_classes(classes: dict[str, Any], name: str) -> None:
    from ksfeat.features.pyradiomics_names import feature_names

    for kind, listed in classes.items():
        if listed is not None and not isinstance(listed, list):
            raise InputError(
                f"{name}: featureClass.{kind} {shown(listed)}; expected a list of its features, "
                "or nothing for all of them"
            )
        known = feature_names(kind)
        for feature in listed or ():
            if not isinstance(feature, str) or feature not in known:
                raise InputError(
                    f"{name}: featureClass.{kind} has no feature {shown(feature)}; "
                    f"expected some of {', '.join(sorted(known))}"
                )


def _families(parts: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    classes = parts["featureClass"] or dict.fromkeys(_CLASSES)
    images = parts["imageType"] or ("Original",)
    chosen = [family for kind in classes for family in _CLASSES[kind] or ()]
    families = [f"{_IMAGES[image]}{family}" for image in images for family in chosen]
    listed = classes.get("glcm", ()) or ["MCC"]
    if "glcm" in classes and "Original" in images and "MCC" in listed:
        families.append("glcm_mcc")
    shapes = [family for kind, family in _SHAPES.items() if kind in classes]
    # One describes slices and the other volumes: who asks for both gets the one that fits.
    return (*families, *(shapes if len(shapes) < len(_SHAPES) else ["pyradiomics_shape"]))


def _levels(setting: dict[str, Any], name: str) -> int | str:
    if "binCount" in setting:
        count: int = _number(setting, "binCount", name, (2, _MOST_BINS), whole=True)
        return count
    if "binWidth" not in setting:
        return f"fbw{_BIN_WIDTH}"
    return f"fbw{written_out(_number(setting, 'binWidth', name, (_SMALLEST, _LARGEST)))}"


def _aggregation(setting: dict[str, Any], name: str, volumes: bool) -> str:
    flat = setting.get("force2D", False)
    if not isinstance(flat, bool):
        raise InputError(f"{name}: force2D {shown(flat)}; expected true or false")
    if not volumes:
        return "2d_avg"
    return "2.5d_avg" if flat else "3d_avg"


def _number(
    setting: dict[str, Any], key: str, name: str, within: tuple[float, float], whole: bool = False
) -> Any:
    value, (low, high) = setting[key], within
    if not _is_number(value, (int,) if whole else (int, float)) or not low <= value <= high:
        kind = "a whole number" if whole else "a number"
        raise InputError(f"{name}: {key} {shown(value)}; expected {kind} from {low:g} to {high:g}")
    return value


def _limits(value: Any, name: str) -> tuple[float, float]:
    """Return the two ends of a range; of one number, pyradiomics keeps all from it upwards."""
    ends = value if isinstance(value, list) else [value]
    numbers = len(ends) in (1, 2) and all(_is_number(end, (int, float)) for end in ends)
    if not numbers or not all(abs(end) <= _LARGEST for end in ends) or ends != sorted(set(ends)):
        raise InputError(
            f"{name}: resegmentRange {shown(value)}; expected [low, high], such as [-50, 400]"
        )
    return ends[0], ends[1] if len(ends) == 2 else float("inf")


def _is_number(value: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


def _spacing(value: Any, name: str, volumes: bool) -> float:
    """Return the one spacing of [x, y] or [x, y, z]; single slices stay where they are."""
    sides = value if isinstance(value, list) else [value]
    numbers = all(_is_number(side, (int, float)) for side in sides)
    if not numbers or not 2 <= len(sides) <= 3 or sides[0] != sides[1] or not _is_size(sides[0]):
        raise InputError(
            f"{name}: resampledPixelSpacing {shown(value)}; expected one size in millimetres for "
            "x and y, such as [1, 1, 0]; pixels stay square"
        )
    if sides[2:] not in ([[sides[0]]] if volumes else [[], [0], [sides[0]]]):
        expected = "the same for z" if volumes else "0 for z, or the same"
        raise InputError(
            f"{name}: resampledPixelSpacing {shown(value)}; expected {expected} as for x and y"
        )
    return float(sides[0])


def _is_size(side: float) -> bool:
    from ksfeat.roi.isotropic import SMALLEST_MM

    return SMALLEST_MM <= side <= _LARGEST
