"""What is written is read back as it was, and other libraries find it where it was."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ksfeat.errors import InputError
from ksfeat.image import StoneImage
from ksfeat.io import ImageSource, read_image
from ksfeat.io.write import write_image, write_mask

nib = pytest.importorskip("nibabel")
VOLUMES = (".nii", ".nii.gz", ".nrrd")
RAMP = np.arange(60, dtype=np.uint8).reshape(6, 10)
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@few
@given(data=st.data())
@pytest.mark.parametrize("ending", VOLUMES)
def test_a_volume_of_any_orientation_comes_back(tmp_path, affines, voxels, ending, data):
    nib.Nifti1Image(voxels, data.draw(affines)).to_filename(tmp_path / "ct.nii")
    image = read_image(tmp_path / "ct.nii", unit="HU")
    path = write_image(image, tmp_path / f"b{ending}")
    back = read_image(path, unit="HU")
    np.testing.assert_array_equal(back.pixels, image.pixels)
    assert back.pixels.dtype == image.pixels.dtype
    assert back.spacing_mm == pytest.approx(image.spacing_mm, rel=1e-6)
    np.testing.assert_allclose(back.direction, image.direction, atol=1e-6)
    np.testing.assert_allclose(back.origin_mm, image.origin_mm, atol=1e-3)  # NIfTI: 32 bit

    region = image.pixels > 0
    mask = write_mask(region, tmp_path / f"m{ending}", image)
    found = ImageSource(tmp_path / "ct.nii", "a", mask=mask).read().mask
    np.testing.assert_array_equal(found, region)


def test_readers_of_either_nifti_transform_find_the_same_place(tmp_path, voxels):
    direction = np.array([[0.0, 0.6, 0.8], [0.0, 0.8, -0.6], [1.0, 0.0, 0.0]])
    image = StoneImage(
        voxels, spacing_mm=(2, 3, 4), direction=direction, origin_mm=(5, 6, 7), volume=True
    )
    header = nib.load(write_image(image, tmp_path / "a.nii")).header
    assert (header["qform_code"], header["sform_code"]) == (1, 1)
    np.testing.assert_allclose(header.get_qform(), header.get_sform(), atol=1e-5)
    assert header.get_xyzt_units()[0] == "mm"


@few
@given(data=st.data())
@pytest.mark.parametrize("ending", VOLUMES)
def test_itk_finds_a_written_mask_on_the_voxels_of_the_scan(
    tmp_path, affines, voxels, ending, data
):
    sitk = pytest.importorskip("SimpleITK")
    nib.Nifti1Image(voxels, data.draw(affines)).to_filename(tmp_path / "ct.nii")
    image = read_image(tmp_path / "ct.nii")
    path = write_mask(image.pixels > 200, tmp_path / f"m{ending}", image)
    scan, mask = sitk.ReadImage(str(tmp_path / "ct.nii")), sitk.ReadImage(str(path))
    inside = sitk.GetArrayFromImage(
        sitk.Resample(mask, scan, sitk.Transform(), sitk.sitkNearestNeighbor)
    )
    np.testing.assert_array_equal(inside == 1, sitk.GetArrayFromImage(scan) > 200)


@pytest.mark.parametrize("ending", VOLUMES)
@pytest.mark.parametrize("spacing", [None, (0.5, 2.0)])
@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8", "i8"])
def test_a_slice_comes_back_with_its_spacing_or_with_none(tmp_path, ending, spacing, dtype):
    image = StoneImage(RAMP.astype(dtype), spacing_mm=spacing)
    back = read_image(write_image(image, tmp_path / f"a{ending}"))
    np.testing.assert_array_equal(back.pixels, image.pixels)
    assert (back.spacing_mm, back.volume, back.pixels.dtype) == (spacing, False, np.dtype(dtype))


@pytest.mark.parametrize("ending", VOLUMES)
@pytest.mark.parametrize("spacing", [None, (5.0, 0.5, 0.75), (1.0, 1.0, 1.0)])
def test_a_volume_that_does_not_say_where_it_lies_says_it_no_more_when_read(
    tmp_path, voxels, ending, spacing
):
    image = StoneImage(voxels, spacing_mm=spacing, volume=True)
    back = read_image(write_image(image, tmp_path / f"a{ending}"))
    np.testing.assert_array_equal(back.pixels, voxels)
    assert (back.spacing_mm, back.direction, back.origin_mm) == (spacing, None, None)


@pytest.mark.parametrize(
    "pixels", [RAMP, RAMP.astype(np.uint16) * 1000, np.dstack([RAMP] * 3) // 2]
)
def test_a_png_comes_back(tmp_path, pixels):
    pixels = pixels.copy()
    pixels[..., -1] += 1  # or three equal channels would be grey
    image = StoneImage(pixels, unit="rgb" if pixels.ndim == 3 else "grey")
    back = read_image(write_image(image, tmp_path / "a.png"))
    np.testing.assert_array_equal(back.pixels, pixels)
    assert back.unit == image.unit


def test_the_mask_of_a_slice_is_a_png_in_black_and_white(tmp_path):
    path = write_mask(RAMP > 30, tmp_path / "m.png", StoneImage(RAMP))
    with Image.open(path) as mask:
        np.testing.assert_array_equal(np.array(mask), np.where(RAMP > 30, 255, 0))


def series(real_data):
    pydicom = pytest.importorskip("pydicom")
    folder = real_data / "dicom" / "contrast_series"
    return [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]


def test_a_segmentation_lies_on_its_slices_as_highdicom_reads_it(tmp_path, real_data):
    highdicom = pytest.importorskip("highdicom")
    slices = series(real_data)
    region = np.zeros((12, 512, 512), dtype=bool)
    region[2:4, 100:200, 50:70] = True
    region[3, 300, 7] = True
    like = StoneImage(np.zeros(region.shape, np.uint8), volume=True)
    shuffled = [slices[place] for place in np.random.default_rng(0).permutation(12)]
    written = highdicom.seg.segread(write_mask(region, tmp_path / "m.dcm", like, series=shuffled))
    bottom_up = sorted(slices, key=lambda item: float(item.ImagePositionPatient[2]))
    named = [item.SOPInstanceUID for item in bottom_up]
    frames = written.get_pixels_by_source_instance(named, ignore_spatial_locations=True)[..., 0]
    np.testing.assert_array_equal(frames, region)
    assert written.PatientID == slices[0].PatientID
    empty = write_mask(region & False, tmp_path / "m.dcm", like, series=slices)
    assert not highdicom.seg.segread(empty).pixel_array.any()


def test_a_segmentation_needs_the_series_it_was_drawn_on(tmp_path, real_data):
    pytest.importorskip("highdicom")
    like = StoneImage(np.zeros((3, 512, 512), np.uint8), volume=True)
    with pytest.raises(InputError, match=r"^image: no DICOM series; .* series=\[pydicom"):
        write_mask(like.pixels, tmp_path / "m.dcm", like)
    with pytest.raises(InputError, match=r"expected the series' \(12, 512, 512\); give the series"):
        write_mask(like.pixels, tmp_path / "m.dcm", like, series=series(real_data))
    slices = series(real_data)[:3]
    del slices[0].ImageOrientationPatient
    with pytest.raises(InputError, match=r"the series cannot be referred to .*ImageOrientation"):
        write_mask(like.pixels, tmp_path / "m.dcm", like, series=slices)
    assert list(tmp_path.iterdir()) == []


VOLUME = StoneImage(np.zeros((2, 3, 4), np.uint8), volume=True)
COLOUR = StoneImage(np.zeros((3, 4, 3), np.uint8), unit="rgb")


@pytest.mark.parametrize(
    ("image", "file", "says"),
    [
        (VOLUME, "a.png", "a volume; a PNG holds one image of unsigned 8 or 16 bit; take a slice"),
        (StoneImage(RAMP - 99.0, unit="HU"), "a.png", "pixels of type float64; a PNG holds"),
        (COLOUR, "a.nii.gz", "colours; NIfTI and NRRD hold grey images; write a PNG"),
        (COLOUR, "a.nrrd", "colours; NIfTI and NRRD hold grey images; write a PNG"),
        (VOLUME, "a.mha", r"a\.mha: cannot be written; expected a name that ends in \.png"),
        (VOLUME, "a.dcm", r"a\.dcm: cannot be written; .*for a mask in \.dcm"),
        (VOLUME, "gone/a.nii", "gone/a.nii: there is no folder .*gone; make it"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_nothing_is_left(tmp_path, image, file, says):
    with pytest.raises(InputError, match=says):
        write_image(image, tmp_path / file)
    assert list(tmp_path.iterdir()) == []


def test_a_mask_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"mask of shape \(6, 9\); expected the image's \(6, 10\)"):
        write_mask(RAMP[:, 1:], tmp_path / "m.png", StoneImage(RAMP))


@pytest.mark.parametrize("ending", [".png", *VOLUMES])
def test_the_same_image_gives_the_same_bytes_and_replaces_what_was_there(
    tmp_path, ending, monkeypatch
):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"older and longer" * 999)
    first = write_image(StoneImage(RAMP), path).read_bytes()
    monkeypatch.setattr("time.time", lambda: 2e9)  # gzip's header holds a time
    assert write_image(StoneImage(RAMP), path).read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_image(StoneImage(RAMP), tmp_path / "a.png")
    before = path.read_bytes()

    def full(self, target):
        raise OSError("no space left")

    monkeypatch.setattr(type(path), "replace", full)
    with pytest.raises(OSError, match="no space left"):
        write_image(StoneImage(RAMP.T.copy()), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
