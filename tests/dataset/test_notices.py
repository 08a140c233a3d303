"""What is told once of a data set: text in pixels, and files that were not read."""

import pytest
from ct_slice import write as write_slice
from pydicom.dataset import Dataset

from ksfeat.dataset import load_dataset
from ksfeat.errors import InputError

pytestmark = pytest.mark.usefixtures("own_key")
BURNT = "^place_[0-9a-f]+: text may be burnt into the pixels of 2 of its images"


def region() -> Dataset:
    item = Dataset()
    item.RegionSpatialFormat = 1
    item.RegionLocationMinX0 = item.RegionLocationMinY0 = 0
    item.RegionLocationMaxX1 = item.RegionLocationMaxY1 = 3
    return item


@pytest.fixture
def scans(tmp_path):
    """Two images with text in them perhaps, and three without."""
    root = tmp_path / "scans"
    write_slice(root / "s" / "us.dcm", "A", modality="US")
    write_slice(root / "n" / "told.dcm", "B", BurnedInAnnotation="YES")
    write_slice(root / "n" / "denied.dcm", "C", modality="US", BurnedInAnnotation="NO")
    write_slice(
        root / "n" / "region.dcm", "D", modality="US", SequenceOfUltrasoundRegions=[region()]
    )
    write_slice(root / "n" / "ct.dcm", "E")
    return root


@pytest.mark.parametrize("groups", [None, "none", list("abcde")], ids=str)
def test_text_in_pixels_is_told_once_whatever_the_groups(scans, groups):
    with pytest.warns(UserWarning, match=BURNT) as told:
        load_dataset(scans, groups=groups)
    assert len(told) == 1
    assert "us.dcm" not in str(told[0].message)
    assert told[0].filename == __file__


def test_a_crop_is_taken_to_cut_text_off(scans):
    rows = "s/us.dcm,s,0,0,4,4\nn/told.dcm,n,0,0,4,4\nn/ct.dcm,n,,,,\n"
    (scans / "m.csv").write_text("path,label,x0,y0,x1,y1\n" + rows)
    assert len(load_dataset(scans / "m.csv")) == 3  # warnings are errors here


def test_frames_count_as_the_images_that_they_are(tmp_path):
    write_slice(tmp_path / "s" / "a.dcm", "A", frames=4, BurnedInAnnotation="YES")
    with pytest.warns(UserWarning, match="pixels of 4 of its images"):
        assert len(load_dataset(tmp_path)) == 4


def test_files_that_are_not_read_are_counted_by_suffix_over_all_classes(folder):
    for name in ("stone/a.mhd", "stone/a.raw", "nostone/b.MHD", "nostone/c.roe", "nostone/README"):
        (folder / name).write_bytes(b"1")
    with pytest.warns(UserWarning, match="^data: files that are not read") as told:
        assert len(load_dataset(folder)) == 4
    (warning,) = told
    assert str(warning.message) == (
        "data: files that are not read were ignored: 2 .mhd, 1 .raw, 2 of other types; "
        "save volumes whose header is a file of its own as .mha, .nrrd or .nii.gz"
    )


def test_without_half_volumes_there_is_nothing_to_mend(folder):
    (folder / "stone" / "notes.txt").write_text("about")
    with pytest.warns(UserWarning, match=r"ignored: 1 \.txt$"):
        load_dataset(folder)


@pytest.mark.parametrize("suffix", [".mhd", ".nhdr", ".HDR", ".img"])
def test_half_a_volume_is_refused_with_the_mend(folder, write, suffix):
    half = folder / f"half{suffix}"
    half.write_bytes(b"1")
    says = rf"^half\{suffix}: \{suffix.lower()}, one of two files.*save it as \.mha, \.nrrd or"
    with pytest.raises(InputError, match=says):
        load_dataset(half)
    data = load_dataset(write(f"path,label\nhalf{suffix},s\nstone/a.png,n\n"))
    with pytest.raises(InputError, match=says):
        data.images[0].read()
    data = load_dataset(write(f"path,label,mask\nstone/a.png,n,half{suffix}\n"))
    with pytest.raises(InputError, match=rf"^mask of stone/a\.png: \{suffix.lower()}, one of two"):
        data.images[0].read()
