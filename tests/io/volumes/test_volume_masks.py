"""Masks of volumes: one label, stored in whatever orientation, in the place of its image."""

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource, SlicePlace, read_image
from ksfeat.io.dicom import read_series
from ksfeat.io.write import write_image, write_mask

nib = pytest.importorskip("nibabel")
AFFINE = np.array([[0.75, 0, 0, -40], [0, 1.5, 0, -90], [0, 0, 5, 700], [0, 0, 0, 1]])
LABELS = np.zeros((4, 3, 5), dtype=np.uint8)
LABELS[0:2, 1, 1:4] = 2
LABELS[3, 0:2, 2] = 3


@pytest.fixture
def scan(tmp_path, voxels):
    nib.Nifti1Image(voxels, AFFINE).to_filename(tmp_path / "ct.nii.gz")
    return tmp_path / "ct.nii.gz"


def saved(scan, labels, affine, name="seg.nii.gz"):
    nib.Nifti1Image(labels, affine).to_filename(scan.parent / name)
    return scan.parent / name


def test_a_label_is_one_value_and_no_label_all_of_them(scan, voxels):
    mask = saved(scan, LABELS, AFFINE)
    for label, expected in ((2, LABELS == 2), (3, LABELS == 3), (None, LABELS > 0)):
        image = ImageSource(scan, "a", mask=mask, mask_label=label).read()
        assert sorted(image.pixels[image.mask]) == sorted(voxels[expected])
    with pytest.raises(InputError, match=r"^mask of a: no pixel of value 7; it holds 0, 2, 3"):
        ImageSource(scan, "a", mask=mask, mask_label=7).read()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(turn=st.permutations(range(3)), flips=st.lists(st.booleans(), min_size=3, max_size=3))
def test_a_mask_in_another_orientation_marks_the_same_voxels(scan, voxels, turn, flips):
    to = np.column_stack([turn, np.where(flips, -1, 1)])
    other = nib.Nifti1Image(LABELS, AFFINE).as_reoriented(to)
    mask = scan.parent / "turned.nii.gz"
    other.to_filename(mask)
    image = ImageSource(scan, "a", mask=mask, mask_label=2).read()
    assert sorted(image.pixels[image.mask]) == sorted(voxels[LABELS == 2])


def moved(by=0.0, scale=1.0, degrees=0.0):
    affine = AFFINE.copy()
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    affine[:2, :2] = np.array([[c, -s], [s, c]]) @ affine[:2, :2]
    affine[2] *= scale
    affine[0, 3] += by
    return affine


@pytest.mark.parametrize("affine", [moved(0.5), moved(scale=1.05), moved(degrees=20)])
def test_a_mask_of_another_grid_is_refused_and_both_are_named(scan, affine):
    mask = saved(scan, LABELS, affine)
    says = r"^mask of a: voxels of .* mm on; expected the image's grid, voxels of 5x1\.5x0\.75 mm"
    with pytest.raises(InputError, match=says):
        ImageSource(scan, "a", mask=mask).read()


@pytest.mark.parametrize("affine", [moved(0.1), moved(scale=1.00001)])
def test_a_header_rounded_by_another_tool_is_the_same_grid(scan, affine):
    assert ImageSource(scan, "a", mask=saved(scan, LABELS, affine)).read().mask.sum() == 8


def without_origin(path):
    """The same NRRD file, which does not say where it lies."""
    header, voxels = path.read_bytes().split(b"\n\n", 1)
    lines = [line for line in header.split(b"\n") if not line.startswith(b"space origin")]
    path.write_bytes(b"\n".join(lines) + b"\n\n" + voxels)
    return path


def test_an_origin_that_nobody_says_is_not_compared(scan):
    image = read_image(scan)
    unplaced = StoneImage(
        image.pixels, spacing_mm=image.spacing_mm, direction=image.direction, volume=True
    )
    mask = write_mask(image.pixels > 0, scan.parent / "seg.nrrd", unplaced)
    assert b"space origin" not in mask.read_bytes()
    assert read_image(mask).origin_mm is None
    found = ImageSource(scan, "a", mask=mask).read().mask
    np.testing.assert_array_equal(found, image.pixels > 0)


@pytest.mark.parametrize("said", ["mask", "image", "neither"])
@pytest.mark.parametrize("ending", ["nrrd", "nii", "mha"])
def test_an_origin_of_zero_is_a_place_like_any_other(tmp_path, said, ending):
    """ITK writes 0, 0, 0 where a volume does lie there: 40 mm beside it is elsewhere."""
    pixels = np.arange(60.0, dtype=np.float32).reshape(3, 4, 5)
    at_zero = StoneImage(
        pixels, spacing_mm=(1, 1, 1), direction=np.eye(3)[::-1], origin_mm=(0, 0, 0), volume=True
    )
    moved = at_zero.with_(origin_mm=(40, 0, 0))
    ending = "nrrd" if said != "neither" else ending
    scan, mask = tmp_path / f"a.{ending}", tmp_path / f"m.{ending}"
    if ending == "mha":
        sitk = pytest.importorskip("SimpleITK")
        for path, origin in ((scan, (0, 0, 0)), (mask, (40, 0, 0))):
            volume = sitk.GetImageFromArray((pixels > 20).astype(np.uint8))
            volume.SetOrigin(origin)
            sitk.WriteImage(volume, str(path))
    else:
        write_image(at_zero, scan)
        write_mask(pixels > 20, mask, moved)
    if said == "neither":
        with pytest.raises(InputError, match=r"from 40\.0, 0\.0, 0\.0 mm on; expected the im"):
            ImageSource(scan, "a", mask=mask).read()
        return
    without_origin(scan if said == "mask" else mask)
    assert ImageSource(scan, "a", mask=mask).read().mask.sum() == 39


def test_a_mask_of_another_size_is_refused(scan):
    mask = saved(scan, LABELS[:, :, :3], AFFINE)
    with pytest.raises(
        InputError, match=r"^mask of a: a mask of 4x3x3; expected the image's 4x3x5"
    ):
        ImageSource(scan, "a", mask=mask).read()


def test_a_mask_drawn_anew_is_read_anew_for_every_slice(scan):
    source = ImageSource(scan, "a", mask=saved(scan, LABELS, AFFINE), place=SlicePlace("axial", 2))
    assert source.read().mask.sum() == 4
    saved(scan, np.zeros_like(LABELS), AFFINE)
    os.utime(source.mask, (1, 1))  # another time, however coarse the clock
    assert source.read().mask.sum() == 0


def test_a_mask_drawn_in_slicer_lies_on_its_dicom_series(tmp_path, real_data):
    sitk = pytest.importorskip("SimpleITK")
    series = real_data / "dicom" / "contrast_series"
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(series))
    scan = sitk.ReadImage(names)
    sitk.WriteImage(scan > 300, str(tmp_path / "bone.nrrd"))
    image = read_series(series, "a")
    found = ImageSource(series, "a", mask=tmp_path / "bone.nrrd").read()
    np.testing.assert_array_equal(found.mask, image.pixels > 300)
    shifted = scan > 300
    shifted.SetOrigin((0.5, *scan.GetOrigin()[1:]))
    sitk.WriteImage(shifted, str(tmp_path / "bone.nrrd"))
    with pytest.raises(InputError, match="expected the image's grid"):
        ImageSource(series, "a", mask=tmp_path / "bone.nrrd").read()
