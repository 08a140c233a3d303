"""`ksfeat evaluate`: the scores of a saved model on a data set."""

from __future__ import annotations

import json
from typing import Any

import click

from ksfeat.cli import options


@click.command()
@click.argument("model")
@click.argument("data")
@click.option("--out", help="Folder for a page (index.html), scores.json and predictions.csv.")
@click.option(
    "--split",
    type=click.Choice(["test", "train", "all"]),
    default="test",
    show_default=True,
    help="Which rows to score where the data has a split column.",
)
@options.reading
@options.groups
@options.groups_as_given
@options.asking
@options.on_error
@options.jobs
@options.seed
@options.as_json
def evaluate(model: str, data: str, out: str | None, as_json: bool, **settings: Any) -> None:
    """Score MODEL on DATA, and say what of it was trained on."""
    from ksfeat.cli import console
    from ksfeat.cli.certainty import print_certainty, print_details
    from ksfeat.report.folder import output_folder
    from ksfeat.report.score_page import part_of_holdout, render_scores

    result, method = evaluate_model(model, data, **settings)
    if out is not None:
        with output_folder(out) as folder:
            (folder / "pictures").mkdir()
            page = render_scores("Scores", [part_of_holdout(result, folder / "pictures")])
            (folder / "index.html").write_text(page, encoding="utf-8")
            text = json.dumps(result.to_dict(), indent=1, allow_nan=False)
            (folder / "scores.json").write_text(text, encoding="utf-8")
            result.predictions.to_csv(folder / "predictions.csv", index=False)
    console.print_skipped(result.skipped)
    if as_json:
        console.print_json(result.to_dict())
        return
    console.print_scores(result.title, result.scores)
    if result.strangers is not None:
        console.say(result.strangers)
    print_certainty(result.judgement, method, result.scores.classes)
    print_details(result.details)


def evaluate_model(
    model: str,
    data: str,
    *,
    split: Any = "test",
    groups: str | None = None,
    groups_as_given: bool = False,
    prevalence: dict[str, float] | None = None,
    subgroups: str | None = None,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
    seed: int = 0,
) -> tuple[Any, str | None]:
    """Score a saved model on a data set; return the `Holdout`, and how the model is calibrated."""
    from ksfeat.cli.asked import load_asked
    from ksfeat.cli.console import progress
    from ksfeat.evaluation import evaluate as score
    from ksfeat.models import load_model

    classifier = load_model(model)
    encoder = classifier.covariates_
    covariates = () if encoder is None else tuple(encoder.categories_)
    dataset, asked = load_asked(
        data,
        prevalence=prevalence or {},
        subgroups=subgroups,
        groups=groups,
        join_patients=not groups_as_given,
        covariates=covariates,
        **(reading or {}),
    )
    classifier.extractor_.set_params(n_jobs=jobs)
    with progress("describing images"):
        result = score(
            classifier, dataset, part=split, on_error=on_error, asked=asked, random_state=seed
        )
    certainty = classifier.certainty_
    return result, None if certainty is None else certainty.method
