"""`ksfeat fit`: from a data set to a model that is judged by group and saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ksfeat.cli import options

SEARCHES = ("grid", "random")
MODELS = ("xgboost", "svm", "linear")


@click.command()
@click.argument("data")
@click.option("--out", default="model.ksf", show_default=True, help="Where the model is saved.")
@click.option(
    "--model", type=click.Choice(MODELS), default="xgboost", show_default=True, help="Classifier."
)
@options.describing
@options.reading
@options.groups
@options.groups_as_given
@click.option(
    "--augment",
    type=int,
    default=0,
    show_default=True,
    help="Augmented copies of each training image: turned, scaled, mirrored, brighter, noisier.",
)
@click.option("--cv", type=int, default=5, show_default=True, help="Folds of cross-validation.")
@click.option("--tune", type=click.Choice(SEARCHES), help="Search hyper-parameters, nested.")
@click.option("--covariates", type=options.Names(), default="", help="Columns of the manifest.")
@options.config
@options.on_error
@options.jobs
@options.seed
@options.as_json
def fit(data: str, out: str, as_json: bool, config: str | None, **settings: Any) -> None:
    """Fit a model on DATA, after judging it by group.

    DATA is a folder of class folders (of images, volumes or DICOM files, perhaps within splits), a
    YOLO export, or a CSV or Parquet manifest with the columns path and label, and optionally group,
    split, mask, mask_label, second_path, unit, boxes, a crop x0,y0,x1,y1 and covariates.
    """
    from ksfeat.cli import console

    training = fit_model(data, Path(out), **settings)
    console.print_skipped(training.skipped)
    if as_json:
        console.print_json({"model_file": out, **training.to_dict()})
        return
    for line in (*training.notes, *(training.audit.findings() if training.audit else ())):
        console.say(line)
    console.print_scores(training.crossval.title, training.crossval.scores)
    if training.test is not None:
        console.print_scores(training.test.title, training.test.scores)
    augmenter = training.augmenter
    copies = "" if augmenter is None else f" and {augmenter.copies} augmented copies of each"
    console.say(f"fitted on all {len(training.dataset)} images{copies}, and saved as {out}")


def fit_model(
    data: str,
    out: Path,
    *,
    model: str = "xgboost",
    features: tuple[str, ...] = ("auto",),
    params: str | None = None,
    size: int | None = None,
    window: str | None = None,
    levels: int | str | None = None,
    aggregation: str | None = None,
    chain: str | None = None,
    preprocess: tuple[str, ...] = (),
    augment: int = 0,
    groups: str | None = None,
    groups_as_given: bool = False,
    cv: int = 5,
    tune: Any = None,
    covariates: tuple[str, ...] = (),
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
    seed: int = 0,
) -> Any:
    """Train on a data set and save the model; return the `Training`."""
    from ksfeat.cli.console import progress
    from ksfeat.cli.extract import make_extractor
    from ksfeat.cli.params import asked_of
    from ksfeat.dataset import load_dataset
    from ksfeat.evaluation import train
    from ksfeat.models.artifact import check_target, save_model
    from ksfeat.models.pipeline import StoneClassifier

    check_target(out)
    asked = asked_of(params, reading)
    dataset = load_dataset(
        data,
        groups=groups,
        join_patients=not groups_as_given,
        covariates=covariates,
        **asked.reading(reading),
    )
    given = {"size": size, "window": window, "levels": levels}
    given |= {"aggregation": aggregation, "chain": chain}
    extractor = make_extractor(features, preprocess, given, jobs, asked.extractor)
    classifier = StoneClassifier(extractor, model, random_state=seed)
    with progress("describing images"):
        training = train(
            classifier,
            dataset,
            n_folds=cv,
            search=tune,
            augment=augment,
            on_error=on_error,
            random_state=seed,
        )
    save_model(training.classifier, out, training=training.summary())
    return training
