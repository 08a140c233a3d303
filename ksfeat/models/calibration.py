"""From margins to probabilities that can be taken at their word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_expit, log_softmax, logsumexp
from sklearn.isotonic import IsotonicRegression

from ksfeat.errors import ArtifactError, InputError
from ksfeat.models.linear import probabilities
from ksfeat.splits import make_split

Method = Literal["temperature", "platt", "isotonic"]
METHODS: tuple[Method, ...] = get_args(Method)  # from the stiffest to the most flexible
FOLDS = 5
_LOG_TEMPERATURE = (-5.0, 5.0)
_LEAST_SLOPE = 1e-6  # a larger margin never means a smaller probability
_MOST = 1e12  # of a number in a model file: margins times it do not overflow
_PARTS = {"temperature": ("temperature",), "platt": ("slope", "offset"), "isotonic": ("x", "y")}


@dataclass(frozen=True)
class Calibrator:
    """A rising map from margins to probabilities.

    The model is one and its margins stay as they are: what is called and what is explained does
    not change. A model that weighs its classes alike calls at a margin of 0, where a calibrated
    probability, which knows how frequent the classes were, need not be one half.

    Parameters
    ----------
    method : {"temperature", "platt", "isotonic"}
        One divisor for all margins; a logistic curve a class; or a staircase a class. More than
        two classes: each against the rest, then brought to the sum 1.
    parameters : dict of str to list
        What was fitted, one entry a class (one in all where there are two).

    Examples
    --------
    >>> Calibrator("temperature", {"temperature": [2.0]}).probabilities(np.array([0.0])).tolist()
    [[0.5, 0.5]]
    """

    method: Method
    parameters: dict[str, list[Any]]

    def probabilities(self, margins: np.ndarray) -> np.ndarray:
        """Return the probability of each class, (n, n_classes), for margins of a model."""
        if self.method == "temperature":
            return probabilities(margins / self.parameters["temperature"][0])
        columns = margins[:, None] if margins.ndim == 1 else against_rest(margins)
        curves = [self._log_curve(column, place) for place, column in enumerate(columns.T)]
        if margins.ndim == 1:
            chance = np.exp(curves[0])
            return np.column_stack([1 - chance, chance])
        # By logarithms: where all curves are next to nothing, their shares are still known.
        return np.exp(log_softmax(np.column_stack(curves), axis=1))

    def _log_curve(self, column: np.ndarray, place: int) -> np.ndarray:
        first, second = (self.parameters[name][place] for name in _PARTS[self.method])
        if self.method == "platt":
            return np.asarray(log_expit(first * column + second))
        return np.log(np.interp(column, first, second))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return {"method": self.method, **self.parameters}

    @classmethod
    def from_dict(cls, found: dict[str, Any], n_classes: int) -> Calibrator:
        """Return what `to_dict` wrote.

        Raises
        ------
        ArtifactError
            If the numbers are no calibration of so many classes.
        """
        method = found["method"]
        if method not in METHODS:
            raise ArtifactError(f"calibration {method!r:.40}; expected one of {', '.join(METHODS)}")
        n = 1 if method == "temperature" or n_classes == 2 else n_classes
        parts = {name: list(found[name]) for name in _PARTS[method]}
        if any(len(values) != n for values in parts.values()) or not _sound(method, parts):
            raise ArtifactError(f"calibration {method}: numbers that are none; fit it again")
        return cls(method, parts)


def _sound(method: Method, parts: dict[str, list[Any]]) -> bool:
    if method == "temperature":
        low, high = np.exp(_LOG_TEMPERATURE)
        return bool(low <= float(parts["temperature"][0]) <= high)
    if method == "platt":
        values = np.array(list(parts.values()), dtype=float)
        return bool((np.abs(values) <= _MOST).all() and (values[0] > 0).all())
    for x, y in zip(parts["x"], parts["y"], strict=True):
        steps, rates = np.array(x, dtype=float), np.array(y, dtype=float)
        same = steps.ndim == 1 and steps.shape == rates.shape and len(steps) > 0
        # Not `rates >= 0`: all rates of 0 would be brought to the sum 1 by dividing by nothing.
        if not (same and (np.abs(steps) <= _MOST).all() and ((rates > 0) & (rates < 1)).all()):
            return False
        if (np.diff(steps) < 0).any() or (np.diff(rates) < 0).any():
            return False
    return True


def fit_calibrator(
    margins: np.ndarray,
    codes: np.ndarray,
    groups: np.ndarray | None,
    *,
    method: Method | Literal["auto"] = "auto",
    random_state: int = 0,
) -> Calibrator:
    """Fit a calibration to margins of images that the model was not trained on.

    Parameters
    ----------
    margins : ndarray of shape (n,) or (n, n_classes)
        Out-of-fold margins.
    codes : ndarray of int, shape (n,)
        The class of each image, numbered from 0; every class occurs.
    groups : ndarray of shape (n,) or None
        What the folds that choose a method must not cut.
    method : {"auto", "temperature", "platt", "isotonic"}, default="auto"
        "auto" takes the least log loss over five folds by group, or as many as the rarest class has
        groups; of equal ones the stiffest.
    random_state : int, default=0
        Seed of the folds.

    Returns
    -------
    Calibrator

    Raises
    ------
    InputError
        If the method is unknown, or there are too few groups to choose one.

    References
    ----------
    .. [1] J. C. Platt, "Probabilistic outputs for support vector machines", Advances in Large
           Margin Classifiers (1999) 61-74.
    .. [2] B. Zadrozny, C. Elkan, "Transforming classifier scores into accurate multiclass
           probability estimates", KDD (2002) 694-699.
    .. [3] C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural networks",
           ICML (2017) 1321-1330.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> codes = np.tile([0, 1], 200)
    >>> margins = 3 * (2 * codes - 1 + rng.normal(size=400))
    >>> fit_calibrator(margins, codes, None, method="temperature").parameters["temperature"][0] > 1
    True
    """
    if method != "auto":
        if method not in METHODS:
            raise InputError(f"calibration {method!r}; expected auto, {', '.join(METHODS)}")
        return _FITS[method](margins, codes)
    losses = dict.fromkeys(METHODS, 0.0)
    units = np.arange(len(codes)) if groups is None else np.asarray(groups)
    rarest = min(len(np.unique(units[codes == code])) for code in np.unique(codes))
    n_folds = max(2, min(FOLDS, rarest))
    try:
        split = make_split(codes, groups, n_folds=n_folds, random_state=random_state)
    except InputError as error:
        raise InputError(f"the choice of a calibration: {error}") from error
    for train, test in split:
        for name in METHODS:
            chances = _FITS[name](margins[train], codes[train]).probabilities(margins[test])
            losses[name] += _log_loss(chances[np.arange(len(test)), codes[test]])
    best = min(METHODS, key=lambda name: round(losses[name], 9))
    return _FITS[best](margins, codes)


def _log_loss(chances: np.ndarray) -> float:
    # Certain and wrong is the worst there is, but finite: two methods that are can still differ.
    return float(-np.log(np.maximum(chances, np.finfo(float).tiny)).sum())


def against_rest(margins: np.ndarray) -> np.ndarray:
    """Return how far each class is ahead of all others together, (n, n_classes).

    The logit of the softmax probability; of two classes, the margin and its negative.

    Examples
    --------
    >>> against_rest(np.array([2.0])).tolist()
    [[-2.0, 2.0]]
    """
    if margins.ndim == 1:
        return np.column_stack([-margins, margins])
    rest = [logsumexp(np.delete(margins, code, axis=1), axis=1) for code in range(margins.shape[1])]
    return margins - np.column_stack(rest)


def _temperature(margins: np.ndarray, codes: np.ndarray) -> Calibrator:
    logits = np.column_stack([np.zeros_like(margins), margins]) if margins.ndim == 1 else margins
    targets = _softened(codes, logits.shape[1])

    def loss(log_temperature: float) -> float:
        chances = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-(targets * chances).sum(axis=1).mean())

    found = minimize_scalar(loss, bounds=_LOG_TEMPERATURE, method="bounded")
    return Calibrator("temperature", {"temperature": [float(np.exp(found.x))]})


def _softened(codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Return Platt's targets, (n, n_classes): n images of a class are no proof that all are so."""
    sure = np.bincount(codes, minlength=n_classes)[codes] + 1.0
    sure = sure / (sure + 1)
    targets = np.repeat((1 - sure)[:, None] / (n_classes - 1), n_classes, axis=1)
    targets[np.arange(len(codes)), codes] = sure
    return targets


