"""Data on a file system that only fsspec reaches: fsspec's own, in memory."""

from pathlib import Path

import fsspec
import nibabel
import numpy as np
import pytest
from PIL import Image

import ksfeat
from ksfeat.dataset import list_images, load_dataset
from ksfeat.dataset.location import local_copy, locate
from ksfeat.errors import InputError, MissingExtraError
from ksfeat.io import image_digest

TABLE = "path,label,group,mask\nstone/a.png,s,p1,mask.png\nnostone/c.png,n,p2,\n"


@pytest.fixture
def bucket(folder):
    """The folder of two classes, with a mask, a manifest and a volume, in memory."""
    mask = np.zeros((6, 10), dtype=np.uint8)
    mask[2:4, 3:7] = 1
    Image.fromarray(mask).save(folder / "mask.png")
    (folder / "m.csv").write_text(TABLE)
    (folder / "scans").mkdir()
    array = np.arange(5 * 6 * 4, dtype=np.int16).reshape(5, 6, 4)
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), folder / "scans" / "case.nii.gz")
    region = (array > 60).astype(np.uint8)
    nibabel.save(nibabel.Nifti1Image(region, np.eye(4)), folder / "scans" / "case_seg.nii.gz")
    memory = fsspec.filesystem("memory")
    memory.put(str(folder), "/bucket/data", recursive=True)
    yield "memory://bucket/data"
    memory.rm("/bucket", recursive=True)


def test_class_folders_and_manifests_are_those_of_a_local_folder(bucket, folder):
    for name in ("", "/m.csv"):
        far, near = load_dataset(bucket + name), load_dataset(f"{folder}{name}")
        assert far.keys == near.keys
        assert far.labels.tolist() == near.labels.tolist()
        for one, other in zip(far.images, near.images, strict=True):
            if one.place is None:
                np.testing.assert_array_equal(one.read().pixels, other.read().pixels)
                assert image_digest(one) == image_digest(other)


def test_a_second_energy_is_read_from_there(bucket, folder):
    volume, other = folder / "scans" / "case.nii.gz", folder / "scans" / "high.nii.gz"
    other.write_bytes(volume.read_bytes())
    (folder / "two.csv").write_text(
        "path,second_path,label\nscans/case.nii.gz,scans/high.nii.gz,s\nstone/a.png,stone/b.png,s\n"
    )
    for name in ("two.csv", "scans/high.nii.gz"):
        memory_path = f"/bucket/data/{name}"
        fsspec.filesystem("memory").pipe(memory_path, (folder / name).read_bytes())
    data = load_dataset(bucket + "/two.csv")
    *slices, picture = data.images
    assert len(slices) == 4
    image = slices[1].read()
    np.testing.assert_array_equal(image.second_energy, image.pixels)
    assert picture.read().second_energy.max() == 1


def test_masks_and_group_files_are_read_from_there(bucket):
    data = load_dataset(bucket + "/m.csv", groups=bucket + "/m.csv")
    assert data.images[0].read().mask.sum() == 8
    assert data.groups.tolist() == ["p1", "p2"]


def test_a_volume_is_copied_once_and_decoded_from_there(bucket, folder):
    far = load_dataset(bucket + "/scans", labelled=False)
    near = load_dataset(folder / "scans", labelled=False)
    assert far.keys == near.keys
    for one, other in zip(far.images, near.images, strict=True):
        np.testing.assert_array_equal(one.read().pixels, other.read().pixels)
        np.testing.assert_array_equal(one.read().mask, other.read().mask)


def test_only_the_last_copies_are_kept(bucket):
    fsspec.filesystem("memory").pipe({f"/bucket/{n}.bin": bytes([n]) for n in range(8)})
    copies = [local_copy(locate(f"memory://bucket/{n}.bin")) for n in range(8)]
    assert [copy.exists() for copy in copies] == [False] * 2 + [True] * 6
    assert copies[5].read_bytes() == b"\x05"
    assert local_copy(copies[5]) is copies[5]


def test_a_folder_is_listed_from_there(bucket):
    assert [source.key for source in list_images(bucket + "/stone")] == ["a.png", "b.png"]


def test_what_is_not_there_or_not_known_is_one_line(bucket):
    with pytest.raises(InputError, match=r"memory://bucket/gone.*: no such file or folder"):
        load_dataset("memory://bucket/gone")
    with pytest.raises(InputError, match=r"^nosuch://x: cannot be reached .* that fsspec knows"):
        load_dataset("nosuch://x")


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "upath", None)
    with pytest.raises(MissingExtraError, match=r"reading memory://b needs .*ksfeat\[remote\]"):
        load_dataset("memory://b")


def test_a_drive_is_no_address_and_a_path_stays_what_it_is(tmp_path):
    assert isinstance(locate("c://data"), Path)
    assert locate(tmp_path) is tmp_path


def test_features_of_far_images_are_those_of_near_ones(stone_data):
    memory = fsspec.filesystem("memory")
    memory.put(str(stone_data.parent), "/phantom", recursive=True)
    far = load_dataset(f"memory://phantom/{stone_data.name}")
    near = load_dataset(stone_data)
    extractor = ksfeat.FeatureExtractor("first_order", n_jobs=1)
    table = extractor.fit_transform(far.images[:4])
    np.testing.assert_array_equal(table, extractor.fit_transform(near.images[:4]))
    memory.rm("/phantom", recursive=True)
