"""Tests between two models on the same images, for images that come in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from ksfeat.errors import InputError
from ksfeat.metrics.bootstrap import bootstrap, percentiles
from ksfeat.metrics.predictions import area_under_roc

MARGIN = 0.01  # how much worse is still "not worse"

Labels = Sequence[str] | np.ndarray


@dataclass(frozen=True)
class Difference:
    """A difference between two models, its interval, and what it decides.

    Parameters
    ----------
    value : float
        Second less first: above 0, the second is better.
    low, high : float
        95 % interval.
    margin : float
        How much worse is still not worse.
    p_value : float or None
        Of no difference at all, two-sided, where the method has one.
    """

    value: float
    low: float
    high: float
    margin: float = MARGIN
    p_value: float | None = None

    @property
    def verdict(self) -> str:
        """Say "superior", "not inferior", "inferior" or, where the data cannot say, "undecided".

        Examples
        --------
        >>> Difference(0.0, -0.03, 0.03).verdict, Difference(0.0, -0.005, 0.02).verdict
        ('undecided', 'not inferior')
        """
        if self.low > 0:
            return "superior"
        if self.low > -self.margin:
            return "not inferior"
        return "inferior" if self.high < -self.margin else "undecided"


@dataclass(frozen=True)
class TestResult:
    """A statistic and its two-sided p-value."""

    statistic: float
    p_value: float
    __test__ = False  # no test of pytest's


def compare_aurocs(  # noqa: PLR0913 - what is compared, and how it is drawn
    labels: Labels,
    first: np.ndarray,
    second: np.ndarray,
    *,
    positive: str,
    groups: Labels | None = None,
    margin: float = MARGIN,
    n_bootstrap: int = 2000,
    random_state: int = 0,
) -> Difference:
    """Say whether a second model is inferior in AUROC, by a paired bootstrap over groups.

    Parameters
    ----------
    labels : sequence of str, length n
        True classes.
    first, second : ndarray of shape (n,)
        Margins of both models for `positive`, on the same images.
    positive : str
        The class that they are for.
    groups : sequence of str, optional
        What is drawn; by default each image is its own.
    margin : float, default=0.01
        Non-inferior is a lower 95 % bound above minus this.
    n_bootstrap, random_state : int
        Replicates and seed of the bootstrap.

    Returns
    -------
    Difference
        An interval that reaches below the margin, but not wholly, is "undecided".

    Raises
    ------
    InputError
        If lengths differ, a margin is not finite, or only one class is there.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> truth = np.repeat(["no", "yes"], 200)
    >>> good = (truth == "yes") * 2.0 + rng.normal(size=400)
    >>> compare_aurocs(truth, good, rng.normal(size=400), positive="yes").verdict
    'inferior'
    """
    hit, member, margins = read_pair(labels, first, second, positive, groups)

    def gain(weight: np.ndarray) -> np.ndarray:
        areas = [area_under_roc(column, hit, weight) for column in margins]
        return np.array([areas[1] - areas[0]])

    value, draws = bootstrap(
        gain, hit.astype(int), member, n_bootstrap=n_bootstrap, random_state=random_state
    )
    (low,), (high,) = percentiles(draws)
    return Difference(float(value[0]), float(low), float(high), margin)


def mcnemar(
    labels: Labels, first: Labels, second: Labels, *, groups: Labels | None = None
) -> TestResult:
    """Compare two accuracies by McNemar's test, in Obuchowski's form for clustered images.

    Parameters
    ----------
    labels, first, second : sequence of str, length n
        True classes, and those that either model calls.
    groups : sequence of str, optional
        What is independent; by default each image is its own.

    Returns
    -------
    TestResult
        Chi-squared on one degree of freedom, and its p-value. 0 and 1 where both models are right
        on the same images.

    Raises
    ------
    InputError
        If lengths differ, or there is one group only.

    Notes
    -----
    With d the difference of right calls in a group, the statistic is (K - 1) / K times the square
    of the sum of d over the sum of the squares of d. With groups of one image that is McNemar's
    own (b - c)^2 / (b + c), times (K - 1) / K.

    References
    ----------
    .. [1] N. A. Obuchowski, "On the comparison of correlated proportions for clustered data",
           Statistics in Medicine 17 (1998) 1495-1507.
    .. [2] In the short form of Yang and others (2010), doi:10.1002/bimj.201000035.

    Examples
    --------
    >>> truth = np.array(["a"] * 20)
    >>> mcnemar(truth, np.array(["b"] * 9 + ["a"] * 11), truth).statistic
    8.55
    """
    truth, called = np.asarray(labels, dtype=str), [np.asarray(first, str), np.asarray(second, str)]
    units = np.arange(len(truth)) if groups is None else np.asarray(groups)
    if len({len(truth), len(units), *map(len, called)}) != 1:
        raise InputError("labels, calls and groups are not equally many; expected one an image")
    member = np.unique(units, return_inverse=True)[1]
    n_groups = int(member.max()) + 1 if len(member) else 0
    if n_groups < 2:
        raise InputError("one group only; expected at least two, to know how far chance reaches")
    right = [(call == truth).astype(float) for call in called]
    apart = np.bincount(member, right[1] - right[0], n_groups)
    if not apart.any():
        return TestResult(0.0, 1.0)
    statistic = (n_groups - 1) / n_groups * apart.sum() ** 2 / (apart**2).sum()
    return TestResult(float(statistic), float(chi2.sf(statistic, 1)))


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjust p-values for their number, by Holm's step-down procedure.

    Parameters
    ----------
    p_values : sequence of float

    Returns
    -------
    ndarray of float
        Adjusted, in the order given: what is below 0.05 holds with all others together.

    References
    ----------
    .. [1] S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
           of Statistics 6 (1979) 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=float)
    if ((values < 0) | (values > 1)).any() or not np.isfinite(values).all():
        raise InputError(f"p-values {values.tolist()!r:.60}; expected numbers from 0 to 1")
    order = np.argsort(values, kind="stable")
    stretched = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(stretched), 1)
    return adjusted


def read_pair(
    labels: Labels,
    first: np.ndarray,
    second: np.ndarray,
    positive: str,
    groups: Labels | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return which images are positive, their groups, and both margins, once all fits together."""
    hit = np.asarray(labels, dtype=str) == positive
    margins = [np.asarray(column, dtype=float) for column in (first, second)]
    units = np.arange(len(hit)) if groups is None else np.asarray(groups)
    if any(column.shape != hit.shape for column in (*margins, units)):
        raise InputError(
            f"margins of shape {margins[0].shape} and {margins[1].shape} and {len(units)} groups "
            f"for {len(hit)} labels; expected one an image"
        )
    if not np.isfinite(margins).all():
        raise InputError("a margin is NaN or infinite; expected finite ones")
    if hit.all() or not hit.any():
        raise InputError(f"all labels or none are {positive!r}; expected it and others")
    return hit, np.unique(units, return_inverse=True)[1], np.array(margins)