def _platt(margins: np.ndarray, codes: np.ndarray) -> Calibrator:
    fits = [_logistic(column, hit) for column, hit in _columns(margins, codes)]
    return Calibrator(
        "platt", {"slope": [fit[0] for fit in fits], "offset": [fit[1] for fit in fits]}
    )


def _logistic(column: np.ndarray, hit: np.ndarray) -> tuple[float, float]:
    """Fit slope and offset to Platt's targets, which keep a perfect separation finite."""
    n, n_hits = len(hit), hit.sum()
    target = np.where(hit, (n_hits + 1) / (n_hits + 2), 1 / (n - n_hits + 2))
    scale = max(float(np.abs(column).max()), 1e-12)

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        logit = found[0] * column / scale + found[1]
        error = expit(logit) - target
        value = -(target * log_expit(logit) + (1 - target) * log_expit(-logit)).mean()
        return float(value), np.array([(error * column / scale).mean(), error.mean()])

    start = np.array([1.0, np.log((n_hits + 1) / (n - n_hits + 1))])
    bounds = [(_LEAST_SLOPE * scale, None), (None, None)]
    found = minimize(
        loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-14}
    )
    return float(found.x[0] / scale), float(found.x[1])


def _isotonic(margins: np.ndarray, codes: np.ndarray) -> Calibrator:
    least = 1 / (len(codes) + 2)  # no probability of 0: nobody has seen enough for that
    steps, rates = [], []
    for column, hit in _columns(margins, codes):
        stairs = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip")
        stairs.fit(column, hit.astype(float))
        steps.append(stairs.X_thresholds_.tolist())
        rates.append(stairs.y_thresholds_.tolist())
    return Calibrator("isotonic", {"x": steps, "y": rates})


def _columns(margins: np.ndarray, codes: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    if margins.ndim == 1:
        return [(margins, codes == 1)]
    ahead = against_rest(margins)
    return [(ahead[:, code], codes == code) for code in range(margins.shape[1])]


_FITS: dict[Method, Callable[[np.ndarray, np.ndarray], Calibrator]] = {
    "temperature": _temperature,
    "platt": _platt,
    "isotonic": _isotonic,
}
