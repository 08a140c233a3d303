"""One row of the table of formats, and the pixels that most of its files hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io import read_image

GENERATOR = np.random.default_rng(0)
GREY = GENERATOR.integers(0, 256, size=(48, 64), dtype=np.uint8)
COLOUR = GENERATOR.integers(0, 256, size=(48, 64, 3), dtype=np.uint8)
DEEP = GREY.astype(np.uint16) * 16


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Parameters
    ----------
    kind : str
        Its heading.
    what : str
        The case, in words.
    make : callable
        Writes it into an empty folder and reads it.
    reads : bool
        Whether it should be read, or be refused.
    """

    kind: str
    what: str
    make: Callable[[Path], Any]
    reads: bool = True


def reads_file(name: str, content: bytes, **how: Any) -> Callable[[Path], StoneImage]:
    """Return what writes a file of some bytes and reads it."""

    def make(folder: Path) -> StoneImage:
        (folder / name).write_bytes(content)
        return read_image(folder / name, **how)

    return make
