"""Scores of a classifier with 95 % intervals from a bootstrap over groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ksfeat.errors import InputError
from ksfeat.metrics.scores import Score, Scores

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
        Precision and F1 are 0 where a class is never predicted; recall and AUROC, and all scores
        over all classes but accuracy, are NaN where a class is absent from `labels`.

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
    truth = np.array([_place(str(label), names) for label in labels])
    table = _one_column_a_class(np.asarray(margins, dtype=float))
    predicted = table.argmax(axis=1)
    units = np.arange(len(truth)) if groups is None else np.asarray(groups, dtype=str)
    if table.shape != (len(truth), len(names)) or len(units) != len(truth) or not len(truth):
        raise InputError(
            f"margins of shape {np.shape(margins)} and {len(units)} groups for {len(truth)} labels "
            f"of {len(names)} classes; expected one row and one group a label, and some labels"
        )
    if not np.isfinite(table).all():
        raise InputError("a margin is NaN or infinite; expected finite ones")
    _, member = np.unique(units, return_inverse=True)
    weights = _replicates(truth, member, len(names), n_bootstrap, random_state)
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


def _place(label: str, names: list[str]) -> int:
    if label not in names:
        raise InputError(f"label {label!r} is no class; expected one of {', '.join(names)}")
    return names.index(label)


def _one_column_a_class(margins: np.ndarray) -> np.ndarray:
    return np.column_stack([-margins, margins]) if margins.ndim == 1 else margins


def _confusion(truth: np.ndarray, predicted: np.ndarray, n_classes: int) -> np.ndarray:
    cells = np.bincount(truth * n_classes + predicted, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes)


def _replicates(
    truth: np.ndarray, unit: np.ndarray, n_classes: int, n_bootstrap: int, random_state: int
) -> np.ndarray:
    """Return how often each group is drawn in each replicate, (n_bootstrap, n_groups)."""
    content = np.zeros((unit.max() + 1, n_classes), dtype=bool)
    content[unit, truth] = True
    # By its full content, a group of many classes would be a stratum of one, which never varies.
    stratum = np.where(content, content.sum(axis=0), np.inf).argmin(axis=1)
    rng = np.random.default_rng(random_state)
    weights = np.zeros((n_bootstrap, len(content)))
    lacking = np.arange(n_bootstrap)
    while len(lacking):
        weights[lacking] = _draw(stratum, len(lacking), rng)
        held = weights[lacking] @ content > 0
        lacking = lacking[(held < content.any(axis=0)).any(axis=1)]
    return weights


def _draw(stratum: np.ndarray, n_draws: int, rng: np.random.Generator) -> np.ndarray:
    weights = np.zeros((n_draws, len(stratum)))
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        share = np.full(len(members), 1 / len(members))
        weights[:, members] = rng.multinomial(len(members), share, size=n_draws)
    return weights


def _all_scores(
    truth: np.ndarray,
    predicted: np.ndarray,
    margins: np.ndarray,
    unit: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    """Return every score of every replicate, in the order of `_named`."""
    by_class = _from_confusion(truth, predicted, margins.shape[1], unit, weights)
    auroc = np.column_stack(
        [
            _weighted_auroc(margins[:, code], truth == code, unit, weights)
            for code in range(margins.shape[1])
        ]
    )
    return np.column_stack([by_class, auroc.mean(axis=1), auroc])


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
    return np.column_stack([accuracy, *means, precision, recall, f1])


def _ratio(part: np.ndarray, whole: np.ndarray, empty: float) -> np.ndarray:
    return np.divide(part, whole, out=np.full_like(whole, empty), where=whole > 0)


def _weighted_auroc(
    margin: np.ndarray, positive: np.ndarray, unit: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the AUROC of each replicate; ties count half."""
    order = np.argsort(margin, kind="stable")
    starts = np.flatnonzero(np.diff(margin[order], prepend=-np.inf) > 0)
    parts = [
        _auroc_of(chunk[:, unit[order]], positive[order], starts) for chunk in _chunks(weights)
    ]
    return np.concatenate(parts)


def _auroc_of(weights: np.ndarray, positive: np.ndarray, starts: np.ndarray) -> np.ndarray:
    above = np.add.reduceat(weights * positive, starts, axis=1)
    below = np.add.reduceat(weights * ~positive, starts, axis=1)
    beaten = np.cumsum(below, axis=1) - below / 2
    pairs = above.sum(axis=1) * below.sum(axis=1)
    return _ratio((above * beaten).sum(axis=1), pairs, np.nan)


def _chunks(weights: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(weights), _CHUNK):
        yield weights[start : start + _CHUNK]


def _named(names: list[str], point: np.ndarray, draws: np.ndarray) -> Iterator[Score]:
    keys: list[tuple[str, str | None]] = [("accuracy", None), ("balanced_accuracy", None)]
    keys += [(f"macro_{part}", None) for part in ("precision", "recall", "f1")]
    keys += [(part, name) for part in ("precision", "recall", "f1") for name in names]
    keys += [("auroc", None)] + [("auroc", name) for name in names]
    for (name, of), value, drawn in zip(keys, point, draws.T, strict=True):
        known = drawn[np.isfinite(drawn)]
        low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
        yield Score(name, of, float(value), float(low), float(high))
