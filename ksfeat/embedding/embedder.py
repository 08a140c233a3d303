"""`Embedder`: a network made ready, from images to vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ksfeat.embedding.picture import PictureMaker
from ksfeat.embedding.store import VectorStore
from ksfeat.errors import InputError
from ksfeat.image import StoneImage

if TYPE_CHECKING:
    from ksfeat.embedding.runtime import Run


@dataclass(frozen=True)
class Embedder:
    """What runs a network over images, some at a time.

    Parameters
    ----------
    run : callable
        From pictures to vectors, of `prepare`.
    maker : PictureMaker
        From an image to its pictures; of several, the mean and the maximum are returned.
    batch_size : int
        Pictures at a time.
    fixed : bool
        Whether `run` is made anew for each number of pictures, so that only full batches and
        single pictures are given to it.
    store : VectorStore, optional
        Where vectors are kept.
    """

    run: Run
    maker: PictureMaker
    batch_size: int
    fixed: bool = False
    store: VectorStore | None = None

    def embed(self, images: Iterable[StoneImage | InputError]) -> Iterator[np.ndarray | InputError]:
        """Yield a vector (d,) float32, or the error, of each image, in their order."""
        for block in _blocks(images, self.batch_size):
            outcomes = [self._kept(image) for image in block]
            fresh = [place for place, outcome in enumerate(outcomes) if outcome is None]
            wanted = [block[place] for place in fresh]
            for place, vector in zip(fresh, self._made(wanted), strict=True):  # type: ignore[arg-type]
                outcomes[place] = vector
            yield from outcomes  # type: ignore[misc]

    def _kept(self, image: StoneImage | InputError) -> np.ndarray | InputError | None:
        if isinstance(image, InputError):
            return image
        return self.store.get(image) if self.store else None

    def _made(self, images: list[StoneImage]) -> list[np.ndarray | InputError]:
        made: list[np.ndarray | InputError] = []
        pictures: list[np.ndarray] = []
        for image in images:
            try:
                pictures.append(self.maker.make(image))
                made.append(pictures[-1])
            except InputError as error:
                made.append(error)
        if not pictures:
            return made
        vectors = iter(np.split(self._run_all(np.concatenate(pictures)), len(pictures)))
        for place, image in enumerate(images):
            if not isinstance(made[place], InputError):
                made[place] = vector = _combined(next(vectors))
                if self.store:
                    self.store.put(image, vector)
        return made

    def _run_all(self, pictures: np.ndarray) -> np.ndarray:
        whole = len(pictures) - len(pictures) % self.batch_size
        rest = 1 if self.fixed else self.batch_size
        starts = [*range(0, whole, self.batch_size), *range(whole, len(pictures), rest)]
        ends = [*starts[1:], len(pictures)]
        return np.concatenate(
            [self.run(pictures[start:end]) for start, end in zip(starts, ends, strict=True)]
        )


def _combined(vectors: np.ndarray) -> np.ndarray:
    """Return the vector of one picture, or mean and maximum over those of several."""
    if len(vectors) == 1:
        return vectors[0]
    return np.concatenate([vectors.mean(axis=0), vectors.max(axis=0)])


def _blocks(
    images: Iterable[StoneImage | InputError], size: int
) -> Iterator[list[StoneImage | InputError]]:
    block: list[StoneImage | InputError] = []
    for image in images:
        block.append(image)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block
