"""`ksfeat explain`: why a model says what it says, as pictures and as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ksfeat.cli import options

MADE = ("waterfall.*", "beeswarm_*", "bar_*", "explanation.json")


@click.command()
@click.argument("model")
@click.argument("path_or_data")
@click.option("--out", required=True, help="Folder for the pictures and explanation.json.")
@options.reading
@options.on_error
@options.jobs
@options.as_json
def explain(model: str, path_or_data: str, out: str, as_json: bool, **settings: Any) -> None:
    """Explain MODEL on one image or a data set.

    One image gives a waterfall; several give a beeswarm and a bar plot for each explained class.
    Attributions add up to the margin exactly; explanation.json holds all of them.
    """
    from ksfeat.cli import console

    result = explain_path(model, path_or_data, Path(out), **settings)
    console.print_skipped(result["skipped"])
    if as_json:
        console.print_json(result)
        return
    console.say(f"{result['n_images']} images explained, game: {result['game']}")
    console.say(f"largest relative gap between sum and margin: {result['additivity_error']:.1e}")
    for file in result["files"]:
        console.say(f"wrote {Path(out) / file}")


def explain_path(
    model: str,
    path: str,
    out: Path,
    *,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
) -> dict[str, Any]:
    """Explain the images at a path and write pictures and data; return a summary."""
    from ksfeat.attribution.explain import explain_table
    from ksfeat.cli.console import progress
    from ksfeat.cli.inputs import images_for
    from ksfeat.evaluation.description import describe_dataset
    from ksfeat.models import load_model
    from ksfeat.models.classifiers import require_features
    from ksfeat.report.folder import output_folder
    from ksfeat.report.gallery import draw_dataset, draw_image

    classifier = load_model(model)
    require_features(classifier.model_, "an explanation by feature")
    classifier.extractor_.set_params(n_jobs=jobs)
    with output_folder(out, replaces=MADE) as folder:
        with progress("describing images"):
            dataset = images_for(classifier, path, reading)
            described = describe_dataset(classifier, dataset, fit=False, on_error=on_error)
        explanation = explain_table(
            classifier.model_, described.table, tuple(described.dataset.keys)
        )
        if len(explanation) == 1:
            draw_image(explanation, described.dataset.images[0], folder)
        else:
            draw_dataset(explanation, folder)
        explanation.save(folder / "explanation.json")
        files = sorted(file.name for file in folder.iterdir())
    return {
        "out": str(out),
        "n_images": len(explanation),
        "classes": list(explanation.classes),
        "game": explanation.game,
        "additivity_error": explanation.additivity_error(),
        "files": files,
        "skipped": described.skipped,
    }
