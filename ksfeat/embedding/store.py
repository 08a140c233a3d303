"""`VectorStore`: vectors on disk, by the content of an image and how it was looked at."""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from ksfeat.image import StoneImage
from ksfeat.io.atomic import replacing


class VectorStore:
    """Vectors of images in a folder, one file each.

    Parameters
    ----------
    folder : path-like
        Made when the first vector is kept.
    configuration : dict
        All that the vectors depend on beside the image, plain enough for JSON.

    Examples
    --------
    >>> import tempfile
    >>> store = VectorStore(tempfile.mkdtemp(), {"model": "none"})
    >>> image = StoneImage(np.eye(8, dtype=np.uint8))
    >>> store.get(image) is None
    True
    >>> store.put(image, np.ones(3, np.float32))
    >>> store.get(image)
    array([1., 1., 1.], dtype=float32)
    """

    def __init__(self, folder: str | Path, configuration: dict[str, Any]) -> None:
        text = json.dumps(configuration, sort_keys=True)
        self.folder = Path(folder) / hashlib.sha256(text.encode()).hexdigest()[:16]

    def get(self, image: StoneImage) -> np.ndarray | None:
        """Return the vector of an image, or None if there is none that is whole."""
        try:
            stored = self._file(image).read_bytes()
        except OSError:
            return None
        content, sum_ = stored[:-4], stored[-4:]
        if len(content) % 4 or zlib.crc32(content).to_bytes(4, "little") != sum_:
            return None  # cut short by a full disk or a kill: it is made again
        return np.frombuffer(content, dtype="<f4").copy()

    def put(self, image: StoneImage, vector: np.ndarray) -> None:
        """Keep the vector of an image."""
        file = self._file(image)
        file.parent.mkdir(parents=True, exist_ok=True)
        content = np.ascontiguousarray(vector, dtype="<f4").tobytes()
        with replacing(file) as partial:
            partial.write_bytes(content + zlib.crc32(content).to_bytes(4, "little"))

    def _file(self, image: StoneImage) -> Path:
        digest = _digest(image)
        return self.folder / digest[:2] / f"{digest[2:]}.f32"


def _digest(image: StoneImage) -> str:
    """Return a hash of all of an image that a picture shows: pixels, unit and region."""
    content = hashlib.sha256(repr(image.unit).encode())
    for part in (image.pixels, image.mask, image.boxes):
        if part is not None:
            array = np.ascontiguousarray(part)
            content.update(repr((array.shape, array.dtype.str)).encode())
            content.update(array.tobytes())
        content.update(b"|")
    return content.hexdigest()[:32]
