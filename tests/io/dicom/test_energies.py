"""Two tube voltages of one place are one image with a second energy."""

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.io.dicom import pair_energies, read_series


def at(kvp, uid):
    def change(dataset, _):
        dataset.KVP, dataset.SeriesInstanceUID = str(kvp), uid

    return change


@pytest.mark.parametrize("uids", [("1.5", "1.5"), ("1.5", "1.6"), ("1.6", "1.5")])
def test_two_voltages_in_a_folder_are_two_energies(save_series, body, uids):
    for kvp, uid, values in zip((140, 80), uids, (body, body + 90), strict=True):
        made = save_series(values, change=at(kvp, uid))
        for path in sorted(made.iterdir()):
            if path.stem.isdigit():
                path.rename(made / f"at {kvp} {path.name}")
    volume = read_series(made)
    assert volume.kvp == 80
    np.testing.assert_array_equal(volume.pixels, body + 90)
    np.testing.assert_array_equal(volume.second_energy, body)
    assert volume.slice(2).second_energy.shape == (6, 7)


@pytest.mark.parametrize(
    "kinds", [("MAT_SPECIFIC", "MAT_SPECIFIC"), ("VMI", "EFF_ATOMIC_NUM")], ids=str
)
def test_maps_are_no_energies_whatever_voltage_they_name(save_series, body, kinds):
    for kvp, kind in zip((80, 140), kinds, strict=True):

        def change(dataset, place, kvp=kvp, kind=kind):
            at(kvp, f"1.{kvp}")(dataset, place)
            dataset.ImageType = ["DERIVED", "PRIMARY", "AXIAL", kind]

        folder = save_series(body, change=change)
        for path in sorted(folder.glob("0*.dcm")):
            path.rename(folder / f"at {kvp} {path.name}")
    with pytest.raises(InputError, match=r"^s: 2 stacks of slices; expected one series"):
        read_series(folder, "s")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kvp": 80}, "tube voltages 80 and 80 kV; expected two different ones"),
        ({"kvp": None}, "tube voltages 80 and unknown kV; expected two different ones"),
        ({"origin_mm": None}, "two energies without positions; expected registered ones"),
        ({"origin_mm": (-10, -20, 31)}, "energies at different places in the patient"),
        ({"spacing_mm": (3.5, 0.5, 0.75)}, "energies at different places in the patient"),
        ({"frame_of_reference": "other"}, "energies at different places in the patient"),
        ({"unit": "grey"}, r"energies of \(5, 6, 7\) HU and \(5, 6, 7\) grey"),
    ],
    ids=str,
)
def test_energies_that_do_not_belong_together_are_refused(save_series, body, change, says):
    low = read_series(save_series(body), "s").with_(kvp=80)
    high = low.with_(kvp=140)
    assert pair_energies(high, low).kvp == 80
    with pytest.raises(InputError, match=f"^s: {says}"):
        pair_energies(low, high.with_(**change))
