"""`ksfeat split`: folds by group as a file that any tool reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ksfeat.cli import options

if TYPE_CHECKING:
    from ksfeat.splits import Split


@click.command()
@click.argument("data")
@click.option("--out", default="split.csv", show_default=True, help="File to write.")
@click.option("--cv", type=int, default=5, show_default=True, help="Folds.")
@click.option("--repeats", type=int, default=1, show_default=True, help="Shuffles, a file each.")
@click.option("--leave-one-group-out", is_flag=True, help="Each group is a fold.")
@options.reading
@options.groups
@options.groups_as_given
@options.on_error
@options.jobs
@options.seed
@options.as_json
def split(data: str, out: str, as_json: bool, **settings: Any) -> None:
    """Write which fold each image of DATA is tested in; no group stands in two.

    A JSON file beside it holds the hash by which every report names the split.
    """
    from ksfeat.cli import console

    made = split_data(data, Path(out), **settings)
    if as_json:
        console.print_json({"splits": {str(file): found.hash for file, found in made.items()}})
        return
    for file, found in made.items():
        what = "images at RANDOM" if found.n_groups is None else f"{found.n_groups} groups"
        console.say(f"{file}: {found.n_folds} folds of {what}, split {found.hash}")


def split_data(
    data: str,
    out: Path,
    *,
    cv: int = 5,
    repeats: int = 1,
    leave_one_group_out: bool = False,
    groups: str | None = None,
    groups_as_given: bool = False,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
    seed: int = 0,
) -> dict[Path, Split]:
    """Split a data set by its groups, or by proxy groups, and write it."""
    from ksfeat import splits
    from ksfeat.cli.console import progress
    from ksfeat.dataset import load_dataset
    from ksfeat.evaluation.holdout import with_known_groups

    dataset = load_dataset(
        data, groups=groups, join_patients=not groups_as_given, **(reading or {})
    )
    with progress("looking at images"):
        dataset = with_known_groups(dataset, n_jobs=jobs, on_error=on_error)
    labels, keys = dataset.known_labels(), dataset.keys
    made: tuple[Split, ...]
    if leave_one_group_out:
        made = (splits.leave_one_group_out(labels, dataset.known_groups(), keys=keys),)
    else:
        made = splits.repeated_splits(
            labels, dataset.groups, n_repeats=repeats, keys=keys, n_folds=cv, random_state=seed
        )
    names = (
        [out]
        if len(made) == 1
        else [out.with_stem(f"{out.stem}_{number + 1}") for number in range(len(made))]
    )
    return {
        splits.write_split(
            found, name, labels=labels, groups=dataset.groups, grouping=str(dataset.grouping)
        ): found
        for name, found in zip(names, made, strict=True)
    }
