"""ComBat: features of several sites brought to one location and spread, learnt in training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from ksfeat.errors import InputError

_CHANGE = 1e-4  # relative, at which the posterior has settled, as in the published code
_MOST_ROUNDS = 1000
_CONSTANT = 1e-12


class SiteHarmoniser(TransformerMixin, BaseEstimator):
    """Remove each site's shift and scale from features, by empirical Bayes (ComBat).

    Parameters
    ----------
    mean_only : bool, default=False
        Remove shifts alone.

    Attributes
    ----------
    sites_ : ndarray of str
        The sites seen in `fit`, sorted.
    shift_, scale_ : ndarray of shape (n_sites, d)
        What is taken off, and divided by, on the scale of `spread_`.
    mean_, spread_ : ndarray of shape (d,)
        Grand mean and pooled standard deviation.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where the features came as a table with names.

    Notes
    -----
    In a pipeline the sites travel by metadata routing (see the second example): each fold of a
    cross-validation is then harmonised by its training rows alone. `ksfeat fit` does not
    harmonise: `predict` would have to know the site of every image, and of a new scanner nothing
    is known.

    Nothing but the features and the sites is learnt: labels are not protected, so that where a site
    holds one class mostly, the difference between the classes is removed with that of the sites.
    Fit it on training rows only. NaN stays NaN; a constant feature is left alone.

    References
    ----------
    .. [1] W. E. Johnson, C. Li, A. Rabinovic, "Adjusting batch effects in microarray expression
           data using empirical Bayes methods", Biostatistics 8 (2007) 118-127.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sites = np.repeat(["A", "B"], 50)
    >>> X = rng.normal(size=(100, 30)) + np.where(sites == "A", 0.0, 3.0)[:, None]
    >>> even = SiteHarmoniser().fit(X, sites=sites).transform(X, sites=sites)
    >>> bool(abs(even[:50].mean() - even[50:].mean()) < 0.05 < 2 < X[50:].mean() - X[:50].mean())
    True

    >>> import sklearn
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_score
    >>> from sklearn.pipeline import make_pipeline
    >>> y = np.tile([0, 1], 50)
    >>> X[:, 0] += 3 * y
    >>> with sklearn.config_context(enable_metadata_routing=True):
    ...     asked = SiteHarmoniser().set_fit_request(sites=True).set_transform_request(sites=True)
    ...     pipeline = make_pipeline(asked, LogisticRegression())
    ...     scores = cross_val_score(pipeline, X, y, params={"sites": sites})
    >>> bool(scores.mean() > 0.8)
    True
    """

    def __init__(self, *, mean_only: bool = False) -> None:
        self.mean_only = mean_only

    def fit(
        self, X: Any, y: Any = None, *, sites: Sequence[str] | np.ndarray | None = None
    ) -> SiteHarmoniser:
        """Learn each site's shift and scale.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Features of training images; NaN means "not defined here".
        y : ignored
        sites : sequence of str, length n
            Where each comes from.

        Raises
        ------
        InputError
            If no sites are given, there is one site only, or one of fewer than two images.
        """
        rows = self._read(X, reset=True)
        self.sites_, place, counts = np.unique(
            _read_sites(sites, len(rows)), return_inverse=True, return_counts=True
        )
        if len(self.sites_) < 2 or counts.min() < 2:
            raise InputError(
                f"{len(self.sites_)} sites, the smallest of {counts.min()} images; expected at "
                "least two sites of two images each; leave harmonisation out, or merge sites"
            )
        means = np.array([_mean(rows[place == site]) for site in range(len(counts))])
        seen = np.array([_seen(rows[place == site]) for site in range(len(counts))])
        total = np.maximum(seen.sum(axis=0), 1)
        self.mean_ = (seen * means).sum(axis=0) / total
        apart = np.nansum((rows - means[place]) ** 2, axis=0) / total
        constant = apart <= (_CONSTANT * np.abs(self.mean_)) ** 2
        self.spread_ = np.where(constant, 1.0, np.sqrt(apart))
        standard = (rows - self.mean_) / self.spread_
        found = [self._posterior(standard[place == site], constant) for site in range(len(counts))]
        self.shift_ = np.array([shift for shift, _ in found])
        self.scale_ = np.array([scale for _, scale in found])
        return self

    def fit_transform(
        self, X: Any, y: Any = None, *, sites: Sequence[str] | np.ndarray | None = None
    ) -> np.ndarray:
        """Fit to features and return them without what their sites add."""
        return self.fit(X, y, sites=sites).transform(X, sites=sites)

    def transform(self, X: Any, *, sites: Sequence[str] | np.ndarray | None = None) -> np.ndarray:
        """Return features without what their sites add, (n, d).

        Raises
        ------
        InputError
            If no sites are given, or one was not seen in `fit`: of a new scanner nothing is known.
        """
        check_is_fitted(self)
        rows = self._read(X, reset=False)
        names = _read_sites(sites, len(rows))
        unknown = sorted(set(names.tolist()) - set(self.sites_.tolist()))
        if unknown:
            raise InputError(
                f"site {unknown[0]!r} was not seen in training; expected one of "
                f"{', '.join(self.sites_.tolist())}; fit again with images of it"
            )
        place = np.searchsorted(self.sites_, names)
        standard = (rows - self.mean_) / self.spread_
        even = (standard - self.shift_[place]) / self.scale_[place]
        return np.asarray(even * self.spread_ + self.mean_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the features: they stay what they are."""
        check_is_fitted(self)
        given = (
            getattr(self, "feature_names_in_", None) if input_features is None else input_features
        )
        if given is None:
            return np.array([f"x{place}" for place in range(self.n_features_in_)], dtype=object)
        return np.asarray(given, dtype=object)

    def _read(self, X: Any, *, reset: bool) -> np.ndarray:
        return np.asarray(
            validate_data(self, X, dtype=float, ensure_all_finite="allow-nan", reset=reset)
        )

    def _posterior(self, rows: np.ndarray, constant: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return shift and scale of one site, drawn towards those of all its features."""
        count = _seen(rows)
        usable = ~constant & (count > 1)
        shift, variance = np.zeros(rows.shape[1]), np.ones(rows.shape[1])
        if usable.any():
            part, n = rows[:, usable], count[usable]
            mean = _mean(part)
            if self.mean_only:
                shift[usable] = mean
            else:
                shift[usable], variance[usable] = _settled(part, mean, n)
        return shift, np.sqrt(variance)


def _settled(rows: np.ndarray, mean: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    spread = np.nansum((rows - mean) ** 2, axis=0) / (n - 1)
    if len(mean) < 2 or spread.var(ddof=1) == 0 or mean.var(ddof=1) == 0:
        return mean, np.where(spread > 0, spread, 1.0)  # one feature has no others to learn from
    centre, width = mean.mean(), mean.var(ddof=1)
    level, variation = spread.mean(), spread.var(ddof=1)
    shape = (2 * variation + level**2) / variation
    rate = (level * variation + level**3) / variation
    shift, variance = mean, spread
    for _ in range(_MOST_ROUNDS):
        new = (width * n * mean + variance * centre) / (width * n + variance)
        squares = np.nansum((rows - new) ** 2, axis=0)
        wider = (squares / 2 + rate) / (n / 2 + shape - 1)
        moved = max(_change(new, shift), _change(wider, variance))
        shift, variance = new, wider
        if moved <= _CHANGE:
            break
    return shift, variance


def _change(new: np.ndarray, old: np.ndarray) -> float:
    return float((np.abs(new - old) / np.maximum(np.abs(old), _CONSTANT)).max())


def _seen(rows: np.ndarray) -> np.ndarray:
    return np.asarray((~np.isnan(rows)).sum(axis=0))


def _mean(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.nansum(rows, axis=0) / np.maximum(_seen(rows), 1))


def _read_sites(sites: Sequence[str] | np.ndarray | None, n_rows: int) -> np.ndarray:
    if sites is None:
        raise InputError("no sites given; expected where each image comes from: sites=[...]")
    names = np.asarray(sites, dtype=str)
    if names.shape != (n_rows,):
        raise InputError(f"{names.size} sites for {n_rows} images; expected one an image")
    return names
