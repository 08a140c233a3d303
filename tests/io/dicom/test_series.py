"""A folder of slices: the same body comes out, whatever the plane, the order and the names."""

import gc
import itertools
import logging
import tracemalloc
import warnings

import numpy as np
import pytest

from ksfeat.errors import InputError
from ksfeat.io import ImageSource, SlicePlace, image_digest
from ksfeat.io.dicom import list_series, read, read_instance, read_series

CORNER, SPACING = (-10, -20, 30), (3, 0.5, 0.75)


def refusal(folder, **choice):
    with pytest.raises(InputError) as caught:
        read_series(folder, "s", **choice)
    assert str(caught.value).startswith("s: ")
    return str(caught.value)


@pytest.mark.parametrize(
    "plane", ["axial", "feet first", "prone", "upside down", "coronal", "sagittal"]
)
@pytest.mark.parametrize("seed", [None, 0, 1])
def test_every_plane_and_order_gives_the_same_body(save_series, body, plane, seed):
    count = {"coronal": 6, "sagittal": 7}.get(plane, 5)
    order = range(count) if seed is None else np.random.default_rng(seed).permutation(count)
    if plane == "feet first":
        order = list(order)[::-1]
    volume = read_series(save_series(body, plane, order))
    np.testing.assert_array_equal(volume.pixels, body)
    assert volume.pixels.flags.c_contiguous
    assert (volume.volume, volume.unit, volume.kvp, volume.modality) == (True, "HU", 120, "CT")
    np.testing.assert_allclose(volume.spacing_mm, SPACING)
    np.testing.assert_allclose(volume.origin_mm, CORNER)
    np.testing.assert_array_equal(volume.direction, [[0, 0, 1], [0, 1, 0], [1, 0, 0]])


def test_an_oblique_stack_goes_to_the_nearest_axes_and_keeps_its_angle(save_series, body):
    angle = np.radians(20)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )

    def turned(dataset, _):
        dataset.ImagePositionPatient = list(turn @ np.array(dataset.ImagePositionPatient))
        along = np.array(dataset.ImageOrientationPatient).reshape(2, 3)
        dataset.ImageOrientationPatient = list((along @ turn.T).ravel())

    volume = read_series(save_series(body, change=turned))
    np.testing.assert_array_equal(volume.pixels, body)
    np.testing.assert_allclose(volume.direction, np.eye(3)[::-1] @ turn.T, atol=1e-9)
    np.testing.assert_allclose(volume.origin_mm, turn @ CORNER)


def test_thickness_and_numbers_do_not_matter(save_series, body):
    def change(dataset, place):
        dataset.SliceThickness, dataset.InstanceNumber = "99", 7
        dataset.SliceLocation = str(-place)

    volume = read_series(save_series(body, change=change))
    np.testing.assert_array_equal(volume.pixels, body)
    assert volume.spacing_mm[0] == 3


def test_slices_of_other_slopes_are_rescaled_each_for_itself(save_series, body):
    def change(dataset, place):
        if place == 2:
            dataset.RescaleSlope, dataset.RescaleIntercept = "0.5", "-512"

    volume = read_series(save_series(body, change=change))
    expected = body.astype(float)
    expected[2] = body[2] / 2
    np.testing.assert_array_equal(volume.pixels, expected)


def moved(axis, millimetres, at=2):
    def change(dataset, place):
        if place == at:
            dataset.ImagePositionPatient[axis] += millimetres

    return change


def sheared(degrees):
    def change(dataset, place):
        dataset.ImagePositionPatient[1] += 3 * place * np.tan(np.radians(degrees))

    return change


def set_all(**changes):
    return set_at(None, **changes)


def set_at(at, **changes):
    def change(dataset, place):
        if at in (place, None):
            for keyword, value in changes.items():
                setattr(dataset, keyword, value)

    return change


