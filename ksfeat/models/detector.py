"""`StoneDetector`: finds stones, learnt from boxes, from masks, or from image labels alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import xgboost as xgb
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ksfeat.errors import InputError
from ksfeat.io.sequences import as_sequence
from ksfeat.models.candidate_table import Proposed, Proposing, propose_all
from ksfeat.models.detections import Detections, not_suppressed
from ksfeat.models.image_scores import Logistic, summarise
from ksfeat.models.instances import choose_instances, crossfitted, margins
from ksfeat.splits import make_split

_APART = 4.0  # pixels; two detections are never nearer
_WHILE_CHOOSING = 60  # trees while instances are being chosen: eight turns are fitted
_TREES = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "subsample": 0.7,
    "colsample_bytree": 0.3,
    "min_child_weight": 2,
    "reg_lambda": 2,
    "nthread": 1,
    "verbosity": 0,
}


class StoneDetector(BaseEstimator):
    """Proposes bright spots, describes each, and learns which ones are stones.

    Fitted to images that carry boxes or masks, it learns from these; fitted to labels alone, it
    finds by itself which spot of a positive image is the stone (multiple-instance learning).

    Parameters
    ----------
    supervision : {"auto", "boxes", "labels"}, default="auto"
        "auto" takes boxes or masks where every image has them (an empty one says that there is no
        stone), else the labels.
    mirror : bool, default=False
        Whether the mirrored place on the other side counts. For whole slices only: where the two
        halves of a slice are different images, it would tell one what the other holds.
    most : int, default=120
        Candidates an image.
    copies : int, default=3
        Varied copies of each training image: flipped, turned, scaled.
    n_estimators : int, default=300
        Trees.
    max_depth : int, default=5
        Depth of a tree.
    learning_rate : float, default=0.06
        Shrinkage of each tree.
    turns : int, default=8
        Of choosing instances at most, where only labels are known.
    n_folds : int, default=3
        Inner folds, by group, that calibrate scores.
    n_jobs : int, optional
        Workers that find candidates; the result is the same for any number.
    random_state : int, default=0
        Seed.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        No stone, stone; the labels' own names where there were any (the second one in order is
        the stone, or the one called "stone").
    booster_ : xgboost.Booster
        Over candidates.
    supervision_ : str
        "boxes" or "labels".

    Examples
    --------
    >>> from ksfeat.image import StoneImage
    >>> def picture(seed, stone):
    ...     pixels = np.random.default_rng(seed).integers(90, 110, (48, 48)).astype(np.uint8)
    ...     pixels[:6] = 5
    ...     if stone:
    ...         pixels[20:24, 30:34] = 220
    ...     return StoneImage(pixels, boxes=np.array([[30, 20, 34, 24]] if stone else []))
    >>> images = [picture(seed, seed % 2 == 1) for seed in range(30)]
    >>> detector = StoneDetector(copies=0, n_estimators=30).fit(images)
    >>> detector.predict(images[1:2])[0].centres[0].round().tolist()
    [32.0, 22.0]
    """

    def __init__(  # noqa: PLR0913 - one argument each
        self,
        *,
        supervision: str = "auto",
        mirror: bool = False,
        most: int = 120,
        copies: int = 3,
        n_estimators: int = 300,
        max_depth: int = 5,
        learning_rate: float = 0.06,
        turns: int = 8,
        n_folds: int = 3,
        n_jobs: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.supervision = supervision
        self.mirror = mirror
        self.most = most
        self.copies = copies
        self.n_estimators = n_estimators
        self.max_depth = max_depth
        self.learning_rate = learning_rate
        self.turns = turns
        self.n_folds = n_folds
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, groups: Any = None) -> StoneDetector:
        """Fit to images.

        Parameters
        ----------
        X : sequence of image-like
            Slices. With boxes or masks for "boxes".
        y : sequence of length n, optional
            Two labels. Needed where there are no boxes; not looked at where there are, but for the
            names of the classes.
        groups : sequence of length n, optional
            Exam or patient of each: inner folds never cut one.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If there are neither boxes nor two labels, or too few images or groups.
        """
        if self.supervision not in ("auto", "boxes", "labels"):
            raise InputError(f"supervision {self.supervision!r}; expected auto, boxes or labels")
        images = as_sequence(X)
        proposed = propose_all(images, self._proposing(self.copies), self.n_jobs)
        return self.fit_proposed(proposed, y, groups)

    def fit_proposed(self, proposed: list[Proposed], y: Any, groups: Any) -> StoneDetector:
        """Fit to candidates found before, of each image and after it of its copies."""
        views = 1 + self.copies
        originals = proposed[::views]
        self.supervision_ = self._settled(originals, y)
        positive = self._positive(originals, y)
        fold = self._folds(positive, groups)
        sizes = [len(one.table) for one in proposed]
        view = np.repeat(np.arange(len(proposed)), sizes)
        image = view // views
        table = np.concatenate([one.table for one in proposed])
        truth, weight = self._truth(proposed, table, view, positive[image], fold[image])
        score = crossfitted(self._grow, table, truth, weight, fold[image])
        self.booster_ = self._grow(table[weight > 0], truth[weight > 0], weight[weight > 0])
        first = view % views == 0
        known = first & (weight > 0)
        self._curve = Logistic.fit(score[known, None], truth[known])
        rows = np.split(score[first], np.cumsum(sizes[::views])[:-1])
        summaries = [self._summary(one, part) for one, part in zip(originals, rows, strict=True)]
        self._image_curve = _image_curve(np.stack(summaries), positive)
        return self

    def predict(self, X: Any) -> list[Detections]:
        """Return the possible stones of each image, the most probable first."""
        check_is_fitted(self)
        proposed = propose_all(as_sequence(X), self._proposing(0), self.n_jobs)
        return [self.detect(one) for one in proposed]

    def detect(self, one: Proposed) -> Detections:
        """Return the possible stones among the candidates of one image."""
        scores = self._curve.probability(self._margins(one)[:, None])
        mm = None if one.pixel_mm is None else one.diameters * one.pixel_mm
        every = Detections(one.centres, one.boxes, scores, one.diameters, mm)
        return every.at(not_suppressed(one.centres, scores, _APART))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the log odds that an image holds a stone, (n,)."""
        check_is_fitted(self)
        return self.image_margins(propose_all(as_sequence(X), self._proposing(0), self.n_jobs))

    def image_margins(self, proposed: list[Proposed]) -> np.ndarray:
        """Return the log odds of each image, (n,), from its candidates."""
        summaries = [self._summary(one, self._margins(one)) for one in proposed]
        return self._image_curve.margin(np.stack(summaries))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of no stone and of a stone in an image, (n, 2)."""
        chance = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - chance, chance])

    def _proposing(self, copies: int) -> Proposing:
        return Proposing(self.most, self.mirror, copies, self.random_state)

    def _settled(self, originals: list[Proposed], y: Any) -> str:
        drawn = [one.is_stone is not None for one in originals]
        if self.supervision == "boxes" and not all(drawn):
            raise InputError(
                f"boxes or masks on {sum(drawn)} of {len(drawn)} images; expected them on all; "
                "give an empty array of boxes to images without a stone"
            )
        if self.supervision == "labels" or not all(drawn):
            if y is None:
                raise InputError("neither boxes nor labels; expected y, or boxes on every image")
            return "labels"
        return "boxes"

    def _positive(self, originals: list[Proposed], y: Any) -> np.ndarray:
        """Return which images hold a stone, and set the names of the classes."""
        self.classes_ = np.array([False, True])
        if y is None:
            return np.array([bool(np.any(one.is_stone)) for one in originals])
        labels = np.asarray(y)
        if len(labels) != len(originals):
            raise InputError(f"{len(labels)} labels for {len(originals)} images; expected as many")
        names = np.unique(labels)
        if len(names) != 2:
            raise InputError(f"{len(names)} classes; expected two: with and without a stone")
        self.classes_ = names[::-1] if str(names[0]) == "stone" else names
        return labels == self.classes_[1]

    def _folds(self, positive: np.ndarray, groups: Any) -> np.ndarray:
        labels = np.where(positive, "stone", "none")
        known = None if groups is None else np.asarray(groups, dtype=str)
        if positive.all():  # every slice holds a stone, and they differ by group alone
            names = np.arange(len(positive)) if known is None else known
            members = np.unique(names, return_inverse=True)[1]
            order = np.random.default_rng(self.random_state).permutation(members.max() + 1)
            return order[members] % self.n_folds
        return make_split(labels, known, n_folds=self.n_folds, random_state=self.random_state).fold

    def _truth(
        self,
        proposed: list[Proposed],
        table: np.ndarray,
        view: np.ndarray,
        positive: np.ndarray,
        fold: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.supervision_ == "boxes":
            truth = np.concatenate([np.asarray(one.is_stone) for one in proposed])
            return truth.astype(float), np.ones(len(table))
        # By its neighbours, any candidate would know that a stone is in the image.
        alone = np.ascontiguousarray(table[:, self._proposing(0).alone])
        truth, weight = choose_instances(self._grow_few, alone, view, positive, fold, self.turns)
        return truth.astype(float), weight

    def _grow(self, table: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> xgb.Booster:
        return self._trees(table, truth, weight, self.n_estimators)

    def _grow_few(self, table: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> xgb.Booster:
        return self._trees(table, truth, weight, min(self.n_estimators, _WHILE_CHOOSING))

    def _trees(
        self, table: np.ndarray, truth: np.ndarray, weight: np.ndarray, number: int
    ) -> xgb.Booster:
        chosen = {"max_depth": self.max_depth, "eta": self.learning_rate}
        if number < self.n_estimators:
            chosen["eta"] = min(self.learning_rate * self.n_estimators / number, 0.1)
        data = xgb.DMatrix(table, label=truth, weight=weight, nthread=1)
        return xgb.train({**_TREES, **chosen, "seed": self.random_state}, data, number)

    def _margins(self, one: Proposed) -> np.ndarray:
        return margins(self.booster_, one.table) if len(one.table) else np.zeros(0)

    def _summary(self, one: Proposed, score: np.ndarray) -> np.ndarray:
        return summarise(score[not_suppressed(one.centres, score, _APART)])


def _image_curve(summaries: np.ndarray, positive: np.ndarray) -> Logistic:
    if positive.all():  # nothing to tell apart: an image scores as its best candidate
        return Logistic(np.eye(summaries.shape[1])[0], 0.0)
    return Logistic.fit(summaries, positive)
