"""`JointExtractor`: what several extractors say of an image, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.validation import check_is_fitted

from ksfeat.errors import InputError, unless_error

Outcome = np.ndarray | InputError


class JointExtractor(TransformerMixin, BaseEstimator):
    """Extractors side by side, such as features and an embedding.

    Parameters
    ----------
    parts : sequence of (str, extractor)
        A name and an extractor each: a `FeatureExtractor`, a `CNNEmbedding`, or what offers the
        same.
    n_jobs : int, optional
        Given to every part.

    Attributes
    ----------
    parts_ : list of (str, extractor)
        The fitted extractors, in the order of the columns.
    units_ : tuple of str or None
        Units of the training images: each part refuses others.
    masks_ : {"all", "none", "some"} or None
        Which training images had a mask, of the first part that looks at masks.
    families_ : tuple of str
        Of all parts.
    left_out_ : dict of str to str
        Families that were left out, and why.
    n_features_out_ : int
        Number of columns.

    Examples
    --------
    >>> from ksfeat import FeatureExtractor
    >>> rng = np.random.default_rng(0)
    >>> images = [rng.integers(0, 256, (32, 40)).astype(np.uint8) for _ in range(3)]
    >>> parts = [("tone", FeatureExtractor("first_order")), ("texture", FeatureExtractor("lbp"))]
    >>> JointExtractor(parts).fit(images).families_
    ('first_order', 'lbp')
    """

    forced = False  # as in `FeatureExtractor`; given to every part

    def __init__(self, parts: Sequence[tuple[str, Any]], *, n_jobs: int | None = None) -> None:
        self.parts = parts
        self.n_jobs = n_jobs

    def check(self) -> None:
        """Raise an error if there is no part, or a part has a parameter that cannot be used."""
        names = [name for name, _ in self.parts]
        if not names or len(set(names)) < len(names):
            raise InputError(f"parts {names}; expected at least one, of different names")
        for _, part in self.parts:
            part.check()

    def fit(self, X: Any, y: Any = None) -> JointExtractor:
        """Fit each part to the images; errors are those of the parts."""
        self.parts_ = [(name, part.fit(X)) for name, part in self._unfitted()]
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Fit and return the rows of all parts side by side, (n_images, n_features_out_)."""
        fresh = self._unfitted()
        blocks = [part.fit_transform(X) for _, part in fresh]
        self.parts_ = fresh
        return np.column_stack(blocks)

    def fit_transform_each(self, X: Any) -> list[Outcome]:
        """Fit on the images that each part can use; return a row, or the error, of each image.

        Raises
        ------
        InputError
            If not one image can be used by all parts.
        """
        fresh = self._unfitted()
        rows = _joined([part.fit_transform_each(X) for _, part in fresh])
        if all(isinstance(row, InputError) for row in rows):
            unless_error(rows[0])
        self.parts_ = fresh
        return rows

    def transform(self, X: Any) -> np.ndarray:
        """Return the rows of all parts side by side, (n_images, n_features_out_)."""
        return np.column_stack([part.transform(X) for _, part in self._ready()])

    def transform_each(self, X: Any) -> list[Outcome]:
        """Return a row, or the first part's error, of each image; no image stops the others."""
        return _joined([part.transform_each(X) for _, part in self._ready()])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns, part by part."""
        check_is_fitted(self)
        return np.concatenate([part.get_feature_names_out() for _, part in self.parts_])

    @property
    def n_features_out_(self) -> int:
        """Number of columns."""
        check_is_fitted(self)
        return sum(part.n_features_out_ for _, part in self.parts_)

    @property
    def units_(self) -> tuple[str, ...] | None:
        """Units of the training images."""
        return self.parts_[0][1].units_

    @property
    def masks_(self) -> str | None:
        """Which training images had a mask, where a part looks at masks."""
        return next((part.masks_ for _, part in self.parts_ if part.masks_ is not None), None)

    @property
    def families_(self) -> tuple[str, ...]:
        """Families of all parts."""
        return tuple(family for _, part in self.parts_ for family in part.families_)

    @property
    def left_out_(self) -> dict[str, str]:
        """Families that were left out, and why."""
        return {family: why for _, part in self.parts_ for family, why in part.left_out_.items()}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "parts_")

    def _unfitted(self) -> list[tuple[str, Any]]:
        """Return copies of the parts, which are all judged before the first begins its work."""
        self.check()
        return self._equipped([(name, clone(part)) for name, part in self.parts])

    def _ready(self) -> list[tuple[str, Any]]:
        check_is_fitted(self)
        return self._equipped(self.parts_)

    def _equipped(self, parts: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        for _, part in parts:
            part.set_params(n_jobs=self.n_jobs)
            part.forced = self.forced
        return parts


def _joined(by_part: list[list[Outcome]]) -> list[Outcome]:
    return [
        next((row for row in rows if isinstance(row, InputError)), None) or np.concatenate(rows)
        for rows in zip(*by_part, strict=True)
    ]
