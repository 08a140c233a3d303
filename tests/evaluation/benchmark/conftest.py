"""A small benchmark, run once."""

import shutil

import cv2
import pytest
from small_benchmark import CONTENDERS, SETTINGS

from ksfeat import load_dataset
from ksfeat.evaluation.benchmark import run_benchmark


@pytest.fixture(scope="session")
def mirrored(stone_data, tmp_path_factory):
    """The same patients seen in a mirror: outside data that no model was fitted on. Read only."""
    folder = tmp_path_factory.mktemp("mirrored") / "data"
    shutil.copytree(stone_data.parent, folder)
    for path in folder.rglob("*.png"):
        cv2.imwrite(str(path), cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[:, ::-1])
    return load_dataset(folder)


@pytest.fixture(scope="session")
def ran(stone_data, mirrored, tmp_path_factory):
    """The folder and the result: three contenders on eight patients, tested on others too."""
    data = load_dataset(stone_data)
    out = tmp_path_factory.mktemp("benchmark") / "out"
    outside = {"stones": mirrored.select(mirrored.labels == "stone"), "all": mirrored}
    return out, run_benchmark(data, out, contenders=CONTENDERS, settings=SETTINGS, outside=outside)
