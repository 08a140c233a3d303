"""A small folder of images to write manifests for."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

NAMES = ("stone/a.png", "stone/b.png", "nostone/c.png", "nostone/d e.png")


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two classes of two images of 10 x 6 pixels, each of one grey: 0, 1, 2, 3."""
    root = tmp_path / "data"
    for value, name in enumerate(NAMES):
        save(root / name, value)
    return root


@pytest.fixture
def write(folder) -> Callable[[str], Path]:
    """Write a manifest beside the images and return its path."""

    def write(text: str, name: str = "m.csv") -> Path:
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return write


def save(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((6, 10), value, dtype=np.uint8)).save(path)


@pytest.fixture(name="save")
def save_fixture() -> Callable[[Path, int], None]:
    """Write an image of 10 x 6 pixels of one grey, with the folders that it needs."""
    return save


@pytest.fixture
def own_key(monkeypatch) -> None:
    """A key of pseudonyms that is the same in every run."""
    monkeypatch.setenv("KSFEAT_GROUP_KEY", "a key for tests")
