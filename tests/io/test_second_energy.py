"""A second energy from a file of its own: what must agree, and what is done to both."""

import shutil

import nibabel
import numpy as np
import pytest
from PIL import Image

from ksfeat.errors import InputError
from ksfeat.io import ImageSource, SlicePlace, image_digest
from ksfeat.phantom import Scan, make_phantom

GREY = np.arange(60, dtype=np.uint8).reshape(6, 10)
VOXELS = np.arange(5 * 6 * 4, dtype=np.int16).reshape(5, 6, 4)


@pytest.fixture
def folder(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png")
    Image.fromarray(GREY[::-1]).save(tmp_path / "patient_smith.png")
    for name, voxels, shift in (("v", VOXELS, 0), ("w", -VOXELS, 0), ("moved", VOXELS, 40)):
        affine = np.eye(4)
        affine[0, 3] = shift
        nibabel.save(nibabel.Nifti1Image(voxels, affine), tmp_path / f"{name}.nii.gz")
    return tmp_path


@pytest.fixture(scope="module")
def dicom(tmp_path_factory):
    """Two slices at 80 and 140 kV, in the order of their voltage."""
    scan = Scan(size=32, beams=("80", "140"))
    out = tmp_path_factory.mktemp("two") / "made"
    made = make_phantom(out, patients=2, slices=2, scan=scan, format="dicom")
    return [sorted((made / place).rglob("*.dcm"))[:2] for place in ("images", "second_energy")]


def test_it_is_cropped_with_the_image(folder):
    source = ImageSource(
        folder / "a.png", "a.png", crop=(1, 2, 5, 6), second=folder / "patient_smith.png"
    )
    image = source.read()
    np.testing.assert_array_equal(image.pixels, GREY[2:6, 1:5])
    np.testing.assert_array_equal(image.second_energy, GREY[::-1][2:6, 1:5])


def test_a_slice_of_a_volume_has_the_same_slice_of_the_other_one(folder):
    source = ImageSource(
        folder / "v.nii.gz",
        "v[axial 2]",
        place=SlicePlace("axial", 2),
        unit="HU",
        second=folder / "w.nii.gz",
    )
    image = source.read()
    assert (image.unit, image.key) == ("HU", "v[axial 2]")
    np.testing.assert_array_equal(image.second_energy, -image.pixels)
    nibabel.save(nibabel.Nifti1Image(VOXELS * 2, np.eye(4)), folder / "w.nii.gz")
    np.testing.assert_array_equal(source.read().second_energy, 2 * image.pixels)  # read anew


def test_files_that_say_their_voltage_are_paired_by_it_whatever_their_order(dicom):
    (low, _), (high, _) = dicom
    straight = ImageSource(low, "a", second=high).read()
    turned = ImageSource(high, "a", second=low).read()
    assert straight.kvp == turned.kvp == 80
    assert straight.key == turned.key == "a"
    np.testing.assert_array_equal(straight.second_energy, turned.second_energy)
    assert (straight.second_energy != straight.pixels).any()


def test_an_image_is_known_again_without_its_second_energy(folder):
    plain = ImageSource(folder / "a.png", "a.png")
    both = ImageSource(folder / "a.png", "a.png", second=folder / "patient_smith.png")
    assert image_digest(both) == image_digest(plain)


def test_what_does_not_fit_is_refused_and_the_other_file_is_never_named(folder, dicom):
    (low, other), _ = dicom
    shutil.copy(folder / "moved.nii.gz", folder / "patient_smith.nii.gz")
    Image.fromarray(GREY[:4]).save(folder / "patient_smith_small.png")
    Image.fromarray(np.stack([GREY] * 2 + [GREY + 1], axis=-1)).save(folder / "colour.png")
    wrong = [
        ("a.png", "patient_smith_small.png", "10x4 pixels of unit 'grey'; expected .* 10x6 pixels"),
        ("a.png", "colour.png", "10x6 pixels of unit 'rgb'; expected the image's"),
        ("colour.png", "colour.png", "10x6 pixels of unit 'rgb'; expected .* in HU or grey"),
        ("a.png", "patient_smith_gone.png", "no such file"),
        ("v.nii.gz", "patient_smith.nii.gz", "voxels of .* resample it onto the image"),
        ("v.nii.gz", "patient_smith.img", "one of two files of a volume"),
        (low, other, "tube voltages 80 and 80 kV"),
    ]
    for path, second, says in wrong:
        with pytest.raises(InputError, match=says) as caught:
            ImageSource(folder / path, "mine", second=folder / second).read()
        assert "mine" in str(caught.value)
        assert "smith" not in str(caught.value)


def test_eight_bits_do_not_become_hounsfield_units_through_the_second_file(folder):
    Image.fromarray(GREY.astype(np.int32) + 300).save(folder / "deep.tif")
    source = ImageSource(folder / "deep.tif", "deep", unit="HU", second=folder / "a.png")
    with pytest.raises(InputError, match="pixels of 8 bit, which hold no Hounsfield units"):
        source.read()
