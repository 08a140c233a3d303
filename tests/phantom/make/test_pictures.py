"""Where slices lie, and that coronal ones are cut where axial ones say the stone is."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.phantom import Scan, phantom_slices, phantom_volume
from ksfeat.phantom.make import pictures
from ksfeat.phantom.make.case import draw_case
from ksfeat.phantom.make.pictures import _cover, even_places, scan_case
from ksfeat.phantom.scanner import scan_slices, scan_volume

SMALL = Scan(size=64)


@given(low=st.floats(-300, 200), length=st.floats(0.5, 60), slices=st.integers(1, 100))
def test_slices_are_evenly_spaced_within_the_stone_but_for_its_poles(low, length, slices):
    places, step = even_places(low, low + length, slices)
    assert len(places) == slices
    np.testing.assert_allclose(np.diff(places), step, atol=1e-9)
    assert places[0] - low == pytest.approx(low + length - places[-1], abs=1e-9)
    assert places[0] > low + 0.149 * length


@given(place=st.floats(10, 50), rows=st.floats(1, 8))
def test_rows_weigh_as_much_as_of_them_lies_in_the_slice(place, rows):
    cover = _cover(place, rows, 64)
    assert cover.sum() == pytest.approx(1, abs=1e-5)
    assert (cover @ (np.arange(64) + 0.5)) == pytest.approx(place, abs=0.26)  # whole rows
    assert (cover > 0).sum() <= rows + 2


def test_slices_show_the_stone_and_say_where_they_are():
    images = list(phantom_slices(3, composition="cystine", slices=3, scan=SMALL))
    assert all(image.mask.any() for image in images)
    heights = [image.origin_mm[2] for image in images]
    assert (np.diff(heights) > 0).all()
    low, high = draw_case(3, "cystine", 0).main.span
    assert low < heights[0] < heights[-1] < high
    assert [image.key for image in images] == ["patient_003_00", "patient_003_01", "patient_003_02"]


def test_without_stones_only_the_stones_are_missing():
    with_ = draw_case(5, "stone", 0)
    without = draw_case(5, "nostone", 0)
    assert without.shown == ()
    assert without.main.span == with_.main.span  # slices lie at the same heights
    plain, stony = (
        next(phantom_slices(5, composition=name, slices=1, scan=SMALL))
        for name in (None, "struvite")
    )
    assert plain.mask is None
    assert stony.mask.any()


def large(composition: str) -> int:
    """Return a patient whose main stone fills some of these coarse pixels."""
    cases = (draw_case(number, composition, 0) for number in range(100))
    return next(case.number for case in cases if case.main.diameter_mm > 8)


@pytest.mark.parametrize("plane", ["axial", "coronal"])
def test_a_stone_too_small_to_be_counted_is_a_pixel_where_it_would_be_seen(monkeypatch, plane):
    number, scan = large("cystine"), dataclasses.replace(SMALL, plane=plane)
    case = draw_case(number, "cystine", 0)
    seen = next(scan_case(case, scan, 1)).mask

    def blind(scan_some):
        return lambda *given: ((hu, np.zeros_like(mask)) for hu, mask in scan_some(*given))

    def blind_volume(*given):
        hu, mask = scan_volume(*given)
        return hu, np.zeros_like(mask)

    monkeypatch.setattr(pictures, "scan_slices", blind(scan_slices))
    monkeypatch.setattr(pictures, "scan_volume", blind_volume)
    mask = next(scan_case(case, scan, 1)).mask
    assert mask.sum() == 1
    near = np.abs(np.argwhere(seen) - np.argwhere(mask)).max(axis=1)
    assert near.min() <= 1


def test_two_beams_are_two_energies_of_one_place():
    scan = dataclasses.replace(SMALL, beams=("80", "140"))
    number = large("calcium_phosphate")
    image = next(phantom_slices(number, composition="calcium_phosphate", slices=1, scan=scan))
    assert (image.kvp, image.second_energy.shape) == (80, image.shape)
    stone = image.mask
    assert image.pixels[stone].mean() > image.second_energy[stone].mean()


def test_a_volume_holds_the_stone_where_the_slices_show_it():
    case = draw_case(2, "calcium_oxalate", 0)
    low, high = case.main.span
    span = (low - 4, high + 4)
    volume = phantom_volume(2, composition="calcium_oxalate", scan=SMALL, span_mm=span)
    assert volume.volume
    assert volume.spacing_mm == (3.0, SMALL.pixel_mm, SMALL.pixel_mm)
    assert volume.origin_mm[2] == pytest.approx(span[0] + 1.5)
    image = next(phantom_slices(2, composition="calcium_oxalate", slices=1, scan=SMALL))
    rows, columns = np.nonzero(image.mask)
    found = volume.mask.any(axis=0)
    assert found[rows, columns].mean() > 0.6


@pytest.mark.slow
def test_coronal_slices_have_the_head_on_top_and_show_the_stone():
    scan = dataclasses.replace(SMALL, plane="coronal")
    images = list(phantom_slices(0, composition="struvite", slices=2, scan=scan))
    assert all(image.mask.any() for image in images)
    assert images[0].shape[1] == 64
    main = draw_case(0, "struvite", 0).main
    for image in images:
        rows, _ = np.nonzero(image.mask)
        height = image.origin_mm[2] - rows.mean() * scan.pixel_mm
        assert main.span[0] - 6 < height < main.span[1] + 6


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"composition": "gold"}, "composition 'gold'; expected one of calcium_oxalate"),
        ({"patient": -1}, "patient=-1; expected a whole number from 0"),
        ({"slices": 0}, "slices=0; expected a whole number from 1"),
        ({"scan": 64}, "scan=64; expected a Scan"),
    ],
)
def test_a_wrong_parameter_is_named_at_once(wrong, says):
    with pytest.raises(InputError, match=says):
        phantom_slices(**wrong)
