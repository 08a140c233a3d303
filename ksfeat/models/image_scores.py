"""From the scores of candidates to that of their image."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logsumexp
from sklearn.linear_model import LogisticRegression

_TOP = 3
_LOW = -12.0  # margin of a candidate that is not there
_AT = (-2.0, 0.0, 2.0)  # margins above which candidates are counted
_RIDGE = 1.0
N_SUMMARY = _TOP + 1 + len(_AT)  # numbers of `summarise`


class Logistic:
    """A logistic curve over a few columns, fitted once and stored as numbers.

    Examples
    --------
    >>> X = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    >>> curve = Logistic.fit(X, np.array([0, 0, 1, 1]))
    >>> curve.probability(X).round(1).tolist()
    [0.2, 0.3, 0.7, 0.8]
    """

    def __init__(self, weights: np.ndarray, offset: float) -> None:
        self.weights, self.offset = weights, offset

    @classmethod
    def fit(cls, X: np.ndarray, truth: np.ndarray) -> Logistic:
        """Fit by ridge-penalised likelihood on standardised columns."""
        mean, spread = X.mean(axis=0), X.std(axis=0)
        spread[spread == 0] = 1.0
        model = LogisticRegression(C=_RIDGE, max_iter=1000).fit((X - mean) / spread, truth)
        weights = model.coef_[0] / spread
        return cls(weights, float(model.intercept_[0] - weights @ mean))

    def to_list(self) -> list[float]:
        """Return the weights, and the offset after them."""
        return [*self.weights.tolist(), self.offset]

    def margin(self, X: np.ndarray) -> np.ndarray:
        """Return the log odds of each row."""
        return X @ self.weights + self.offset

    def probability(self, X: np.ndarray) -> np.ndarray:
        """Return the probability of each row."""
        return expit(self.margin(X))


def summarise(margins: np.ndarray) -> np.ndarray:
    """Return what an image's score is made of, from the margins of its distinct candidates.

    Parameters
    ----------
    margins : ndarray of shape (n,)
        Log odds, after suppression; perhaps none.

    Returns
    -------
    ndarray of float64, shape (7,)
        The three highest, the log odds summed softly, and how many lie above -2, 0 and 2.
    """
    highest = np.sort(np.append(margins, [_LOW] * _TOP))[::-1][:_TOP]
    soft = logsumexp(np.append(margins, _LOW))
    return np.array([*highest, soft, *(np.log1p((margins > limit).sum()) for limit in _AT)])
