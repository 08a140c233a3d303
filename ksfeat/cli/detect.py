"""`ksfeat detect`: where stones are seen, how large and how dense they are."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import click

from ksfeat.cli import options
from ksfeat.errors import InputError

MADE = ("*_stones.png", "stones.csv", "stones.json")


@click.command()
@click.argument("model")
@click.argument("path", metavar="PATH")
@click.option("--out", required=True, help="Folder for pictures, stones.csv and stones.json.")
@click.option(
    "--least",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Probability from which on a candidate is told.",
)
@options.reading
@options.on_error
@options.jobs
@options.as_json
def detect(model: str, path: str, out: str, as_json: bool, **settings: Any) -> None:
    """Find stones in the images at PATH with MODEL, fitted with --features stones.

    Writes a picture an image with numbered boxes, and a table: place, probability, diameter in mm,
    mean and maximum HU of the 3 x 3 pixels at its peak, or that the file does not tell them.
    """
    from ksfeat.cli import console

    result = detect_path(model, path, Path(out), **settings)
    console.print_skipped(result["skipped"])
    if as_json:
        console.print_json(result)
        return
    columns = ("path", "stone", "probability", "x", "y", "diameter_mm", "mean_hu", "max_hu")
    rows = [tuple(str(row[name]) for name in columns) for row in result["stones"]]
    console.print_rows(columns, rows)
    console.say(f"{len(rows)} stones in {result['n_images']} images; wrote {out}")


def detect_path(
    model: str,
    path: str,
    out: Path,
    *,
    least: float = 0.5,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
) -> dict[str, Any]:
    """Find stones in the images at a path and write pictures and tables; return a summary."""
    from ksfeat.cli.console import progress
    from ksfeat.cli.inputs import images_for
    from ksfeat.models import load_model
    from ksfeat.models.detecting import check_detects, detect_stones
    from ksfeat.report.detections import stone_rows, write_detections
    from ksfeat.report.folder import output_folder

    classifier = load_model(model)
    check_detects(classifier)
    classifier.extractor_.set_params(n_jobs=jobs)
    rows: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    with output_folder(out, replaces=MADE) as folder:
        with progress("looking for stones"):
            dataset = images_for(classifier, path, reading)
            outcomes = detect_stones(classifier, dataset.images)
        for number, (source, found) in enumerate(zip(dataset.images, outcomes, strict=True)):
            if isinstance(found, InputError):
                if on_error == "stop":
                    raise found
                skipped[source.key] = str(found)
                continue
            told = found.above(least)
            rows += stone_rows(source.key, told)
            write_detections(source.read(), told, folder / _picture_name(number, source.key))
        _write_tables(rows, folder)
    return {
        "out": str(out),
        "n_images": len(dataset) - len(skipped),
        "least": least,
        "stones": rows,
        "skipped": skipped,
    }


def _picture_name(number: int, key: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9.-]+", "_", Path(key).stem)[-60:]
    return f"{number + 1:04d}_{stem}_stones.png"


def _write_tables(rows: list[dict[str, Any]], folder: Path) -> None:
    (folder / "stones.json").write_text(
        json.dumps(rows, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    columns = ["path", "stone", "probability", "x", "y", "x0", "y0", "x1", "y1"]
    columns += ["diameter_px", "diameter_mm", "mean_hu", "max_hu"]
    with (folder / "stones.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)
