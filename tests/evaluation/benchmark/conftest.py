"""A small benchmark, run once."""

import pytest
from small_benchmark import CONTENDERS, SETTINGS

from ksfeat import load_dataset
from ksfeat.evaluation.benchmark import run_benchmark


@pytest.fixture(scope="session")
def ran(stone_data, tmp_path_factory):
    """The folder and the result: three contenders on eight patients, tested on them again."""
    data = load_dataset(stone_data)
    out = tmp_path_factory.mktemp("benchmark") / "out"
    outside = {"stones": data.select(data.labels == "stone"), "all": data}
    return out, run_benchmark(data, out, contenders=CONTENDERS, settings=SETTINGS, outside=outside)
