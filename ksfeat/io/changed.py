"""`ChangedSource`: an image that is read and changed whenever it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ksfeat.image import StoneImage
from ksfeat.io.source import ImageSource


@dataclass(frozen=True, kw_only=True)
class ChangedSource(ImageSource):
    """Where a changed image comes from.

    Parameters
    ----------
    original : ImageSource
        The image that is changed.
    change : callable
        From an image to an image; a function of a module, so that workers get it too.
    """

    original: ImageSource
    change: Callable[[StoneImage], StoneImage]

    @classmethod
    def of(
        cls, original: ImageSource, what: str, change: Callable[[StoneImage], StoneImage]
    ) -> ChangedSource:
        """Return the source of a changed image; its key names the original and the change."""
        key = f"{original.key} ({what})"
        return cls(original.path, key, original=original, change=change)

    def read(self) -> StoneImage:
        """Read the original and change it."""
        return self.change(self.original.read()).with_(key=self.key)
