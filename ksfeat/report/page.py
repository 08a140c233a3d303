"""One self-contained HTML page of a training: what was split how, scores, and why."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

import ksfeat
from ksfeat.evaluation import Training
from ksfeat.metrics import Score, Scores

OVERALL = (
    ("accuracy", "Accuracy"),
    ("balanced_accuracy", "Balanced accuracy"),
    ("macro_precision", "Precision (macro)"),
    ("macro_recall", "Recall (macro)"),
    ("macro_f1", "F1 (macro)"),
    ("auroc", "AUROC"),
    ("auprc", "AUPRC"),
)
BY_CLASS = (
    ("recall", "Sensitivity"),
    ("specificity", "Specificity"),
    ("precision", "Precision"),
    ("auroc", "AUROC"),
    ("auprc", "AUPRC"),
)


@dataclass(frozen=True)
class Picture:
    """An image file of a page, its caption, and words for who cannot see it."""

    file: Path
    caption: str
    alt: str


@dataclass(frozen=True)
class Section:
    """One task of a page: its heading, findings about the groups, training and pictures."""

    heading: str
    findings: Sequence[str]
    training: Training
    pictures: Sequence[Picture]


def render_page(title: str, lead: str, sections: Sequence[Section]) -> str:
    """Return a page that needs no other file and no network.

    Parameters
    ----------
    title, lead : str
        What the page is about. Simulated data must be called so here.
    sections : sequence of Section

    Returns
    -------
    str
        HTML. Every name in it is escaped.
    """
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            title=title,
            lead=lead,
            sections=[
                (section, score_tables(section.training.crossval.scores)) for section in sections
            ],
            version=ksfeat.__version__,
        )
    )


def environment() -> jinja2.Environment:
    """Return what fills in the templates of pages; every name is escaped."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("ksfeat.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    found.filters["interval"] = with_interval
    found.filters["embedded"] = _embedded
    return found


def with_interval(score: Score) -> str:
    """Return a score as ``0.812 (0.744-0.871)``; an en dash where it is not defined.

    Examples
    --------
    >>> with_interval(Score("auroc", None, 0.81, 0.7, 0.9))
    '0.810 (0.700-0.900)'
    """
    if score.value != score.value:
        return "\N{EN DASH}"
    return f"{score.value:.3f} ({score.low:.3f}-{score.high:.3f})"


def overall_rows(scores: Scores) -> list[tuple[str, Score]]:
    """Return the scores of all classes together, with their names in words."""
    return [(words, scores[name]) for name, words in OVERALL]


def class_rows(scores: Scores) -> list[tuple[str, list[Score]]]:
    """Return the scores of each class, one against the rest, in the order of `BY_CLASS`."""
    return [(name, [scores[part, name] for part, _ in BY_CLASS]) for name in scores.classes]


def score_tables(scores: Scores) -> dict[str, Any]:
    """Return what the tables of a page show: all classes, by class, and the confusion."""
    return {
        "overall": overall_rows(scores),
        "headers": [words for _, words in BY_CLASS],
        "classes": class_rows(scores),
        "confusion": [
            (name, row.tolist()) for name, row in zip(scores.classes, scores.confusion, strict=True)
        ],
        "unit": scores.unit,
        "caution": scores.caution,
    }


def _embedded(file: Path) -> str:
    content = base64.b64encode(file.read_bytes()).decode()
    return html.escape(f"data:image/png;base64,{content}")
