"""Look-alikes lie where they do in patients: on arteries, in veins, outside the kidneys."""

import numpy as np
import pytest

from ksfeat.phantom.anatomy import draw_patient
from ksfeat.phantom.look_alikes import draw_look_alikes, draw_phlebolith


@pytest.fixture(scope="module")
def drawn():
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        patient = draw_patient(rng)
        found += [(patient, one) for one in draw_look_alikes(patient, rng)]
    return found


def test_every_kind_turns_up(drawn):
    assert {one.composition for _, one in drawn} == {"plaque", "phlebolith", "node", "residue"}


def test_plaques_lie_on_the_wall_of_their_artery(drawn):
    for patient, one in drawn:
        if one.composition != "plaque":
            continue
        arteries = [vessel for vessel in patient.vessels if vessel.name == one.location]
        course = np.vstack([vessel.course for vessel in arteries])
        radii = np.concatenate([vessel.radii for vessel in arteries])
        away = np.linalg.norm(course - one.centres[0], axis=1)
        nearest = int(away.argmin())
        assert 0.3 * radii[nearest] < away[nearest] < radii[nearest] + 2


def test_phleboliths_are_small_and_outside_the_urinary_tract():
    for seed in range(30):
        rng = np.random.default_rng(seed)
        patient = draw_patient(rng)
        stone = draw_phlebolith(patient, rng)
        assert stone.composition == "phlebolith"
        assert 2 <= stone.diameter_mm <= 9
        for kidney in patient.kidneys:
            scaled = (stone.centres[0] - kidney.centre) / kidney.radii
            assert np.linalg.norm(scaled) > 1 or abs(scaled[2]) > 1


def test_look_alikes_are_denser_than_soft_tissue(drawn):
    assert all(one.matter.hu("120") > 80 for _, one in drawn)


def test_some_patients_have_none_and_the_draw_is_repeated_by_its_seed():
    counts = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        patient = draw_patient(rng)
        state = rng.bit_generator.state
        first = draw_look_alikes(patient, rng)
        rng.bit_generator.state = state
        again = draw_look_alikes(patient, rng)
        assert [one.location for one in first] == [one.location for one in again]
        counts.append(len(first))
    assert min(counts) == 0
    assert max(counts) > 5
