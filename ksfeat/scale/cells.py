"""`CellExtractor`: images to a table of one column, whose cells a later stage learns from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ksfeat.errors import InputError, unless_error
from ksfeat.image import StoneImage, unit_of
from ksfeat.io import ImageLike
from ksfeat.io.sequences import as_sequence
from ksfeat.roi.admission import Admission, masks_among
from ksfeat.scale.engine import map_ordered

Outcome = np.ndarray | InputError
Work = Callable[[int, StoneImage], Any]


class CellExtractor(TransformerMixin, BaseEstimator, ABC):
    """Base of what turns each image into one object, with the interface of `FeatureExtractor`.

    What is learnt from the objects is learnt inside each fold, by the model that takes the table.

    Attributes
    ----------
    units_ : tuple of str
        Units of the training images; others are refused.
    masks_ : {"all", "none", "some"} or None
        Which training images had a mask, where masks change the object.
    n_features_out_ : int
        1.
    """

    forced = False  # as in `FeatureExtractor`
    left_out_: dict[str, str] = {}  # noqa: RUF012 - nothing ever is; the interface of an extractor
    n_features_out_ = 1
    column: str
    n_jobs: int | None

    @property
    def families_(self) -> tuple[str, ...]:
        """The column alone."""
        return (self.column,)

    def check(self) -> None:
        """Raise an `InputError` if a parameter is one that no image can be described with."""
        self._work(training=True)

    def fit(self, X: Any, y: Any = None) -> CellExtractor:
        """Look at all images once, and remember the units; `y` is ignored."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Return the objects, object (n, 1); raise the first image's error."""
        seen = self._seen(Admission(), X, training=True, stop=True)
        return self._noted([unless_error(outcome) for outcome in seen])

    def fit_transform_each(self, X: Any) -> list[Outcome]:
        """Return a row, or the error, of each image.

        Raises
        ------
        InputError
            If not one image can be used.
        """
        outcomes = self._seen(Admission(), X, training=True)
        seen = [outcome for outcome in outcomes if isinstance(outcome, _Seen)]
        self._noted(seen or [unless_error(outcome) for outcome in outcomes])
        return _rows(outcomes)

    def transform(self, X: Any) -> np.ndarray:
        """Return the objects, object (n, 1); raise the first image's error."""
        return np.stack([unless_error(row) for row in _rows(self._seen_later(X, stop=True))])

    def transform_each(self, X: Any) -> list[Outcome]:
        """Return a row, or the error, of each image; no image stops the others."""
        return _rows(self._seen_later(X))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the name of the column."""
        return np.array([self.column], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "units_")

    @abstractmethod
    def _work(self, *, training: bool) -> Work:
        """Check the parameters; return what makes an object of an image and its position."""

    def _looks_at_masks(self) -> bool:
        return False

    def _seen_later(self, X: Any, stop: bool = False) -> list[_Seen | InputError]:
        check_is_fitted(self)
        admission = Admission(self.units_, self.masks_, self.forced)
        return self._seen(admission, X, training=False, stop=stop)

    def _seen(
        self, admission: Admission, X: Any, *, training: bool, stop: bool = False
    ) -> list[_Seen | InputError]:
        until = (lambda outcome: isinstance(outcome, InputError)) if stop else None
        look = _Look(admission, self._work(training=training))
        return map_ordered(look, list(enumerate(as_sequence(X))), self.n_jobs, until=until)

    def _noted(self, seen: list[_Seen]) -> np.ndarray:
        self.units_: tuple[str, ...] | None = tuple(sorted({one.unit for one in seen}))
        self.masks_ = masks_among(one.masked for one in seen) if self._looks_at_masks() else None
        return np.stack([_row(one.cell) for one in seen])


@dataclass(frozen=True, eq=False)
class _Seen:
    cell: Any
    unit: str
    masked: bool


@dataclass(frozen=True)
class _Look:
    """From an image, given with its position, to its object; what workers are sent."""

    admission: Admission
    work: Work

    def __call__(self, item: tuple[int, ImageLike]) -> _Seen | InputError:
        try:
            image = self.admission.read(*item)
            return _Seen(self.work(item[0], image), unit_of(image), image.mask is not None)
        except InputError as error:
            return error


def _row(cell: Any) -> np.ndarray:
    row = np.empty(1, dtype=object)
    row[0] = cell
    return row


def _rows(seen: list[_Seen | InputError]) -> list[Outcome]:
    return [one if isinstance(one, InputError) else _row(one.cell) for one in seen]
