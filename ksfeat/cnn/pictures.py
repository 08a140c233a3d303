"""Pictures of images, as the one column of a table that a CNN is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ksfeat.embedding.parameters import side_of
from ksfeat.embedding.picture import CHANNELS, PictureMaker
from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.steps import parse_steps
from ksfeat.roi.transformers import ImageTransformer
from ksfeat.scale.cells import CellExtractor, Work

COLUMN = "picture"
VIEWS = ("whole", "crop")  # one picture an image


class PictureExtractor(CellExtractor):
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

    column = COLUMN

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

    def _work(self, *, training: bool) -> Work:
        for name, known in (("view", VIEWS), ("channels", CHANNELS)):
            found = getattr(self, name)
            if found not in known:
                raise InputError(f"{name}={found!r}; expected one of {', '.join(known)}")
        maker = PictureMaker(side_of(self.size), self.view, self.channels)
        return _Show(parse_steps(self.preprocess), maker)

    def _looks_at_masks(self) -> bool:
        return self.view == "crop"


@dataclass(frozen=True)
class _Show:
    """From an image to its picture; what workers are sent."""

    steps: tuple[ImageTransformer, ...]
    maker: PictureMaker

    def __call__(self, position: int, image: StoneImage) -> np.ndarray:
        for step in self.steps:
            image = step.apply(image)
        return self.maker.make(image)[0].round().astype(np.uint8)


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
