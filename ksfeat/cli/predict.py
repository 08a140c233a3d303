"""`ksfeat predict`: the class of each image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ksfeat.cli import options


@click.command()
@click.argument("model")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.on_error
@options.jobs
@options.as_json
def predict(model: str, paths: tuple[str, ...], as_json: bool, on_error: Any, jobs: int) -> None:
    """Say the class of each image at PATH: files, folders or manifests."""
    from ksfeat.cli import console

    result = predict_paths(model, paths, on_error=on_error, jobs=jobs)
    console.print_skipped(result["skipped"])
    if as_json:
        console.print_json(result)
        return
    has_probabilities = result["predictions"][0]["probability"] is not None
    kind = "probability" if has_probabilities else "margin"
    rows = [(row["path"], row["class"], _numbers(row[kind])) for row in result["predictions"]]
    title = "probability (uncalibrated)" if has_probabilities else "margin"
    console.print_rows(("image", "class", title), rows)


def _numbers(by_class: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in by_class.items())


def predict_paths(
    model: str, paths: tuple[str, ...], *, on_error: Any = "stop", jobs: int = -1
) -> dict[str, Any]:
    """Predict every image at some paths; return plain values."""
    from ksfeat.cli.console import progress
    from ksfeat.cli.inputs import images_for
    from ksfeat.evaluation.description import describe_dataset
    from ksfeat.models import load_model

    classifier = load_model(model)
    classifier.extractor_.set_params(n_jobs=jobs)
    predictions: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    for path in paths:
        with progress("describing images"):
            described = describe_dataset(
                classifier, images_for(classifier, path), fit=False, on_error=on_error
            )
        found = _predictions(classifier.model_, described)
        if len(paths) > 1:  # two folders may hold files of one name
            found = [{**row, "path": _within(path, row["path"])} for row in found]
        predictions += found
        skipped |= {_within(path, key): reason for key, reason in described.skipped.items()}
    return {"model": model, "predictions": predictions, "skipped": skipped}


def _within(path: str, key: str) -> str:
    return path if Path(path).name == key else f"{path}: {key}"


def _predictions(model: Any, described: Any) -> list[dict[str, Any]]:
    called = model.predict(described.table)
    margins = model.decision_function(described.table).reshape(len(called), -1)
    classes = [str(name) for name in model.classes_]
    explained = classes[-margins.shape[1] :]
    has_probabilities = hasattr(model, "predict_proba")
    chances = model.predict_proba(described.table) if has_probabilities else None
    return [
        {
            "path": key,
            "class": str(called[place]),
            "margin": dict(zip(explained, margins[place].tolist(), strict=True)),
            "probability": (
                None
                if chances is None
                else dict(zip(classes, chances[place].tolist(), strict=True))
            ),
        }
        for place, key in enumerate(described.dataset.keys)
    ]
