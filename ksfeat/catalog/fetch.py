"""A data set from the network to a folder, once its hash is what it was."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pooch
import requests

from ksfeat.catalog.archive import require_new, unpack
from ksfeat.catalog.entry import CatalogEntry
from ksfeat.catalog.lock import checked_hash, default_lock, read_lock, record_hash
from ksfeat.errors import InputError

TIMEOUT_S = 30.0  # without a byte
_SCHEMES = ("http", "https")
_BLOCK = 1 << 20


class ManualDownloadError(InputError):
    """A data set that a program may not fetch; `steps` say what to do by hand.

    Parameters
    ----------
    message : str
        Why.
    steps : tuple of str
        What to do, in order.
    """

    def __init__(self, message: str, steps: tuple[str, ...]) -> None:
        super().__init__(message)
        self.steps = steps


@dataclass(frozen=True)
class Fetched:
    """A fetched data set.

    Parameters
    ----------
    path : Path
        Its folder.
    files : int
        How many files it has.
    sha256 : str
        Of the archive.
    first : bool
        Whether the hash was recorded now, and not compared with a known one.
    """

    path: Path
    files: int
    sha256: str
    first: bool


def fetch(
    entry: CatalogEntry,
    out: str | os.PathLike[str],
    *,
    expect_hash: str | None = None,
    cache: Path | None = None,
    lock: Path | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Fetched:
    """Download a data set and unpack it into a new folder.

    The archive is kept in the cache. The first fetch records its hash in the lock file; later
    ones must have the same.

    Parameters
    ----------
    entry : CatalogEntry
        From `find_entry`.
    out : path-like
        A folder that is not there or empty. It appears complete or not at all.
    expect_hash : str, optional
        SHA-256 that the archive must have.
    cache, lock : Path, optional
        Folder of archives and file of hashes; by default the user's own.
    timeout_s : float, default=30
        Longest wait for the server.

    Returns
    -------
    Fetched

    Raises
    ------
    ManualDownloadError
        If a login is needed, no licence allows it, or no address could be verified.
    InputError
        If the server cannot be reached, breaks off, or sends something else than before; or the
        archive is hostile. Nothing is left half-written.

    Examples
    --------
    Where a program may not fetch it, the steps to follow by hand are with the error:

    >>> from ksfeat.catalog import find_entry
    >>> try:
    ...     fetch(find_entry("ct_kidney"), "ct_kidney")
    ... except ManualDownloadError as by_hand:
    ...     print(by_hand.steps[0])
    sign in at the page, look at its licence, and download the archive
    """
    if not entry.fetchable:
        raise ManualDownloadError(_why_by_hand(entry), entry.steps)
    url = entry.url or ""
    folder = Path(out)
    require_new(folder)
    if urlsplit(url).scheme not in _SCHEMES:
        raise InputError(f"{entry.name}: {url[:80]!r}; expected an address of http or https")
    lock = lock or default_lock()
    expected = _expected_hash(entry, expect_hash, read_lock(lock).get(url), lock)
    archive = _download(entry, url, expected, cache or pooch.os_cache("ksfeat"), timeout_s)
    sha256 = expected or _sha256(archive)
    files = unpack(archive, folder)
    if expected is None:
        record_hash(lock, url, sha256)
    return Fetched(folder, files, sha256, first=expected is None)


def _why_by_hand(entry: CatalogEntry) -> str:
    reasons = {
        "login": "needs a login",
        "no licence": "states no licence that allows it",
        None: "has no address that could be verified",
        "open": "has no address that could be verified",
    }
    return f"{entry.name}: {reasons[entry.access]}, so it is not fetched; follow the steps by hand"


def _expected_hash(
    entry: CatalogEntry, given: str | None, locked: str | None, lock: Path
) -> str | None:
    """Return the one hash that all who know one agree on."""
    known = {
        "--expect-hash": given and checked_hash(given, "--expect-hash"),
        "the catalogue": entry.sha256 and checked_hash(entry.sha256, entry.name),
        f"the lock file {lock}": locked,
    }
    said = {where: value for where, value in known.items() if value}
    if len(set(said.values())) > 1:
        words = " and ".join(f"{value[:12]}... by {where}" for where, value in said.items())
        raise InputError(f"{entry.name}: two hashes ({words}); find out which one is right")
    return next(iter(said.values()), None)


def _download(
    entry: CatalogEntry, url: str, expected: str | None, cache: Path, timeout_s: float
) -> Path:
    pooch.get_logger().setLevel(logging.WARNING)
    ending = "".join(PurePosixPath(urlsplit(url).path).suffixes[-2:])
    name = f"{entry.name}-{hashlib.sha256(url.encode()).hexdigest()[:8]}{ending}"
    try:
        # To a temporary file, moved only when it is complete and its hash is right.
        found = pooch.retrieve(
            url,
            known_hash=f"sha256:{expected}" if expected else None,
            fname=name,
            path=cache,
            downloader=_stream_within(timeout_s),
        )
    except requests.exceptions.RequestException as error:
        raise InputError(
            f"{entry.name}: cannot be fetched from {urlsplit(url).netloc} ({_reason(error)}); "
            "check the network and try again; nothing was written"
        ) from error
    except ValueError as error:
        raise InputError(
            f"{entry.name}: what {urlsplit(url).netloc} sent has another SHA-256 than the "
            f"expected {expected}; the data has changed or was tampered with; nothing was written"
        ) from error
    return Path(found)


def _stream_within(timeout_s: float) -> Callable[[str, str, Any], None]:
    """Return a downloader for pooch, whose own one leaves the connection of a failure open."""

    def download(url: str, target: str, _: Any) -> None:
        with (
            requests.get(url, stream=True, timeout=timeout_s) as response,
            Path(target).open("wb") as file,
        ):
            response.raise_for_status()
            for block in response.iter_content(_BLOCK):
                file.write(block)

    return download


def _reason(error: requests.exceptions.RequestException) -> str:
    if error.response is not None:
        return f"the server says {error.response.status_code}"
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the transfer broke off"
    return type(error).__name__


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
