"""Unpacking what came from the network: inside its folder, all of it or nothing."""

import io
import stat
import tarfile
import zipfile

import pytest

from ksfeat.catalog.archive import unpack
from ksfeat.errors import InputError


def zip_of(path, members) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def tar_of(path, members, mode: str = "w:gz") -> None:
    with tarfile.open(path, mode) as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


@pytest.mark.parametrize("mode", ["zip", "w", "w:gz", "w:xz"])
def test_archives_of_every_kind_give_the_same_folder(tmp_path, mode):
    members = {"a/x.txt": b"one", "./a/./y.txt": b"two", "größe.txt": b"three"}
    archive = tmp_path / "data.bin"
    if mode == "zip":
        zip_of(archive, members)
    else:
        tar_of(archive, members, mode)
    assert unpack(archive, tmp_path / "out") == 3
    found = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.txt")}
    assert found == {"a/x.txt", "a/y.txt", "größe.txt"}
    assert (tmp_path / "out" / "a" / "y.txt").read_bytes() == b"two"


def test_a_file_that_is_no_archive_is_put_there_as_it_is(tmp_path):
    (tmp_path / "scan.nii").write_bytes(b"voxels")
    assert unpack(tmp_path / "scan.nii", tmp_path / "out") == 1
    assert (tmp_path / "out" / "scan.nii").read_bytes() == b"voxels"


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_an_archive_in_an_archive_stays_packed(tmp_path, ending):
    """One level is unpacked: an inner one, which may be hostile, is a file like others."""
    inner = tmp_path / f"inner.{ending}"
    if ending == "zip":
        zip_of(inner, {"../evil.txt": b"evil", "zeros": bytes(20_000_000)})
    else:
        tar_of(inner, {"../evil.txt": b"evil", "zeros": bytes(20_000_000)})
    content = inner.read_bytes()
    zip_of(tmp_path / "outer.zip", {f"set/{inner.name}": content, "set/readme.txt": b"words"})
    assert unpack(tmp_path / "outer.zip", tmp_path / "out") == 2
    assert (tmp_path / "out" / "set" / inner.name).read_bytes() == content
    assert len(list((tmp_path / "out").rglob("*.*"))) == 2


def escaping(name):
    return lambda path: zip_of(path, {"good.txt": b"x", name: b"evil"})


def escaping_tar(path):
    tar_of(path, {"good.txt": b"x", "a/../../evil.txt": b"evil"})


def link_in_tar(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "../.."
        archive.addfile(member)


def link_in_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("link")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "../..")


def device(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("null")
        member.type = tarfile.CHRTYPE
        archive.addfile(member)


def bomb(path):
    zip_of(path, {"good.txt": b"x", "zeros": bytes(20_000_000)})


def bomb_in_tar(path):
    tar_of(path, {"zeros": bytes(20_000_000)}, "w:xz")


def lying_about_its_size(path):
    zip_of(path, {"zeros": bytes(20_000_000)})
    content = path.read_bytes()
    path.write_bytes(content.replace((20_000_000).to_bytes(4, "little"), (5).to_bytes(4, "little")))


def truncated(path):
    tar_of(path, {"a.txt": bytes(range(256)) * 999}, "w")
    path.write_bytes(path.read_bytes()[:90_000])


def damaged(path):
    zip_of(path, {"a.txt": b"content" * 99})
    content = bytearray(path.read_bytes())
    content[40] ^= 255
    path.write_bytes(content)


HOSTILE = {
    "up": (escaping("../evil.txt"), "'../evil.txt' leads out of the folder"),
    "up and down": (escaping("a/../../evil.txt"), "leads out of the folder"),
    "backslashes": (escaping("..\\evil.txt"), "leads out of the folder"),
    "absolute": (escaping("/evil.txt"), "leads out of the folder"),
    "drive": (escaping("C:evil.txt"), "leads out of the folder"),
    "up in a tar": (escaping_tar, "leads out of the folder"),
    "link in a tar": (link_in_tar, "is a link or a device"),
    "link in a zip": (link_in_zip, "is a link or a device"),
    "device": (device, "is a link or a device"),
    "bomb": (bomb, "expands to more than 100 times its size"),
    "bomb in a tar": (bomb_in_tar, "expands to more than 100 times its size"),
    "bomb that lies": (lying_about_its_size, "cannot be unpacked"),
    "truncated": (truncated, "cannot be unpacked"),
    "damaged": (damaged, "cannot be unpacked"),
}


@pytest.mark.parametrize(("make", "says"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_broken_archive_is_refused_and_leaves_nothing(tmp_path, make, says):
    house = tmp_path / "house"
    house.mkdir()
    make(tmp_path / "data.bin")
    with pytest.raises(InputError, match=r"^data\.bin: ") as caught:
        unpack(tmp_path / "data.bin", house / "out")
    assert says in str(caught.value)
    assert list(house.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.bin", "house"]
