"""`ksfeat fit`: from a data set to a model that is judged by group and saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ksfeat.cli import options
from ksfeat.cli.model import Model

SEARCHES = ("grid", "random")
CALIBRATIONS = ("auto", "temperature", "platt", "isotonic", "none")


@click.command()
@click.argument("data")
@click.option("--out", default="model.ksf", show_default=True, help="Where the model is saved.")
@click.option(
    "--model",
    type=Model(),
    default="xgboost",
    show_default=True,
    help="Classifier. cnn: and efficientnet_lite0, seed_cnn, torchvision:NAME or timm:NAME trains "
    "that network on the images (the extra cnn).",
)
@click.option("--epochs", type=int, show_default="8", help="Of a CNN: passes over the images.")
@click.option(
    "--training",
    type=options.Settings(),
    default="",
    help="Of a CNN: other parameters of FineTunedCNN, such as learning_rate=0.0003,validation=0.2.",
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
@click.option(
    "--split",
    "split_file",
    metavar="FILE.csv",
    help="Folds that `ksfeat split` or another tool wrote: path and fold, and group where the data "
    "have none.",
)
@click.option("--tune", type=click.Choice(SEARCHES), help="Search hyper-parameters, nested.")
@click.option(
    "--calibrate",
    type=click.Choice(CALIBRATIONS),
    default="auto",
    show_default=True,
    help="How margins become probabilities; auto chooses on folds by group.",
)
@click.option(
    "--coverage",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of each class whose conformal set is to hold it.",
)
@click.option(
    "--min-icc",
    type=click.FloatRange(-1, 1),
    help="Use no feature whose ICC(2,1) under noise, rotation, shift and mask growth is below it.",
)
@click.option(
    "--learning-curve",
    "learning",
    is_flag=True,
    help="Judge models of parts of the training groups, too: what more patients would bring.",
)
@options.asking
@click.option(
    "--report",
    metavar="FOLDER",
    help="Write a page of the scores, with reliability and decision curves, and scores.json.",
)
@click.option("--covariates", type=options.Names(), default="", help="Columns of the manifest.")
@options.config
@options.on_error
@options.jobs
@options.seed
@options.as_json
def fit(
    data: str, out: str, report: str | None, as_json: bool, config: str | None, **settings: Any
) -> None:
    """Fit a model on DATA, after judging it by group.

    DATA is a folder of class folders (of images, volumes or DICOM files, perhaps within splits), a
    YOLO export, or a CSV or Parquet manifest with the columns path and label, and optionally group,
    split, mask, mask_label, second_path, unit, boxes, a crop x0,y0,x1,y1 and covariates.
    """
    from ksfeat.cli import console
    from ksfeat.cli.certainty import print_certainty, print_details
    from ksfeat.report.folder import check_folder

    if settings["split_file"] is not None:
        options.refuse_beside("split_file", "cv")
    if report is not None:
        check_folder(Path(report))
    training = fit_model(data, Path(out), **settings)
    console.print_skipped(training.skipped)
    if report is not None:
        write_report(training, Path(report))
    if as_json:
        console.print_json({"model_file": out, **training.to_dict()})
        return
    for line in (*training.notes, *(training.audit.findings() if training.audit else ())):
        console.say(line)
    console.print_scores(training.crossval.title, training.crossval.scores)
    classes, remarks = training.crossval.scores.classes, training.classifier.certainty_.remarks
    print_certainty(training.crossval.judgement, training.calibration, classes, remarks)
    print_details(training.details, training.learning)
    if training.test is not None:
        console.print_scores(training.test.title, training.test.scores)
        print_certainty(training.test.judgement, training.calibration, classes)
        print_details(training.test.details)
    if training.dropped:
        console.say(f"{len(training.dropped)} unstable features are not used")
    augmenter = training.augmenter
    copies = "" if augmenter is None else f" and {augmenter.copies} augmented copies of each"
    console.say(f"fitted on all {len(training.dataset)} images{copies}, and saved as {out}")


def write_report(training: Any, out: Path) -> None:
    """Write the page, the pictures and the scores of a training."""
    from ksfeat.report.folder import output_folder
    from ksfeat.report.score_page import part_of_holdout, part_of_training, render_scores

    with output_folder(out) as folder:
        parts = []
        for name in ("cross_validation", "test"):
            if name == "test" and training.test is None:
                continue
            pictures = folder / "pictures" / name
            pictures.mkdir(parents=True)
            parts.append(
                part_of_training(training, pictures)
                if name == "cross_validation"
                else part_of_holdout(training.test, pictures)
            )
        (folder / "index.html").write_text(render_scores("Scores", parts), encoding="utf-8")
        text = json.dumps(training.to_dict(), indent=1, allow_nan=False)
        (folder / "scores.json").write_text(text, encoding="utf-8")


def fit_model(
    data: str,
    out: Path,
    *,
    model: str = "xgboost",
    epochs: int | None = None,
    training: dict[str, Any] | None = None,
    params: str | None = None,
    augment: int = 0,
    groups: str | None = None,
    groups_as_given: bool = False,
    cv: int = 5,
    split_file: str | None = None,
    tune: Any = None,
    calibrate: Any = "auto",
    coverage: float = 0.9,
    min_icc: float | None = None,
    learning: bool = False,
    prevalence: dict[str, float] | None = None,
    subgroups: str | None = None,
    covariates: tuple[str, ...] = (),
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
    seed: int = 0,
    **describing: Any,
) -> Any:
    """Train on a data set, described as the options `describing` say, and save the model.

    Returns the `Training`.
    """
    from ksfeat.cli.asked import load_asked
    from ksfeat.cli.console import progress
    from ksfeat.cli.describing import make_asked_extractor
    from ksfeat.cli.model import make_asked_model, make_asked_pictures
    from ksfeat.cli.params import asked_of
    from ksfeat.evaluation import train
    from ksfeat.models.artifact import check_target, save_model
    from ksfeat.models.classifiers import takes_pictures
    from ksfeat.models.pipeline import StoneClassifier

    check_target(out)
    described = asked_of(params, reading)
    chosen = make_asked_model(model, seed, epochs, training or {}, describing)
    if takes_pictures(chosen):
        extractor = make_asked_pictures(chosen, jobs, params, describing)
    else:
        extractor = make_asked_extractor(described.extractor, jobs=jobs, seed=seed, **describing)
    dataset, asked = load_asked(
        data,
        prevalence=prevalence or {},
        subgroups=subgroups,
        groups=groups,
        join_patients=not groups_as_given,
        covariates=covariates,
        **described.reading(reading),
    )
    classifier = StoneClassifier(extractor, chosen, random_state=seed)
    with progress("training" if takes_pictures(chosen) else "describing images"):
        fitted = train(
            classifier,
            dataset,
            n_folds=cv,
            split_file=split_file,
            search=tune,
            augment=augment,
            calibrate=calibrate,
            coverage=coverage,
            min_icc=min_icc,
            asked=asked,
            learning=learning,
            on_error=on_error,
            random_state=seed,
        )
    save_model(fitted.classifier, out, training=fitted.summary())
    return fitted
