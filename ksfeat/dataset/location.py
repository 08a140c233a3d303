"""Where data lies: on this machine, or anywhere that fsspec reaches."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import Any, cast

from ksfeat.errors import InputError, MissingExtraError

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # two letters: "c://" is a drive
_COPIES_KEPT = 6  # an image, its mask and its second energy, and the three before
_copies: OrderedDict[str, Path] = OrderedDict()


def is_address(path: Any) -> bool:
    """Tell whether a path names a file system, such as ``memory://`` or ``s3://``."""
    return isinstance(path, str) and _ADDRESS.match(path) is not None


def locate(path: str | os.PathLike[str]) -> Path:
    """Return a path that can be listed and opened, wherever it leads.

    Parameters
    ----------
    path : path-like
        A local path, an address such as ``memory://bucket/data`` or ``s3://bucket/data``, or an
        ``UPath``.

    Returns
    -------
    Path
        For an address an ``UPath``, which has the interface of `pathlib.Path`.

    Raises
    ------
    MissingExtraError
        If an address is given and the extra ``remote`` is not installed.
    InputError
        If nothing is known of the file system that the address names.

    Examples
    --------
    >>> locate("data/manifest.csv").name
    'manifest.csv'
    """
    if not is_address(path):
        return cast(Path, path) if hasattr(path, "iterdir") else Path(path)
    try:
        from upath import UPath
    except ImportError as error:
        raise MissingExtraError(f"reading {path}", "remote") from error
    try:
        return cast(Path, UPath(cast(str, path)))
    except (ValueError, ImportError) as error:
        raise InputError(
            f"{path}: cannot be reached ({error}); "
            "expected an address that fsspec knows, such as s3://bucket/folder"
        ) from error


def local_copy(path: Path) -> Path:
    """Return a local path with the same content: the path itself, or a temporary copy.

    Only the last few copies are kept, so that a far data set never fills the disk.
    """
    if isinstance(path, Path):
        return path
    address = str(path)
    if address in _copies:
        _copies.move_to_end(address)
        return _copies[address]
    # The same place each time: a volume is decoded once for all of its slices.
    place = _scratch() / hashlib.sha256(address.encode()).hexdigest()[:16]
    place.mkdir(exist_ok=True)
    _copies[address] = place / path.name
    _download(path, _copies[address])
    while len(_copies) > _COPIES_KEPT:
        shutil.rmtree(_copies.popitem(last=False)[1].parent)
    return place / path.name


def _download(path: Path, target: Path) -> None:
    if path.is_dir():
        target.mkdir(exist_ok=True)
        for child in path.iterdir():
            if child.is_file():
                _download(child, target / child.name)
        return
    with path.open("rb") as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)


@cache
def _scratch() -> Path:
    # The folder goes when the process ends: the object that owns it is kept beside it.
    _scratch_owner.append(tempfile.TemporaryDirectory(prefix="ksfeat-"))
    return Path(_scratch_owner[0].name)


_scratch_owner: list[tempfile.TemporaryDirectory[str]] = []
