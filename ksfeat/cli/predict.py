"""`ksfeat predict`: the class of each image."""

from __future__ import annotations

from typing import Any

import click

from ksfeat.cli import options


@click.command()
@click.argument("model")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.reading
@options.on_error
@options.jobs
@options.as_json
def predict(model: str, paths: tuple[str, ...], as_json: bool, **settings: Any) -> None:
    """Say the class of each image at PATH: files, folders or manifests."""
    from ksfeat.cli import console

    result = predict_paths(model, paths, **settings)
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
    model: str,
    paths: tuple[str, ...],
    *,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
) -> dict[str, Any]:
    """Predict every image at some paths; return plain values."""
    from ksfeat.cli.console import progress
    from ksfeat.cli.inputs import images_for
    from ksfeat.dataset.identity import place_name
    from ksfeat.evaluation.description import describe_dataset
    from ksfeat.models import load_model

    classifier = load_model(model)
    classifier.extractor_.set_params(n_jobs=jobs)
    predictions: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    seen: set[str] = set()
    hidden = any((reading or {}).get(name) for name in ("pseudonyms", "pseudonym_map"))
    for path in paths:
        with progress("describing images"):
            dataset = images_for(classifier, path, reading)
            described = describe_dataset(classifier, dataset, fit=False, on_error=on_error)
        found = _predictions(classifier.model_, described)
        place = place_name(path, dataset, hidden=hidden)
        predictions += [{**row, "path": _told_apart(place, row["path"], seen)} for row in found]
        skipped |= {
            _told_apart(place, key, seen): reason for key, reason in described.skipped.items()
        }
        seen |= set(dataset.keys)
    return {"model": model, "predictions": predictions, "skipped": skipped}


def _told_apart(place: str, key: str, seen: set[str]) -> str:
    """Put what was given before a name that another path has given already."""
    return f"{place}: {key}" if key in seen else key


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
