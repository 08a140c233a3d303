"""tools/feature_maps.py: maps of features, drawn so that they can be read."""

import importlib.util
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

SPEC = importlib.util.spec_from_file_location(
    "feature_maps", Path(__file__).parents[1] / "tools" / "feature_maps.py"
)
MAPS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MAPS)


@pytest.fixture
def page():
    plt.switch_backend("agg")
    noise = np.random.default_rng(0).normal(100, 20, (15, 15))
    figure = MAPS.draw({"noise": noise})
    figure.canvas.draw()
    yield figure
    plt.close(figure)


def test_no_title_reaches_the_edge_or_its_neighbour(page):
    titles = [axis.title for axis in page.axes if axis.get_title()]
    boxes = [title.get_window_extent() for title in titles]
    assert len(boxes) == 1 + len(MAPS._SEEN)
    assert all(box.x0 > 0 and box.x1 < page.bbox.width for box in boxes)
    for number, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])


def test_each_map_has_a_scale_and_the_caption_says_how_large_a_window_is(page):
    scales = [axis for axis in page.axes if len(axis.get_xticklabels()) == 2 and not axis.images]
    assert len(scales) == 1 + len(MAPS._SEEN)
    caption = page.texts[0]
    assert "13 x 13 pixels" in caption.get_text()
    assert caption.get_window_extent().x1 < page.bbox.width


def test_air_is_brightest_where_the_caption_says_so():
    air, tissue = np.full((13, 13), -1000.0), np.random.default_rng(0).normal(0, 9, (13, 13))
    for family in ("gldzm", "ngldm"):
        column = MAPS._SEEN[family][0]
        assert MAPS.feature_map(air, column) > MAPS.feature_map(tissue, column)
    assert MAPS.feature_map(air, MAPS._SEEN["gldzm"][0]) == 1
    assert np.isnan(MAPS.feature_map(air, MAPS._SEEN["fractal"][0]))
