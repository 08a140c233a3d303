"""ROC curves with bands from a bootstrap over groups."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ksfeat.metrics.bootstrap import bootstrap, percentiles

STEPS = np.linspace(0, 1, 101)


def roc_band(
    margins: np.ndarray,
    codes: np.ndarray,
    member: np.ndarray,
    *,
    n_bootstrap: int = 1000,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return a ROC curve with its 95 % band, at false positive rates 0 to 1 in hundredths.

    Parameters
    ----------
    margins : ndarray of shape (n, k)
        One column for two classes, the second one's; else one a class, each against the rest,
        and the curve is the mean of theirs.
    codes, member : ndarray of int, shape (n,)
        Class and group of each image, numbered from 0.
    n_bootstrap, random_state : int
        Replicates, drawn by group, and their seed.

    Returns
    -------
    DataFrame
        false_positive_rate, sensitivity, low and high: pointwise, not of the curve as a whole.

    Examples
    --------
    >>> band = roc_band(np.array([[0.0], [1.0], [2.0]]), np.array([0, 1, 1]), np.arange(3))
    >>> band["sensitivity"].min()
    np.float64(1.0)
    """
    positives = [1] if margins.shape[1] == 1 else range(margins.shape[1])
    columns = list(zip(margins.T, [codes == code for code in positives], strict=True))

    def curve(weight: np.ndarray) -> np.ndarray:
        return np.mean([_sensitivities(column, hit, weight) for column, hit in columns], axis=0)

    value, draws = bootstrap(
        curve, codes, member, n_bootstrap=n_bootstrap, random_state=random_state
    )
    low, high = percentiles(draws)
    return pd.DataFrame(
        {"false_positive_rate": STEPS, "sensitivity": value, "low": low, "high": high}
    )


def _sensitivities(margin: np.ndarray, hit: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the sensitivity at each false positive rate; rows of one margin are one step."""
    order = np.argsort(-margin, kind="stable")
    ends = np.flatnonzero(np.diff(margin[order], append=np.inf) != 0)
    found, false = (np.cumsum((weight * side)[order])[ends] for side in (hit, ~hit))
    x, y = (np.concatenate([[0.0], part / part[-1]]) for part in (false, found))
    return np.interp(STEPS, x, y)  # of several points at one rate, the highest
