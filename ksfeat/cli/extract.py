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
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
    params: str | None = None,
    **describing: Any,
) -> dict[str, Any]:
    """Describe a data set as the options `describing` say and write the table; return a summary."""
    from ksfeat.cli.console import progress
    from ksfeat.cli.describing import make_asked_extractor
    from ksfeat.cli.inputs import load_images
    from ksfeat.cli.params import asked_of
    from ksfeat.evaluation.description import describe_dataset
    from ksfeat.io.atomic import require_folder
    from ksfeat.models.pipeline import StoneClassifier
    from ksfeat.models.stone_candidates import require_measured

    if out.suffix.lower() not in SUFFIXES:
        raise InputError(f"{out}: expected a name that ends in .parquet or .csv")
    require_folder(out)
    asked = asked_of(params, reading)
    extractor = make_asked_extractor(asked.extractor, jobs=jobs, **describing)
    require_measured(extractor, "a table of features")
    dataset = load_images(data, class_folders=True, reading=asked.reading(reading))
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


def _write(table: Any, out: Path) -> None:
    from ksfeat.io.atomic import replacing

    with replacing(out) as partial:
        if out.suffix.lower() == ".csv":
            table.to_csv(partial, index=False)
        else:
            table.to_parquet(partial, index=False)
