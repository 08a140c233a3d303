"""Data that many tests read: small phantoms, and real images where they are at hand."""

import os
import sys
from pathlib import Path

import pytest

from ksfeat.phantom import Scan, make_phantom

# Last, so that the installed ksfeat is tested and not the checkout's, which lies beside benchmarks.
sys.path.append(str(Path(__file__).parents[1]))


@pytest.fixture(scope="session")
def stone_data(tmp_path_factory) -> Path:
    """Manifest of 8 simulated patients of 3 slices, with and without stones. Read only."""
    folder = tmp_path_factory.mktemp("phantom") / "stone"
    made = make_phantom(folder, task="stone", patients=8, slices=3, scan=Scan(size=96))
    return made / "manifest.csv"


@pytest.fixture(scope="session")
def type_data(tmp_path_factory) -> Path:
    """Manifest of 10 simulated patients of 2 slices, two of each stone type. Read only."""
    folder = tmp_path_factory.mktemp("phantom") / "type"
    made = make_phantom(folder, task="type", patients=10, slices=2, scan=Scan(size=96))
    return made / "manifest.csv"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real images: KSFEAT_DATA, or ../shared/data beside the checkout."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("KSFEAT_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"no real images at {folder}; set KSFEAT_DATA to their folder")
    return folder
