"""What commands say of certainty, and of what was asked for beside the scores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ksfeat.cli import console
from ksfeat.report.page import with_interval
from ksfeat.report.score_page import learning_rows, predictive_rows, subgroup_rows


def print_certainty(
    judgement: Any, method: str | None, classes: Sequence[str], remarks: Sequence[str] = ()
) -> None:
    """Print how far probabilities and sets were true, and why there are none.

    Parameters
    ----------
    judgement : Judgement or None
    method : str or None
        How margins became probabilities.
    classes : sequence of str
    remarks : sequence of str
        Of the model of everything; those of the folds stand in the judgement.
    """
    if judgement is not None:
        for line in _lines(judgement, method, classes):
            console.say(line)
        if judgement.remarks:
            more = len(judgement.remarks) - 1
            also = f" (and {more} more)" if more else ""
            console.say(f"in cross-validation: {judgement.remarks[0]}{also}")
    for remark in remarks:
        console.say(remark)


def _lines(judgement: Any, method: str | None, classes: Sequence[str]) -> Iterator[str]:
    score = judgement.score
    if judgement.probabilities is not None:
        brier, error = with_interval(score("brier")), with_interval(score("ece"))
        yield (
            f"calibration ({method or 'uncalibrated'}): expected error {error}, Brier score {brier}"
        )
    if judgement.sets is not None:
        held = ", ".join(f"{name} {with_interval(score('coverage', name))}" for name in classes)
        yield (
            f"conformal sets of {100 * judgement.coverage:g} % coverage hold {held}; one class in "
            f"{with_interval(score('clear'))} of images"
        )


def print_details(details: Any, learning: Any = None) -> None:
    """Print what was asked for: predictive values, subgroups, a learning curve."""
    if details is not None:
        for words, interval in predictive_rows(details):
            console.say(f"{words}: {interval}")
        if details.subgroups is not None:
            console.print_table(subgroup_rows(details.subgroups))
    if learning is not None:
        console.print_table(learning_rows(learning))
