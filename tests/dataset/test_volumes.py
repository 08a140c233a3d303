"""Files that hold volumes: their slices or one region, and the masks beside them."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from ksfeat.dataset import load_dataset
from ksfeat.dataset.volumes import pair_masks
from ksfeat.errors import InputError
from ksfeat.evaluation.audit import groups_on_both_sides
from ksfeat.io.dicom.pseudonyms import pseudonym

SHAPE = (5, 6, 4)  # left, posterior, superior, as written here
RAI = np.diag([-2.0, -2.0, 3.0, 1.0])  # NIfTI counts to the right and the front


def volume() -> np.ndarray:
    return np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)


def region() -> np.ndarray:
    """Value 1 in axial slices 1 and 2, value 3 in slice 3; coronal 2 and 3."""
    mask = np.zeros(SHAPE, dtype=np.uint8)
    mask[1:3, 2:4, 1:3] = 1
    mask[1:3, 2:4, 3] = 3
    return mask


def write(path: Path, array: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array, RAI), path)
    return path


@pytest.fixture
def tree(tmp_path):
    """A stone with a mask beside it, and a case without."""
    write(tmp_path / "stone" / "case1_ct.nii.gz", volume())
    write(tmp_path / "stone" / "case1_seg.nii.gz", region())
    write(tmp_path / "nostone" / "case2.nii", volume() + 1)
    return tmp_path


def test_a_volume_gives_its_slices_and_is_their_group(tree):
    data = load_dataset(tree / "nostone" / "case2.nii", unit="HU")
    assert data.keys == [f"case2.nii[axial {k}]" for k in range(4)]
    assert set(data.groups) == {"case2.nii"}
    assert str(data.grouping) == "the volume that each image is from: volumes, not patients"
    assert data.labels is None
    image = data.images[2].read()
    assert (image.unit, image.spacing_mm) == ("HU", (2.0, 2.0))
    np.testing.assert_array_equal(image.pixels, volume()[:, :, 2].T + 1)


def test_a_volume_by_itself_has_the_mask_that_lies_beside_it(tree):
    """As in its folder, or a model of regions would describe whole slices of it."""
    write(tree / "stone" / "other_seg.nii.gz", region())  # of no image: none of this one's business
    write(tree / "stone" / "case1_ct2.nii.gz", volume())
    alone = load_dataset(tree / "stone" / "case1_ct.nii.gz")
    (tree / "stone" / "other_seg.nii.gz").unlink()
    folder = load_dataset(tree / "stone", labelled=False)
    own = [source for source in folder.images if "case1_ct.nii.gz" in source.key]
    assert alone.images == tuple(own)
    assert len(alone) == 3
    assert load_dataset(tree / "stone" / "case1_seg.nii.gz").images[0].mask is None
    write(tree / "stone" / "case1_label.nii", region())
    with pytest.raises(InputError, match=r"case1_ct\.nii\.gz has another mask"):
        load_dataset(tree / "stone" / "case1_ct.nii.gz")


@pytest.mark.parametrize(("axis", "count"), [("axial", 4), ("coronal", 6), ("sagittal", 5)])
def test_slices_lie_along_the_axis_that_is_named(tree, axis, count):
    data = load_dataset(tree / "nostone" / "case2.nii", axis=axis)
    assert data.keys == [f"case2.nii[{axis} {k}]" for k in range(count)]
    along = {"axial": 2, "coronal": 1, "sagittal": 0}[axis]
    for source in data.images:
        plane = np.take(volume() + 1, source.place.index, axis=along)
        np.testing.assert_array_equal(
            np.sort(source.read().pixels, axis=None), np.sort(plane, None)
        )


def test_class_folders_of_volumes_give_slices_with_the_masks_beside_them(tree):
    data = load_dataset(tree)
    # Slice 0 of the mask is empty, so that it is left out.
    assert data.keys == [
        *(f"nostone/case2.nii[axial {k}]" for k in range(4)),
        *(f"stone/case1_ct.nii.gz[axial {k}]" for k in (1, 2, 3)),
    ]
    assert data.class_counts() == {"nostone": 4, "stone": 3}
    assert set(data.groups) == {"nostone/case2.nii", "stone/case1_ct.nii.gz"}
    np.testing.assert_array_equal(data.images[5].read().mask, region()[:, :, 2].T > 0)
    assert [source.place.index for source in load_dataset(tree, axis="coronal").images[6:]] == [
        2,
        3,
    ]


def test_a_region_is_one_image_a_volume(tree):
    data = load_dataset(tree, volume="region")
    assert data.keys == ["nostone/case2.nii", "stone/case1_ct.nii.gz"]
    assert data.groups.tolist() == data.keys
    image = data.images[1].read()
    assert image.volume
    assert image.mask.sum() == (region() > 0).sum()


def test_volumes_in_a_folder_of_their_own_are_one_case(tmp_path):
    """Two scans of a patient; those that lie in the class folder are known one by one."""
    names = ("stone/p1/first.nii", "stone/p1/later/second.nii", "stone/p2/first.nii")
    for name in (*names, "nostone/p3/first.nii"):
        write(tmp_path / name, volume())
    data = load_dataset(tmp_path)
    assert data.groups.tolist() == [*["p3"] * 4, *["p1"] * 8, *["p2"] * 4]
    assert str(data.grouping) == ("the case folder of each volume, by name over classes and splits")
    assert load_dataset(tmp_path, volume="region").groups.tolist() == ["p3", "p1", "p1", "p2"]
    write(tmp_path / "nostone" / "flat.nii.gz", volume())
    data = load_dataset(tmp_path)
    assert "nostone/flat.nii.gz" in data.groups
    assert str(data.grouping).endswith("and splits; in none: 1, each a group of its own")


def test_a_case_in_two_classes_is_one_group(tmp_path):
    """A kidney with a stone, and the other one without: one patient."""
    for name in ("stone/Case0", "nostone/Case0", "nostone/Case1"):
        write(tmp_path / name / "ct.nii", volume())
    data = load_dataset(tmp_path, volume="region")
    assert data.groups.tolist() == ["Case0", "Case1", "Case0"]


def test_a_split_that_cuts_a_case_is_flagged(tmp_path):
    for name in ("train/stone/p1", "test/stone/p1", "train/nostone/p2", "test/nostone/p3"):
        write(tmp_path / name / "ct.nii", volume())
    data = load_dataset(tmp_path)
    assert set(data.groups) == {"p1", "p2", "p3"}
    assert groups_on_both_sides(data) == ("p1",)


def test_a_case_folder_is_called_by_a_hash_where_names_are_hidden(tmp_path, own_key):
    write(tmp_path / "data" / "stone" / "Jane Roe" / "a.nii", volume())
    data = load_dataset(tmp_path / "data", pseudonym_map=tmp_path / "map.csv")
    assert set(data.groups) == {pseudonym("group", "Jane Roe")}
    assert f"group,Jane Roe,{data.groups[0]}" in (tmp_path / "map.csv").read_text()


def test_folders_of_a_manifest_are_no_cases(tree):
    (tree / "m.csv").write_text("path,label\nstone/case1_ct.nii.gz,s\n")
    assert set(load_dataset(tree / "m.csv").groups) == {"stone/case1_ct.nii.gz"}


def test_a_row_of_a_manifest_gives_slices_that_share_what_it_says(tree):
    (tree / "m.csv").write_text(
        "path,label,group,split,age,mask,mask_label\n"
        "stone/case1_ct.nii.gz,s,p1,train,61,stone/case1_seg.nii.gz,3\n"
        "nostone/case2.nii,n,p2,test,40,,\n"
    )
    data = load_dataset(tree / "m.csv", covariates=["age"])
    assert data.keys[0] == "stone/case1_ct.nii.gz[axial 3]"
    assert data.groups.tolist() == ["p1", *["p2"] * 4]
    assert data.splits.tolist() == ["train", *["test"] * 4]
    assert data.covariates["age"].tolist() == [61.0, *[40.0] * 4]


@pytest.mark.parametrize("groups", [["a", "b"], ["b"] * 4 + ["a"] * 3])
def test_given_groups_are_one_a_file_or_one_an_image(tree, groups):
    data = load_dataset(tree, groups=groups)
    assert len(set(data.groups)) == 2
    with pytest.raises(InputError, match="3 groups for 7 images; expected one an image"):
        load_dataset(tree, groups=["a", "b", "c"])


def test_a_group_file_names_volumes(tree):
    (tree / "g.csv").write_text("path;group\n./stone/case1_ct.nii.gz;p\nnostone/case2.nii;p\n")
    data = load_dataset(tree, groups=str(tree / "g.csv"))
    assert set(data.groups) == {"p"}
    assert data.grouping.kind == "file"


def test_a_file_of_one_slice_is_that_slice(tmp_path):
    write(tmp_path / "a.nii", volume()[:, :, :1])
    data = load_dataset(tmp_path, labelled=False)
    assert data.keys == ["a.nii"]
    assert data.images[0].read().shape == (6, 5)
    assert data.groups is None


def test_a_damaged_volume_is_told_when_it_is_read(tree):
    (tree / "nostone" / "case2.nii").write_bytes(b"no volume")
    data = load_dataset(tree)
    assert len(data) == 4
    with pytest.raises(InputError, match=r"^nostone/case2\.nii: "):
        data.images[0].read()


def test_an_empty_mask_and_one_of_another_grid_are_named(tree):
    write(tree / "stone" / "case1_seg.nii.gz", region() * 0)
    with pytest.raises(
        InputError, match=r"^mask of stone/case1_ct\.nii\.gz: empty; expected a reg"
    ):
        load_dataset(tree)
    write(tree / "stone" / "case1_seg.nii.gz", region()[:, :, :3])
    with pytest.raises(
        InputError, match=r"^mask of .*case1_ct\.nii\.gz: a mask of 5x6x3; expected"
    ):
        load_dataset(tree)


@pytest.mark.parametrize(
    ("image", "mask"),
    [
        ("a.nii.gz", "a_seg.nii.gz"),
        ("a_ct.nii.gz", "a_seg.nii"),
        ("a.nii", "a_mask.nii.gz"),
        ("a.nrrd", "a-label.nrrd"),
        ("a.mha", "a_label.mha"),
        ("Case 1.nrrd", "Case 1.seg.nrrd"),
        ("CASE_CT.NII.GZ", "case_SEG.nii.gz"),
    ],
)
def test_a_mask_is_known_by_its_name(image, mask):
    root = Path("data")
    assert pair_masks([root / mask, root / image], root) == {root / image: root / mask}


def test_names_pair_within_a_folder_and_rasters_are_left_alone():
    root = Path("data")
    files = [root / name for name in ("x/a.nii", "x/a_ct.nii", "y/a_mask.png", "y/b_label.dcm")]
    assert pair_masks(files, root) == dict.fromkeys(files)


def test_a_mask_without_an_image_and_a_second_mask_are_named():
    root = Path("data")
    with pytest.raises(InputError, match=r"^x/a_seg\.nii: named as a mask, but there is no image"):
        pair_masks([root / "x" / "a_seg.nii", root / "y" / "a.nii"], root)
    two = [root / name for name in ("a.nii", "a_seg.nii", "a_label.nii")]
    with pytest.raises(InputError, match=r"^a_label\.nii: a\.nii has another mask, a_seg\.nii"):
        pair_masks(two, root)


def test_a_way_of_reading_that_there_is_not_is_named(tree):
    with pytest.raises(InputError, match="volume 'whole'; expected one of slices, region"):
        load_dataset(tree, volume="whole")
    with pytest.raises(InputError, match="axis 'z'; expected one of axial, coronal, sagittal"):
        load_dataset(tree, axis="z")


def test_a_real_volume_pairs_with_its_segmentation(real_data):
    data = load_dataset(real_data / "dicom" / "volume", labelled=False, unit="HU")
    assert len(data) == 30
    assert {source.mask.name for source in data.images} == {"kidneys_seg.nii.gz"}
    assert data.images[0].read().shape == (101, 122)
