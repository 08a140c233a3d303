"""Scores of a classifier with 95 % intervals from a bootstrap over groups."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ksfeat.errors import InputError
from ksfeat.metrics.bootstrap import draw_groups, percentiles
from ksfeat.metrics.scores import Score, Scores

_Area = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
_CHUNK = 64  # replicates at once: bounds the memory of 12,000 images to a few megabytes


def score_predictions(  # noqa: PLR0913 - what is drawn has a name of its own
    labels: Sequence[str] | np.ndarray,
    margins: np.ndarray,
    classes: Sequence[str],
    *,
    groups: Sequence[str] | np.ndarray | None = None,
    unit: str = "group",
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> Scores:
    """Score margins against labels, with intervals from a bootstrap over groups.

    Groups are drawn with replacement, stratified by the rarest class that a group holds; a draw
    that still lacks a class is drawn again, so that every replicate holds every class.

    Parameters
    ----------
    labels : sequence of str, length n
        True classes.
    margins : ndarray of shape (n,) or (n, n_classes)
        One margin for ``classes[1]`` where there are two classes, else one a class.
    classes : sequence of str
        Class names in the order of `margins`.
    groups : sequence of str, optional
        What is drawn; by default each image is its own.
    unit : str, default="group"
        What a group is called, such as "proxy group".
    n_bootstrap : int, default=1000
        Number of replicates.
    random_state : int, default=0
        Seed of the bootstrap.

    Returns
    -------
    Scores
        Precision and F1 are 0 where a class is never predicted; recall (sensitivity), AUROC and
        AUPRC (average precision), and all scores over all classes but accuracy, are NaN where a
        class is absent from `labels`.

    Raises
    ------
    InputError
        If a label is none of the classes, a margin is not finite, or the lengths differ.

    Examples
    --------
    >>> scores = score_predictions(["a", "a", "b", "b"], [-1.0, 2.0, 1.0, 3.0], ["a", "b"])
    >>> scores["accuracy"].value, scores["auroc"].value
    (0.75, 0.75)
    """
    names = [str(name) for name in classes]
    table = _one_column_a_class(np.asarray(margins, dtype=float))
    truth, member = read_labels(labels, table, names, groups, np.shape(margins))
    predicted = table.argmax(axis=1)
    weights = draw_groups(truth, member, len(names), n_bootstrap, random_state)
    point = _all_scores(truth, predicted, table, member, np.ones((1, member.max() + 1)))
    draws = _all_scores(truth, predicted, table, member, weights)
    return Scores(
        scores=tuple(_named(names, point[0], draws)),
        confusion=_confusion(truth, predicted, len(names)),
        classes=tuple(names),
        n_images=len(truth),
        n_units=int(member.max()) + 1,
        unit="image" if groups is None else unit,
    )


def draw_auroc(
    labels: Sequence[str] | np.ndarray,
    margins: np.ndarray,
    classes: Sequence[str],
    *,
    groups: Sequence[str] | np.ndarray | None = None,
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> tuple[float, np.ndarray]:
    """Return the AUROC alone, and its bootstrap replicates: for intervals of any level.

    Parameters
    ----------
    labels, margins, classes, groups, n_bootstrap, random_state
        Of `score_predictions`, whose AUROC over all classes it is.

    Returns
    -------
    value : float
    draws : ndarray of shape (n_bootstrap,)

    Examples
    --------
    >>> value, draws = draw_auroc(["a", "a", "b", "b"], [-1.0, 2.0, 1.0, 3.0], ["a", "b"])
    >>> value, draws.shape
    (0.75, (1000,))
    """
    names = [str(name) for name in classes]
    table = _one_column_a_class(np.asarray(margins, dtype=float))
    truth, member = read_labels(labels, table, names, groups, np.shape(margins))
    weights = draw_groups(truth, member, len(names), n_bootstrap, random_state)
    weights = np.vstack([np.ones(weights.shape[1]), weights])
    areas = np.mean(
        [
            _weighted_area(table[:, code], truth == code, member, weights, _auroc_of)
            for code in (range(len(names)) if len(names) > 2 else [1])  # of two, both are equal
        ],
        axis=0,
    )
    return float(areas[0]), areas[1:]


def read_labels(
    labels: Sequence[str] | np.ndarray,
    table: np.ndarray,
    names: list[str],
    groups: Sequence[str] | np.ndarray | None,
    shape: tuple[int, ...] | None = None,
    what: str = "margin",
) -> tuple[np.ndarray, np.ndarray]:
    """Return the class and the group of each image, numbered from 0, once all fits together.

    Parameters
    ----------
    labels : sequence of str, length n
        True classes.
    table : ndarray of shape (n, n_classes)
        Margins or probabilities, one column a class.
    names : list of str
        The classes.
    groups : sequence of str, length n, or None
        Each image is its own group where there are none.
    shape : tuple of int, optional
        What an error calls the table's shape.
    what : str, default="margin"
        What an error calls a number of the table.

    Raises
    ------
    InputError
        If a label is none of the classes, a number is not finite, or the lengths differ.

    Examples
    --------
    >>> read_labels(["b", "a"], np.zeros((2, 2)), ["a", "b"], ["p", "p"])
    (array([1, 0]), array([0, 0]))
    """
    truth = np.array([_place(str(label), names) for label in labels])
    units = np.arange(len(truth)) if groups is None else np.asarray(groups, dtype=str)
    if table.shape != (len(truth), len(names)) or len(units) != len(truth) or not len(truth):
        raise InputError(
            f"{'probabilities' if what == 'probability' else 'margins'} of shape "
            f"{shape or table.shape} and {len(units)} groups for {len(truth)} labels "
            f"of {len(names)} classes; expected one row and one group a label, and some labels"
        )
    if not np.isfinite(table).all():
        raise InputError(f"a {what} is NaN or infinite; expected finite ones")
    return truth, np.unique(units, return_inverse=True)[1]


def _place(label: str, names: list[str]) -> int:
    if label not in names:
        raise InputError(f"label {label!r} is no class; expected one of {', '.join(names)}")
    return names.index(label)


def _one_column_a_class(margins: np.ndarray) -> np.ndarray:
    return np.column_stack([-margins, margins]) if margins.ndim == 1 else margins


def _confusion(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    cells = np.bincount(truth * n_classes + predicted, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes)


def _all_scores(
    truth: np.ndarray,
    predicted: np.ndarray,
    margins: np.ndarray,
    unit: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Return every score of every replicate, in the order of `_named`."""
    by_class = _from_confusion(truth, predicted, margins.shape[1], unit, weights)
    blocks = [by_class]
    for area in (_auroc_of, _precision_of):
        of_class = np.column_stack(
            [
                _weighted_area(margins[:, code], truth == code, unit, weights, area)
                for code in range(margins.shape[1])
            ]
        )
        blocks += [of_class.mean(axis=1)[:, None], of_class]
    return np.column_stack(blocks)


