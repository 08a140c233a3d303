"""One page of scores: what was scored, how sure the model was, and what that is good for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

import ksfeat
from ksfeat.evaluation import Holdout, Judgement, Training
from ksfeat.evaluation.details import Details
from ksfeat.metrics import FEW_GROUPS, Score, Scores
from ksfeat.report.gallery import draw_certainty, draw_decision, draw_learning
from ksfeat.report.page import Picture, environment, score_tables, with_interval

_WORDS = {
    "brier": "Brier score",
    "brier_reliability": "its reliability (less is better)",
    "brier_resolution": "its resolution (more is better)",
    "brier_uncertainty": "its uncertainty (of the data)",
    "log_loss": "Log loss",
    "ece": "Expected calibration error",
    "coverage": "Sets that hold the truth",
    "clear": "Sets of one class",
    "abstained": "Sets of several classes",
    "empty": "Empty sets",
}
_OF_SUBGROUPS = ("balanced_accuracy", "auroc")
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Part:
    """One set of scores of a page, with its tables and pictures."""

    title: str
    scores: Scores
    notes: Sequence[str]
    tables: Sequence[tuple[str, Rows]]
    pictures: Sequence[Picture]


def render_scores(title: str, parts: Sequence[Part]) -> str:
    """Return a page that needs no other file and no network; every name in it is escaped."""
    return (
        environment()
        .get_template("scores.html.j2")
        .render(
            title=title,
            parts=[(part, score_tables(part.scores)) for part in parts],
            version=ksfeat.__version__,
        )
    )


def part_of_training(training: Training, folder: Path) -> Part:
    """Return the cross-validation of a training as a part of a page; write its pictures."""
    crossval = training.crossval
    remark = "simulated" if crossval.simulated else ""
    tables, pictures = _told(crossval.judgement, training.details, folder, remark)
    if training.learning is not None:
        tables.append(("By training groups", learning_rows(training.learning)))
        pictures += draw_learning(training.learning, folder, remark)
    return Part(crossval.title, crossval.scores, training.notes, tables, pictures)


def part_of_holdout(holdout: Holdout, folder: Path) -> Part:
    """Return scores of a fitted model as a part of a page; write its pictures."""
    remark = "simulated" if holdout.simulated else ""
    tables, pictures = _told(holdout.judgement, holdout.details, folder, remark)
    notes = [] if holdout.strangers is None else [holdout.strangers]
    return Part(holdout.title, holdout.scores, notes, tables, pictures)


def _told(
    judgement: Judgement | None, details: Details | None, folder: Path, remark: str
) -> tuple[list[tuple[str, Rows]], list[Picture]]:
    tables: list[tuple[str, Rows]] = []
    pictures: list[Picture] = []
    if judgement is not None:
        tables.append(("Probabilities and conformal sets", certainty_rows(judgement.scores)))
        pictures += draw_certainty(judgement, folder, remark)
    if details is not None:
        if details.predictive_values:
            tables.append(("At the prevalence that was stated", predictive_rows(details)))
        if details.subgroups is not None:
            tables.append((f"By {details.column!r}", subgroup_rows(details.subgroups)))
        pictures += draw_decision(details.decision, folder, remark)
    return [table for table in tables if table[1]], pictures


def certainty_rows(scores: Sequence[Score]) -> Rows:
    """Return the scores of probabilities and sets in words.

    Examples
    --------
    >>> certainty_rows([Score("coverage", "stone", 0.9, 0.8, 1.0)])
    [('Sets that hold the truth: stone', '0.900 (0.800-1.000)')]
    """
    return [
        (_WORDS[score.name] + (f": {score.of}" if score.of else ""), with_interval(score))
        for score in scores
    ]


def predictive_rows(details: Details) -> Rows:
    """Return predictive values in words.

    Examples
    --------
    >>> details = Details({"stone": 0.1}, (Score("ppv", "stone", 0.5, 0.4, 0.6),), {})
    >>> predictive_rows(details)
    [("PPV of 'stone' at a prevalence of 10 %", '0.500 (0.400-0.600)')]
    """
    return [
        (
            f"{score.name.upper()} of {score.of!r} at a prevalence of "
            f"{100 * details.prevalence[str(score.of)]:g} %",
            with_interval(score),
        )
        for score in details.predictive_values
    ]


def subgroup_rows(table: pd.DataFrame) -> Rows:
    """Return how each subgroup fares, after a row of headers."""
    rows: Rows = [("subgroup", "images", "groups", "balanced accuracy", "AUROC")]
    for name, part in table.groupby("subgroup", sort=True):
        overall = part[part["class"].isna()].set_index("score")
        first = part.iloc[0]
        few = " (few: intervals too narrow)" if first["units"] < FEW_GROUPS else ""
        shown = [
            Score(score, None, *overall.loc[score, ["value", "low", "high"]].astype(float))
            for score in _OF_SUBGROUPS
        ]
        counts = (str(first["images"]), f"{first['units']}{few}")
        rows.append((str(name), *counts, *map(with_interval, shown)))
    return rows


def learning_rows(table: pd.DataFrame) -> Rows:
    """Return a learning curve, after a row of headers."""
    rows: Rows = [("training groups a fold", "AUROC")]
    for row in table.to_dict("records"):
        score = Score("auroc", None, row["auroc"], row["low"], row["high"])
        rows.append((f"{row['groups']:.0f}", with_interval(score)))
    return rows
