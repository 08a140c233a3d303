"""Pictures of images, as the one column of a table that a CNN is trained on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ksfeat.embedding.parameters import side_of
from ksfeat.embedding.picture import CHANNELS, PictureMaker
from ksfeat.errors import InputError, unless_error
from ksfeat.image import unit_of
from ksfeat.io import ImageLike
from ksfeat.io.sequences import as_sequence
from ksfeat.roi.admission import Admission, masks_among
from ksfeat.roi.steps import parse_steps
from ksfeat.roi.transformers import ImageTransformer
from ksfeat.scale import map_ordered

COLUMN = "picture"
VIEWS = ("whole", "crop")  # one picture an image
Outcome = np.ndarray | InputError


class PictureExtractor(TransformerMixin, BaseEstimator):
    """Turn images into pictures for a CNN: a table of one column, each cell an array.

    Its interface is that of `FeatureExtractor`, so that a CNN is judged as any other model is.

    Parameters
    ----------
    size : int or (int, int), default=192
        Side, or height and width, that images are stretched to, 32 to 1024 pixels.
    view : {"whole", "crop"}, default="whole"
        What is looked at: the whole image, or the box around its mask or boxes.
    channels : {"windows", "soft_tissue", "bone", "stone"}, default="windows"
        How HU become the three channels.
    preprocess : str or sequence of str, optional
        Steps that each image goes through first, as `ksfeat.roi.parse_steps` reads them.
    n_jobs : int, optional
        Number of processes, as in joblib.

    Attributes
    ----------
    units_ : tuple of str
        Units of the training images; others are refused.
    masks_ : {"all", "none", "some"} or None
        With ``view="crop"``, which training images had a mask, as in `FeatureExtractor`.
    n_features_out_ : int
        1.

    Examples
    --------
    >>> images = [np.arange(1600).reshape(40, 40).astype(np.uint8)]
    >>> table = PictureExtractor(size=32).fit_transform(images)
    >>> table.shape, table[0, 0].shape, table[0, 0].dtype
    ((1, 1), (3, 32, 32), dtype('uint8'))
    """

    forced = False  # as in `FeatureExtractor`
    families_ = (COLUMN,)
    left_out_: dict[str, str] = {}  # noqa: RUF012 - nothing ever is; the interface of an extractor
    n_features_out_ = 1

    def __init__(
        self,
        *,
        size: int | tuple[int, int] = 192,
        view: str = "whole",
        channels: str = "windows",
        preprocess: str | Sequence[str] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.size = size
        self.view = view
        self.channels = channels
        self.preprocess = preprocess
        self.n_jobs = n_jobs

    def check(self) -> None:
        """Raise an `InputError` if a parameter is one that no picture can be made with."""
        self._look(Admission())

    def fit(self, X: Any, y: Any = None) -> PictureExtractor:
        """Make all pictures once, and remember the units; `y` is ignored."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> np.ndarray:
        """Return pictures, object (n, 1), each uint8 (3, H, W); raise the first image's error."""
        looked = self._looked(Admission(), X, stop=True)
        return self._noted([unless_error(outcome) for outcome in looked])

    def fit_transform_each(self, X: Any) -> list[Outcome]:
        """Return a row, or the error, of each image.

        Raises
        ------
        InputError
            If not one image can be used.
        """
        looked = self._looked(Admission(), X)
        seen = [outcome for outcome in looked if isinstance(outcome, _Seen)]
        self._noted(seen or [unless_error(outcome) for outcome in looked])
        return _rows(looked)

    def transform(self, X: Any) -> np.ndarray:
        """Return pictures, object (n, 1); raise the first image's error."""
        check_is_fitted(self)
        looked = self._looked(Admission(self.units_, self.masks_, self.forced), X, stop=True)
        return np.stack([unless_error(row) for row in _rows(looked)])

    def transform_each(self, X: Any) -> list[Outcome]:
        """Return a row, or the error, of each image; no image stops the others."""
        check_is_fitted(self)
        return _rows(self._looked(Admission(self.units_, self.masks_, self.forced), X))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the name of the column."""
        return np.array([COLUMN], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "units_")

    def _look(self, admission: Admission) -> _Look:
        for name, known in (("view", VIEWS), ("channels", CHANNELS)):
            found = getattr(self, name)
            if found not in known:
                raise InputError(f"{name}={found!r}; expected one of {', '.join(known)}")
        maker = PictureMaker(side_of(self.size), self.view, self.channels)
        return _Look(admission, parse_steps(self.preprocess), maker)

    def _looked(self, admission: Admission, X: Any, stop: bool = False) -> list[_Seen | InputError]:
        until = (lambda outcome: isinstance(outcome, InputError)) if stop else None
        work: Callable[..., _Seen | InputError] = self._look(admission)
        return map_ordered(work, list(enumerate(as_sequence(X))), self.n_jobs, until=until)

    def _noted(self, seen: list[_Seen]) -> np.ndarray:
        self.units_: tuple[str, ...] | None = tuple(sorted({one.unit for one in seen}))
        cropped = self.view == "crop"
        self.masks_ = masks_among(one.masked for one in seen) if cropped else None
        return np.stack([_cell(one.picture) for one in seen])


@dataclass(frozen=True, eq=False)
class _Seen:
    picture: np.ndarray
    unit: str
    masked: bool


@dataclass(frozen=True)
class _Look:
    """From an image, given with its position, to its picture; what workers are sent."""

    admission: Admission
    steps: tuple[ImageTransformer, ...]
    maker: PictureMaker

    def __call__(self, item: tuple[int, ImageLike]) -> _Seen | InputError:
        try:
            image = self.admission.read(*item)
            unit, masked = unit_of(image), image.mask is not None
            for step in self.steps:
                image = step.apply(image)
            return _Seen(self.maker.make(image)[0].round().astype(np.uint8), unit, masked)
        except InputError as error:
            return error


def _cell(picture: np.ndarray) -> np.ndarray:
    row = np.empty(1, dtype=object)
    row[0] = picture
    return row


def _rows(looked: list[_Seen | InputError]) -> list[Outcome]:
    return [one if isinstance(one, InputError) else _cell(one.picture) for one in looked]


def stacked(table: pd.DataFrame, side: tuple[int, int]) -> np.ndarray:
    """Return the pictures of a table of `PictureExtractor`, (n, 3, H, W).

    Raises
    ------
    InputError
        If it is a table of something else, or its pictures have another size.
    """
    if list(table.columns) != [COLUMN]:
        raise InputError(
            f"a table with the columns {', '.join(map(str, table.columns[:3]))}; a CNN looks at "
            f"pictures: expected the one column {COLUMN!r} of a PictureExtractor"
        )
    pictures = np.empty((len(table), 3, *side), dtype=np.uint8)
    for place, picture in enumerate(table[COLUMN]):
        if np.shape(picture) != pictures.shape[1:]:
            raise InputError(
                f"a picture of shape {np.shape(picture)}; the network takes {pictures.shape[1:]}; "
                "give PictureExtractor and FineTunedCNN the same size"
            )
        pictures[place] = picture
    return pictures
