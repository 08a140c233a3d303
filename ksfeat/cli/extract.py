"""`ksfeat extract`: a table of features, one row an image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ksfeat.cli import options
from ksfeat.errors import InputError

SUFFIXES = (".parquet", ".csv")


@click.command()
@click.argument("data")
@click.option("--out", required=True, help="features.parquet or features.csv")
@options.describing
@options.reading
@options.on_error
@options.jobs
@options.as_json
def extract(data: str, out: str, as_json: bool, **settings: Any) -> None:
    """Write the features of DATA as a table.

    DATA is a folder of images, of class folders, or a manifest; labels and groups are kept where
    there are some.
    """
    from ksfeat.cli import console
    from ksfeat.features.needs import left_out_lines

    result = extract_table(data, Path(out), **settings)
    console.print_skipped(result["skipped"])
    for line in left_out_lines(result["families_left_out"]):
        console.note(line)
    if as_json:
        console.print_json(result)
    else:
        console.say(f"{result['n_images']} images x {result['n_features']} features in {out}")


def extract_table(
    data: str,
    out: Path,
    *,
    features: tuple[str, ...] = ("auto",),
    preprocess: tuple[str, ...] = (),
    params: str | None = None,
    size: int | None = None,
    window: str | None = None,
    levels: int | str | None = None,
    aggregation: str | None = None,
    chain: str | None = None,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
) -> dict[str, Any]:
    """Describe a data set and write the table; return a summary."""
    from ksfeat.cli.console import progress
    from ksfeat.cli.inputs import load_images
    from ksfeat.cli.params import asked_of
    from ksfeat.evaluation.description import describe_dataset
    from ksfeat.io.atomic import require_folder
    from ksfeat.models.pipeline import StoneClassifier

    if out.suffix.lower() not in SUFFIXES:
        raise InputError(f"{out}: expected a name that ends in .parquet or .csv")
    require_folder(out)
    asked = asked_of(params, reading)
    dataset = load_images(data, class_folders=True, reading=asked.reading(reading))
    given = {"size": size, "window": window, "levels": levels}
    given |= {"aggregation": aggregation, "chain": chain}
    extractor = make_extractor(features, preprocess, given, jobs, asked.extractor)
    classifier = StoneClassifier(extractor)
    with progress("describing images"):
        described = describe_dataset(classifier, dataset, fit=True, on_error=on_error)
    table = described.table.copy()
    known = {
        "path": described.dataset.keys,
        "label": described.dataset.labels,
        "group": described.dataset.groups,
    }
    for name, values in reversed(known.items()):
        if values is not None:
            table.insert(0, name, values)
    _write(table, out)
    return {
        "out": str(out),
        "n_images": len(table),
        "n_features": described.table.shape[1],
        "families_left_out": classifier.extractor_.left_out_,
        "skipped": described.skipped,
    }


def make_extractor(
    features: tuple[str, ...],
    preprocess: tuple[str, ...],
    settings: dict[str, Any],
    jobs: int,
    defaults: dict[str, Any],
) -> Any:
    """Return the extractor that the options ask for, and `defaults` where they ask for nothing.

    A setting that is None asks for nothing.
    """
    from ksfeat.features import FeatureExtractor

    given = {name: value for name, value in settings.items() if value is not None}
    if features != ("auto",):
        given["features"] = features
    if preprocess:
        given["preprocess"] = ",".join(preprocess)
    return FeatureExtractor(n_jobs=jobs, **{**defaults, **given})


def _write(table: Any, out: Path) -> None:
    from ksfeat.io.atomic import replacing

    with replacing(out) as partial:
        if out.suffix.lower() == ".csv":
            table.to_csv(partial, index=False)
        else:
            table.to_parquet(partial, index=False)
