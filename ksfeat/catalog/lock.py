"""The user's lock file: the hash that each data set had when it was fetched first."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path

from ksfeat.errors import InputError

_SHA256 = re.compile(r"[0-9a-f]{64}")


def default_lock() -> Path:
    """Return where the lock file is: in ``XDG_DATA_HOME``, else ``~/.local/share``."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "ksfeat" / "catalog.lock.json"


def checked_hash(text: str, where: str) -> str:
    """Return a SHA-256 in lower case, or an `InputError` if it is none."""
    value = text.strip().lower().removeprefix("sha256:")
    if _SHA256.fullmatch(value) is None:
        raise InputError(f"{where}: {text[:70]!r}; expected a SHA-256 of 64 hexadecimal digits")
    return value


def read_lock(path: Path) -> dict[str, str]:
    """Return the hash of each address that was fetched; none where nothing was.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(url): checked_hash(value, path.name) for url, value in found.items()}
    except (ValueError, AttributeError) as error:
        raise InputError(
            f"{path}: not a lock file ({str(error)[:80]}); mend it, or delete it to start anew"
        ) from error


def record_hash(path: Path, url: str, sha256: str) -> None:
    """Add the hash of an address; the file is replaced as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = json.dumps({**read_lock(path), url: sha256}, indent=1, sort_keys=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".lock-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content + "\n")
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