@pytest.mark.parametrize(
    ("order", "change", "says"),
    [
        ([0, 1, 3, 4], None, "a gap of 6 mm from 33 to 39 mm along the normal; expected slices ev"),
        ([0, 1, 2, 2, 3], None, "2 or more slices at one position (36 mm along the normal); exp"),
        (None, moved(2, 1.0), "slices 2 to 4 mm apart; expected even distances; resample the ser"),
        (None, sheared(12), "slices shifted by 12.0 degrees against their normal (a tilted gantry"),
        (None, moved(0, 2.0), "degrees against their normal"),
        (None, set_at(1, ImageOrientationPatient=[0, 1, 0, 0, 0, 1]), "of different orientation"),
        (None, set_at(1, PixelSpacing=[0.5, 0.7]), "pixels of 0.5 to 0.75 mm; expected one pixel"),
        (None, set_at(1, Modality="MR"), "slices of unit HU and grey; expected one unit"),
        (None, set_at(1, ImagePositionPatient=None), "1 of 5 slices without a position or orient"),
        ([3], None, "a single slice; expected a series of two or more; read it as a file"),
    ],
    ids=lambda value: value[:25] if isinstance(value, str) else "",
)
def test_what_is_no_whole_series_is_refused(save_series, body, order, change, says):
    assert says in refusal(save_series(body, order=order, change=change))


@pytest.mark.parametrize("change", [sheared(0.9), moved(2, 0.04), moved(0, 0.04)])
def test_what_rounding_does_to_positions_is_no_fault(save_series, body, change):
    np.testing.assert_array_equal(read_series(save_series(body, change=change)).pixels, body)


def test_slices_of_two_sizes_are_refused(save_series, body):
    folder = save_series(body)
    save_series(body[:, :4], order=[0], folder="other")
    (folder / "z.dcm").write_bytes((folder.parent / "other" / "000.dcm").read_bytes())
    assert "slices of 7x4, 7x6 pixels, or files of many frames" in refusal(folder)


def test_a_series_beyond_measure_is_refused_before_it_is_decoded(save_series, body, monkeypatch):
    monkeypatch.setattr("ksfeat.io.dicom.series.MAX_VOXELS", 5 * 6 * 7 - 1)
    monkeypatch.setattr("ksfeat.io.dicom.series.decode_frames", None)
    assert "5 slices of 7x6; expected at most 209 voxels" in refusal(save_series(body))


def test_a_refusal_leaves_warnings_and_logs_as_they_were(save_series, body):
    folder = save_series(body)
    (folder / "002.dcm").write_bytes((folder / "002.dcm").read_bytes()[:-9])
    before = list(warnings.filters), logging.getLogger("pydicom").propagate
    with pytest.raises(InputError, match=r"^s, file 3 of 5 by name: cannot be decoded"):
        read_series(folder, "s")
    (folder / "002.dcm").write_bytes(b"no DICOM")
    with pytest.raises(InputError, match=r"^s, file 3 of 5 by name: not DICOM"):
        read_series(folder, "s")
    gc.collect()
    assert (list(warnings.filters), logging.getLogger("pydicom").propagate) == before


