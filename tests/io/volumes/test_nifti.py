"""NIfTI: the header's orientation, scaling and lengths are honoured, and no unit is guessed."""

import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksfeat.errors import InputError, MissingExtraError
from ksfeat.io import ImageSource, SlicePlace, read_image

nib = pytest.importorskip("nibabel")
few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SPL = nib.orientations.axcodes2ornt("SPL")  # to superior, posterior, left


def saved(folder, voxels, affine, ending=".nii", header=None):
    path = folder / f"a{ending}"
    kind = nib.Nifti2Image if header == 2 else nib.Nifti1Image
    kind(voxels, affine, dtype=voxels.dtype).to_filename(path)
    return path


@few
@given(data=st.data())
def test_any_orientation_becomes_superior_posterior_left_as_nibabel_turns_it(
    tmp_path, affines, voxels, data
):
    affine = data.draw(affines)
    image = read_image(saved(tmp_path, voxels, affine))
    turn = nib.orientations.ornt_transform(nib.io_orientation(affine), SPL)
    np.testing.assert_array_equal(image.pixels, nib.orientations.apply_orientation(voxels, turn))
    # The affine of the turned array, to the left, back and head instead of right, front and head.
    turned = affine @ nib.orientations.inv_ornt_aff(turn, voxels.shape)
    turned = np.diag([-1, -1, 1, 1]) @ turned
    steps = image.direction * np.array(image.spacing_mm)[:, None]
    np.testing.assert_allclose(steps, turned[:3, :3].T, atol=1e-5)
    np.testing.assert_allclose(image.origin_mm, turned[:3, 3], atol=1e-3)
    assert (np.diag(image.direction[:, ::-1]) > 0.9).all()


def test_a_real_scan_and_its_label_as_nibabel_indexes_them(real_data):
    folder = real_data / "dicom" / "volume"
    scan, labels = folder / "kidneys_ct.nii.gz", folder / "kidneys_seg.nii.gz"
    whole = read_image(scan, unit="HU")
    assert (whole.shape, whole.spacing_mm, whole.unit) == ((30, 101, 122), (3.0, 3.0, 3.0), "HU")
    hu, seg = (np.asarray(nib.load(path).dataobj) for path in (scan, labels))
    for label, pixels, mean in ((2, 242, 14.3388), (3, 214, 12.6121)):  # right, left kidney
        place = SlicePlace("axial", 12)
        source = ImageSource(scan, "a", mask=labels, mask_label=label, place=place, unit="HU")
        image = source.read()
        # The file runs to right, anterior, superior; a slice is seen from the feet, front on top.
        np.testing.assert_array_equal(image.pixels, hu[::-1, ::-1, 12].T)
        np.testing.assert_array_equal(image.mask, np.isin(seg[::-1, ::-1, 12].T, label))
        assert image.mask.sum() == pixels
        assert image.pixels[image.mask].mean() == pytest.approx(mean, abs=1e-4)
        on_the_left = np.argwhere(image.mask)[:, 1].mean() < image.shape[1] / 2
        assert on_the_left == (label == 2)


def test_slope_and_intercept_are_applied(tmp_path, voxels):
    content = bytearray(nib.Nifti1Image(voxels, np.diag([-1.0, -1.0, 1.0, 1.0])).to_bytes())
    content[112:120] = np.array([2, -1024], "<f4").tobytes()  # scl_slope, scl_inter
    (tmp_path / "a.nii").write_bytes(content)
    np.testing.assert_array_equal(read_image(tmp_path / "a.nii").pixels, voxels.T * 2.0 - 1024)


