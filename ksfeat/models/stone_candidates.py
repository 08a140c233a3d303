"""`StoneCandidates`: images to candidates for stones, from which `StoneFeatures` learns by fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.models.candidate_table import Proposed, Proposing, propose_with_copies
from ksfeat.models.stone_features import StoneFeatures
from ksfeat.roi.admission import check_size
from ksfeat.roi.steps import parse_steps
from ksfeat.roi.transformers import ImageTransformer
from ksfeat.scale.cells import CellExtractor, Work
from ksfeat.scale.compiled import compile_kernels

CANDIDATES = "stone_candidates"


class StoneCandidates(CellExtractor):
    """Find the candidates of images: a table of one column, each cell the candidates of one.

    Which of them are stones is learnt from the training images of each fold alone, by the
    `StoneFeatures` that a `StoneClassifier` puts before its model.

    Parameters
    ----------
    features : StoneFeatures, optional
        What learns from the candidates; its parameters say how they are found.
    preprocess : str or sequence of str, optional
        Steps that each image goes through first, as `ksfeat.roi.parse_steps` reads them.
    n_jobs : int, optional
        Number of processes, as in joblib.

    Examples
    --------
    >>> import numpy as np
    >>> pixels = np.full((60, 60), 100, dtype=np.uint8)
    >>> pixels[20:23, 40:43] = 200
    >>> pixels[45:55, 5:15] = 10
    >>> table = StoneCandidates(StoneFeatures(copies=0)).fit_transform([pixels])
    >>> table[0, 0][0].centres[0].tolist()
    [41.5, 21.5]
    """

    column = CANDIDATES

    def __init__(
        self,
        features: StoneFeatures | None = None,
        *,
        preprocess: str | Sequence[str] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.features = features
        self.preprocess = preprocess
        self.n_jobs = n_jobs

    @property
    def stage(self) -> StoneFeatures:
        """What learns from the candidates, not fitted."""
        return self.features or StoneFeatures()

    def _work(self, *, training: bool) -> Work:
        self.stage.check()
        compile_kernels()
        how = self.stage.proposing(copies=self.stage.copies if training else 0)
        return _Find(parse_steps(self.preprocess), how)


@dataclass(frozen=True)
class _Find:
    """From an image to its candidates and those of its copies; what workers are sent."""

    steps: tuple[ImageTransformer, ...]
    how: Proposing

    def __call__(self, position: int, image: StoneImage) -> tuple[Proposed, ...]:
        check_size(image)
        for step in self.steps:
            image = step.apply(image)
        return tuple(propose_with_copies(image, position, self.how))


def candidates_of(table: pd.DataFrame) -> list[tuple[Proposed, ...]]:
    """Return the cells of the column of candidates.

    Raises
    ------
    InputError
        If there is no such column.
    """
    if CANDIDATES not in table.columns:
        raise InputError(
            f"a table without the column {CANDIDATES!r}; expected that of a StoneCandidates"
        )
    return table[CANDIDATES].tolist()


def without_candidates(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that are numbers: candidates are none before something is learnt."""
    return table.drop(columns=[CANDIDATES], errors="ignore")


def find_stage(extractor: Any) -> StoneFeatures | None:
    """Return what learns from the candidates of an extractor or of one of its parts, if any."""
    parts = [part for _, part in getattr(extractor, "parts", ())] or [extractor]
    return next((part.stage for part in parts if isinstance(part, StoneCandidates)), None)


def require_measured(extractor: Any, what: str) -> None:
    """Refuse what needs numbers of each image before anything is learnt.

    Raises
    ------
    InputError
        If the extractor finds candidates for stones.
    """
    if find_stage(extractor) is not None:
        raise InputError(
            f"{what}: of measured features, and 'stones' are learnt in each fold; do without, or "
            "leave 'stones' out of the features"
        )
