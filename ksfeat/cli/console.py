"""What commands print: tables on stdout, progress and notes on stderr, or one JSON object."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ksfeat.metrics import Scores
from ksfeat.report.page import BY_CLASS, class_rows, overall_rows, with_interval
from ksfeat.scale import reporting

_SHOWN = 4  # scores of a class
_PLAIN_WIDTH = 120  # of a file or pipe, so that tables do not depend on who started the command


def print_json(document: Mapping[str, Any]) -> None:
    """Print one JSON object and nothing else on stdout."""
    sys.stdout.write(json.dumps(document, indent=1, allow_nan=False) + "\n")


def note(message: str) -> None:
    """Tell the user something beside the result, on stderr."""
    sys.stderr.write(f"ksfeat: {message}\n")


def say(message: str = "") -> None:
    """Print a line of the result."""
    sys.stdout.write(message + "\n")


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Draw a bar with images/s and time left on stderr, where that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None, speed="")

        def draw(done: int, total: int) -> None:
            speed = bar.tasks[0].finished_speed or bar.tasks[0].speed
            words = f"{speed:.0f} images/s" if speed else ""
            bar.update(task, completed=done, total=total, speed=words)

        with reporting(draw):
            yield


def print_scores(title: str, scores: Scores) -> None:
    """Print the scores with intervals and the confusion matrix."""
    console = _console()
    console.print(title, style="bold", highlight=False)
    overall = _table("", f"all classes (95 % interval by {scores.unit})")
    for words, score in overall_rows(scores):
        overall.add_row(words, with_interval(score))
    # The page and the JSON have the rest: wider tables would be folded.
    by_class = _table("class", *(words for _, words in BY_CLASS[:_SHOWN]))
    for name, row in class_rows(scores):
        by_class.add_row(name, *(with_interval(score) for score in row[:_SHOWN]))
    confusion = _table("true \\ predicted", *scores.classes)
    for name, counts in zip(scores.classes, scores.confusion, strict=True):
        confusion.add_row(name, *map(str, counts))
    for table in (overall, by_class, confusion):
        console.print(table)
    if scores.caution:
        console.print(f"{scores.caution}", highlight=False)


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print a table whose first row are its headers."""
    print_rows(rows[0], rows[1:])


def print_skipped(skipped: Mapping[str, str]) -> None:
    """List what was skipped, and why, on stderr."""
    for reason in skipped.values():
        note(f"skipped: {reason}")
    if skipped:
        note(f"skipped {len(skipped)} images in all")


def print_rows(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print a table of words."""
    table = _table(*header)
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(first, overflow="fold")
    for name in others:
        table.add_column(name, justify="right")
    return table


def _console() -> Console:
    console = Console(markup=False)
    return console if console.is_terminal else Console(width=_PLAIN_WIDTH, markup=False)
