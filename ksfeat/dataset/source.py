"""`DatasetSource`: an image of a data set, with its boxes, wherever its file lies."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from ksfeat.dataset.location import local_copy
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource
from ksfeat.io.formats import format_of


@dataclass(frozen=True)
class DatasetSource(ImageSource):
    """An `ImageSource` with boxes, whose files may lie on any file system that fsspec reaches.

    Parameters
    ----------
    boxes : tuple of tuple of float, optional
        Half-open boxes x0, y0, x1, y1 in the whole image, before any crop; empty for an image
        that is known to hold none.
    fractions : bool, default=False
        Whether boxes are fractions of width and height, as YOLO writes them, and not pixels.
    """

    boxes: tuple[tuple[float, float, float, float], ...] | None = None
    fractions: bool = False

    def read(self) -> StoneImage:
        """Read the image, its second energy, its mask, its slice, its boxes and its crop."""
        plain = ImageSource(**{field.name: getattr(self, field.name) for field in _FIELDS})
        mask, second = (None if f is None else _readable(f) for f in (self.mask, self.second))
        path = _readable(self.path)
        image = replace(plain, path=path, mask=mask, second=second, crop=None).read()
        if self.boxes is not None:
            image = image.with_(boxes=self._in_pixels(image.shape[-2:]))
        return image.crop(self.crop) if self.crop is not None else image

    def _in_pixels(self, shape: tuple[int, ...]) -> np.ndarray:
        boxes = np.array(self.boxes, dtype=float).reshape(-1, 4)
        height, width = shape
        return boxes * [width, height, width, height] if self.fractions else boxes


_FIELDS = fields(ImageSource)


def _readable(path: Path) -> Path:
    """Return a local copy where the reader of a far file needs one; rasters are streamed."""
    if isinstance(path, Path):
        return path
    kind = None if path.is_dir() else format_of(path)
    return path if kind is not None and not kind.volumes else local_copy(path)
