"""`photograph_stone`: types look as the cited words say, overlap, and views show one stone."""

import itertools

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from ksfeat.phantom.compositions import COMPOSITIONS
from ksfeat.phantom.photo import photograph_stone
from ksfeat.phantom.photo.appearance import appearances, draw_appearance
from ksfeat.phantom.photo.photograph import _draw_view, _nearby

SIZE = 48


def photographs(
    composition: str, stones: int = 8, size: int = SIZE
) -> list[tuple[np.ndarray, np.ndarray]]:
    return [
        next(photograph_stone(composition, 1, size, np.random.default_rng([seed, 7])))
        for seed in range(stones)
    ]


def redness(composition: str) -> np.ndarray:
    """Red over blue of each stone."""
    shown = photographs(composition)
    means = np.array([pixels[mask].mean(axis=0) for pixels, mask in shown])
    return means[:, 0] / means[:, 2]


def test_the_table_describes_every_class_and_says_where_each_row_is_from():
    rows = appearances()
    assert {row["composition"] for row in rows} == set(COMPOSITIONS)
    for row in rows:
        assert row["source"].startswith("http")
        assert "not measured" in row["source"]  # words are cited, colour values are chosen
        assert row["words"]
    for name in COMPOSITIONS:
        shares = [float(row["share"]) for row in rows if row["composition"] == name]
        assert sum(shares) == pytest.approx(1)


def test_colours_are_those_of_the_words():
    assert np.median(redness("uric_acid")) > np.median(redness("cystine"))
    assert np.median(redness("cystine")) > np.median(redness("calcium_phosphate"))
    light = {
        name: np.median([pixels[mask].mean() for pixels, mask in photographs(name)])
        for name in ("struvite", "calcium_oxalate")
    }
    assert light["struvite"] > light["calcium_oxalate"]


def test_a_rough_stone_has_more_texture_than_a_smooth_one():
    def texture(composition: str) -> float:
        found = []
        for pixels, mask in photographs(composition, stones=5, size=128):
            grey = pixels.mean(axis=-1)
            bumps = gaussian_filter(grey, 1) - gaussian_filter(grey, 4)  # above the noise's grain
            found.append(bumps[gaussian_filter(mask.astype(float), 6) > 0.95].std())
        return float(np.median(found))

    assert texture("struvite") > 1.3 * texture("calcium_phosphate")  # both light: same contrast
    assert texture("calcium_oxalate") > 1.3 * texture("uric_acid")


def test_stones_of_one_type_differ_so_much_that_types_overlap():
    rng = np.random.default_rng(0)
    grey = [draw_appearance("calcium_phosphate", rng).colour.mean() for _ in range(200)]
    white = [draw_appearance("struvite", rng).colour.mean() for _ in range(200)]
    assert min(white) < np.median(grey) < max(white)
    assert np.mean(white) > np.mean(grey)


def test_no_stone_is_blue():
    rng = np.random.default_rng(1)
    looks = [draw_appearance(name, rng) for name in COMPOSITIONS for _ in range(50)]
    assert all(look.colour[2] <= look.colour[1] for look in looks)


def test_views_of_a_stone_are_more_alike_than_two_stones():
    def views(seed: int) -> list[np.ndarray]:
        shown = photograph_stone("calcium_phosphate", 3, SIZE, np.random.default_rng(seed))
        return [pixels[mask].mean(axis=0) for pixels, mask in shown]

    stones = [views(seed) for seed in range(6)]
    within = [np.linalg.norm(a - b) for a, b, _ in stones]
    between = [np.linalg.norm(a[0] - b[0]) for a, b in itertools.pairwise(stones)]
    assert np.median(within) < 0.5 * np.median(between)


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_the_mask_is_the_stone_inside_the_lit_field(composition):
    for pixels, mask in photographs(composition, stones=4):
        assert pixels.dtype == np.uint8
        assert 0.03 < mask.mean() < 0.9
        assert pixels[mask].mean() > 20  # never the black surround


def test_the_same_seed_gives_the_same_bytes_and_another_one_others():
    def bytes_of(seed: int) -> list[bytes]:
        shown = photograph_stone("struvite", 2, SIZE, np.random.default_rng(seed))
        return [pixels.tobytes() for pixels, _ in shown]

    assert bytes_of(3) == bytes_of(3)
    assert len(set(bytes_of(3) + bytes_of(4))) == 4


def test_the_next_view_is_from_a_little_aside_and_never_mirrored():
    rng = np.random.default_rng(0)
    for _ in range(50):
        first = _draw_view(rng)
        turn = _nearby(first, rng).turn
        np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
        angle = np.degrees(np.arccos(np.clip((np.trace(turn.T @ first.turn) - 1) / 2, -1, 1)))
        assert angle < 60
        assert np.linalg.det(turn) == pytest.approx(np.linalg.det(first.turn))
