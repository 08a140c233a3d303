"""Learning curves: what more patients would bring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ksfeat.dataset import Dataset
from ksfeat.errors import InputError
from ksfeat.metrics import score_predictions
from ksfeat.models.classifiers import fit_grouped
from ksfeat.models.pipeline import StoneClassifier
from ksfeat.splits import Split

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)


def learning_curve(
    classifier: StoneClassifier,
    table: pd.DataFrame,
    dataset: Dataset,
    split: Split,
    *,
    shares: Sequence[float] = SHARES,
    random_state: int = 0,
) -> pd.DataFrame:
    """Score models that were fitted to a part of each fold's training groups.

    Parameters
    ----------
    classifier : StoneClassifier
        What to judge; it is not fitted.
    table : DataFrame of shape (n, d)
        The descriptions of `dataset`'s images.
    dataset : Dataset
        Labels and groups.
    split : Split
        The folds, from `split_dataset`; their test sides stay whole.
    shares : sequence of float
        Of the training groups, above 0 and up to 1. Smaller parts lie within the larger ones.
    random_state : int, default=0
        Seed of the order of the groups, and of the bootstrap.

    Returns
    -------
    DataFrame
        One row a share: share, groups (the mean of what trained), auroc, low and high (95 %
        interval over test groups). A share that leaves a fold without a class is left out.

    Raises
    ------
    InputError
        If a share is out of its range.

    Examples
    --------
    >>> import tempfile, ksfeat
    >>> from ksfeat.evaluation import split_dataset
    >>> folder = ksfeat.make_phantom(tempfile.mkdtemp(), patients=12, slices=2, random_state=0)
    >>> data = ksfeat.load_dataset(folder / "manifest.csv")
    >>> classifier = ksfeat.StoneClassifier(ksfeat.FeatureExtractor("density"), "linear")
    >>> table = classifier.fit_describe(data.images)
    >>> curve = learning_curve(
    ...     classifier, table, data, split_dataset(data, n_folds=3), shares=(0.5, 1.0)
    ... )
    >>> curve["groups"].tolist()
    [4.0, 8.0]
    """
    if not all(0 < share <= 1 for share in shares):
        raise InputError(f"shares {list(shares)}; expected numbers above 0 and up to 1")
    rng = np.random.default_rng(random_state)
    units = np.arange(len(table)) if dataset.groups is None else np.asarray(dataset.groups)
    folds = [(train, test, rng.permutation(np.unique(units[train]))) for train, test in split]
    rows = [_at(share, folds, units, classifier, table, dataset) for share in shares]
    found = []
    for share, made in zip(shares, rows, strict=True):
        if made is None:
            continue
        margins, n_groups = made
        score = score_predictions(
            dataset.known_labels(),
            margins,
            dataset.classes,
            groups=dataset.groups,
            random_state=random_state,
        )["auroc"]
        facts: dict[str, Any] = {"share": share, "groups": n_groups, "auroc": score.value}
        found.append({**facts, "low": score.low, "high": score.high})
    return pd.DataFrame(found, columns=["share", "groups", "auroc", "low", "high"])


def _at(
    share: float,
    folds: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
    units: np.ndarray,
    classifier: StoneClassifier,
    table: pd.DataFrame,
    dataset: Dataset,
) -> tuple[np.ndarray, float] | None:
    """Return the out-of-fold margins of models of a share of the groups; None if a class lacks."""
    labels, n_classes = dataset.known_labels(), len(dataset.classes)
    margins = np.empty((len(table), *(() if n_classes == 2 else (n_classes,))))
    counts = []
    for train, test, order in folds:
        drawn = order[: max(1, round(share * len(order)))]
        rows = train[np.isin(units[train], drawn)]
        if len(np.unique(labels[rows])) < n_classes:
            return None
        groups = None if dataset.groups is None else units[rows]
        model = fit_grouped(classifier.new_model(), table.iloc[rows], labels[rows], groups)
        margins[test] = model.decision_function(table.iloc[test])
        counts.append(len(drawn))
    return margins, float(np.mean(counts))