def test_the_files_of_a_series_are_not_kept_beside_its_volume(save_series):
    large = np.zeros((8, 256, 256), dtype=np.int16)
    folder = save_series(large)
    read_series(folder)  # what is imported and cached at the first time
    tracemalloc.start()
    read_series(folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.7 * large.nbytes


def test_two_patients_without_a_series_are_no_volume(save_series, body):
    """As anonymisers leave them: slices of both, one above the other, and no UID to tell."""

    def nameless(dataset, place):
        dataset.SeriesInstanceUID = dataset.StudyInstanceUID = ""
        dataset.PatientID = f"patient {place % 2}"

    assert "2 stacks of slices" in refusal(save_series(body, change=nameless))


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    assert "a folder without DICOM images" in refusal(tmp_path)
    assert "no such folder; check the path" in refusal(tmp_path / "gone")


def test_what_lies_beside_the_slices_is_left_out(save_series, body, save, make_slice):
    folder = save_series(body)
    for modality in ("SEG", "SR", "RTSTRUCT", "PR"):
        save(make_slice(body[0].astype(np.uint16)), f"series/{modality}.dcm", Modality=modality)
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.dcm").write_text("no image")
    (folder / "below").mkdir()
    np.testing.assert_array_equal(read_series(folder).pixels, body)


def test_files_are_known_by_their_first_bytes(save_series, body):
    folder = save_series(body)
    for number, path in enumerate(sorted(folder.iterdir())):
        path.rename(folder / f"1.2.840.{9 - number}")
    np.testing.assert_array_equal(read_series(folder).pixels, body)


def test_two_series_in_a_folder_are_told_apart(save_series, body):
    save_series(body)
    folder = save_series(body[:3, :4], change=set_all(SeriesInstanceUID="1.9"))
    for number, path in enumerate(sorted(folder.iterdir())[:3]):
        path.rename(folder / f"second {number}.dcm")
    save_series(body)
    message = refusal(folder)
    assert "2 stacks of slices; expected one series (1: CT 120 kV, 5 files of 7x6; 2: CT" in message
    assert (
        "give a folder of one series, or name it in Python: read_series(folder, series=1)"
        in message
    )
    first, second = list_series(folder)
    assert (first.number, len(first.paths), first.size, first.kvp) == (1, 5, (6, 7), (120,))
    assert [path.name for path in second.paths] == [f"second {n}.dcm" for n in range(3)]
    np.testing.assert_array_equal(read_series(folder, series=1).pixels, body)
    np.testing.assert_array_equal(read_series(folder, series=2).pixels, body[:3, :4])
    assert "no series 3; 1: CT" in refusal(folder, series=3)


def test_files_without_an_identifier_are_one_series(save_series, body):
    folder = save_series(body, change=lambda dataset, _: delattr(dataset, "SeriesInstanceUID"))
    assert len(list_series(folder)) == 1
    np.testing.assert_array_equal(read_series(folder).pixels, body)


def test_a_source_reads_slices_of_a_series(save_series, body):
    folder = save_series(body, "coronal", [3, 1, 0, 2, 5, 4])
    for (axis, place), pixels in {
        ("axial", 2): body[2],
        ("coronal", 4): body[::-1, 4],
        ("sagittal", 1): body[::-1, :, 1],
    }.items():
        image = ImageSource(folder, "k", place=SlicePlace(axis, place)).read()
        np.testing.assert_array_equal(image.pixels, pixels)
    np.testing.assert_array_equal(ImageSource(folder, "k").read().pixels, body)


def test_the_digest_of_a_series_tells_its_pixels(save_series, body):
    before = image_digest(ImageSource(save_series(body), "k"))
    assert image_digest(ImageSource(save_series(body), "other")) == before
    changed = body.copy()
    changed[1, 2, 3] += 1
    assert image_digest(ImageSource(save_series(changed), "k")) != before


def test_a_crop_moves_the_origin(save_series, body):
    volume = read_series(save_series(body))
    np.testing.assert_allclose(
        volume.crop((2, 1, 6, 5)).origin_mm, [-10 + 2 * 0.75, -20 + 1 * 0.5, 30]
    )
    assert volume.slice(1).origin_mm is None
    with pytest.raises(InputError, match=r"origin_mm of shape \(2,\); expected finite numbers"):
        volume.with_(origin_mm=(1, 2))
    with pytest.raises(InputError, match=r"direction of shape \(3, 3\); expected finite"):
        volume.with_(direction=np.full((3, 3), np.nan))


@pytest.mark.parametrize(
    ("series", "shape", "spacing", "lowest"),
    [
        ("contrast_series", (12, 512, 512), (5.0, 0.796875, 0.796875), -315.0),
        ("jpeg2000_series", (20, 512, 512), (2.0, 0.9765625, 0.9765625), -804.5),
    ],
)
def test_real_series_are_in_order(real_data, reread, series, shape, spacing, lowest):
    if series == "jpeg2000_series":
        pytest.importorskip("openjpeg")
    folder = real_data / "dicom" / series
    volume = read(folder, series)
    assert (volume.shape, volume.spacing_mm, volume.unit) == (shape, spacing, "HU")
    assert volume.origin_mm[2] == lowest
    by_height = sorted(folder.iterdir(), key=lambda p: float(reread(p).ImagePositionPatient[2]))
    for place, path in itertools.islice(enumerate(by_height), 0, None, 6):
        np.testing.assert_array_equal(volume.pixels[place], read_instance(path, "a").pixels)
