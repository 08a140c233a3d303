"""A new folder that takes its place in one step, or is not there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ksfeat.errors import InputError


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a place to write to; it becomes `folder` if all went well.

    Raises
    ------
    InputError
        If `folder` is a file or holds something.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp()) / "made"
    >>> with new_folder(folder) as workplace:
    ...     _ = (workplace / "note.txt").write_text("whole")
    >>> [path.name for path in folder.iterdir()]
    ['note.txt']
    """
    _require_room(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so that the finished folder can take its place in one step.
    workplace = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield workplace
        workplace.chmod(0o755)  # a temporary folder is private; a data set is not
        if folder.exists():
            folder.rmdir()
        workplace.rename(folder)
    except BaseException:
        shutil.rmtree(workplace, ignore_errors=True)
        raise


def _require_room(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder.name}: exists and is not an empty folder; "
            "nothing was written; give a new folder, or empty this one"
        )
