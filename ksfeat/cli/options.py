"""Options that several commands share."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ksfeat.cli.settings_file import read_yaml
from ksfeat.errors import InputError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
jobs = click.option(
    "--jobs", type=int, default=-1, show_default="all cores", help="Processes that read images."
)
seed = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1000),  # splits try seeds above it; numpy's end at 2**32
    default=0,
    show_default=True,
    help="Seed of all chance.",
)
on_error = click.option(
    "--on-error",
    type=click.Choice(["stop", "skip"]),
    default="stop",
    show_default=True,
    help="Stop at an image that cannot be used, or skip it and say why.",
)
groups = click.option(
    "--groups",
    metavar="COLUMN|FILE.csv|none",
    help="What must stay together: a column of the manifest, a file with path and group, or none "
    "for a random split. Default: the column 'group', else DICOM patients, else the volumes of "
    "slices, else proxy groups found from the pixels.",
)
groups_as_given = click.option(
    "--groups-as-given",
    is_flag=True,
    help="Keep given groups that share a patient of DICOM files apart: for identifiers that an "
    "anonymiser wrote to all files.",
)
axis = click.option(
    "--axis",
    type=click.Choice(["axial", "coronal", "sagittal"]),
    default="axial",
    show_default=True,
    help="Normal of the slices of a volume.",
)
unit = click.option(
    "--unit",
    type=click.Choice(["HU"]),
    help="Your word that NIfTI, NRRD or 16-bit files hold Hounsfield units.",
)
pseudonyms = click.option(
    "--pseudonyms",
    is_flag=True,
    help="Call images and groups by keyed hashes. DICOM files always are.",
)


class Names(click.ParamType):
    """Names separated by commas; a list in a configuration file."""

    name = "NAME,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Split at commas."""
        if not isinstance(value, str | list | tuple):
            self.fail(f"{value!r}; expected names separated by commas", param, ctx)
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(str(part).strip() for part in parts if str(part).strip())


class Prevalence(click.ParamType):
    """Classes and how frequent they are, such as stone=0.1; a mapping in a configuration file."""

    name = "CLASS=SHARE,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> dict[str, float]:
        """Read a share for each class; whether it is one is judged with the data."""
        pairs: Any = value
        if not isinstance(value, dict):
            pairs = dict(part.rpartition("=")[::2] for part in Names().convert(value, param, ctx))
        try:
            return {str(name).strip(): float(share) for name, share in pairs.items()}
        except (TypeError, ValueError):
            self.fail(f"{value!r}; expected a class and its share, such as stone=0.1", param, ctx)


class Settings(click.ParamType):
    """Names and values, such as learning_rate=0.001; a mapping in a configuration file."""

    name = "NAME=VALUE,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> dict[str, Any]:
        """Read numbers, true, false and null; whatever else is text. The model judges them."""
        if isinstance(value, dict):
            return {str(name): found for name, found in value.items()}
        pairs = [part.partition("=") for part in Names().convert(value, param, ctx)]
        if not all(name and equals for name, equals, _ in pairs):
            self.fail(
                f"{value!r}; expected NAME=VALUE,..., such as learning_rate=0.001", param, ctx
            )
        return {name.strip(): _plain(text.strip()) for name, _, text in pairs}


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


class Levels(click.ParamType):
    """Grey levels: a whole number, or the size of a bin as text; a number in a configuration."""

    name = "NUMBER|fbsSIZE|fbwSIZE"

    def convert(self, value: Any, param: Any, ctx: Any) -> int | str:
        """Read a number where there is one; the extractor judges it."""
        text = str(value).strip()
        return int(text) if text.lstrip("-").isdecimal() else text


def asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what is told beside the scores."""
    options = [
        click.option(
            "--prevalence",
            type=Prevalence(),
            default="",
            help="Tell PPV and NPV where a class is as frequent as this, such as stone=0.1.",
        ),
        click.option(
            "--subgroups",
            metavar="COLUMN",
            help="Score each value of a column of the manifest apart, such as sex or scanner.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


_DESCRIBING = (
    click.option(
        "--features",
        type=Names(),
        default="auto",
        show_default=True,
        help="Families or presets: texture, shape, density, spots, or single families; stones "
        "(a detector, learnt in each fold); embedding (of a frozen CNN: the extra cnn); all: every "
        "family and the embedding.",
    ),
    click.option(
        "--preprocess",
        type=Names(),
        default="",
        metavar="STEP,...",
        help="Before all else, and again at predict: window:NAME, resize:PIXELS, isotropic:MM, "
        "zscore, clahe[:CLIP_LIMIT[:TILES]], crop:body|mask[:MARGIN[px|mm]].",
    ),
    click.option(
        "--params",
        metavar="FILE.yaml",
        help="Take families, grey levels, aggregation, spacing and mask label (1 where it says "
        "none) from a parameter file of pyradiomics, and its names; options given here win.",
    ),
    click.option(
        "--levels",
        type=Levels(),
        show_default="32",
        help="Grey levels of histogram and texture: their number, or the size of a bin: fbs25 "
        "from each region's lowest intensity (IBSI), fbw25 from a multiple (pyradiomics).",
    ),
    click.option(
        "--aggregation",
        metavar="2d_avg|2d_mrg|2.5d_avg|2.5d_mrg|3d_avg|3d_mrg",
        show_default="2d_mrg of slices",
        help="How texture matrices of slices and directions become one number; texture of "
        "volumes (--volume region) needs it.",
    ),
    click.option(
        "--chain",
        metavar="TERM,...",
        help="The IBSI's image processing: interpolate:MM[:linear|cubic|nearest] or "
        "interpolate2d:MM, limits:LOW:HIGH (re-segmentation), outliers:SD.",
    ),
    click.option("--size", type=int, help="Resize so that the longest side has N pixels."),
    click.option(
        "--window", help="Window of images in HU: soft_tissue, bone or stone (PNGs have no HU)."
    ),
    click.option(
        "--embedding-model",
        metavar="NAME",
        show_default="efficientnet_lite0",
        help="The network of the embedding: efficientnet_lite0 to 2; torchvision:NAME or timm:NAME "
        "where those are installed.",
    ),
    click.option(
        "--cache",
        metavar="FOLDER",
        help="Keep the vectors of the embedding there: the next fit reads them back.",
    ),
)


def describing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how images are described."""
    for option in reversed(_DESCRIBING):
        command = option(command)
    return command


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how data is read; the command gets them as one, `reading`.

    They are parameters of `load_dataset`, where they are described.
    """
    options = {
        "volume": click.option(
            "--volume",
            type=click.Choice(["slices", "region"]),
            default="slices",
            show_default=True,
            help="Take volumes apart, or keep each as one region.",
        ),
        "axis": axis,
        "unit": unit,
        "boxes": click.option(
            "--boxes", metavar="FILE.csv", help="Boxes: a table with path, x0, y0, x1, y1."
        ),
        "pseudonyms": pseudonyms,
        "pseudonym_map": click.option(
            "--pseudonym-map",
            metavar="FILE.csv",
            help="Write what the hashes mean to a local file that only you can read.",
        ),
    }

    @wraps(command)
    def bundled(**given: Any) -> Any:
        return command(reading={name: given.pop(name) for name in options}, **given)

    decorated: Callable[..., Any] = bundled
    for option in reversed(options.values()):
        decorated = option(decorated)
    return decorated


def read_config(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Take defaults from a YAML file whose keys are the command's option names."""
    if value is None:
        return None
    found = read_yaml(value, "configuration file", "'model: svm'")
    known = {
        item.opts[-1].removeprefix("--"): item.name
        for item in ctx.command.params
        if isinstance(item, click.Option) and item.name != param.name
    }
    options = {str(key).replace("_", "-"): option for key, option in found.items()}
    unknown = sorted(set(options) - set(known))
    if unknown:
        raise InputError(
            f"{Path(value).name}: no option {unknown[0]!r}; "
            f"expected some of {', '.join(sorted(known))}"
        )
    named = {known[key]: option for key, option in options.items()}
    ctx.default_map = {**(ctx.default_map or {}), **named}
    return value


def refuse_beside(chosen: str, *idle: str) -> None:
    """Refuse options that `chosen`, which was given, would silently leave without effect."""
    ctx = click.get_current_context()
    flags = {item.name: item.opts[-1] for item in ctx.command.params}
    for name in idle:
        if ctx.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise InputError(
                f"{flags[name]} beside {flags[chosen]}, which sets the folds by itself; "
                "expected one of them; leave the other out"
            )


config = click.option(
    "--config",
    metavar="FILE.yaml",
    is_eager=True,
    callback=read_config,
    help="Take options from a YAML file; those given here win.",
)
