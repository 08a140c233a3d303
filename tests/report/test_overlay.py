"""Overlays: the outline lies on the borders of pixels, and nothing is drawn where nothing is."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.report.overlay import BOX_COLOUR, REGION_COLOUR, describe_overlay, overlay

SLICE = StoneImage(np.arange(48, dtype=np.uint8).reshape(6, 8))


def painted(figure) -> np.ndarray:
    """Return the figure's pixels as (H, W, 3) in 0 to 1."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3] / 255


def has(figure, colour: str) -> bool:
    return bool((np.abs(painted(figure) - to_rgb(colour)).max(axis=-1) < 0.02).any())


def edges(figure) -> set:
    lines = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    return {tuple(map(tuple, segment)) for segment in lines[-1].get_segments()} if lines else set()


def test_a_pixel_is_outlined_by_its_four_borders():
    mask = np.zeros((6, 8), dtype=bool)
    mask[2, 5] = True
    assert edges(overlay(SLICE, mask)) == {
        ((4.5, 1.5), (5.5, 1.5)),
        ((4.5, 2.5), (5.5, 2.5)),
        ((4.5, 1.5), (4.5, 2.5)),
        ((5.5, 1.5), (5.5, 2.5)),
    }


def test_a_region_at_the_edge_is_closed_and_its_inside_is_free():
    full = np.ones((6, 8), dtype=bool)
    assert len(edges(overlay(SLICE, full))) == 2 * (6 + 8)
    holed = full.copy()
    holed[2:4, 3:5] = False
    assert len(edges(overlay(SLICE, holed))) == 2 * (6 + 8) + 2 * (2 + 2)


def test_region_and_boxes_have_colours_that_anyone_tells_apart():
    mask = np.zeros((6, 8), dtype=bool)
    mask[1:3, 1:3] = True
    region, box = overlay(SLICE, mask), overlay(SLICE, boxes=[[4, 3, 7, 5]])
    assert has(region, REGION_COLOUR)
    assert not has(region, BOX_COLOUR)
    assert has(box, BOX_COLOUR)
    assert not has(box, REGION_COLOUR)
    frames = [patch for patch in box.axes[0].patches if isinstance(patch, Rectangle)]
    assert {frame.get_bbox().bounds for frame in frames} == {(3.5, 2.5, 3.0, 2.0)}
    assert frames[-1].get_linestyle() == "--"  # in print, too


@pytest.mark.parametrize("mask", [None, np.zeros((6, 8), dtype=bool)])
def test_nothing_is_drawn_where_nothing_is_marked(mask):
    plain = painted(overlay(SLICE))
    np.testing.assert_array_equal(painted(overlay(SLICE, mask, np.zeros((0, 4)))), plain)
    assert describe_overlay(SLICE, mask) == "Nothing is marked."


def test_the_images_own_marks_are_drawn_unless_others_are_given():
    mask = np.zeros((6, 8), dtype=bool)
    mask[0, :3] = True
    own = SLICE.with_(mask=mask, boxes=np.array([[0, 0, 3, 1], [4, 4, 6, 6]]))
    assert describe_overlay(own) == "The region of 3 pixels is outlined. 2 boxes are drawn."
    assert len(edges(overlay(own))) == 8
    assert edges(overlay(own, ~mask)) != edges(overlay(own))


def test_hounsfield_units_are_shown_in_the_soft_tissue_window():
    values = np.array([[-1000.0, -160.0], [240.0, 3000.0]])
    shown = overlay(StoneImage(values, unit="HU")).axes[0].images[0]
    assert shown.get_clim() == (-160.0, 240.0)


def test_thick_slices_are_shown_as_they_lie_and_colours_as_they_are():
    coronal = StoneImage(SLICE.pixels, spacing_mm=(5.0, 1.0))
    width, height = overlay(coronal).get_size_inches()
    assert height / width == pytest.approx(6 * 5 / 8)
    black = overlay(coronal.with_(pixels=np.zeros((6, 8))))
    assert (painted(black) == 0).all()  # no margin: the slice fills its picture
    red = np.zeros((4, 4, 3), dtype=np.uint8)
    red[..., 0] = 255
    assert (painted(overlay(StoneImage(red, unit="rgb"))) == (1.0, 0.0, 0.0)).all()


def test_a_volume_or_a_mask_that_does_not_fit_is_refused():
    with pytest.raises(InputError, match=r"a volume; expected one slice; take image\.slice"):
        overlay(StoneImage(np.zeros((2, 3, 4)), volume=True))
    with pytest.raises(InputError, match=r"mask of shape \(6, 7\)"):
        overlay(SLICE, np.ones((6, 7)))
