"""`ksfeat benchmark`: features, embeddings and CNNs on the same folds of the same images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ksfeat.cli import options
from ksfeat.errors import InputError

if TYPE_CHECKING:
    from ksfeat.dataset import Dataset
    from ksfeat.evaluation.benchmark import Benchmark


@click.command()
@click.argument("data")
@click.option("--out", required=True, help="Folder of the results; it goes on where it stopped.")
@click.option(
    "--contenders",
    type=options.Names(),
    default="",
    show_default="the standard ones",
    help="DESCRIPTION/MODEL, such as texture+embedding/svm, or cnn:NETWORK.",
)
@options.reading
@options.groups
@options.groups_as_given
@click.option("--covariates", type=options.Names(), default="", help="Columns of the manifest.")
@click.option("--cv", type=int, default=5, show_default=True, help="Folds by group.")
@click.option(
    "--split",
    "split_file",
    metavar="FILE.csv",
    help="Folds that `ksfeat split` or another tool wrote.",
)
@click.option(
    "--random-folds",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Folds of a random split that are tested too: what it would have claimed.",
)
@click.option(
    "--corrupted",
    type=click.IntRange(0),
    default=150,
    show_default=True,
    help="Images that are tested with noise, blur and the like, too; 0 for none.",
)
@click.option(
    "--outside",
    multiple=True,
    metavar="NAME=DATA",
    help="Another data set of these classes to test on; may be given again. It is read as DATA is "
    "(--volume, --axis, --unit, --pseudonyms, --groups-as-given); its boxes are those of its own "
    "manifest, and its groups those of the column that --groups names, where it has one, else its "
    "own. An image that is in DATA too is refused.",
)
@click.option(
    "--view",
    type=click.Choice(["whole", "crop"]),
    default="whole",
    show_default=True,
    help="What networks look at: all of an image, or the box around its mask or boxes.",
)
@click.option("--epochs", type=int, help="Of networks that are trained (8).")
@click.option("--cnn-size", type=int, help="Side of the images that they are shown (192).")
@click.option(
    "--precision",
    type=click.Choice(["auto", "single", "mixed"]),
    help="In which they are trained; mixed is faster on processors that know bfloat16.",
)
@options.config
@options.seed
@options.as_json
def benchmark(data: str, out: str, as_json: bool, config: str | None, **settings: Any) -> None:
    """Test features, embeddings and CNNs on DATA, all on the same folds by group.

    DATA is what `ksfeat fit` takes. Each fold is kept in --out as soon as it is done, with the
    split; a benchmark that was stopped goes on from there. index.html there shows all of it.
    """
    from ksfeat.cli import console
    from ksfeat.report.benchmark_page import write_benchmark

    if settings["split_file"] is not None:
        options.refuse_beside("split_file", "cv")
    result = benchmark_data(data, Path(out), **settings)
    write_benchmark(result, Path(out))
    if as_json:
        console.print_json(
            {
                "title": result.title,
                "split": result.split.hash,
                "reference": result.reference,
                "scores": _plain(result.scores),
                "costs": _plain(result.costs.reset_index()),
                "comparisons": _plain(result.comparisons),
            }
        )
        return
    console.say(result.title)
    console.print_rows(("contender", "AUROC", "against the reference", "fit, CPU-s"), _rows(result))
    console.say(f"reference: {result.reference}; all of it: {Path(out) / 'index.html'}")


def benchmark_data(
    data: str,
    out: Path,
    *,
    contenders: tuple[str, ...] = (),
    groups: str | None = None,
    groups_as_given: bool = False,
    covariates: tuple[str, ...] = (),
    reading: dict[str, Any] | None = None,
    cv: int = 5,
    split_file: str | None = None,
    random_folds: int = 1,
    corrupted: int = 150,
    outside: tuple[str, ...] = (),
    view: str = "whole",
    epochs: int | None = None,
    cnn_size: int | None = None,
    precision: str | None = None,
    seed: int = 0,
) -> Benchmark:
    """Load the data sets and run the benchmark."""
    from ksfeat.cli.console import note, progress
    from ksfeat.dataset import load_dataset
    from ksfeat.evaluation.benchmark import Settings, run_benchmark

    read = {"join_patients": not groups_as_given, **(reading or {})}
    dataset = load_dataset(data, groups=groups, covariates=covariates, **read)
    given = {"epochs": epochs, "size": cnn_size, "precision": precision}
    settings = Settings(
        n_folds=cv,
        random_folds=random_folds,
        n_sampled=corrupted,
        view=view,
        cnn={name: value for name, value in given.items() if value is not None},
        random_state=seed,
    )
    _refuse_idle(contenders, given)
    others = {
        name: _other(name, path, groups, {**read, "boxes": None})
        for name, path in _named(outside).items()
    }
    with progress("benchmark"):
        return run_benchmark(
            dataset,
            out,
            contenders=contenders or None,
            settings=settings,
            split_file=split_file,
            outside=others,
            tell=note,
        )


def _refuse_idle(contenders: tuple[str, ...], given: dict[str, Any]) -> None:
    """Refuse how networks are trained where none is."""
    asked = [name for name, value in given.items() if value is not None]
    if asked and contenders and not any(name.startswith("cnn:") for name in contenders):
        option = {"size": "cnn-size"}.get(asked[0], asked[0])
        raise InputError(
            f"--{option} says how networks are trained, and no contender is one; leave it out, or "
            "add cnn:NETWORK"
        )


def _other(name: str, path: str, groups: str | None, read: dict[str, Any]) -> Dataset:
    """Load an outside data set with groups of its own: a file of groups is of the data's images."""
    from ksfeat.cli.console import note
    from ksfeat.dataset import load_dataset
    from ksfeat.dataset.manifest_file import has_column

    shared = groups if groups is not None and has_column(path, groups) else None
    found = load_dataset(path, groups=shared, **read)
    if found.groups is None:
        note(f"{name}: no groups known; each image counts as one, so intervals may be too narrow")
    return found


def _named(outside: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for given in outside:
        name, equals, path = given.partition("=")
        if not (name and equals and path):
            raise InputError(f"--outside {given!r}; expected NAME=DATA, such as phantom=made/")
        if name in found:
            raise InputError(
                f"--outside {name!r} stands twice; expected a name of its own for each"
            )
        found[name] = path
    return found


def _rows(result: Benchmark) -> list[tuple[str, ...]]:
    areas = result.scores.query("score == 'auroc' and `class`.isna()").to_dict("records")
    compared = result.comparisons.to_dict("records")
    verdicts = {row["contender"]: str(row["verdict"]) for row in compared}
    fit = result.costs["fit_cpu_s"].to_dict()
    return [
        (
            row["contender"],
            f"{row['value']:.3f} ({row['low']:.3f}-{row['high']:.3f})",
            verdicts.get(row["contender"], "reference"),
            f"{fit[row['contender']]:.1f}",
        )
        for row in areas
    ]


def _plain(table: Any) -> list[dict[str, Any]]:
    """Return rows as plain values; what is not defined is null."""
    return table.astype(object).where(table.notna(), None).to_dict("records")
