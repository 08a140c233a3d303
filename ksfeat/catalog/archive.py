"""An archive to a folder: nothing outside of it, no links, no bomb; all of it or nothing."""

from __future__ import annotations

import posixpath
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, TypeAlias

from ksfeat.errors import InputError
from ksfeat.io.atomic import require_folder

MOST_EXPANSION = 100  # images hardly compress at all
_ALLOWANCE_BYTES = 10_000_000
_MOST_MEMBERS = 1_000_000
_BLOCK = 1 << 20
Members: TypeAlias = Generator[tuple[str, IO[bytes]], None, None]  # names and contents


def unpack(archive: Path, out: Path) -> int:
    """Unpack an archive (zip, tar, compressed tar) into a new folder; copy any other file there.

    Parameters
    ----------
    archive : Path
        The downloaded file.
    out : Path
        A folder that is not there or empty. It appears complete or not at all.

    Returns
    -------
    int
        The number of files.

    Raises
    ------
    InputError
        If the archive is damaged, leads out of the folder, holds links or devices, needs a
        password, or expands more than a hundredfold.
    """
    require_new(out)
    try:
        with tempfile.TemporaryDirectory(
            dir=out.absolute().parent, prefix=f".{out.name}-"
        ) as draft:
            folder = Path(draft) / "content"
            folder.mkdir()
            n_files = _fill(folder, archive)
            if out.exists():
                out.rmdir()  # empty
            folder.replace(out)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, RuntimeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{archive.name}: cannot be unpacked ({str(error)[:80]}); "
            "expected a sound archive without a password; nothing was written"
        ) from error
    return n_files


def require_new(out: Path) -> None:
    """Raise an `InputError` if the folder holds something, or cannot be made."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: exists and is not empty; choose another --out")
    require_folder(out)


def _fill(folder: Path, archive: Path) -> int:
    with _members(archive) as members:
        budget = MOST_EXPANSION * archive.stat().st_size + _ALLOWANCE_BYTES
        number = 0
        for number, (name, content) in enumerate(members, 1):
            target = folder / _safe(name, archive.name)
            target.parent.mkdir(parents=True, exist_ok=True)
            budget -= _copy(content, target, budget, archive.name)
            if number > _MOST_MEMBERS:
                raise InputError(_bomb(archive.name))
        return number


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    with ExitStack() as stack:
        file = stack.enter_context(archive.open("rb"))
        if zipfile.is_zipfile(file):
            zipped = stack.enter_context(zipfile.ZipFile(file))
            yield stack.enter_context(closing(_zip_members(zipped, archive.name)))
        elif _is_tar(file):
            packed = stack.enter_context(tarfile.open(fileobj=file))
            yield stack.enter_context(closing(_tar_members(packed, archive.name)))
        else:
            file.seek(0)
            yield iter([(archive.name, file)])


def _is_tar(file: BinaryIO) -> bool:
    file.seek(0)
    found = tarfile.is_tarfile(file)
    file.seek(0)
    return found


def _zip_members(zipped: zipfile.ZipFile, name: str) -> Members:
    for member in zipped.infolist():
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(_no_file(member.filename, name))
        if not member.is_dir():
            with zipped.open(member) as content:
                yield member.filename, content


def _tar_members(packed: tarfile.TarFile, name: str) -> Members:
    for member in packed:
        content = packed.extractfile(member) if member.isreg() else None
        if content is not None:
            with content:
                yield member.name, content
        elif not member.isdir():
            raise InputError(_no_file(member.name, name))


def _safe(member: str, archive: str) -> str:
    relative = posixpath.normpath(member.replace("\\", "/"))
    if relative.startswith(("/", "..")) or ":" in relative or relative == ".":
        raise InputError(
            f"{archive}: member {member[:80]!r} leads out of the folder; "
            "the archive is hostile or broken; nothing was written"
        )
    return relative


def _copy(content: IO[bytes], target: Path, budget: int, archive: str) -> int:
    """Copy and count: a header may lie about the size."""
    written = 0
    with target.open("wb") as file:
        while block := content.read(_BLOCK):
            written += len(block)
            if written > budget:
                raise InputError(_bomb(archive))
            file.write(block)
    return written


def _bomb(archive: str) -> str:
    return (
        f"{archive}: expands to more than {MOST_EXPANSION} times its size; "
        "it may be a decompression bomb; nothing was written"
    )


def _no_file(member: str, archive: str) -> str:
    return (
        f"{archive}: member {member[:80]!r} is a link or a device; expected files and folders; "
        "nothing was written"
    )
