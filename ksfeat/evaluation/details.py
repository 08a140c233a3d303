"""What is told beside the scores: predictive values, decision curves, and each part of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
from ksfeat.metrics import Score, decision_curve, predictive_values, score_subgroups
from ksfeat.metrics.scores import plain_scores
from ksfeat.models.table_classifier import called

THRESHOLDS = np.arange(1, 20) / 20
MOST_PARTS = 20  # of a column that tells subgroups: each has scores and intervals of its own
NOT_GIVEN = "(not given)"


@dataclass(frozen=True)
class Asked:
    """What a user wants to know beside the scores.

    Parameters
    ----------
    prevalence : dict of str to float
        How frequent a class is where the model is to be used, of each class that is looked for.
    column : str or None
        What the subgroups are called.
    parts : dict of str to str
        The subgroup of each image, by its key; empty for none.

    Examples
    --------
    >>> Asked({"stone": 0.1}).check(["nostone", "stone"])
    """

    prevalence: Mapping[str, float] = field(default_factory=dict)
    column: str | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    def check(self, classes: Sequence[str]) -> None:
        """Refuse what cannot be told, before the long work.

        Raises
        ------
        InputError
            If a class is unknown, a prevalence no share, or there are too many subgroups.
        """
        for name, share in self.prevalence.items():
            if name not in classes:
                raise InputError(
                    f"prevalence of {name!r}, which is no class; expected one of "
                    f"{', '.join(classes)}"
                )
            if not 0 < share < 1:
                raise InputError(
                    f"prevalence {share:g} of {name!r}; expected a share above 0 and below 1"
                )
        count = len(set(self.parts.values()))
        if count > MOST_PARTS:
            raise InputError(
                f"column {self.column!r} has {count} different values; expected {MOST_PARTS} "
                "subgroups at most; bring numbers into ranges first"
            )


@dataclass(frozen=True, eq=False)
class Details:
    """What predictions are good for, and for whom.

    Parameters
    ----------
    prevalence : dict of str to float
        As it was asked for.
    predictive_values : tuple of Score
        ``ppv`` and ``npv`` of each class whose prevalence was stated.
    decision : dict of str to DataFrame
        The decision curve of each class (of two, of the second) from `decision_curve`; empty
        without probabilities.
    column : str or None
        What the subgroups are called.
    subgroups : DataFrame or None
        From `score_subgroups`.
    """

    prevalence: Mapping[str, float]
    predictive_values: tuple[Score, ...]
    decision: Mapping[str, pd.DataFrame]
    column: str | None = None
    subgroups: pd.DataFrame | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {
            "prevalence": dict(self.prevalence),
            "predictive_values": plain_scores(self.predictive_values),
            "decision_curve": {name: plain_rows(curve) for name, curve in self.decision.items()},
            "subgroups": (
                None
                if self.subgroups is None
                else {"column": self.column, "scores": plain_rows(self.subgroups)}
            ),
        }


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values, ready for JSON; what is not defined is None.

    Examples
    --------
    >>> plain_rows(pd.DataFrame({"a": ["x", None], "b": [0.1234567, float("nan")]}))
    [{'a': 'x', 'b': 0.123457}, {'a': None, 'b': None}]
    """
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if np.isfinite(value) else None
    return value


def tell_details(
    dataset: Dataset,
    margins: np.ndarray,
    chances: np.ndarray | None,
    classes: Sequence[str],
    *,
    asked: Asked | None = None,
    random_state: int = 0,
) -> Details:
    """Tell what predictions outside of every fit are good for, with intervals over groups.

    Parameters
    ----------
    dataset : Dataset
        Labels, groups and keys.
    margins : ndarray of shape (n,) or (n, n_classes)
    chances : ndarray of shape (n, n_classes) or None
        Probabilities; without them there is no decision curve.
    classes : sequence of str
        In the order of the margins.
    asked : Asked, optional
        Prevalence and subgroups.
    random_state : int, default=0
        Seed of the bootstrap.

    Raises
    ------
    InputError
        As `Asked.check`.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=6, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> margins = np.where(data.labels == "stone", 1.0, -1.0)
    >>> asked = Asked({"stone": 0.1})
    >>> found = tell_details(data, margins, None, data.classes, asked=asked)
    >>> [(score.name, score.of, score.value) for score in found.predictive_values]
    [('ppv', 'stone', 1.0), ('npv', 'stone', 1.0)]
    """
    asked = asked or Asked()
    asked.check(classes)
    labels = dataset.known_labels()
    how: dict[str, Any] = {"groups": dataset.groups, "random_state": random_state}
    answers = np.array(classes)[called(margins)]
    values = [
        score
        for name, share in asked.prevalence.items()
        for score in _predictive(labels, answers, name, share, how)
    ]
    decision = {} if chances is None else _decisions(labels, chances, classes, how)
    parts = None
    if asked.parts:
        subgroup = [asked.parts.get(key, NOT_GIVEN) for key in dataset.keys]
        parts = score_subgroups(labels, margins, classes, subgroup, **how)
    return Details(asked.prevalence, tuple(values), decision, asked.column, parts)


def _predictive(
    labels: np.ndarray, answers: np.ndarray, name: str, share: float, how: dict[str, Any]
) -> tuple[Score, ...]:
    """Return both predictive values, NaN where no image is of the class, or all are."""
    if len(np.unique(labels == name)) < 2:
        return tuple(Score(kind, name, np.nan, np.nan, np.nan) for kind in ("ppv", "npv"))
    return predictive_values(labels, answers, name, share, **how)


def _decisions(
    labels: np.ndarray, chances: np.ndarray, classes: Sequence[str], how: dict[str, Any]
) -> dict[str, pd.DataFrame]:
    # Of two classes, who acts on one does not act on the other.
    acted_on = classes[1:] if len(classes) == 2 else classes
    return {
        name: decision_curve(labels, chances, classes, name, thresholds=THRESHOLDS, **how)
        for name in acted_on
    }
