"""Candidates of neighbouring slices become one thing, and things that touch stay two."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spotted import FAT, TISSUE, disc

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.roi.candidate_volumes import (
    Marks,
    find_candidate_volumes,
    join_marks,
    reach_px,
    slices_of,
)


def scan(balls, depth=10, spacing=None, seed=0):
    """Return a grey volume with balls (slice, x, y, radius in slices, radius in pixels)."""
    rng = np.random.default_rng(seed)
    pixels = np.full((depth, 72, 72), float(TISSUE))
    pixels[:, :14] = FAT
    for z, x, y, tall, wide in balls:
        for number in range(depth):
            left = 1 - ((number - z) / tall) ** 2
            if left > 0:
                disc(pixels[number], x, y, wide * np.sqrt(left), 230)
    pixels = np.clip(pixels + rng.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
    return StoneImage(pixels, spacing_mm=spacing, volume=True)


def marks(*slices):
    """Return marks of slices, each a list of (x, y, radius, strength)."""
    rows = [np.array(one, dtype=float).reshape(-1, 4) for one in slices]
    return [Marks(one[:, :2], one[:, 2], one[:, 3]) for one in rows]


def joined(*slices, reach=3.0):
    return [own.tolist() for own in join_marks(marks(*slices), reach).members]


def test_a_ball_is_one_thing_in_the_slices_that_it_fills():
    found = find_candidate_volumes(scan([(5, 40.5, 40.5, 2.9, 4)]))
    first, last = found.spans[0]
    assert (first, last) == (3, 7)
    assert np.hypot(*(found.places[0, 1:] - 40.5)) <= 2


def test_it_is_found_where_spacing_is_known_too_and_in_a_list_of_slices():
    volume = scan([(5, 40.5, 40.5, 2.9, 4)], spacing=(3.0, 0.85, 0.85))
    slices = [volume.slice(index) for index in range(10)]
    assert find_candidate_volumes(volume).spans[0].tolist() == [3, 7]
    assert find_candidate_volumes(slices).spans[0].tolist() == [3, 7]


def test_two_stones_that_touch_in_the_slice_stay_two_things():
    found = find_candidate_volumes(scan([(5, 36.5, 40.5, 2.9, 4), (5, 44.5, 40.5, 2.9, 4)]))
    assert np.sort(found.places[:2, 1]) == pytest.approx([36.5, 44.5], abs=1.5)
    assert [list(span) for span in found.spans[:2]] == [[3, 7]] * 2


def test_two_that_touch_along_the_slices_are_cut_where_strength_falls():
    column = [[(10, 10, 2, strength)] for strength in (50, 90, 30, 80, 40)]
    assert joined(*column) == [[[0, 0], [1, 0]], [[2, 0], [3, 0], [4, 0]]]


def test_a_shallow_valley_is_noise():
    column = [[(10, 10, 2, strength)] for strength in (50, 90, 70, 80, 40)]
    assert len(joined(*column)) == 1


def test_the_nearest_are_joined_first_and_each_to_one_only():
    assert joined([(10, 10, 2, 9)], [(12, 10, 2, 8), (10.5, 10, 2, 7)]) == [
        [[0, 0], [1, 1]],
        [[1, 0]],
    ]


def test_what_moves_too_far_is_another_thing_unless_it_is_large():
    assert len(joined([(10, 10, 2, 9)], [(15, 10, 2, 8)])) == 2
    assert len(joined([(10, 10, 6, 9)], [(15, 10, 6, 8)])) == 1
    assert len(joined([(10, 10, 6, 9)], [(15, 10, 2, 8)])) == 2


def test_a_slice_without_marks_ends_a_thing():
    assert len(joined([(10, 10, 2, 9)], [], [(10, 10, 2, 9)])) == 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.floats(0, 30), st.floats(0, 30), st.floats(0.5, 8), st.floats(-5, 100)),
            max_size=5,
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_mark_is_in_one_thing_whose_slices_follow_each_other(slices):
    found = join_marks(marks(*slices), 3.0)
    every = sorted(tuple(mark) for own in found.members for mark in own.tolist())
    assert every == [(at, row) for at, own in enumerate(slices) for row in range(len(own))]
    assert all((np.diff(own[:, 0]) == 1).all() for own in found.members)


def test_reach_is_in_mm_where_pixels_have_a_size():
    assert reach_px((5.0, 0.5, 0.5)) == pytest.approx(6.0)
    assert reach_px(None) == pytest.approx(3.0 / 0.85)


def test_what_is_no_scan_is_named():
    volume = scan([])
    with pytest.raises(InputError, match="one slice; expected a volume"):
        slices_of(volume.slice(0))
    with pytest.raises(InputError, match="no slices"):
        slices_of([])
    with pytest.raises(InputError, match=r"expected \(72, 72\)"):
        slices_of([volume.slice(0), volume.slice(1).crop((0, 0, 20, 20))])
