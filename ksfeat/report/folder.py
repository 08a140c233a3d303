"""An output folder that is whole or not there: nothing half-written is left behind."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ksfeat.errors import InputError
from ksfeat.io.atomic import require_folder


@contextmanager
def output_folder(path: str | os.PathLike[str], *, replaces: Sequence[str] = ()) -> Iterator[Path]:
    """Give a folder to write in; move what was written to `path` only if all went well.

    Files of the same name at `path` are replaced, and so are those of an earlier run that match a
    pattern of `replaces`: nothing old stands beside what is new. All others are left alone.

    Raises
    ------
    InputError
        If `path` is a file, or its parent is missing.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> out = pathlib.Path(tempfile.mkdtemp()) / "out"
    >>> with output_folder(out) as folder:
    ...     _ = (folder / "table.csv").write_text("a,b")
    >>> [file.name for file in out.iterdir()]
    ['table.csv']
    """
    target = Path(path)
    check_folder(target)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".ksfeat-") as name:
        staging = Path(name)
        yield staging
        for old in [file for pattern in replaces for file in target.glob(pattern)]:
            if old.is_file():
                old.unlink()
        for file in sorted(staging.rglob("*")):
            if file.is_file():
                place = target / file.relative_to(staging)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(file, place)


def check_folder(target: Path) -> None:
    """Refuse a folder to write to before the work is done rather than after it."""
    if target.exists() and not target.is_dir():
        raise InputError(f"{target}: a file; expected a folder to write to")
    require_folder(target)
