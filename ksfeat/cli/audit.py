"""`ksfeat audit`: what would make a score untrue, before anyone trains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ksfeat.cli import options

if TYPE_CHECKING:
    from ksfeat.evaluation.audit_data import DatasetAudit

_MADE = ("index.html", "audit.json", "duplicates.csv", "groups.csv")


@click.command()
@click.argument("data")
@click.option("--out", help="Folder for index.html, audit.json, duplicates.csv and groups.csv.")
@options.reading
@options.groups
@options.groups_as_given
@options.on_error
@options.jobs
@options.seed
@options.as_json
def audit(data: str, out: str | None, as_json: bool, **settings: Any) -> None:
    """Look for duplicates, leaks and shortcuts in DATA.

    DATA is what `ksfeat fit` takes. Duplicates are found through resizing, compression, flips,
    small rotations and other contrast. Where no groups are known, groups.csv holds proxy groups,
    ready for `ksfeat fit --groups groups.csv`.
    """
    from ksfeat.cli import console

    result = audit_data(data, **settings)
    if out is not None:
        write_audit(result, Path(out))
    console.print_skipped(result.skipped)
    if as_json:
        console.print_json(result.to_dict())
        return
    for finding in result.findings():
        console.say(finding)
    rows = [
        (told.name, "the same in all" if told.constant else f"{told.auroc:.2f}", _interval(told))
        for told in (*result.nuisances, *result.shortcut)
    ]
    if rows:
        console.print_rows(("told from", "AUROC by group", "95 % interval"), rows)
    if out is not None:
        console.say(f"written to {out}: {', '.join(sorted(p.name for p in Path(out).iterdir()))}")


def audit_data(
    data: str,
    *,
    groups: str | None = None,
    groups_as_given: bool = False,
    reading: dict[str, Any] | None = None,
    on_error: Any = "stop",
    jobs: int = -1,
    seed: int = 0,
) -> DatasetAudit:
    """Load a data set and audit it."""
    from ksfeat.cli.console import progress
    from ksfeat.dataset import load_dataset
    from ksfeat.evaluation.audit_data import audit_dataset

    dataset = load_dataset(
        data, groups=groups, join_patients=not groups_as_given, **(reading or {})
    )
    with progress("looking at images"):
        return audit_dataset(dataset, n_jobs=jobs, on_error=on_error, random_state=seed)


def write_audit(result: DatasetAudit, out: Path) -> None:
    """Write the page, the JSON, the duplicates and the groups."""
    from ksfeat.evaluation.audit_file import groups_table
    from ksfeat.report.audit_page import render_audit
    from ksfeat.report.folder import output_folder

    with output_folder(out, replaces=_MADE) as folder:
        text = json.dumps(result.to_dict(), indent=1, allow_nan=False)
        (folder / "audit.json").write_text(text, encoding="utf-8")
        (folder / "index.html").write_text(render_audit(result), encoding="utf-8")
        result.duplicates_table().to_csv(folder / "duplicates.csv", index=False)
        table = groups_table(result.dataset)
        if table is not None:
            table.to_csv(folder / "groups.csv", index=False)


def _interval(told: Any) -> str:
    return "" if told.constant else f"{told.low:.2f}-{told.high:.2f}"
