"""`phantom_slices`: densities, stones and noise are what the scanner was told."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.phantom import phantom_slices
from ksfeat.phantom.materials import COMPOSITIONS, PACKING_SD, STONE_HU, stone_hu
from ksfeat.phantom.scanner import to_bytes


def ring_around(mask: np.ndarray) -> np.ndarray:
    near, far = (
        cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) for side in (7, 11)
    )
    return (far > 0) & (near == 0)


@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_every_slice_of_a_stone_patient_shows_a_stone_brighter_than_around_it(composition):
    for image in phantom_slices(2, composition=composition, slices=4, random_state=1):
        inside, around = image.pixels[image.mask], image.pixels[ring_around(image.mask)]
        assert np.median(inside) > np.median(around) + 25


def test_the_largest_stones_reach_the_density_of_their_composition():
    """In the middle of a stone, blur and partial volume vanish; packing stays."""
    peak = {
        composition: np.median(
            [
                max(
                    image.pixels[image.mask].max()
                    for image in phantom_slices(number, composition=composition, size=384)
                )
                for number in range(6)
            ]
        )
        for composition in ("uric_acid", "calcium_oxalate", "calcium_phosphate")
    }
    assert peak["uric_acid"] == pytest.approx(STONE_HU["uric_acid"], rel=0.3)
    assert peak["calcium_oxalate"] == pytest.approx(STONE_HU["calcium_oxalate"], rel=0.3)
    assert peak["calcium_phosphate"] == pytest.approx(STONE_HU["calcium_phosphate"], rel=0.3)


def test_packing_varies_as_documented():
    rng = np.random.default_rng(0)
    logs = np.log([stone_hu("cystine", rng) / STONE_HU["cystine"] for _ in range(4000)])
    assert logs.mean() == pytest.approx(0, abs=4 * PACKING_SD / 4000**0.5)
    assert logs.std() == pytest.approx(PACKING_SD, rel=0.05)


def test_a_slice_is_an_abdomen_in_hounsfield_units():
    for image in phantom_slices(5, slices=2, size=128):
        assert image.unit == "HU"
        assert image.modality == "CT"
        assert image.spacing_mm == pytest.approx((365 / 128, 365 / 128))
        assert image.pixels.min() == -1000  # air, clipped
        share = {
            "air": (image.pixels < -900).mean(),
            "fat": ((image.pixels > -160) & (image.pixels < -60)).mean(),
            "soft": ((image.pixels > 0) & (image.pixels < 160)).mean(),
            "bone": (image.pixels > 250).mean(),
        }
        assert 0.3 < share["air"] < 0.75
        assert min(share["fat"], share["soft"]) > 0.05
        assert 0.003 < share["bone"] < 0.06


def test_a_stone_spans_neighbouring_slices():
    masks = [image.mask for image in phantom_slices(4, composition="struvite", slices=6)]
    overlaps = [(one & two).any() for one, two in pairwise(masks)]
    assert all(overlaps)


def test_struvite_is_the_largest_stone():
    area = {
        composition: np.mean(
            [
                image.mask.sum()
                for number in range(8)
                for image in phantom_slices(number, composition=composition, slices=3)
            ]
        )
        for composition in ("struvite", "uric_acid", "calcium_oxalate")
    }
    assert area["struvite"] > 2 * max(area["uric_acid"], area["calcium_oxalate"])


def test_a_patient_without_stones_has_no_mask():
    assert all(image.mask is None for image in phantom_slices(0, composition=None, size=64))


def test_a_patient_is_told_by_number_and_seed():
    def first(**changes):
        return next(phantom_slices(**{"patient": 1, "size": 64, **changes})).pixels

    np.testing.assert_array_equal(first(), first())
    assert (first() != first(patient=2)).any()
    assert (first() != first(random_state=1)).any()
    assert next(phantom_slices(7, size=64)).key == "patient_007_00"


def test_the_window_keeps_stone_densities_apart():
    values = to_bytes(np.array([-1000.0, -400.0, -100.0, 40.0, 425.0, 1086.0, 1600.0, 2201.0]))
    assert values.tolist() == [0, 0, 38, 56, 105, 189, 255, 255]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"composition": "kryptonite"}, "composition 'kryptonite'; expected one of calcium_ox"),
        ({"patient": -1}, "patient=-1; expected a whole number from 0"),
        ({"patient": "a"}, "patient='a'; expected a whole number"),
        ({"slices": 0}, "slices=0; expected a whole number from 1"),
        ({"size": 10}, "size=10; expected a whole number from 64"),
    ],
)
def test_a_wrong_parameter_is_told_at_the_call_and_not_at_the_first_slice(wrong, says):
    with pytest.raises(InputError, match=says):
        phantom_slices(**wrong)
