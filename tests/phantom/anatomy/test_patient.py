"""A drawn abdomen: its parts stand where anatomy says, and patients differ."""

import numpy as np
import pytest

from ksfeat.phantom.anatomy import draw_patient
from ksfeat.phantom.shapes import Tube

PATIENTS = [draw_patient(np.random.default_rng(seed)) for seed in range(12)]


def part_at(patient, point):
    """Return the part that is painted last at a point: what a scanner would see there."""
    x, y, z = point
    found = None
    for shape in patient.shapes:
        if isinstance(shape, Tube):
            x0, x1, y0, y1, z0, z1 = shape.box()
            if not (x0 <= x <= x1 and y0 <= y <= y1 and z0 <= z <= z1):
                continue
        if shape.depth(np.array(x), np.array(y), z) > 0:
            found = shape.part
    return found


def test_the_same_seed_gives_the_same_patient_and_another_one_another():
    again = draw_patient(np.random.default_rng(0))
    assert again.shapes == PATIENTS[0].shapes
    np.testing.assert_array_equal(again.texture_hu, PATIENTS[0].texture_hu)
    assert PATIENTS[1].shapes != PATIENTS[0].shapes


@pytest.mark.parametrize("patient", PATIENTS[:4])
def test_air_is_around_the_body_and_the_spine_in_its_middle(patient):
    assert part_at(patient, (0.0, -179.0, 0.0)) == "air"
    assert part_at(patient, (0.0, 22.0, -20.0)) in {"vertebra", "marrow", "disc", "spur"}


@pytest.mark.parametrize("patient", PATIENTS[:4])
def test_a_calyx_holds_urine_and_the_rim_of_the_kidney_is_cortex(patient):
    for kidney in patient.kidneys:
        assert part_at(patient, kidney.calyces[0].centre) in {"calyx", "cyst"}
        assert part_at(patient, kidney.place(-0.95, 0, 0)) in {"cortex", "cyst"}


def test_the_sinus_opens_towards_the_spine():
    for patient in PATIENTS:
        for kidney in patient.kidneys:
            x, _, z = kidney.centre
            assert abs(kidney.place(1, 0, 0)[0]) < abs(x) < abs(kidney.place(-1, 0, 0)[0])
            assert abs(kidney.pelvis[0]) < abs(x)
            assert kidney.medial == (1 if kidney.side == "right" else -1)
            # Upper poles lie nearer to the spine.
            assert abs(kidney.place(0, 0, 1)[0]) < abs(kidney.place(0, 0, -1)[0])
            assert z - kidney.radii[2] > patient.span[0]
            assert z + kidney.radii[2] < patient.span[1]


def test_ureters_run_from_the_pelvis_down_to_the_bladder():
    for patient in PATIENTS:
        bladder = next(shape for shape in patient.shapes if shape.part == "bladder")
        for kidney in patient.kidneys:
            np.testing.assert_allclose(kidney.ureter[0], kidney.pelvis)
            end = kidney.ureter[-1]
            assert abs(end[2] - bladder.centre[2]) < bladder.radii[2]
            assert np.sign(end[0]) == -kidney.medial
            assert kidney.ureter[-1, 2] < kidney.ureter[0, 2] - 150


def test_contrast_follows_its_phase():
    phases = {}
    for seed in range(60):
        patient = draw_patient(np.random.default_rng(seed))
        phases.setdefault(patient.contrast.phase, patient)
    hu = {
        phase: {shape.part: shape.matter.hu("120") for shape in patient.shapes}
        for phase, patient in phases.items()
    }
    assert set(hu) == {"none", "corticomedullary", "nephrographic", "excretory"}
    assert abs(hu["none"]["cortex"] - hu["none"]["medulla"]) < 15
    assert hu["none"]["aorta"] < 70
    early = hu["corticomedullary"]
    assert early["cortex"] > early["medulla"] + 50
    assert early["aorta"] > early["caval vein"] + 50
    assert hu["nephrographic"]["medulla"] > 100 > hu["nephrographic"]["calyx"]
    assert hu["excretory"]["calyx"] > 150 > hu["excretory"]["cortex"]


def test_patients_differ_in_width_and_depth():
    skins = [next(s for s in p.shapes if s.part == "air").radii for p in PATIENTS]
    widths, depths, _ = np.transpose(skins)
    assert widths.std() > 5
    assert depths.std() > 5
    assert widths.min() > 110
    assert widths.max() < 230


def test_organs_stand_on_their_side():
    for patient in PATIENTS:
        middle = {
            s.part: s.centre[0] for s in patient.shapes if s.part in {"spleen", "gallbladder"}
        }
        assert middle["spleen"] > 50
        assert middle.get("gallbladder", -1) < 0
        liver = [s for s in patient.shapes if s.part == "liver"]
        assert liver[0].centre[0] < -40
