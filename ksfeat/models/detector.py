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
from ksfeat.models.candidate_trees import CandidateTrees
from ksfeat.models.detections import Detections, most_of_neighbours, not_suppressed
from ksfeat.models.image_scores import N_SUMMARY, Logistic, summarise
from ksfeat.models.instances import choose_instances, crossfitted, margins
from ksfeat.models.supervision import (
    SUPERVISIONS,
    check_candidates,
    inner_folds,
    positive_images,
    settled_supervision,
)
from ksfeat.roi.parameters import check_number

_APART = 4.0  # pixels; two detections are never nearer
_RANGES = (("most", 1, 1000), ("copies", 0, 20), ("n_estimators", 1, 100_000), ("turns", 1, 100))
_HU = ("hu_mean", "hu_maximum")
_PROMINENT = 50.0  # levels; brings prominence to the size of log odds where nothing is learnt


class StoneDetector(BaseEstimator):
    """Proposes bright spots, describes each, and learns which ones are stones.

    Fitted to images that carry boxes or masks, it learns from these; fitted to labels alone, it
    finds by itself which spot of a positive image is the stone (multiple-instance learning).

    Parameters
    ----------
    supervision : {"auto", "boxes", "labels", "prominence"}, default="auto"
        "auto" takes boxes or masks where every image has them (an empty one says that there is no
        stone), else the labels. "prominence" learns nothing: candidates are ranked by how far they
        stand out, and scores are no probabilities.
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
        No stone, stone; the labels' own names where there were any.
    booster_ : xgboost.Booster or None
        Over candidates; None where nothing was learnt.
    supervision_ : str
        "boxes", "labels" or "prominence".
    curve_, image_curve_ : Logistic
        From a candidate's margin to its log odds, and from those of an image to its own.

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
            Two labels, which say what images hold a stone: not the class that is called "normal",
            "nostone" or alike, else the second in order. Needed where there are no boxes.
        groups : sequence of length n, optional
            Exam or patient of each: inner folds never cut one.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If there are neither boxes nor two labels, too few images or groups, or no candidates.
        """
        self.check()
        proposed = propose_all(as_sequence(X), self._proposing(self.copies), self.n_jobs)
        self.fit_proposed(proposed, y, groups)
        return self

    def check(self) -> None:
        """Raise an `InputError` if a parameter is one that nothing can be found with."""
        for name, least, most in _RANGES:
            check_number(name, getattr(self, name), least, most, whole=True)
        if self.supervision not in SUPERVISIONS:
            raise InputError(
                f"supervision {self.supervision!r}; expected one of {', '.join(SUPERVISIONS)}"
            )

    def fit_proposed(self, proposed: list[Proposed], y: Any, groups: Any) -> list[np.ndarray]:
        """Fit to candidates found before, of each image and after it of its copies.

        Returns
        -------
        list of ndarray of shape (n_candidates,)
            Margins of each image's own candidates by models that did not see its group.
        """
        views = 1 + self.copies
        originals = proposed[::views]
        self.supervision_ = settled_supervision(self.supervision, originals, y)
        if self.supervision_ == "prominence":
            return self._fit_nothing(originals)
        positive, self.classes_ = positive_images(originals, y)
        fold = inner_folds(positive, groups, self.n_folds, self.random_state)
        check_candidates(originals, positive)
        sizes = [len(one.table) for one in proposed]
        view = np.repeat(np.arange(len(proposed)), sizes)
        image = view // views
        table = np.concatenate([one.table for one in proposed])
        truth, weight = self._truth(proposed, table, view, positive[image], fold[image])
        if len(np.unique(truth[weight > 0])) < 2:
            raise InputError(
                f"of {len(table)} candidates all or none are stones; expected both; are the boxes "
                "where the stones are?"
            )
        score = crossfitted(self._trees.grow, table, truth, weight, fold[image])
        self.booster_: xgb.Booster | None = self._trees.grow(
            table[weight > 0], truth[weight > 0], weight[weight > 0]
        )
        first = view % views == 0
        known = first & (weight > 0)
        self.curve_ = Logistic.fit(score[known, None], truth[known])
        rows = np.split(score[first], np.cumsum(sizes[::views])[:-1])
        summaries = [self._summary(one, part) for one, part in zip(originals, rows, strict=True)]
        self.image_curve_ = _image_curve(np.stack(summaries), positive)
        return rows

    def _fit_nothing(self, originals: list[Proposed]) -> list[np.ndarray]:
        self.booster_ = None
        self.classes_ = np.array([False, True])
        self.curve_ = Logistic(np.array([1 / _PROMINENT]), 0.0)
        self.image_curve_ = _as_its_best()
        return [self.margins_of(one) for one in originals]

    def predict(self, X: Any) -> list[Detections]:
        """Return the possible stones of each image, the most probable first."""
        check_is_fitted(self)
        proposed = propose_all(as_sequence(X), self._proposing(0), self.n_jobs)
        return [self.detect(one) for one in proposed]

    def detect(self, one: Proposed) -> Detections:
        """Return the possible stones among the candidates of one image."""
        scores = self.curve_.probability(self.margins_of(one)[:, None])
        kept = self.standing_apart(one, scores)
        (prominence,) = self._proposing(0).places(("prominence",))
        # The best scored place may lie at a stone's edge: it is measured at the most prominent one.
        shown = most_of_neighbours(one.centres, one.table[:, prominence], kept, _APART)
        mm = None if one.pixel_mm is None else one.diameters[shown] * one.pixel_mm
        columns = self._proposing(0).places(_HU)
        density = [one.table[shown, column].astype(np.float64) for column in columns]
        known = (None, None) if np.isnan(density).all() else density
        measured = (one.diameters[shown], mm, *known)
        return Detections(one.centres[kept], one.boxes[shown], scores[kept], *measured)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the log odds that an image holds a stone, (n,)."""
        check_is_fitted(self)
        return self.image_margins(propose_all(as_sequence(X), self._proposing(0), self.n_jobs))

    def image_margins(
        self, proposed: list[Proposed], scored: list[np.ndarray] | None = None
    ) -> np.ndarray:
        """Return the log odds of each image, (n,), from its candidates and their margins."""
        found = [self.margins_of(one) for one in proposed] if scored is None else scored
        pairs = zip(proposed, found, strict=True)
        return self.image_curve_.margin(np.stack([self._summary(*pair) for pair in pairs]))

    def margins_of(self, one: Proposed) -> np.ndarray:
        """Return the margin of each candidate of one image, (n,), not calibrated."""
        if len(one.table) == 0:
            return np.zeros(0)
        if self.booster_ is None:
            (place,) = self._proposing(0).places(("prominence",))
            return one.table[:, place].astype(np.float64)
        return margins(self.booster_, one.table)

    def standing_apart(self, one: Proposed, score: np.ndarray) -> np.ndarray:
        """Return the candidates that no better one within 4 pixels outdoes, the best first."""
        return not_suppressed(one.centres, score, _APART)

    def calibrated(self, score: np.ndarray) -> np.ndarray:
        """Return the log odds of candidates from their margins, (n,)."""
        return self.curve_.margin(score[:, None])

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of no stone and of a stone in an image, (n, 2)."""
        chance = 1 / (1 + np.exp(-self.decision_function(X)))
        return np.column_stack([1 - chance, chance])

    def _proposing(self, copies: int) -> Proposing:
        return Proposing(self.most, self.mirror, copies, self.random_state)

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
        truth, weight = choose_instances(
            self._trees.grow_few, alone, view, positive, fold, self.turns
        )
        return truth.astype(float), weight

    @property
    def _trees(self) -> CandidateTrees:
        return CandidateTrees(
            self.n_estimators, self.max_depth, self.learning_rate, self.random_state
        )

    def _summary(self, one: Proposed, score: np.ndarray) -> np.ndarray:
        return summarise(score[self.standing_apart(one, score)])


def _image_curve(summaries: np.ndarray, positive: np.ndarray) -> Logistic:
    return _as_its_best() if positive.all() else Logistic.fit(summaries, positive)


def _as_its_best() -> Logistic:
    """Return the curve where there is nothing to tell apart: an image scores as its best."""
    return Logistic(np.eye(N_SUMMARY)[0], 0.0)
