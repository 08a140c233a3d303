"""Stones by counting sub-voxels: volumes against geometry, places against `Stone.layer`."""

from types import SimpleNamespace

import numpy as np
import pytest

from ksfeat.phantom.scanner.filling import fill_stone
from ksfeat.phantom.scanner.grid import make_grid
from ksfeat.phantom.stones import CORE, SHELL

STILL = SimpleNamespace(rotation=0.3, offset_mm=(4.0, -2.0), warp_mm=np.zeros((1, 2, 7, 7)))


def filled(stone, heights, size=64, step=0.5) -> np.ndarray:
    """Shares of shell and core at heights that count the same."""
    where = make_grid(STILL, size, step)
    layers = np.column_stack([heights, np.full(len(heights), 1 / len(heights))])
    surface = np.array([stone.roughness, stone.matter.core_share, stone.reach])
    parts = np.hstack([stone.centres, stone.radii])
    return fill_stone(where.points, parts, stone.waves, surface, layers, where.frame)


def test_a_ball_fills_its_volume_and_its_core_the_cube_of_its_share(ball):
    stone = ball(6.0, x=2.0, y=-1.0, core_share=0.5)
    heights = (np.arange(40) + 0.5) / 40 * 8 - 4
    shell, core = filled(stone, heights).sum(axis=(1, 2)) * 0.25 * 8
    volume = 4 / 3 * np.pi * 27
    assert shell + core == pytest.approx(volume, rel=0.01)
    assert core == pytest.approx(volume / 8, rel=0.03)


def test_what_is_filled_wholly_or_not_at_all_is_so_in_the_stone_itself(ball):
    stone = ball(9.0, x=2.0, y=-1.0, core_share=0.6, roughness=0.08)
    where = make_grid(STILL, 64, 0.5)
    shell, core = filled(stone, np.array([0.5]))
    x, y = where.points.astype(np.float64)
    layer = stone.layer(x, y, np.full(x.shape, 0.5))
    assert (layer[shell > 0.99] == SHELL).all()
    assert (layer[core > 0.99] == CORE).all()
    assert (layer[shell + core == 0] == 0).all()
    # The middle sub-voxel is the pixel's own middle, so that few pixels are mixed.
    assert np.mean(layer > 0) == pytest.approx((shell + core).mean(), rel=0.02)
    assert (shell + core).max() == pytest.approx(1)


def test_a_stone_outside_of_the_slice_fills_nothing(ball):
    assert not filled(ball(6.0, x=200.0), np.array([0.0])).any()
    assert not filled(ball(6.0, x=0.0, z=10.0), np.array([0.0])).any()
