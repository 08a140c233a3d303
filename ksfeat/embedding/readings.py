"""`Readings`: images read one at a time, with what was seen of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ksfeat.errors import InputError
from ksfeat.image import StoneImage, unit_of
from ksfeat.io import ImageLike
from ksfeat.roi.admission import Admission, masks_among
from ksfeat.roi.transformers import ImageTransformer


class Readings:
    """Images, admitted and prepared one at a time; an error takes the place of its image.

    Parameters
    ----------
    images : sequence of image-like
        What is read.
    admission : Admission
        Which images are taken.
    steps : tuple of ImageTransformer
        What is done to each first.

    Attributes
    ----------
    found : list of (str, bool)
        Unit of each image so far that could be used, and whether it had a mask.

    Examples
    --------
    >>> import numpy as np
    >>> readings = Readings([np.eye(8, dtype=np.uint8)], Admission())
    >>> [image.shape for image in readings], readings.units, readings.masks
    ([(8, 8)], ('grey',), 'none')
    """

    def __init__(
        self,
        images: Sequence[ImageLike],
        admission: Admission,
        steps: tuple[ImageTransformer, ...] = (),
    ) -> None:
        self.images, self.admission, self.steps = images, admission, steps
        self.found: list[tuple[str, bool]] = []

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[StoneImage | InputError]:
        for place, source in enumerate(self.images):
            try:
                image = self.admission.read(place, source)
                self.found.append((unit_of(image), image.mask is not None))
                for step in self.steps:
                    image = step.apply(image)
                yield image
            except InputError as error:
                yield error

    @property
    def units(self) -> tuple[str, ...]:
        """Units that were found, sorted."""
        return tuple(sorted({unit for unit, _ in self.found}))

    @property
    def masks(self) -> str:
        """Which images had a mask: "all", "none" or "some"."""
        return masks_among(masked for _, masked in self.found)