def _from_confusion(
    truth: np.ndarray, predicted: np.ndarray, n_classes: int, unit: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    cells = np.zeros((unit.max() + 1, n_classes, n_classes))
    np.add.at(cells, (unit, truth, predicted), 1)
    confusion = np.tensordot(weights, cells, axes=1)
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    actual, called = confusion.sum(axis=2), confusion.sum(axis=1)
    recall = _ratio(hits, actual, np.nan)
    precision = _ratio(hits, called, 0.0)
    f1 = _ratio(2 * hits, actual + called, 0.0)
    accuracy = hits.sum(axis=1) / actual.sum(axis=1)
    # A class that is absent leaves the mean over classes undefined, whatever the part.
    complete = np.where((actual > 0).all(axis=1), 1.0, np.nan)
    means = [part.mean(axis=1) * complete for part in (recall, precision, recall, f1)]
    rest = actual.sum(axis=1, keepdims=True) - actual
    specificity = _ratio(rest - called + hits, rest, np.nan)
    return np.column_stack([accuracy, *means, precision, recall, specificity, f1])


def _ratio(part: np.ndarray, whole: np.ndarray, empty: float) -> np.ndarray:
    return np.divide(part, whole, out=np.full_like(whole, empty), where=whole > 0)


def _weighted_area(
    margin: np.ndarray, positive: np.ndarray, unit: np.ndarray, weights: np.ndarray, area: _Area
) -> np.ndarray:
    """Return the area under a curve of each replicate; rows of one margin stand on one point."""
    order = np.argsort(margin, kind="stable")
    starts = np.flatnonzero(np.diff(margin[order], prepend=-np.inf) > 0)
    parts = [area(chunk[:, unit[order]], positive[order], starts) for chunk in _chunks(weights)]
    return np.concatenate(parts)


def _auroc_of(weights: np.ndarray, positive: np.ndarray, starts: np.ndarray) -> np.ndarray:
    above = np.add.reduceat(weights * positive, starts, axis=1)
    below = np.add.reduceat(weights * ~positive, starts, axis=1)
    beaten = np.cumsum(below, axis=1) - below / 2
    pairs = above.sum(axis=1) * below.sum(axis=1)
    return _ratio((above * beaten).sum(axis=1), pairs, np.nan)


def area_under_roc(margin: np.ndarray, hit: np.ndarray, weight: np.ndarray) -> float:
    """Return the AUROC of weighed images; ties count half, NaN where a side weighs nothing.

    Examples
    --------
    >>> hit = np.array([False, True, False, True])
    >>> area_under_roc(np.array([0.0, 1.0, 2.0, 3.0]), hit, np.ones(4))
    0.75
    """
    return float(areas_under_roc(margin, hit, weight[None])[0])


def areas_under_roc(margin: np.ndarray, hit: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the AUROC for each row of weights, (b, n), as `area_under_roc` does for one."""
    return _weighted_area(margin, hit, np.arange(len(margin)), weights, _auroc_of)


def _precision_of(weights: np.ndarray, positive: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return the average precision: no line is drawn between points, which would flatter."""
    above = np.add.reduceat(weights * positive, starts, axis=1)
    everyone = np.add.reduceat(weights, starts, axis=1)
    found = np.cumsum(above[:, ::-1], axis=1)[:, ::-1]
    called = np.cumsum(everyone[:, ::-1], axis=1)[:, ::-1]
    return _ratio((above * _ratio(found, called, 0.0)).sum(axis=1), above.sum(axis=1), np.nan)


def _chunks(weights: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(weights), _CHUNK):
        yield weights[start : start + _CHUNK]


def _named(names: list[str], point: np.ndarray, draws: np.ndarray) -> Iterator[Score]:
    keys: list[tuple[str, str | None]] = [("accuracy", None), ("balanced_accuracy", None)]
    keys += [(f"macro_{part}", None) for part in ("precision", "recall", "f1")]
    parts = ("precision", "recall", "specificity", "f1")
    keys += [(part, name) for part in parts for name in names]
    for area in ("auroc", "auprc"):
        keys += [(area, None)] + [(area, name) for name in names]
    for (name, of), value, low, high in zip(keys, point, *percentiles(draws), strict=True):
        yield Score(name, of, float(value), float(low), float(high))
