"""`ksfeat predict`: the class of each image."""

from __future__ import annotations

from typing import Any

import click

from ksfeat.cli import options
from ksfeat.errors import InputError


@click.command()
@click.argument("model")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.reading
@options.on_error
@options.jobs
@click.option(
    "--force",
    is_flag=True,
    help="Answer for images too that are unlike the training images, where their features exist.",
)
@options.as_json
def predict(model: str, paths: tuple[str, ...], as_json: bool, **settings: Any) -> None:
    """Say the class of each image at PATH: files, folders or manifests.

    A set of one class is a clear answer, one of several abstains between them. Images that are not
    of the kind that the model was trained on are refused.
    """
    from ksfeat.cli import console

    result = predict_paths(model, paths, **settings)
    console.print_skipped(result["skipped"])
    if not result["predictions"]:
        raise InputError(
            "no image is predicted: all were refused; bring images such as the model was trained "
            "on, or give --force"
        )
    if as_json:
        console.print_json(result)
        return
    for row in result["predictions"]:
        if row["novelty"]:
            console.note(f"{row['path']}: {row['novelty']}")
    has_probabilities = result["predictions"][0]["probability"] is not None
    kind = "probability" if has_probabilities else "margin"
    rows = [
        (row["path"], row["class"], _numbers(row[kind]), _set(row["set"]))
        for row in result["predictions"]
    ]
    title = f"probability ({result['calibration'] or 'uncalibrated'})"
    coverage = result["coverage"]
    told = "set" if coverage is None else f"set ({100 * coverage:g} %)"
    console.print_rows(("image", "class", title if has_probabilities else "margin", told), rows)


def _set(names: list[str] | None) -> str:
    if names is None:
        return "-"
    return "{" + ", ".join(names) + "}"


def _numbers(by_class: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in by_class.items())


def predict_paths(
    model: str,
    paths: tuple[str, ...],
    *,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
    force: bool = False,
) -> dict[str, Any]:
    """Predict every image at some paths; return plain values, no prediction if all are refused."""
    from ksfeat.cli.console import progress
    from ksfeat.cli.inputs import images_for
    from ksfeat.dataset.identity import place_name
    from ksfeat.evaluation.description import describe_dataset
    from ksfeat.evaluation.strangers import without_strangers
    from ksfeat.models import load_model

    classifier = load_model(model)
    classifier.extractor_.set_params(n_jobs=jobs)
    classifier.extractor_.forced = force
    predictions: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    seen: set[str] = set()
    hidden = any((reading or {}).get(name) for name in ("pseudonyms", "pseudonym_map"))
    for path in paths:
        with progress("describing images"):
            dataset = images_for(classifier, path, reading)
            described = describe_dataset(classifier, dataset, fit=False, on_error=on_error)
            known = without_strangers(classifier, described, on_error=on_error, force=force)
            described = known.described
        found = _predictions(classifier, described, known.remarks)
        place = place_name(path, dataset, hidden=hidden)
        predictions += [{**row, "path": _told_apart(place, row["path"], seen)} for row in found]
        skipped |= {
            _told_apart(place, key, seen): reason for key, reason in described.skipped.items()
        }
        seen |= set(dataset.keys)
    certainty = classifier.certainty_
    sets = None if certainty is None else certainty.sets
    return {
        "model": model,
        "calibration": None if certainty is None else certainty.method,
        "coverage": None if sets is None else sets.coverage,
        "predictions": predictions,
        "skipped": skipped,
    }


def _told_apart(place: str, key: str, seen: set[str]) -> str:
    """Put what was given before a name that another path has given already."""
    return f"{place}: {key}" if key in seen else key


def _predictions(classifier: Any, described: Any, remarks: dict[str, str]) -> list[dict[str, Any]]:
    model, table = classifier.model_, described.table
    if table.empty:
        return []
    called, raw = model.predict(table), model.decision_function(table)
    margins = raw.reshape(len(called), -1)
    classes = [str(name) for name in model.classes_]
    explained = classes[-margins.shape[1] :]
    known = hasattr(classifier, "predict_proba")
    chances = classifier.chances(table) if known else None
    certainty = classifier.certainty_
    sets = None if certainty is None or certainty.sets is None else certainty.sets.of(raw)
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
            "set": (
                None
                if sets is None
                else [name for name, held in zip(classes, sets[place], strict=True) if held]
            ),
            "novelty": remarks.get(key),
        }
        for place, key in enumerate(described.dataset.keys)
    ]