@pytest.mark.parametrize("dtype", ["u1", "i1", "<i2", ">i2", "<u2", "<i4", "<i8", "<f4", ">f8"])
@pytest.mark.parametrize("header", [1, 2])
@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
def test_every_type_of_number_keeps_its_value_and_type(tmp_path, dtype, header, ending):
    voxels = np.arange(24).reshape(2, 3, 4).astype(dtype)
    kind = nib.Nifti2Header if header == 2 else nib.Nifti1Header
    template = kind(endianness=">" if dtype.startswith(">") else "<")
    image_type = nib.Nifti2Image if header == 2 else nib.Nifti1Image
    file = image_type(voxels, np.diag([-1.0, -1.0, 1.0, 1.0]), template, dtype=voxels.dtype)
    file.to_filename(tmp_path / f"a{ending}")
    image = read_image(tmp_path / f"a{ending}")
    np.testing.assert_array_equal(image.pixels, voxels.T)
    assert image.pixels.dtype == np.dtype(dtype).newbyteorder("=")
    assert image.pixels.dtype.isnative


@pytest.mark.parametrize(
    ("unit", "oriented", "step", "spacing"),
    [
        ("mm", True, 2.0, (2.0, 2.0, 2.0)),
        ("unknown", True, 2.0, (2.0, 2.0, 2.0)),  # what most writers leave, and mean mm
        ("meter", True, 0.002, (2.0, 2.0, 2.0)),
        ("micron", True, 2000.0, (2.0, 2.0, 2.0)),
        ("mm", False, 1.0, (1.0, 1.0, 1.0)),
        ("unknown", False, 2.0, (2.0, 2.0, 2.0)),
        ("unknown", False, 1.0, None),  # nothing is known: no millimetres
    ],
)
def test_lengths_become_millimetres_only_where_the_header_says_something(
    tmp_path, voxels, unit, oriented, step, spacing
):
    affine = np.diag([-step, -step, step, 1.0]) if oriented else None
    file = nib.Nifti1Image(voxels, affine)
    file.header.set_zooms((step,) * 3)
    file.header.set_xyzt_units(unit)
    file.to_filename(tmp_path / "a.nii")
    image = read_image(tmp_path / "a.nii")
    assert image.spacing_mm == (spacing and pytest.approx(spacing))
    assert (image.direction is not None) == oriented


def test_one_volume_of_a_series_of_one_and_one_slice_are_read(tmp_path, voxels):
    affine = np.diag([-1.0, -2.0, 3.0, 1.0])
    four = read_image(saved(tmp_path, voxels[..., None], affine))
    np.testing.assert_array_equal(four.pixels, voxels.T)
    axial = read_image(saved(tmp_path, voxels[:, :, :1], affine))
    assert (axial.volume, axial.spacing_mm) == (False, (2.0, 1.0))
    np.testing.assert_array_equal(axial.pixels, voxels[:, :, 0].T)
    coronal = read_image(saved(tmp_path, voxels[:, :1], affine))
    assert coronal.spacing_mm == (3.0, 1.0)
    np.testing.assert_array_equal(coronal.pixels, voxels[:, 0].T[::-1])  # the head on top


def test_the_unit_is_grey_until_the_user_says_hounsfield(tmp_path, voxels):
    path = saved(tmp_path, voxels, np.eye(4))
    assert read_image(path).unit == "grey"
    assert read_image(path, unit="grey").unit == "grey"
    assert read_image(path, unit="HU").unit == "HU"
    place = SlicePlace("sagittal", 1)
    assert ImageSource(path, "a", place=place, unit="HU").read().unit == "HU"
    with pytest.raises(InputError, match=r"^a\.nii: unit 'rgb', but it is 'grey'; expected 'HU'"):
        read_image(path, unit="rgb")
    path = saved(tmp_path, voxels.astype(np.uint8), np.eye(4))
    with pytest.raises(InputError, match=r"^a\.nii: pixels of 8 bit, which hold no Hounsfield"):
        read_image(path, unit="HU")


def test_without_nibabel_the_error_names_the_extra(tmp_path, voxels, monkeypatch):
    path = saved(tmp_path, voxels, np.eye(4))
    monkeypatch.setitem(sys.modules, "nibabel", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'ksfeat\[nifti\]'"):
        read_image(path)
