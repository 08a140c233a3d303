"""`StoneFeatures`: what the stones that are seen in an image say of it, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ksfeat.io.sequences import as_sequence
from ksfeat.models.candidate_table import Proposed, Proposing, propose_all
from ksfeat.models.detector import StoneDetector
from ksfeat.models.stone_columns import column_features, stone_row
from ksfeat.models.supervision import tells_of_none
from ksfeat.roi.parameters import check_number

_MOST_TOP = 10


class StoneFeatures(TransformerMixin, BaseEstimator):
    """Turn images into numbers about the stones that a `StoneDetector` sees in them.

    The detector is fitted with them. `fit_transform` scores each training image by trees that saw
    no image of its group, so that what follows learns from scores such as new images have; only the
    curves that calibrate scores are of all training images.

    Parameters
    ----------
    supervision : {"auto", "boxes", "labels", "prominence"}, default="auto"
        What the detector learns from. "auto": boxes or masks where every image has them, unless
        images of a class called "normal" or alike have some, which then are of kidneys; else the
        labels where they are of two classes; else nothing: the most prominent candidate is taken.
    mirror : bool, default=False
        As in `StoneDetector`: for whole slices only.
    most : int, default=60
        Candidates an image.
    copies : int, default=1
        Varied copies of each training image.
    n_estimators : int, default=200
        Trees of the detector.
    top : int, default=3
        Candidates whose log odds are columns of their own, 1 to 10.
    n_jobs : int, optional
        Workers that find candidates.
    random_state : int, default=0
        Seed.

    Attributes
    ----------
    detector_ : StoneDetector
        Fitted to the training images.
    n_features_out_ : int
        Number of columns.

    Examples
    --------
    >>> def picture(seed, stone):
    ...     pixels = np.random.default_rng(seed).integers(90, 110, (48, 48)).astype(np.uint8)
    ...     pixels[:6] = 5
    ...     if stone:
    ...         pixels[20:24, 30:34] = 220
    ...     return pixels
    >>> images = [picture(seed, seed % 2 == 1) for seed in range(30)]
    >>> features = StoneFeatures(copies=0, n_estimators=30)
    >>> rows = features.fit_transform(images, [seed % 2 for seed in range(30)])
    >>> names = features.get_feature_names_out().tolist()
    >>> (features.transform(images[:2])[:, names.index("stones_margin")] > 0).tolist()
    [False, True]
    """

    def __init__(  # noqa: PLR0913 - one argument each
        self,
        *,
        supervision: str = "auto",
        mirror: bool = False,
        most: int = 60,
        copies: int = 1,
        n_estimators: int = 200,
        top: int = 3,
        n_jobs: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.supervision = supervision
        self.mirror = mirror
        self.most = most
        self.copies = copies
        self.n_estimators = n_estimators
        self.top = top
        self.n_jobs = n_jobs
        self.random_state = random_state

    def check(self) -> None:
        """Raise an `InputError` if a parameter is one that nothing can be found with."""
        check_number("top", self.top, 1, _MOST_TOP, whole=True)
        self.new_detector(self.supervision).check()

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> StoneFeatures:
        """Fit the detector to images, which carry boxes or masks, or to their labels.

        Parameters
        ----------
        X : sequence of image-like
            Slices.
        y : sequence of length n, optional
            Labels.
        groups : sequence of length n, optional
            Exam or patient of each.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If an image or a parameter cannot be used, or there are too few groups.
        """
        self.fit_transform(X, y, groups)
        return self

    def fit_transform(
        self, X: Any, y: Any = None, groups: Any = None, **fit_params: Any
    ) -> np.ndarray:
        """Fit, and return the training images' rows, (n, d), scored by detectors of other folds."""
        return self.fit_cells(self._cells(X, self.copies), y, groups)

    def fit_cells(self, cells: Sequence[tuple[Proposed, ...]], y: Any, groups: Any) -> np.ndarray:
        """Fit to candidates of each image and its copies; return rows as `fit_transform` does.

        Images that are augmented copies themselves have none: then none of any image is used.
        """
        self.check()
        originals = [cell[0] for cell in cells]
        labels, supervision = self._asked(originals, y)
        views = min(map(len, cells))
        self.detector_ = self.new_detector(supervision).set_params(copies=views - 1)
        proposed = list(chain.from_iterable(cell[:views] for cell in cells))
        return self._rows(originals, self.detector_.fit_proposed(proposed, labels, groups))

    def transform(self, X: Any) -> np.ndarray:
        """Return one row an image, (n, d); NaN where a column is not defined."""
        check_is_fitted(self)
        return self.transform_cells(self._cells(X, 0))

    def transform_cells(self, cells: Sequence[tuple[Proposed, ...]]) -> np.ndarray:
        """Return one row for the candidates of each image, (n, d)."""
        check_is_fitted(self)
        originals = [cell[0] for cell in cells]
        return self._rows(originals, [self.detector_.margins_of(one) for one in originals])

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns."""
        return np.array([feature.name for feature in column_features(self.top)], dtype=object)

    @property
    def n_features_out_(self) -> int:
        """Number of columns."""
        return len(column_features(self.top))

    def proposing(self, copies: int) -> Proposing:
        """Return how candidates are found."""
        return Proposing(self.most, self.mirror, copies, self.random_state)

    def new_detector(self, supervision: str) -> StoneDetector:
        """Return a detector, not fitted, of these parameters."""
        return StoneDetector(
            supervision=supervision,
            mirror=self.mirror,
            most=self.most,
            copies=self.copies,
            n_estimators=self.n_estimators,
            random_state=self.random_state,
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "detector_")

    def _cells(self, X: Any, copies: int) -> list[tuple[Proposed, ...]]:
        self.check()
        proposed = propose_all(as_sequence(X), self.proposing(copies), self.n_jobs)
        views = 1 + copies
        return [tuple(proposed[at : at + views]) for at in range(0, len(proposed), views)]

    def _asked(self, originals: list[Proposed], y: Any) -> tuple[Any, str]:
        """Return the labels that a detector can learn from, and from what it is to learn."""
        two = y is not None and len(np.unique(y)) == 2
        drawn = all(one.is_stone is not None for one in originals)
        if self.supervision != "auto":
            return (y if self.supervision == "labels" else None), self.supervision
        if drawn and not _marks_regions(originals, y):
            return None, "boxes"
        return (y, "labels") if two else (None, "prominence")

    def _rows(self, originals: list[Proposed], scored: list[np.ndarray]) -> np.ndarray:
        detector = self.detector_
        margins = detector.image_margins(originals, scored)
        return np.stack(
            [
                stone_row(
                    one,
                    detector.standing_apart(one, score),
                    detector.calibrated(score),
                    float(margin),
                    self.top,
                )
                for one, score, margin in zip(originals, scored, margins, strict=True)
            ]
        )


def _marks_regions(originals: list[Proposed], y: Any) -> bool:
    """Tell whether images without a stone are marked: then marks are of something else."""
    if y is None:
        return False
    pairs = zip(originals, np.asarray(y), strict=True)
    return any(tells_of_none(label) and bool(np.any(one.is_stone)) for one, label in pairs)
