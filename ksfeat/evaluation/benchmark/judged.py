"""What folds say together: out-of-fold margins, their probabilities, and AUROC of any classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ksfeat.dataset import Dataset
from ksfeat.evaluation.benchmark.fold import Fold
from ksfeat.metrics.bootstrap import draw_groups, percentiles
from ksfeat.metrics.predictions import areas_under_roc
from ksfeat.models.calibration import fit_calibrator

N_BOOTSTRAP = 1000


def out_of_fold(folds: Mapping[int, Fold], n_images: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the margins of tested rows, (n, k), and which fold tested each; -1 for none."""
    k = next(iter(folds.values())).margins.shape[1]
    margins, tested = np.full((n_images, k), np.nan), np.full(n_images, -1)
    for number, fold in folds.items():
        margins[fold.test], tested[fold.test] = fold.margins, number
    return margins, tested


def cross_fitted(margins: np.ndarray, codes: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Return probabilities, (n, n_classes): each fold's by Platt scaling of the other folds.

    The same for every contender, whatever it calls a probability itself: what is compared is how
    well its margins can be calibrated.
    """
    flat = margins[:, 0] if margins.shape[1] == 1 else margins
    chances = np.empty((len(codes), max(margins.shape[1], 2)))
    for number in np.unique(tested):
        here = tested == number
        calibrator = fit_calibrator(flat[~here], codes[~here], None, method="platt")
        chances[here] = calibrator.probabilities(flat[here])
    return chances


def auroc_of(margins: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the AUROC of the second class, or the mean over more, for each row of weights, (b,).

    Examples
    --------
    >>> auroc_of(np.array([[0.0], [2.0], [1.0]]), np.array([0, 1, 1]), np.ones((1, 3)))
    array([1.])
    """
    if margins.shape[1] == 1:
        return areas_under_roc(margins[:, 0], codes == 1, weights)
    found = [
        areas_under_roc(margins[:, code], codes == code, weights)
        for code in range(margins.shape[1])
    ]
    return np.mean(found, axis=0)


def plain_auroc(margins: np.ndarray, codes: np.ndarray) -> float:
    """Return the AUROC of images that all count the same; NaN where a class is missing."""
    return float(auroc_of(margins, codes, np.ones((1, len(codes))))[0])


def called(margins: np.ndarray) -> np.ndarray:
    """Return the class of each row by number."""
    return (margins[:, 0] > 0).astype(int) if margins.shape[1] == 1 else margins.argmax(axis=1)


def with_interval(
    statistic: Callable[[np.ndarray], np.ndarray],
    codes: np.ndarray,
    member: np.ndarray,
    random_state: int,
) -> np.ndarray:
    """Return value, low and high end of each number of a statistic, (k, 3), by drawing groups.

    Parameters
    ----------
    statistic : callable
        From weights of the images, (b, n), to k numbers for each row of them, (b, k).
    codes, member : ndarray of int, shape (n,)
        Class and group of each image.
    random_state : int
        Seed.
    """
    drawn = draw_groups(codes, member, int(codes.max()) + 1, N_BOOTSTRAP, random_state)
    found = statistic(np.vstack([np.ones((1, len(codes))), drawn[:, member]]))
    low, high = percentiles(found[1:])
    return np.column_stack([found[0], low, high])


def codes_of(dataset: Dataset, classes: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return class and group of each image by number; each image is its own where none is known."""
    place = {name: code for code, name in enumerate(classes)}
    codes = np.array([place[str(label)] for label in dataset.known_labels()])
    groups = np.arange(len(codes)) if dataset.groups is None else dataset.groups
    return codes, np.unique(groups, return_inverse=True)[1]
